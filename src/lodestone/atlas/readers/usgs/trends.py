"""Tables of the overview chapters: end uses, leading producers, and ranked import sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.usgs.facts import Cell, FactRows
from lodestone.atlas.readers.usgs.places import printed_place
from lodestone.atlas.readers.usgs.series import Series
from lodestone.atlas.readers.usgs.sheet import SheetRow, read_sheet
from lodestone.terms import excluded, find_material
from lodestone.terms.errors import Problems

_END_USE_FILES = {
    2023: "usgs/mcs2023/trends/MCS2023_T4_Critical_Minerals_End_Use.csv",
    2024: "usgs/mcs2024/trends/MCS2024_T4_Critical_Minerals_End_Use.csv",
    2026: "materials/usgs_mcs2026_T6_Critical_Minerals_End_Use.csv",
}
LEADER_FILES = {
    2024: "usgs/mcs2024/trends/MCS2024_T5_Critical_Minerals_Salient.csv",
    2026: "materials/usgs_mcs2026_T7_Critical_Minerals_Salient.csv",
}
_LEADING_SHARE = "Leading_source_precent_world"  # so spelled by the publisher


@dataclass(frozen=True)
class _Ranking:
    """Figure 2 of one edition: its file, and the headings that carry the years."""

    file: str
    rank: str
    reliance: str
    sources: str
    first: int
    last: int


_RANKINGS = {
    2023: _Ranking(
        "usgs/mcs2023/trends/MCS2023_Fig2_Net_Import_Reliance.csv",
        "Import_Share_Rank",
        "Net_Import_Reliance_pct_2022",
        "Major_Import_Sources_2018_2021",
        2018,
        2021,
    ),
    2024: _Ranking(
        "usgs/mcs2024/trends/MCS2024_Fig2_Net_Import_Reliance.csv",
        "Import_Share_Order",
        "Net_Import_Reliance_pct_2023",
        "Major_Import_Sources_2019_2022",
        2019,
        2022,
    ),
    2026: _Ranking(
        "usgs/mcs2026/trends/MCS2026_Fig2_Net_Import_Reliance.csv",
        "Import_Share_Order",
        "Net_Import_Reliance_pct_2025",
        "Major_Import_Sources_2021_24",
        2021,
        2024,
    ),
}
# Regions that stand among the countries; they have no code and stay in words.
_REGIONS = frozenset({"Europe"})
_UNKNOWN = "NA"
_END_USES: dict[str, Any] = {
    "fact": pl.String,
    "source": pl.String,
    "file": pl.String,
    "year": pl.Int32,
    "commodity": pl.String,
    "material": pl.String,
    "end_use": pl.String,
    "note": pl.String,
}
_RANKS: dict[str, Any] = {
    "fact": pl.String,
    "source": pl.String,
    "file": pl.String,
    "commodity": pl.String,
    "material": pl.String,
    "net_import_reliance": pl.String,
    "rank": pl.Int32,
    "origin": pl.String,
    "partner": pl.String,
    "year": pl.Int32,
    "year_to": pl.Int32,
    "note": pl.String,
}


def read_end_uses(raw: Path, problems: Problems) -> pl.DataFrame:
    """Main uses of the critical minerals in the United States, in words, by edition.

    `year` is the year the statement is about: the one before the edition.
    """
    rows = []
    for edition, file in _END_USE_FILES.items():
        name = "Critical_Mineral" if edition == 2026 else "Critical Mineral"
        use = "Primary_Applications" if edition == 2026 else "Primary Applications"
        columns = ("Source", name, use, "Category_Note")
        for row in read_sheet(raw, file, problems, columns=columns).rows:
            commodity = _without_mark(row[name])
            material = _material(commodity, row.where(name), problems)
            rows.append(
                {
                    "fact": f"usgs_mcs{edition}:{file}:{row.number}",
                    "source": f"usgs_mcs{edition}",
                    "file": file,
                    "year": edition - 1,
                    "commodity": commodity,
                    "material": material,
                    "end_use": row[use].strip(),
                    "note": row["Category_Note"].strip(),
                }
            )
    return pl.DataFrame(rows, schema=_END_USES, orient="row")


def read_leading_shares(raw: Path, edition: int, facts: FactRows) -> None:
    """Add the leading producer's share of world production of each critical mineral."""
    file = LEADER_FILES[edition]
    for row in read_sheet(raw, file, facts.problems).rows:
        for column in ("Year", "Critical_mineral", "Leading_source_country", _LEADING_SHARE):
            if column not in row.cells:
                facts.problems.add(
                    f"column {column!r} is missing",
                    f"{file}, row 0",
                    f"the file has {', '.join(row.cells)}",
                )
                return
        _add_leading_share(row, edition, facts)


def _add_leading_share(row: SheetRow, edition: int, facts: FactRows) -> None:
    commodity = _without_mark(row["Critical_mineral"])
    material = _material(commodity, row.where("Critical_mineral"), facts.problems)
    leader = row["Leading_source_country"].strip()
    place = printed_place(leader)
    if leader == _UNKNOWN or material is None:
        return
    if place is None:
        facts.problems.add(
            f"unknown country {leader!r}",
            row.where("Leading_source_country"),
            "add the name to the table of places",
        )
        return
    series = Series(
        edition=str(edition),
        commodity=commodity,
        measure="",
        series="Leading source country, share of world production",
        material=material,
        # The table does not say which stage it means; the notes do for some.
        stage="",
        quantity="supply_share",
        unit="percent",
        basis="",
        reason="",
        detail=f"Leading source country, share of world production: {commodity}",
    )
    notes = tuple(row.cells.get(name, "") for name in ("Prod_notes", "World_prod_notes"))
    facts.add(
        Cell(
            row=row,
            column=_LEADING_SHARE,
            series=series,
            place=place.code,
            year=edition - 1,
            unit="percent",
            estimated="estimated" in row["Year"],
            notes=notes,
        )
    )


def read_import_ranks(raw: Path, problems: Problems) -> pl.DataFrame:
    """Main origins of United States imports in falling order, by edition (Figure 2).

    The editions before 2026 print no shares in their data files; the order is all there is.
    """
    rows: list[dict[str, Any]] = []
    for edition, ranking in _RANKINGS.items():
        columns = ["Source", ranking.rank, "Commodity", ranking.reliance, ranking.sources]
        columns += [] if edition == 2023 else ["Notes"]
        for row in read_sheet(raw, ranking.file, problems, columns=columns).rows:
            rows.extend(_ranked(row, edition, ranking, problems))
    return pl.DataFrame(rows, schema=_RANKS, orient="row")


def _ranked(
    row: SheetRow, edition: int, ranking: _Ranking, problems: Problems
) -> Iterator[dict[str, Any]]:
    commodity = " ".join(row["Commodity"].split())
    material = _material(commodity, row.where("Commodity"), problems)
    if material is None:
        return
    for rank, origin in enumerate(row[ranking.sources].split(","), start=1):
        origin = origin.strip()
        if origin == _UNKNOWN:
            continue
        place = printed_place(origin)
        if place is None and origin not in _REGIONS:
            problems.add(
                f"unknown country {origin!r}",
                row.where(ranking.sources),
                "add the name to the table of places",
            )
            continue
        yield {
            "fact": f"usgs_mcs{edition}:{row.file}:{row.number}:{rank}",
            "source": f"usgs_mcs{edition}",
            "file": row.file,
            "commodity": commodity,
            "material": material,
            "net_import_reliance": row[ranking.reliance].strip(),
            "rank": rank,
            "origin": origin,
            "partner": None if place is None else place.code,
            "year": ranking.first,
            "year_to": ranking.last,
            "note": row.cells.get("Notes", "").strip(),
        }


def _material(commodity: str, where: str, problems: Problems) -> str | None:
    """Material of a name such as `COPPER, refined`; None if it is left out on purpose."""
    names = (commodity, commodity.split(",")[0].strip())
    for name in names:
        found = find_material(name)
        if found is not None:
            return found.id
    if not any(excluded(name) for name in names):
        problems.add(
            f"unknown commodity {commodity!r}", where, "add the name to the table of materials"
        )
    return None


def _without_mark(commodity: str) -> str:
    """Take a footnote number off a name, if the rest is a known material."""
    commodity = commodity.strip()
    bare = commodity.rstrip("0123456789").strip()
    return bare if find_material(commodity) is None and find_material(bare) else commodity
