/** Answers that carry one figure a row, laid out with one thing a line and its figures side by side. */

import { text, type Row } from "./rows";

export interface Line { labels: Row; cells: Record<string, Row> }

/** Lines by the columns that name a thing, in the order in which they first come; figures by `what`. */
export function lined(rows: Row[], names: string[]): Line[] {
  const found = new Map<string, Line>();
  for (const row of rows) {
    const key = JSON.stringify(names.map((name) => text(row[name])));
    const line = found.get(key) ?? { labels: row, cells: {} };
    const what = text(row.what);
    if (!(what in line.cells)) line.cells[what] = row;
    found.set(key, line);
  }
  return [...found.values()];
}
