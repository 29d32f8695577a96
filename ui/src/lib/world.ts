/** The boundaries, fetched once and only by pages that draw a map. */

import { geoEqualEarth, geoPath, type GeoPermissibleObjects } from "d3-geo";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

export interface Shape { id: string; path: string }
export interface Dot { id: string; x: number; y: number }
export interface World { shapes: Shape[]; dots: Dot[]; undetermined: string; borders: string; dashed: string }

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
  const countries = feature(topology, topology.objects.countries as GeometryCollection);
  const projection = geoEqualEarth().fitExtent([[6, 6], [WIDTH - 6, HEIGHT - 6]], countries as GeoPermissibleObjects);
  const path = geoPath(projection).digits(1);
  const drawn = (name: string): string => {
    const object = topology.objects[name];
    return object ? (path(feature(topology, object) as GeoPermissibleObjects) ?? "") : "";
  };
  return {
    shapes: countries.features.map((one) => ({ id: String(one.id ?? ""), path: path(one as GeoPermissibleObjects) ?? "" })),
    dots: Object.entries(small).map(([id, position]) => {
      const [x, y] = projection(position) ?? [0, 0];
      return { id, x, y };
    }),
    undetermined: drawn("undetermined"), borders: drawn("borders"), dashed: drawn("dashed"),
  };
}
