"""A scenario of several measures, written as TOML and asked: a ban, and what an ally could do.

Run: python examples/write_a_scenario.py
"""

import lodestone as ls
from lodestone.chain.scenario_file import to_toml


def main() -> None:
    measures = (
        ls.ExportLicence("CHN", materials=["tungsten"], start="2025-02", announced="2025-01"),
        ls.StockRelease("USA", 500.0, materials=["tungsten"], start="2025-02", end="2025-07"),
        ls.NewCapacity(
            "KOR", 2000.0, materials=["tungsten"], stages=["mine"], start="2025-06", ramp=12
        ),
    )
    scenario = ls.Scenario(
        name="tungsten_licence_with_answers",
        measures=measures,
        start="2025-01",
        months=24,
        year=2024,
        title="Tungsten under licence, a stock released, a mine opened",
    )
    print(to_toml(scenario))
    alone = ls.Scenario("licence_alone", measures[:1], "2025-01", 24, 2024)
    for asked in (alone, scenario):
        found = ls.shock(None, asked, places=["USA"], draws=0, sensitivity=False)
        rows = {(r["place"], r["what"]): r["value"] for r in found.results if "what" in r}
        price, lost = rows["outside", "price_outside_year"], rows["USA", "use_lost_year"]
        print(f"{asked.name}: price outside {price:.2f}, USA loses {100 * lost:.0f} % of its use")


if __name__ == "__main__":
    main()
