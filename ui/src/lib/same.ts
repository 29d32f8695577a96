/** The same question in Python, on the command line and over HTTP. */

import { address } from "./ask";
import type { Words } from "./rows";

export interface Question {
  verb: string;
  words: Words;
}

interface Form {
  /** Words that stand without a name, in order. */
  bare: string[];
  /** Name in Python, where it differs: the verb and its words. */
  python?: string;
  rename?: Record<string, string>;
  /** Whether HTTP makes a job of it. */
  job?: boolean;
}

const FORMS: Record<string, Form> = {
  assess: { bare: ["material"], rename: { material: "materials", method: "methods" } },
  chain: { bare: ["material"] },
  exposure: { bare: ["material"] },
  profile: { bare: ["material"] },
  explain: { bare: ["id"] },
  technology: { bare: [], python: "technology_position", rename: { place: "places", technology: "technologies" } },
  "data/sources": { bare: [], python: "data_sources" },
  "data/unseen": { bare: [], python: "data_unseen" },
  shock: { bare: ["scenario"], job: true },
  compare: { bare: ["first", "second"], rename: { place: "places" }, job: true },
  alliance: { bare: ["members"], rename: { material: "materials" }, job: true },
  plan: { bare: ["plan"], job: true },
  vault: { bare: ["vault"], job: true },
  losses: { bare: [], rename: { supplier: "suppliers", material: "materials" }, job: true },
  risk: { bare: [], job: true },
  dossier: { bare: ["bill"], job: true },
};

/** A file of the reader's own: named by its path on a machine, by the id of its upload over HTTP. */
const FILE = "bill", UPLOADED = "saved";
/** Weights of risk of a frontier, as the service asks for them. */
const FRONTIER = [0, 0.25, 0.5, 1, 2, 5];
/** How the command line is given what was uploaded here. */
const GIVEN: Record<string, string[]> = { plan: ["plan.toml"], alliance: ["--file", "alliance.toml"] };

/** Words that only pages of an answer know, or that are as they are when left out. */
function told(words: Words, skip = ""): [string, unknown][] {
  return Object.entries(words).filter(
    ([name, value]) => name !== skip && value !== null && value !== undefined && value !== "" && name !== "limit" &&
      !(Array.isArray(value) && value.length === 0),
  );
}

/** `lodestone VERB ...`. */
export function cli({ verb, words }: Question): string {
  const form = FORMS[verb] ?? { bare: [] };
  const parts = ["lodestone", verb.replace("/", " "), ...(verb === "vault" ? [String(words.ask)] : [])];
  const all = told(words, UPLOADED);
  for (const name of form.bare) for (const one of listed(words[name])) parts.push(quoted(one));
  if (words[UPLOADED]) parts.push(...(GIVEN[verb] ?? []));
  for (const [name, value] of all) {
    if (form.bare.includes(name) || name === "ask") continue;
    const option = `--${name.replaceAll("_", "-")}`;
    if (value === true) parts.push(option);
    else if (value === false) parts.push(name === "sensitivity" ? "--no-sensitivity" : "");
    else for (const one of listed(value)) parts.push(option, quoted(one));
  }
  return parts.filter(Boolean).join(" ");
}

/** `ls.verb(...)`. */
export function python({ verb, words }: Question): string {
  if (verb === "shock") return pythonShock(words);
  const form = FORMS[verb] ?? { bare: [] };
  const call = verb === "vault" ? `vault_${String(words.ask)}` : (form.python ?? verb);
  const given = words[UPLOADED] ? (GIVEN[verb] ?? []).slice(-1) : [];
  const args = told(words, UPLOADED).filter(([name]) => name !== "ask").map(([name, value]) => {
    if (name === "frontier") return `frontier=[${FRONTIER.join(", ")}]`;
    const positional = form.bare.includes(name);
    const renamed = form.rename?.[name] ?? name;
    const said = name === "as_of" ? dated(String(value)) : name === FILE ? `Path(${literal(value)})` : literal(value);
    return positional && !Array.isArray(value) ? said : `${renamed}=${said}`;
  });
  args.sort((a, b) => Number(/^\w+=/.test(a)) - Number(/^\w+=/.test(b)));
  args.unshift(...given.map((file) => `Path(${literal(file)})`));
  const needs = (words.as_of ? "from datetime import date\n" : "") + (words[FILE] || given.length ? "from pathlib import Path\n" : "");
  return `${needs}import lodestone as ls\nanswer = ls.${call}(${args.join(", ")})\nrows = answer.envelope()["results"]`;
}

/** `date(2026, 11, 26)`. */
function dated(day: string): string {
  return `date(${day.split("-").map(Number).join(", ")})`;
}

const MEASURES: Record<string, string> = { ban: "ExportBan", licence: "ExportLicence", quota: "ExportQuota", outage: "Outage" };

function pythonShock(words: Words): string {
  const what: string[] = [];
  if (words.scenario) what.push(`ls.scenario(${literal(words.scenario)})`);
  for (const [name, type] of Object.entries(MEASURES)) {
    for (const measure of listed(words[name])) {
      const [place = "", materials = "", share] = measure.split(":");
      const to = name === "outage" ? [] : listed(words.to);
      const args = [literal(place), share ?? "", `materials=${literal(materials.split(","))}`,
        to.length ? `to=${literal(to)}` : ""];
      what.push(`ls.${type}(${args.filter(Boolean).join(", ")})`);
    }
  }
  const options = told(words)
    .filter(([name]) => ["months", "draws", "seed", "sensitivity", "place"].includes(name))
    .filter(([name]) => !(name === "months" && words.scenario))
    .map(([name, value]) => `${name === "place" ? "places" : name}=${literal(value)}`);
  const year = words.scenario ? "None" : `ls.world(${words.year ?? ""})`;
  return `import lodestone as ls\nanswer = ls.shock(${[year, ...what, ...options].join(", ")})\nrows = answer.envelope()["results"]`;
}

/** `curl ...`. */
export function rest({ verb, words }: Question, origin = location.origin): string {
  if (!FORMS[verb]?.job) return `curl "${origin}${address(verb, words)}"`;
  const body = JSON.stringify(Object.fromEntries(told(words, FILE))).replaceAll("'", "'\\''");
  return `curl -H "Content-Type: application/json" -H "Prefer: wait=60" -d '${body}' ${origin}/v1/${verb}`;
}

/** One side of a comparison in words: a ready scenario's name, or `ban=CHN:gallium;to=USA`. */
function side(words: Words): string {
  if (words.scenario) return String(words.scenario);
  return told(words).map(([name, value]) =>
    name === "to" ? `to=${listed(value).join(",")}` : listed(value).map((one) => `${name}=${one}`).join(";")).join(";");
}

function listed(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value === "object" && !Array.isArray(value)) {
    const words = value as Words;
    return ["usd_per_kg" in words ? `${words.material}:${words.usd_per_kg}` : side(words)];
  }
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function quoted(text: string): string {
  return /^[\w.,:@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function literal(value: unknown): string {
  if (value !== null && typeof value === "object" && "usd_per_kg" in value) return literal(listed(value)[0]);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (typeof value === "object") return JSON.stringify(listed(value)[0] ?? "");
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
