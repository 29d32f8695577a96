"""What the columns of the USGS tables mean."""

from __future__ import annotations

from lodestone.atlas.cards import FACT_COLUMNS, Column, TableCard

_WHERE = {name: FACT_COLUMNS[name] for name in ("fact", "source", "file")}
_POLICY_SOURCES = ("usgs_mcs2026",)
_OVERVIEW_SOURCES = ("usgs_mcs2023", "usgs_mcs2024", "usgs_mcs2026")
_REFERENCE = Column("publication or address that the publisher cites")

CARDS: dict[str, TableCard] = {
    "us_controls": TableCard(
        "Export controls of countries in force as the USGS lists them, by goods and material",
        {
            **_WHERE,
            "place": Column("ISO3 of the country that controls"),
            "control": Column("kind of control as printed: ban, licence, quota"),
            "goods": Column("goods as printed"),
            "material": Column("material id; null where the goods are none of ours"),
            "since": Column("year as printed"),
            "reference": _REFERENCE,
            "note": Column("how the goods were read, and the publisher's notes"),
        },
        _POLICY_SOURCES,
    ),
    "us_agreements": TableCard(
        "Agreements of the United States on critical minerals, one row a partner",
        {
            **_WHERE,
            "place": Column("ISO3 or bloc id of the partner"),
            "agreement": Column("name of the agreement"),
            "signed": Column("date of signing, YYYY-MM or YYYY-MM-DD"),
            "focus": Column("what it is about, as printed"),
            "reference": _REFERENCE,
            "note": Column("where two printed dates disagree"),
        },
        _POLICY_SOURCES,
    ),
    "us_end_uses": TableCard(
        "Main uses of the critical minerals in the United States, in words",
        {
            **_WHERE,
            "year": Column("year the statement is about: the one before the edition"),
            "commodity": Column("name as printed, without its footnote mark"),
            "material": Column("material id; null where the mineral is none of ours"),
            "end_use": Column("uses as printed"),
            "note": Column("the publisher's note"),
        },
        _OVERVIEW_SOURCES,
    ),
    "us_import_source_ranks": TableCard(
        "Main origins of United States imports in falling order of their share",
        {
            **_WHERE,
            "commodity": Column("name as printed"),
            "material": Column("material id"),
            "net_import_reliance": Column(
                "net imports over apparent consumption in the year before the edition, as printed "
                "(79, >50, <25)",
                "percent",
            ),
            "rank": Column("place in the order, 1 the largest origin"),
            "origin": Column("origin as printed"),
            "partner": Column("ISO3 of the origin; null for a region"),
            "year": Column("first year of the span that the imports are of"),
            "year_to": Column("last year of that span"),
            "note": Column("the publisher's note"),
        },
        _OVERVIEW_SOURCES,
    ),
}
