/** The words of a shock, as an address and as a question. */

import type { Words } from "./rows";

export const KINDS = ["ban", "licence", "quota", "outage"] as const;
export type Kind = (typeof KINDS)[number];

export interface Draft {
  /** Name of a ready scenario, or id of a saved file; either stands for all else. */
  scenario: string;
  saved: string;
  measures: { kind: Kind; place: string; materials: string[]; share: number }[];
  to: string[];
  months: number | null;
}

/** What may leave under a quota, or is lost in an outage, until the reader says otherwise. */
export const SHARE = 0.5;
const WITH_SHARE: readonly Kind[] = ["quota", "outage"];

export function hasShare(kind: Kind): boolean {
  return WITH_SHARE.includes(kind);
}

/** A draft from the words of an address; `prefix` keeps two drafts apart. */
export function draftOf(words: URLSearchParams, prefix = ""): Draft {
  const measures = KINDS.flatMap((kind) =>
    words.getAll(prefix + kind).map((text) => {
      const [place = "", materials = "", share] = text.split(":");
      return { kind, place, materials: materials.split(",").filter(Boolean), share: share === undefined ? SHARE : Number(share) };
    }),
  );
  const months = Number(words.get(`${prefix}months`));
  return {
    scenario: words.get(`${prefix}scenario`) ?? "", saved: words.get(`${prefix}saved`) ?? "", measures, to: words.getAll(`${prefix}to`),
    months: Number.isInteger(months) && months > 0 ? months : null,
  };
}

/** A draft as the words of an address, every kind named so that old words go. */
export function wordsOf(draft: Draft, prefix = ""): Record<string, string | string[] | null> {
  const words: Record<string, string | string[] | null> = {
    [`${prefix}scenario`]: draft.scenario || null,
    [`${prefix}saved`]: draft.scenario ? null : draft.saved || null,
    [`${prefix}to`]: draft.scenario || draft.saved ? [] : draft.to,
    [`${prefix}months`]: draft.months === null ? null : String(draft.months),
  };
  for (const kind of KINDS) {
    words[prefix + kind] = draft.scenario || draft.saved ? [] : draft.measures
      .filter((one) => one.kind === kind && one.place && one.materials.length)
      .map((one) => [one.place, one.materials.join(","), ...(hasShare(kind) ? [String(one.share)] : [])].join(":"));
  }
  return words;
}

/** Whether there is something to ask. */
export function complete(draft: Draft): boolean {
  return Boolean(draft.scenario || draft.saved) || draft.measures.some((one) => one.place && one.materials.length);
}

/** The question as the service takes it. */
export function question(draft: Draft, more: Words = {}): Words {
  const words: Words = { ...more };
  for (const [name, value] of Object.entries(wordsOf(draft))) {
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    words[name] = name === "months" ? Number(value) : value;
  }
  return words;
}

/** All materials that a draft names. */
export function materialsOf(draft: Draft): string[] {
  return [...new Set(draft.measures.flatMap((one) => one.materials))];
}
