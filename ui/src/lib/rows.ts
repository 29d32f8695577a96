/** What every verb answers with: rows, and what one must know to use them. */

export type Cell = string | number | boolean | null | undefined | string[];
export type Row = Record<string, Cell>;
export type Words = Record<string, unknown>;

export interface Envelope {
  query: Record<string, unknown>;
  run_id: string;
  data_release: string;
  results: Row[];
  units: Record<string, string>;
  sources: string[];
  notes: string[];
  total: number;
  /** Where the job's results lie, if the answer came from a job. */
  job?: string;
}

/** The rows of one table of an answer. */
export function table(envelope: Envelope | null, name: string): Row[] {
  return envelope === null ? [] : envelope.results.filter((row) => row.table === name);
}

/** A cell as a number, or null: unknown is not zero. */
export function num(cell: Cell): number | null {
  return typeof cell === "number" && Number.isFinite(cell) ? cell : null;
}

/** A cell as text; empty where there is none. */
export function text(cell: Cell): string {
  return cell === null || cell === undefined ? "" : String(cell);
}

/** Rows by the value of a column, in the order in which the values first appear. */
export function by(rows: Row[], column: string): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = text(row[column]);
    const held = found.get(key);
    if (held) held.push(row);
    else found.set(key, [row]);
  }
  return found;
}
