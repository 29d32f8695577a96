"""The tables of the small readers as a data release: described, shippable, verified, small."""

from __future__ import annotations

import importlib
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.cards import FACT_COLUMNS, TRADE_COLUMNS, TableCard
from lodestone.atlas.facts import FACT_SCHEMA, TRADE_SCHEMA
from lodestone.atlas.release import load_release, verify_release, write_release

READERS = (
    "wgi",
    "worldbank",
    "cepii",
    "bea",
    "wiod_domestic",
    "controls",
    "projects",
    "policy",
    "recycling",
)


def test_the_common_tables_are_described_column_by_column() -> None:
    assert list(FACT_COLUMNS) == list(FACT_SCHEMA)
    assert list(TRADE_COLUMNS) == list(TRADE_SCHEMA)


@pytest.fixture(scope="module")
def written(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A release of all tables of these readers, and the rows each table had."""
    tables: dict[str, pl.DataFrame] = {}
    cards: dict[str, TableCard] = {}
    for name in READERS:
        reader = importlib.import_module(f"lodestone.atlas.readers.{name}")
        found = reader.read(raw).tables
        tables |= {table: frame for table, frame in found.items() if table != "facts"}
        cards |= reader.CARDS
        if "facts" in found:
            cards["facts"] = TableCard("facts", FACT_COLUMNS, ("recycling",))
            tables["facts"] = found["facts"]
    folder = tmp_path_factory.mktemp("release") / "2026.1"
    write_release(folder, tables, cards)
    return folder, {table: frame.height for table, frame in tables.items()}


@pytest.mark.raw
def test_every_table_has_its_card_and_comes_back_row_by_row(
    written: tuple[Path, dict[str, int]],
) -> None:
    folder, rows = written
    release = load_release(folder)
    assert set(release.tables) == set(rows)
    for name, height in rows.items():
        counted = release.query(f"SELECT count(*) AS n FROM {name}")["n"]
        assert counted.tolist() == [height]


@pytest.mark.raw
def test_it_verifies_and_stays_small(written: tuple[Path, dict[str, int]]) -> None:
    folder, _ = written
    assert all(good for _, good in verify_release(folder))
    assert load_release(folder).package.bytes < 1_500_000
