/** The one catalogue of texts. Another language is another file like `en.json`. */

import en from "../texts/en.json";

export type Key = keyof typeof en;

/** A text, with `{name}` filled in. */
export function say(key: Key, words: Record<string, string | number> = {}): string {
  return en[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole));
}

/** A text whose key is made of data; the data's own word where the catalogue has none. */
export function sayOf(prefix: string, word: string): string {
  const key = `${prefix}.${word}`;
  return key in en ? en[key as Key] : word.replaceAll("_", " ");
}

/** Whether the catalogue has a text. */
export function has(key: string): key is Key {
  return key in en;
}
