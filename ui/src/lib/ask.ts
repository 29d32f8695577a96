/** Asks the service. Nothing is computed here: what a page shows is what a verb answered. */

import { say } from "./say";
import { type Envelope, type Row, type Words } from "./rows";

const PAGE = 100_000;
const KEY = "lodestone-key";
const BEGUN = "lodestone-begun";
/** Why a reader gives up waiting: the work is to stop, whoever began it. */
export const STOP = "stop";
/** Milliseconds between looks at a job. */
const LOOK = 700;

/** What the service says when it cannot answer (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly problems: { what: string; where: string; mend: string }[] = [],
  ) {
    super(detail);
  }
}

export function key(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function useKey(text: string): void {
  if (text) sessionStorage.setItem(KEY, text);
  else sessionStorage.removeItem(KEY);
}

/** The address of a read, words in a fixed order so that the same question is the same address. */
export function address(verb: string, words: Words): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(words).sort()) {
    const value = words[name];
    const several = Array.isArray(value) ? value : [value];
    for (const one of several) {
      if (one !== null && one !== undefined && one !== "") query.append(name, String(one));
    }
  }
  const text = query.toString();
  return `/v1/${verb}${text ? `?${text}` : ""}`;
}

/** A quick read: the whole answer. */
export async function read(verb: string, words: Words = {}, signal?: AbortSignal): Promise<Envelope> {
  return (await fetched(address(verb, { ...words, limit: PAGE }), { signal })) as Envelope;
}

/**
 * Long work: begins it, or joins it if it is under way, tells how far it is, and gives the answer.
 * A view that is left for another question dismisses what its tab began; a tab that is closed or
 * loaded anew leaves it, and finds it again.
 */
export async function work(
  verb: string,
  words: Words,
  tell: (share: number | null) => void,
  signal: AbortSignal,
): Promise<Envelope> {
  tell(null);
  let reused = false;
  const begun = await send(`/v1/processes/${verb}/execution`, { inputs: words }, signal, (answer) => {
    reused = answer.headers.get("Preference-Applied") === "reuse";
  });
  const job = `/v1/jobs/${begun.jobID}`;
  const own = isOwn(begun.jobID, !reused);
  try {
    let status = begun;
    while (status.status === "accepted" || status.status === "running") {
      await pause(LOOK, signal);
      status = await fetched(job, { signal, cache: "no-store" });
      tell(typeof status.progress === "number" && status.progress > 0 ? status.progress / 100 : null);
    }
  } catch (error) {
    // What another tab began may still be waited for there.
    if (signal.aborted && (own || signal.reason === STOP)) void fetch(job, { method: "DELETE", headers: headers() });
    throw error;
  }
  const found = (await fetched(`${job}/results?limit=${PAGE}`, { signal })) as Envelope;
  return { ...found, job };
}

/** Whether this tab began a job; `begun`: it did so just now. */
function isOwn(id: string, begun: boolean): boolean {
  const held = (sessionStorage.getItem(BEGUN) ?? "").split(" ").filter(Boolean);
  if (begun) sessionStorage.setItem(BEGUN, [...held.slice(-50), id].join(" "));
  return begun || held.includes(id);
}

/** What this service is, and on which data it stands. */
export async function about(): Promise<{ version: string; data_release: string; content_hash: string }> {
  return fetched("/v1");
}

/** Sends JSON. */
export async function send(path: string, body: unknown, signal?: AbortSignal, heard?: (answer: Response) => void): Promise<any> {
  return fetched(path, {
    method: "POST",
    body: JSON.stringify(body),
    // The same question has the same answer: one that was worked out before is taken.
    headers: { "Content-Type": "application/json", Prefer: "reuse" },
    signal,
  }, heard);
}

/** Sends a file of the user's own. */
export async function upload(path: string, media: string, content: Blob): Promise<Row> {
  return fetched(path, { method: "POST", body: content, headers: { "Content-Type": media } });
}

/** Forgets what the user saved. */
export async function forget(path: string): Promise<void> {
  await fetched(path, { method: "DELETE" });
}

/** A file of a result. A plain link could not show the key. */
export async function file(path: string): Promise<Blob> {
  const answer = await fetch(path, { headers: headers() });
  if (!answer.ok) throw new Problem(answer.status, `${path}: ${answer.statusText}`);
  return answer.blob();
}

async function fetched(path: string, options: RequestInit = {}, heard?: (answer: Response) => void): Promise<any> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...options, headers: headers(options.headers) });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, say("service.away"));
  }
  heard?.(answer);
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const body = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, body.detail ?? body.title ?? answer.statusText, body.problems);
}

function headers(more?: HeadersInit): Headers {
  const all = new Headers(more);
  if (key()) all.set("Authorization", `Bearer ${key()}`);
  return all;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

// --- the lists that every page needs, asked for once ---------------------------------------

const lists = new Map<string, Promise<Envelope>>();

export function list(verb: "materials" | "places" | "scenarios"): Promise<Envelope> {
  let held = lists.get(verb);
  if (held === undefined) {
    held = read(verb);
    held.catch(() => lists.delete(verb));
    lists.set(verb, held);
  }
  return held;
}

