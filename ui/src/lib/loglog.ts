/** Pure parts of charts on log scales: ends of axes, ticks, lines of equal product, labels that do not meet. */

/** Whole powers of ten around all positive values; nothing positive gives 1 to 10. */
export function decades(values: (number | null | undefined)[]): [number, number] {
  const seen = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value) && value > 0);
  if (seen.length === 0) return [1, 10];
  const low = 10 ** Math.floor(Math.log10(Math.min(...seen)) + 1e-9);
  const high = 10 ** Math.ceil(Math.log10(Math.max(...seen)) - 1e-9);
  return [low, high > low ? high : low * 10];
}

/** Powers of ten from end to end, thinned to at most `most`. */
export function powers([low, high]: [number, number], most = 8): number[] {
  const first = Math.round(Math.log10(low)), last = Math.round(Math.log10(high));
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const found: number[] = [];
  for (let k = first; k <= last; k += step) found.push(10 ** k);
  return found;
}

/** Where `x * y = product` enters and leaves a box; null where it does not pass through. */
export function isoline(product: number, [x0, x1]: [number, number], [y0, y1]: [number, number]): [number, number, number, number] | null {
  const from = Math.max(x0, product / y1), to = Math.min(x1, product / y0);
  return from < to ? [from, product / from, to, product / to] : null;
}

export interface Spot { x: number; y: number; words: string }
export interface Label { x: number; y: number; words: string; end: boolean }

/** Width of a letter and height of a line of a chart's text, in pixels. */
const LETTER = 6.2, LINE = 13;

/** Names beside points, the first served first: right, left, or none where there is no room. */
export function labelled(spots: Spot[], width: number, left = 0): Label[] {
  const taken: [number, number, number, number][] = spots.map((spot) => [spot.x - 4, spot.y - 4, spot.x + 4, spot.y + 4]);
  const found: Label[] = [];
  for (const [k, spot] of spots.entries()) {
    const long = spot.words.length * LETTER;
    for (const [end, shift] of [[false, 0], [true, 0], [false, -9], [false, 9], [true, -9], [true, 9]] as const) {
      const x = spot.x + (end ? -8 : 8), y = spot.y + shift;
      const box: [number, number, number, number] = [end ? x - long : x, y - LINE / 2, end ? x : x + long, y + LINE / 2];
      if (box[0] < left || box[2] > width) continue;
      if (taken.some((other, j) => j !== k && box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      found.push({ x, y, words: spot.words, end });
      break;
    }
  }
  return found;
}
