/** Numbers as people read them; never more digits than the number bears. */

const PERCENT = new Set(["share", "share of use", "share of world output"]);
import { say } from "./say";

/** Units that are no units: the number stands alone. */
const BARE = /^(score.*|ratio|index|1|)$/;
const MONEY = /^(million|billion) (\w+)( a year)?$/;

/** Three significant digits, thousands apart, no exponent. */
export function plain(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1000) {
    const step = 10 ** Math.max(0, Math.floor(Math.log10(size)) - 2);
    return (Math.round(value / step) * step).toLocaleString("en");
  }
  if (size < 0.0005) return value.toExponential(1);
  return Number(value.toPrecision(size >= 100 ? 3 : size >= 1 ? 3 : 2)).toLocaleString("en", {
    maximumFractionDigits: 6,
  });
}

/** A share as per cent. */
export function percent(share: number): string {
  const value = share * 100;
  const size = Math.abs(value);
  if (size > 0 && size < 0.0005) return `${value < 0 ? ">-" : "<"}0.001 %`;
  if (size > 0 && size < 0.095) return `${Number(value.toPrecision(1))} %`;
  return `${size < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0)} %`;
}

/** A sum of money in the words of its size. */
export function money(millions: number, currency: string): string {
  const size = Math.abs(millions);
  if (size >= 1e6) return say("money.trillion", { value: plain(millions / 1e6), currency });
  if (size >= 1e3) return say("money.billion", { value: plain(millions / 1e3), currency });
  return size >= 0.1 || size === 0 ? say("money.million", { value: plain(millions), currency }) : say("money.million", { value: `${millions < 0 ? ">-" : "<"}0.1`, currency });
}

/** A value with its unit; a dash where it is not known. */
export function shown(value: number | null | undefined, unit = ""): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (PERCENT.has(unit)) return percent(value);
  const sum = MONEY.exec(unit);
  if (sum) {
    const millions = sum[1] === "billion" ? value * 1000 : value;
    return money(millions, sum[2] ?? "") + (sum[3] ?? "");
  }
  if (unit === "USD" && Math.abs(value) >= 1e5) return money(value / 1e6, unit);
  if (unit === "base prices") return `× ${plain(value)}`;
  if (BARE.test(unit)) return plain(value);
  return `${plain(value)} ${unit}`;
}

/** A band, or nothing where there is none. */
export function band(low: number | null, high: number | null, unit = ""): string {
  if (low === null || high === null) return "";
  const a = shown(low, unit);
  const b = shown(high, unit);
  if (a === b) return "";
  // The unit is said once, and the sign of a multiple too.
  const ends = /^(× )?([^ ]+)( .+)?$/;
  const x = ends.exec(a), y = ends.exec(b);
  const same = x && y && x[3] === y[3] && x[3];
  return say("band", { low: same ? `${x[1] ?? ""}${x[2]}` : a, high: same ? b : b.replace(/^× /, "") });
}
