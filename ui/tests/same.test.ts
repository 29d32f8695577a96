import { describe, expect, it } from "vitest";
import { cli, python, rest } from "../src/lib/same";
import { asCsv, citation } from "../src/lib/save";

const BAN = { verb: "shock", words: { ban: ["CHN:gallium,germanium"], place: ["EU27", "USA"], months: 24, draws: 0, sensitivity: false } };

describe("the same question elsewhere", () => {
  it("on the command line", () => {
    expect(cli({ verb: "exposure", words: { material: "cobalt", place: "EU27", on: null } })).toBe("lodestone exposure cobalt --place EU27");
    expect(cli(BAN)).toBe("lodestone shock --ban CHN:gallium,germanium --place EU27 --place USA --months 24 --draws 0 --no-sensitivity");
    expect(cli({ verb: "data/sources", words: {} })).toBe("lodestone data sources");
  });
  it("in Python", () => {
    expect(python({ verb: "assess", words: { material: ["cobalt"], place: "EU27" } })).toContain('ls.assess(materials=["cobalt"], place="EU27")');
    expect(python(BAN)).toContain('ls.shock(ls.world(), ls.ExportBan("CHN", materials=["gallium", "germanium"]), places=["EU27", "USA"], months=24, draws=0, sensitivity=False)');
    expect(python({ verb: "shock", words: { quota: ["COD:cobalt:0.4"], to: ["JPN"] } })).toContain('ls.ExportQuota("COD", 0.4, materials=["cobalt"], to=["JPN"])');
  });
  it("of a comparison, each side in words", () => {
    const words = { first: { ban: ["CHN:gallium"], to: ["USA", "JPN"] }, second: { scenario: "drc_cobalt_2025" }, place: ["JPN"] };
    expect(cli({ verb: "compare", words })).toBe("lodestone compare 'ban=CHN:gallium;to=USA,JPN' drc_cobalt_2025 --place JPN");
    expect(python({ verb: "compare", words })).toContain('ls.compare("ban=CHN:gallium;to=USA,JPN", "drc_cobalt_2025", places=["JPN"])');
  });
  it("of a vault and an alliance", () => {
    const vault = { verb: "vault", words: { ask: "finance", vault: "japan", budget: 2e9 } };
    expect(cli(vault)).toBe("lodestone vault finance japan --budget 2000000000");
    expect(python(vault)).toContain('ls.vault_finance("japan", budget=2000000000)');
    const alliance = { verb: "alliance", words: { members: ["EU27", "USA"], invite: ["KOR"], floor: { material: "NdPr", usd_per_kg: 110 } } };
    expect(cli(alliance)).toBe("lodestone alliance EU27 USA --invite KOR --floor NdPr:110");
    expect(python(alliance)).toContain('floor="NdPr:110"');
    expect(python({ verb: "plan", words: { saved: "abc", frontier: true } })).toContain('ls.plan(Path("plan.toml"), frontier=[0, 0.25, 0.5, 1, 2, 5])');
    expect(python({ verb: "plan", words: { saved: "abc" } })).toContain("from pathlib import Path");
    expect(python({ verb: "alliance", words: { saved: "abc" } })).toContain('ls.alliance(Path("alliance.toml"))');
    expect(cli({ verb: "plan", words: { saved: "abc" } })).toBe("lodestone plan plan.toml");
    expect(cli({ verb: "alliance", words: { saved: "abc" } })).toBe("lodestone alliance --file alliance.toml");
    const joint = { verb: "alliance", words: { members: ["EU27", "USA"], plan: "japan" } };
    expect(cli(joint)).toBe("lodestone alliance EU27 USA --plan japan");
    expect(python(joint)).toContain('ls.alliance(members=["EU27", "USA"], plan="japan")');
  });
  it("over HTTP", () => {
    expect(rest({ verb: "exposure", words: { place: "EU27", material: "cobalt" } }, "http://h")).toBe('curl "http://h/v1/exposure?material=cobalt&place=EU27"');
    expect(rest(BAN, "http://h")).toContain(`-d '{"ban":["CHN:gallium,germanium"],"place":["EU27","USA"],"months":24,"draws":0,"sensitivity":false}' http://h/v1/shock`);
  });
});

describe("what is taken home", () => {
  it("is no formula to a spreadsheet", () => {
    expect(asCsv([{ a: "=1+1", b: -2, c: 'say "x", y' }], ["a", "b", "c"])).toBe("a,b,c\r\n'=1+1,-2,\"say \"\"x\"\", y\"\r\n");
  });
  it("is cited with release, run and address", () => {
    const envelope = { query: {}, run_id: "abc", data_release: "2026.1", results: [], units: {}, sources: [], notes: [], total: 0 };
    expect(citation("Cobalt", envelope, "http://h/x", new Date("2026-11-26T10:00:00Z"))).toBe("Lodestone, data release 2026.1: Cobalt. Run abc. http://h/x (2026-11-26).");
  });
});

it("a day is a date in Python, and a file is a path there and an id over HTTP", () => {
  const asked = { verb: "dossier", words: { bill: "my bill.csv", saved: "abc123", place: "DEU", as_of: "2026-11-06" } };
  expect(python(asked)).toBe('from datetime import date\nfrom pathlib import Path\nimport lodestone as ls\nanswer = ls.dossier(Path("my bill.csv"), place="DEU", as_of=date(2026, 11, 6))\nrows = answer.envelope()["results"]');
  expect(cli(asked)).toBe("lodestone dossier 'my bill.csv' --place DEU --as-of 2026-11-06");
  expect(rest(asked, "http://here")).toContain('{"saved":"abc123","place":"DEU","as_of":"2026-11-06"}');
});
