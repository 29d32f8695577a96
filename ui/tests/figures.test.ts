import { expect, test } from "vitest";
import { lined } from "../src/lib/figures";

test("figures of one thing stand in one line, in the order in which things come", () => {
  const rows = [
    { material: "cobalt", what: "tonnes", value: 4 }, { material: "nickel", what: "tonnes", value: 5 },
    { material: "cobalt", what: "price", value: null }, { material: "cobalt", what: "tonnes", value: 9 },
  ];
  const lines = lined(rows, ["material"]);
  expect(lines.map((line) => line.labels.material)).toEqual(["cobalt", "nickel"]);
  expect(lines[0]!.cells.tonnes!.value).toBe(4);
  expect(lines[0]!.cells.price!.value).toBeNull();
  expect(lines[1]!.cells.price).toBeUndefined();
});

test("names that run together when joined stay apart", () => {
  expect(lined([{ a: "x y", b: "z", what: "n" }, { a: "x", b: "y z", what: "n" }], ["a", "b"])).toHaveLength(2);
});
