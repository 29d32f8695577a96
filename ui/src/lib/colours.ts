/** Colours of places in charts: the viewer blue, China orange, others in a fixed order. */

const FIXED: Record<string, string> = { CHN: "var(--against)" };
const REST = ["var(--third)", "var(--fourth)", "var(--muted)", "var(--axis)", "var(--other)", "var(--ink)"];

export function colourOf(code: string, k: number, viewer = ""): string {
  if (code === viewer) return "var(--place)";
  return FIXED[code] ?? REST[k % REST.length] ?? "var(--other)";
}
