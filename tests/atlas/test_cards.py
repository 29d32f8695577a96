"""Cards: every table that ships says what its columns are, and names sources that may ship."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from lodestone.atlas.cards import TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.source import source_of, sources

SHIPPED = (
    "usgs",
    "wmd",
    "iea",
    "ec",
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
# Read for chains and cross-checks: tables that need no card, but whose sources must be known.
UNCARDED = ("bgs", "wiod", "baci", "customs", "customs_checks")


@cache
def _reading(name: str, raw: Path) -> Reading:
    reading: Reading = import_module(f"lodestone.atlas.readers.{name}").read(raw)
    return reading


@pytest.fixture(scope="module", autouse=True)
def _tables_are_dropped_at_the_end() -> Iterator[None]:
    yield
    _reading.cache_clear()


def _cards(name: str) -> dict[str, TableCard]:
    cards: dict[str, TableCard] = import_module(f"lodestone.atlas.readers.{name}").CARDS
    return cards


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_names_sources_that_may_ship_and_leaves_no_line_empty(name: str) -> None:
    may_ship = {entry.id for entry in sources() if entry.may_ship}
    for table, card in _cards(name).items():
        assert card.description, table
        assert card.sources, table
        assert set(card.sources) <= may_ship, table
        assert all(column.description for column in card.columns.values()), table


@pytest.mark.raw
@pytest.mark.parametrize("name", SHIPPED)
def test_every_table_but_facts_has_a_card_of_its_columns(name: str, raw: Path) -> None:
    tables = {k: v for k, v in _reading(name, raw).tables.items() if k != "facts"}
    cards = _cards(name)
    assert set(cards) == set(tables)
    for table, frame in tables.items():
        assert list(cards[table].columns) == frame.columns, table
        if "source" in frame.columns:
            assert set(frame["source"]) == set(cards[table].sources), table


@pytest.mark.raw
def test_two_readers_never_give_one_name_to_their_tables(raw: Path) -> None:
    names = [k for name in SHIPPED for k in _reading(name, raw).tables if k != "facts"]
    assert len(names) == len(set(names))


@pytest.mark.raw
@pytest.mark.parametrize("name", [*SHIPPED, *UNCARDED])
def test_every_source_id_in_a_table_is_one_that_can_be_cited(name: str, raw: Path) -> None:
    known = {entry.id for entry in sources()}
    for table, frame in _reading(name, raw).tables.items():
        if "source" in frame.columns:
            assert set(frame["source"]) <= known, table


@pytest.mark.raw
@pytest.mark.parametrize("name", [*SHIPPED, "bgs"])
def test_a_row_names_the_source_that_its_file_belongs_to(name: str, raw: Path) -> None:
    for table, frame in _reading(name, raw).tables.items():
        if not {"source", "file"} <= set(frame.columns):
            continue
        for source, file in frame.select("source", "file").unique().iter_rows():
            assert source_of(file).id == source, f"{table}: {file}"


@pytest.mark.raw
@pytest.mark.parametrize("name", SHIPPED)
def test_a_fact_id_starts_with_its_source_and_file(name: str, raw: Path) -> None:
    """Tables without a source column still lead to it: by the id of each row."""
    for table, frame in _reading(name, raw).tables.items():
        if "fact" not in frame.columns:
            continue
        for fact in frame["fact"]:
            source, file, _ = fact.split(":", 2)
            assert source_of(file).id == source, f"{table}: {fact}"
            stated = _cards(name)[table].sources if table != "facts" else (source,)
            assert source in stated, f"{table}: {fact}"
