"""International Energy Agency, Critical Minerals Dataset of May 2025: supply and demand.

Six minerals (copper, lithium, nickel, cobalt, graphite, magnet rare earths) by country for 2024
and the project pipeline to 2040; demand in 2024 and by scenario to 2050; 38 minerals for clean
energy technologies. Figures are kilotonnes of content.

Traps it meets: "Rare Earth Elements" are the four magnet elements (75 kt), not all rare earths
(390 kt); refined graphite is battery grade and holds synthetic graphite; for nickel and graphite
one named country is counted a second time in "Rest of world", so shares sum to as much as 1.03;
the column `kt` also holds a share; parts of a sector table do not add up to its printed total.
"""

from __future__ import annotations

from pathlib import Path

from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.iea.cards import CARDS
from lodestone.atlas.readers.iea.demand import read_demand
from lodestone.atlas.readers.iea.derived import read_n1, read_top3
from lodestone.atlas.readers.iea.supply import read_supply
from lodestone.terms.errors import Problems

__all__ = ["CARDS", "read"]


def read(raw: Path) -> Reading:
    """Facts of supply and total demand, and the demand and concentration tables.

    Returns
    -------
    Reading
        `facts` : `production` by country for 2024, `supply_projection` for 2030-2040 (the
        project pipeline of the base case), `demand` of the world for 2024 and
        `demand_projection` for 2030-2050 with the scenario in `detail`; tonnes.
        `iea_demand` : every demand row (series, material, sector, scenario, year, tonnes).
        `iea_top3`, `iea_n1` : concentration figures of the folder, the second one computed
        from IEA figures by whoever made the folder.

    Raises
    ------
    DataError
        Once, with every missing column, unknown country, mineral, scenario or bad number.
    """
    problems = Problems("iea")
    notes: list[str] = []
    supply = read_supply(raw, problems, notes)
    demand, demand_table = read_demand(raw, problems, notes)
    tables = {
        "iea_demand": demand_table,
        "iea_top3": read_top3(raw, problems),
        "iea_n1": read_n1(raw, problems),
    }
    problems.raise_if_any()
    return Reading(tables={"facts": facts_frame([*supply, *demand]), **tables}, notes=notes)
