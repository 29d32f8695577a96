"""Building a release: the parts by hand, and the whole from raw files for one year."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.recipe import recipe
from lodestone.atlas.source import source
from lodestone.desk import building
from lodestone.desk.chain_tables import LEDGER_SCHEMA
from lodestone.terms.errors import DataError


def _ledger(*rows: tuple[str, int, str, str, str, str | None]) -> pl.DataFrame:
    names = ("material", "year", "stage", "entry", "place", "other")
    figures = {"before": 1.0, "after": 2.0, "adjustment": 3.0, "world_share": 0.1}
    return pl.DataFrame(
        [dict(zip(names, r, strict=True)) | figures for r in rows], schema=LEDGER_SCHEMA
    )


LISTED = (
    ("gypsum", 2018, "mine", "use", "USA", None),
    ("silica_sand", 2024, "mine", "output", "NLD", None),
    ("mercury", 2020, "refine", "seen", "ARE", "GHA"),
    ("vanadium", 2022, "refine", "use", "USA", None),
)


def test_reasons_stand_beside_the_adjustments_they_cover_and_no_others() -> None:
    others = (
        ("gypsum", 2018, "mine", "use", "CAN", None),
        ("gypsum", 2017, "mine", "use", "USA", None),
        ("gypsum", 2018, "mine", "output", "USA", None),
    )
    ledger, unmatched = building._accepted(_ledger(*LISTED, *others))
    assert not unmatched
    assert ledger["accepted"].is_null().to_list() == [False] * 4 + [True] * 3
    assert "synthetic gypsum" in ledger["accepted"][0]


def test_every_reason_without_an_adjustment_is_named() -> None:
    _, unmatched = building._accepted(_ledger(LISTED[0], LISTED[2]))
    with pytest.raises(DataError) as caught:
        unmatched.raise_if_any()
    said = str(caught.value)
    assert "2 problems" in said
    assert "silica_sand mine output NLD" in said
    assert "vanadium refine use USA" in said
    assert "remove it" in said


def test_the_verb_is_not_hidden_by_a_module_of_its_name() -> None:
    """After a build has run, `data_build` must still be the verb, for a second build."""
    import lodestone as ls
    import lodestone.desk.building
    from lodestone import desk

    assert callable(ls.data_build)
    assert callable(desk.data_build)


def test_years_and_readers_of_files_that_must_not_ship_are_apart() -> None:
    assert not set(building.READERS) & set(building.LOCAL_READERS)
    assert not source("bgs").may_ship


@pytest.mark.raw
def test_tables_from_raw_files_hold_nothing_that_may_not_ship(
    raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two chains of one year are enough to see every table."""
    chosen = [recipe("gypsum"), recipe("gallium")]
    monkeypatch.setattr(building, "_recipes", lambda *_: chosen)
    build = building.build_tables(raw, years=[2024], workers=1)
    assert set(build.tables) == set(build.cards)
    for name, frame in build.tables.items():
        assert frame.height > 0, name
        assert set(frame.columns) == set(build.cards[name].columns), name
        if "source" in frame.columns:
            used = frame["source"].drop_nulls().unique().to_list()
            assert all(source(s).may_ship for s in used), name
    for card in build.cards.values():
        assert all(source(s).may_ship for s in card.sources)
    stages = build.tables["chain_stages"]
    assert stages.select("material", "year").rows() == [("gypsum", 2024), ("gallium", 2024)]
    assert stages["residual"].max() <= 1e-11
    assert any("mercury" in n for n in build.notes), "a partial build notes, and goes on"
    used = set(";".join(build.tables["chain_cells"]["facts"].drop_nulls()).split(";")) - {""}
    known = set(build.tables["facts"]["fact"])
    assert all(f in known for f in used if not f.startswith("judged_shares.csv:"))


@pytest.mark.raw
def test_a_renamed_column_is_refused_with_file_and_column(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash check would stop an edited file first; a *new* edition has a new hash."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for item in raw.iterdir():
        (folder / item.name).symlink_to(item)
    (folder / "usgs").unlink()
    shutil.copytree(raw / "usgs", folder / "usgs")
    file = folder / "usgs" / "mcs2026" / "MCS2026_Commodities_Data.csv"
    header, _, body = file.read_bytes().partition(b"\n")
    first = header.split(b",")[0]
    file.chmod(0o644)
    file.write_bytes(header.replace(first, first + b"_renamed", 1) + b"\n" + body)
    with pytest.raises(DataError, match="MCS2026_Commodities_Data"):
        building.build_tables(folder, years=[2024], workers=1)
    monkeypatch.setattr("lodestone.atlas.snapshot.take", lambda _: ())
    with pytest.raises(DataError, match="MCS2026_Commodities_Data") as caught:
        building.build_tables(folder, years=[2024], workers=1)
    assert first.decode().strip('"\ufeff') in str(caught.value)
