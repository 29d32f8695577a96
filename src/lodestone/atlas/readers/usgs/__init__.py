"""USGS Mineral Commodity Summaries 2023 to 2026: production, reserves, and United States use.

Four yearly editions in four layouts are read into one facts table. World tables give production,
capacity and reserves by country and stage; the United States tables give output, trade, use,
stocks, prices and net import reliance; 2026 also gives import sources as shares. What each
published series means is decided in the reviewed lists under `tables/`, never by the shape of
its name.

Quantities beside those of the facts contract: `us_production` (output in the tables of the United
States, which repeats the country's row of the world table and must not be added to it),
`shipments` (sold or used by producers), `stockpile_shipments` (from Government stocks, negative
when they grew), `supply` (apparent supply of aluminium).

Source: U.S. Geological Survey, Mineral Commodity Summaries data releases, public domain.
"""

from __future__ import annotations

from pathlib import Path

from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.usgs.cards import CARDS
from lodestone.atlas.readers.usgs.chapters import read_chapters
from lodestone.atlas.readers.usgs.facts import FactRows
from lodestone.atlas.readers.usgs.policy import read_agreements, read_controls
from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.atlas.readers.usgs.salient_files import read_salient_files
from lodestone.atlas.readers.usgs.trends import (
    LEADER_FILES,
    read_end_uses,
    read_import_ranks,
    read_leading_shares,
)
from lodestone.atlas.readers.usgs.world_tables import read_world_2025, read_world_files
from lodestone.terms.errors import Problems

__all__ = ["CARDS", "read"]


def read(raw: Path) -> Reading:
    """Read all four editions below the raw folder.

    Parameters
    ----------
    raw
        Folder with `usgs/`, `controls/` and `materials/`.

    Returns
    -------
    Reading
        Tables `facts`, `us_controls` (Table 4 of 2026), `us_agreements` (Table 5),
        `us_end_uses` (in words) and `us_import_source_ranks` (Figure 2), with a note for every
        kind of mending.

    Raises
    ------
    DataError
        With every problem of every file: a missing or renamed column, an unknown section,
        series, country, unit or way of printing a value, or a mending that no longer fits.
    """
    problems = Problems("USGS Mineral Commodity Summaries")
    rows = []
    for edition in (2023, 2024, 2025, 2026):
        facts = FactRows(f"usgs_mcs{edition}", problems)
        _read_edition(raw, edition, facts)
        rows.extend(facts.rows)
    tables = {
        "us_controls": read_controls(raw, problems),
        "us_agreements": read_agreements(raw, problems),
        "us_end_uses": read_end_uses(raw, problems),
        "us_import_source_ranks": read_import_ranks(raw, problems),
    }
    problems.raise_if_any()
    return Reading({"facts": facts_frame(rows), **tables}, _notes())


def _read_edition(raw: Path, edition: int, facts: FactRows) -> None:
    """Add what one edition states; each of the four has its own layout."""
    if edition == 2026:
        read_chapters(raw, facts)
    elif edition == 2025:
        read_world_2025(raw, facts)
    else:
        read_world_files(raw, edition, facts)
        read_salient_files(raw, edition, facts)
    if edition in LEADER_FILES:
        read_leading_shares(raw, edition, facts)


def _notes() -> list[str]:
    """Say every mending of a heading, a cell or a unit, so that a user can check it."""
    headings = [
        f"{fix['file']}: heading {fix['printed']!r} of column {fix['column']} read as "
        f"{fix['meant'] or 'no column'!r}: {fix['reason']}"
        for fix in reviewed("headings")
    ]
    cells = [
        f"{fix['file']}, row {fix['row']}: {fix['column']} {fix['printed']!r} read as "
        f"{fix['corrected']!r}: {fix['reason']}"
        for fix in reviewed("corrections")
    ]
    units = [
        f"MCS {line['edition']}, {line['commodity']}, {line['series']}: {line['unit']}: "
        f"{line['reason']}"
        for table in ("world_series", "us_series", "us_columns")
        for line in reviewed(table)
        if "unit mended" in line["reason"]
    ]
    return headings + cells + units
