import { describe, expect, it } from "vitest";
import { complete, draftOf, question, wordsOf } from "../src/lib/shock";

const VIEW = "ban=CHN:gallium,germanium&quota=COD:cobalt:0.35&to=JPN&months=18";

describe("a scenario as an address", () => {
  it("comes back as it was", () => {
    const draft = draftOf(new URLSearchParams(VIEW));
    const words = new URLSearchParams();
    for (const [name, value] of Object.entries(wordsOf(draft)))
      for (const one of [value].flat()) if (one) words.append(name, one);
    expect(draftOf(words)).toEqual(draft);
  });
  it("asks what the command line would", () => {
    expect(question(draftOf(new URLSearchParams(VIEW)))).toEqual({
      ban: ["CHN:gallium,germanium"], quota: ["COD:cobalt:0.35"], to: ["JPN"], months: 18,
    });
  });
  it("lets a ready scenario stand alone", () => {
    const draft = draftOf(new URLSearchParams(`scenario=drc_cobalt_2025&${VIEW}`));
    expect(question(draft)).toEqual({ scenario: "drc_cobalt_2025", months: 18 });
  });
  it("asks nothing while nothing is chosen", () => {
    expect(complete(draftOf(new URLSearchParams()))).toBe(false);
    expect(complete(draftOf(new URLSearchParams("ban=CHN:")))).toBe(false);
  });
});
