/** What a chart can be taken home as: rows, rows with metadata, drawing, picture, citation. */

import { say } from "./say";
import type { Envelope, Row } from "./rows";

/** Rows as CSV. A cell that a spreadsheet would run as a formula is kept as text. */
export function asCsv(rows: Row[], columns: string[]): string {
  const cell = (value: Row[string]): string => {
    let text = value === null || value === undefined ? "" : Array.isArray(value) ? value.join(";") : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns.join(","), ...rows.map((row) => columns.map((name) => cell(row[name])).join(","))].join("\r\n") + "\r\n";
}

/** The envelope with the chart's own rows, and the address of the view. */
export function asJson(envelope: Envelope, rows: Row[], view: string): string {
  const { query, run_id, data_release, units, sources, notes } = envelope;
  return JSON.stringify({ query, run_id, data_release, view, results: rows, units, sources, notes }, null, 1);
}

/** How to cite a chart, in a line. */
export function citation(title: string, envelope: Envelope, view: string, on = new Date()): string {
  const day = on.toISOString().slice(0, 10);
  return say("cite", { release: envelope.data_release, title, run: envelope.run_id, view, day });
}

/** Every column that any of the rows has. */
export function columnsOf(rows: Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "font", "text-anchor", "dominant-baseline", "paint-order", "stroke-linejoin"];

/** A drawing that needs no style sheet, with its title and source line. */
export function standAlone(svg: SVGSVGElement, title: string, source: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll("*")];
  const to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((element, k) => {
    const style = getComputedStyle(element);
    const target = to[k];
    if (!target) return;
    for (const name of KEPT) {
      const value = style.getPropertyValue(name);
      if (value && value !== "normal") target.setAttribute(name, value);
    }
    target.removeAttribute("class");
    target.removeAttribute("tabindex");
  });
  const { width, height } = sizeOf(svg);
  const paper = getComputedStyle(document.body).backgroundColor;
  const ink = getComputedStyle(document.body).color;
  const top = 30, bottom = 24;
  copy.removeAttribute("style");
  copy.setAttribute("x", "0");
  copy.setAttribute("y", String(top));
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const body = new XMLSerializer().serializeToString(copy);
  const words = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const type = 'font-family="Source Sans 3, system-ui, sans-serif"';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + top + bottom}" viewBox="0 0 ${width} ${height + top + bottom}"><title>${words(title)}</title><rect width="100%" height="100%" fill="${paper}"/><text x="4" y="20" font-size="15" font-weight="600" fill="${ink}" ${type}>${words(title)}</text>${body}<text x="4" y="${height + top + 16}" font-size="10" fill="${ink}" ${type}>${words(source)}</text></svg>`;
}

function sizeOf(svg: SVGSVGElement): { width: number; height: number } {
  const box = svg.viewBox.baseVal;
  return box && box.width ? { width: box.width, height: box.height } : svg.getBoundingClientRect();
}

/** A drawing as a picture, twice as fine as the screen. */
export async function asPng(svg: string): Promise<Blob> {
  const picture = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    await new Promise((resolve, reject) => {
      picture.onload = resolve;
      picture.onerror = () => reject(new Error(say("figure.no.picture")));
      picture.src = address;
    });
    const canvas = document.createElement("canvas");
    canvas.width = picture.width * 2;
    canvas.height = picture.height * 2;
    const context = canvas.getContext("2d");
    if (!context) throw new Error(say("figure.no.picture"));
    context.scale(2, 2);
    context.drawImage(picture, 0, 0);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(say("figure.no.picture")))), "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Hand a file to the reader. */
export function hand(content: string | Blob, name: string, media: string): void {
  const blob = typeof content === "string" ? new Blob([content], { type: media }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
