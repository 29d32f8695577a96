import { expect, test } from "vitest";
import { decades, isoline, labelled, powers } from "../src/lib/loglog";

test("decades hold all positive values, and pass over what a log axis cannot show", () => {
  expect(decades([3, 250, -1, 0, null])).toEqual([1, 1000]);
  expect(decades([100])).toEqual([100, 1000]);
  expect(decades([])).toEqual([1, 10]);
});

test("powers go from end to end and stay few", () => {
  expect(powers([1, 1000])).toEqual([1, 10, 100, 1000]);
  expect(powers([1, 1e6], 4)).toEqual([1, 100, 1e4, 1e6]);
});

test("a line of equal product keeps its product at both ends, inside the box", () => {
  const found = isoline(10, [0.01, 1], [1, 100]);
  expect(found).not.toBeNull();
  const [x0, y0, x1, y1] = found!;
  expect(x0 * y0).toBeCloseTo(10);
  expect(x1 * y1).toBeCloseTo(10);
  expect([x0, x1]).toEqual([0.1, 1]);
  expect(isoline(1e9, [0.01, 1], [1, 100])).toBeNull();
});

test("names do not cover each other or leave the drawing", () => {
  const found = labelled([{ x: 10, y: 10, words: "first" }, { x: 12, y: 12, words: "second" }, { x: 195, y: 80, words: "third" }], 200);
  expect(found.map((one) => one.words)).toContain("first");
  expect(found.find((one) => one.words === "third")?.end).toBe(true);
  for (const one of found) for (const other of found) {
    if (one !== other) expect(one.y === other.y && one.end === other.end && Math.abs(one.x - other.x) < 30).toBe(false);
  }
});
