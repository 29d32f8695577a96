/** Names of materials and places, as choices and as words for codes. */

import { list } from "./ask";
import type { Row } from "./rows";
import { has, say, sayOf } from "./say";

export interface Choice { id: string; name: string; group?: string }

class Lists {
  materials = $state.raw<Row[]>([]);
  places = $state.raw<Row[]>([]);
  scenarios = $state.raw<Row[]>([]);
  private names = new Map<string, string>();

  constructor() {
    void list("materials").then((found) => (this.materials = found.results), () => {});
    void list("places").then((found) => {
      for (const row of found.results) this.names.set(String(row.place), String(row.name));
      this.places = found.results;
    }, () => {});
  }

  askScenarios(): void {
    void list("scenarios").then((found) => (this.scenarios = found.results), () => {});
  }

  /** The name of a place; its code until the names are there. */
  place(code: unknown): string {
    void this.places;
    const word = String(code ?? "");
    // Names that fit a chart stand in the catalogue.
    return has(`place.${word}`) ? sayOf("place", word) : (this.names.get(word) ?? word);
  }

  /** The name of a place within a sentence, with its article. */
  inText(code: unknown): string {
    const key = `place.text.${String(code ?? "")}`;
    return has(key) ? say(key) : this.place(code);
  }

  /** Members of a bloc, or the place alone. */
  members(code: string): string[] {
    const row = this.places.find((one) => one.place === code);
    return Array.isArray(row?.members) ? (row.members as string[]) : [code];
  }

  material(id: unknown): string {
    const row = this.materials.find((one) => one.material === id);
    return String(row?.name ?? String(id ?? "").replaceAll("_", " "));
  }

  get materialChoices(): Choice[] {
    const group = (row: Row) => row.eu_strategic ? say("materials.strategic") : row.eu_critical || row.us_critical ? say("materials.critical") : say("materials.other");
    const order = [say("materials.strategic"), say("materials.critical"), say("materials.other")];
    return this.materials
      .map((row) => ({ id: String(row.material), name: String(row.name), group: group(row) }))
      .sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group) || a.name.localeCompare(b.name));
  }

  get placeChoices(): Choice[] {
    const rows = this.places.map((row) => ({
      id: String(row.place), name: this.place(row.place), group: row.kind === "bloc" ? say("places.blocs") : say("places.countries"),
    }));
    const first = FIRST.filter((code) => rows.some((row) => row.id === code)).map((id) => ({ id, name: this.place(id), group: say("places.often") }));
    return [...first, ...rows.filter((row) => !FIRST.includes(row.id)).sort((a, b) => a.group.localeCompare(b.group) || a.name.localeCompare(b.name))];
  }
}

/** Places that are asked for most. */
const FIRST = ["EU27", "USA", "JPN", "ALLIANCE", "CHN", "KOR", "GBR", "IND"];
export const lists = new Lists();
