"""What the columns of the IEA tables mean."""

from __future__ import annotations

from lodestone.atlas.cards import FACT_COLUMNS, Column, TableCard
from lodestone.atlas.readers.iea.minerals import SOURCE

_MINERAL = {
    "material": Column("material id"),
    "mineral": Column("the publisher's name; 'Rare Earth Elements' are the four magnet elements"),
}
_SUPPLY = {
    **_MINERAL,
    "stage": Column("mine or refine"),
    "year": Column("2024, or a year of the projection"),
}
_SCENARIO = Column("base (the year 2024), STEPS, APS or NZE (the IEA's three scenarios)")

CARDS: dict[str, TableCard] = {
    "iea_demand": TableCard(
        "World demand by mineral, sector and scenario. The four series overlap: never add across "
        "them, nor totals to their parts",
        {
            "fact": FACT_COLUMNS["fact"],
            "series": Column(
                "total_demand, cleantech_by_technology, cleantech_total or technology_by_mineral"
            ),
            **_MINERAL,
            "sector": Column("technology or use; or the name of the total"),
            "is_total": Column("whether the row sums several sectors"),
            "scenario": _SCENARIO,
            "year": Column("calendar year"),
            "tonnes": Column("demand, content as the publisher counts it", "t"),
        },
        (SOURCE,),
    ),
    "iea_top3": TableCard(
        "Share of the three largest named countries in world supply",
        {**_SUPPLY, "top3_share": Column("their share of the world", "share")},
        (SOURCE,),
    ),
    "iea_n1": TableCard(
        "Supply left without its largest supplier against world demand, worked out from IEA "
        "figures. Not the IEA's own N-1, which divides by demand outside that supplier",
        {
            **_SUPPLY,
            "scenario": _SCENARIO,
            "largest_supplier": Column("ISO3"),
            "largest_share": Column("its share of world supply", "share"),
            "supply_kt": Column("world supply", "kt"),
            "supply_ex_largest_kt": Column("world supply without it", "kt"),
            "global_demand_kt": Column("world demand in the scenario", "kt"),
            "n1_supply_ex_largest_over_global_demand": Column(
                "supply_ex_largest_kt over global_demand_kt", "ratio"
            ),
            "supply_over_demand": Column("supply_kt over global_demand_kt", "ratio"),
        },
        (SOURCE,),
    ),
}
