/** The boundaries, fetched once and only by pages that draw a map. */

import { geoEqualEarth, geoPath, type GeoPermissibleObjects } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

export interface Shape { id: string; path: string }
export interface Dot { id: string; x: number; y: number }
export interface World { shapes: Shape[]; dots: Dot[]; borders: string; at: Map<string, [number, number]> }

export const WIDTH = 960;
export const HEIGHT = 470;

let held: Promise<World> | null = null;

export function world(): Promise<World> {
  held ??= load();
  held.catch(() => (held = null));
  return held;
}

async function load(): Promise<World> {
  const [topology, small] = (await Promise.all(
    ["/world.json", "/small-states.json"].map(async (path) => {
      const answer = await fetch(path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return answer.json();
    }),
  )) as [Topology, Record<string, [number, number]>];
  const land = topology.objects.places ?? Object.values(topology.objects)[0];
  const found = feature(topology, land as GeometryCollection);
  const projection = geoEqualEarth().fitExtent([[6, 6], [WIDTH - 6, HEIGHT - 6]], found as GeoPermissibleObjects);
  const path = geoPath(projection).digits(1);
  const shapes: Shape[] = [];
  const at = new Map<string, [number, number]>();
  for (const one of found.features) {
    const id = String(one.id ?? "");
    shapes.push({ id, path: path(one as GeoPermissibleObjects) ?? "" });
    at.set(id, path.centroid(one as GeoPermissibleObjects));
  }
  const dots = Object.entries(small).map(([id, position]) => {
    const [x, y] = projection(position) ?? [0, 0];
    at.set(id, [x, y]);
    return { id, x, y };
  });
  const lines = topology.objects.disputed;
  const borders = lines ? (path(feature(topology, lines) as GeoPermissibleObjects) ?? "") : "";
  return { shapes, dots, borders, at };
}
