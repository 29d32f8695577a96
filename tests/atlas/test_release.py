"""The data release: what is written comes back exactly, and nothing altered is believed."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lodestone.atlas.cards import Column, TableCard
from lodestone.atlas.release import load_release, verify_release, write_release
from lodestone.terms.errors import DataError, RequestError

OUTPUT = pl.DataFrame(
    {
        "place": ["COD", "IDN", None],
        "year": pl.Series([2023, None, 2023], dtype=pl.Int32),
        "value": [175_000.0, None, 0.0],
        "estimated": [True, None, False],
        "hosts": [["copper", "nickel"], None, []],
        "day": [date(2025, 2, 22), None, date(2025, 10, 15)],
        "source": ["wgi", "wgi", "wgi"],
    }
)
OUTPUT_CARD = TableCard(
    "Output",
    {name: Column(name, "t" if name == "value" else "") for name in OUTPUT.columns},
    ("wgi",),
)
USE = pl.DataFrame({"place": ["COD"], "tonnes": [1.5]})
USE_CARD = TableCard("Use", {"place": Column("place"), "tonnes": Column("use", "t")}, ("wdi_gdp",))
TABLES = {"output": OUTPUT, "use": USE}
CARDS = {"output": OUTPUT_CARD, "use": USE_CARD}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_release(tmp_path / "release", TABLES, CARDS)
    return tmp_path / "release"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("written") / "release"
    write_release(place, TABLES, CARDS)
    return place


def test_same_tables_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    write_release(again, dict(reversed(TABLES.items())), CARDS)
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["datapackage.json", "output.parquet", "use.parquet"]
    for name in files:
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_what_was_written_comes_back_exactly(folder: Path) -> None:
    assert pl.read_parquet(folder / "output.parquet").equals(OUTPUT)
    columns = load_release(folder).table("output").columns()
    assert list(columns) == OUTPUT.columns
    assert columns["place"].tolist() == ["COD", "IDN", None]
    assert columns["hosts"].tolist() == [["copper", "nickel"], None, []]


def test_missing_is_not_zero_in_any_type(folder: Path) -> None:
    columns = load_release(folder).table("output").columns()
    np.testing.assert_array_equal(columns["value"], [175_000.0, np.nan, 0.0])
    assert np.ma.getmaskarray(columns["year"]).tolist() == [False, True, False]
    assert np.ma.getmaskarray(columns["estimated"]).tolist() == [False, True, False]
    assert np.isnat(columns["day"]).tolist() == [False, True, False]
    full = load_release(folder).table("use").columns("tonnes")["tonnes"]
    assert not isinstance(full, np.ma.MaskedArray)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
            st.none() | st.text(max_size=6),
            st.none() | st.integers(-(2**31), 2**31 - 1),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_table_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float | None, str | None, int | None]],
) -> None:
    schema = {"x": pl.Float64, "word": pl.String, "n": pl.Int32}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    card = TableCard("any", {name: Column(name) for name in schema}, ("wgi",))
    place = tmp_path_factory.mktemp("any")
    write_release(place, {"any_rows": frame}, {"any_rows": card})
    columns = load_release(place).table("any_rows").columns()
    assert [None if np.isnan(x) else x for x in columns["x"]] == [row[0] for row in rows]
    assert columns["word"].tolist() == [row[1] for row in rows]
    missing = np.ma.getmaskarray(columns["n"])
    assert [None if m else int(n) for n, m in zip(columns["n"], missing, strict=True)] == [
        row[2] for row in rows
    ]


def test_reading_a_part_by_condition_and_order(folder: Path) -> None:
    table = load_release(folder).table("output")
    found = table.columns("place", where="year = ? AND value IS NOT NULL", parameters=[2023])
    assert found["place"].tolist() == ["COD", None]
    assert table.columns("value", order="value DESC NULLS LAST")["value"][0] == 175_000.0
    assert len(table) == 3
    assert table.resource.sources == ("wgi",)


def test_a_query_across_tables(folder: Path) -> None:
    sql = "SELECT place, value / tonnes AS times FROM output JOIN use USING (place)"
    found = load_release(folder).query(sql)
    assert found["place"].tolist() == ["COD"]
    np.testing.assert_allclose(found["times"], [175_000.0 / 1.5])


def test_an_opened_release_can_be_sent_to_a_worker(folder: Path) -> None:
    release = load_release(folder)
    release.table("use").columns()
    sent = pickle.loads(pickle.dumps(release))
    assert sent.content_hash == release.content_hash
    assert sent.table("use").columns()["tonnes"].tolist() == [1.5]


def test_table_names_have_no_case_in_sql(folder: Path) -> None:
    assert load_release(folder).query("SELECT count(*) AS n FROM Output")["n"].tolist() == [3]


def test_many_readers_at_once_get_the_same_answer(folder: Path) -> None:
    release = load_release(folder)
    tables = ["output", "use"] * 20

    def total(name: str) -> int:
        return int(release.query(f"SELECT count(*) AS n FROM {name}")["n"][0])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(total, tables)) == [3, 1] * 20


def test_a_query_reads_nothing_but_the_release(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    release = load_release(folder)
    with pytest.raises(RequestError, match="query failed"):
        release.query(f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")


@pytest.mark.parametrize("asked", ["outputs", "nothing like it"])
def test_an_unknown_table_is_met_with_near_ones(folder: Path, asked: str) -> None:
    with pytest.raises(RequestError, match="output"):
        load_release(folder).table(asked)


def test_an_unknown_column_is_met_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(RequestError, match="no column 'country': place, tonnes"):
        load_release(folder).table("use").columns("country")


def test_the_description_tells_types_units_sources_and_licences(folder: Path) -> None:
    document = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert document["version"] == "2026.1"
    output = {entry["name"]: entry for entry in document["resources"]}["output"]
    fields = {entry["name"]: entry for entry in output["schema"]["fields"]}
    assert {name: entry["type"] for name, entry in fields.items()} == {
        "place": "string",
        "year": "integer",
        "value": "number",
        "estimated": "boolean",
        "hosts": "array",
        "day": "date",
        "source": "string",
    }
    assert fields["value"]["unit"] == "t"
    assert output["rows"] == 3
    assert output["bytes"] == (folder / "output.parquet").stat().st_size
    assert output["sources"][0]["name"] == "wgi"
    assert output["licenses"][0]["title"] == "CC BY 4.0"


# --- damage ----------------------------------------------------------------------------------


def test_a_whole_release_is_told_file_by_file(folder: Path) -> None:
    files = ["datapackage.json", "output.parquet", "use.parquet"]
    assert verify_release(folder) == [(file, True) for file in files]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["datapackage.json", "output.parquet", "use.parquet"]),
    place=st.floats(0.0, 1.0, exclude_max=True),
    bit=st.integers(0, 7),
)
def test_any_single_bit_flipped_is_caught(
    written: Path, tmp_path: Path, name: str, place: float, bit: int
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(written, copy, dirs_exist_ok=True)
    content = bytearray((copy / name).read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    (copy / name).write_bytes(bytes(content))
    with pytest.raises(DataError) as caught:
        verify_release(copy)
    assert name in str(caught.value)


def test_a_flipped_byte_is_told_with_both_hashes(folder: Path) -> None:
    stated = load_release(folder).package.resources["use"].sha256
    path = folder / "use.parquet"
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(DataError) as caught:
        verify_release(folder)
    assert stated in str(caught.value)
    assert hashlib.sha256(path.read_bytes()).hexdigest() in str(caught.value)


def test_a_damaged_file_is_refused_when_it_is_first_read(folder: Path) -> None:
    release = load_release(folder)
    path = folder / "output.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    assert release.table("use").columns()["tonnes"].tolist() == [1.5]
    with pytest.raises(DataError, match=r"output\.parquet.*sha256"):
        release.table("output").columns()
    with pytest.raises(DataError, match=r"output\.parquet"):
        release.query("SELECT count(*) FROM output")


def test_missing_and_extra_files_are_both_told(folder: Path) -> None:
    (folder / "use.parquet").rename(folder / "used.parquet")
    with pytest.raises(DataError) as caught:
        verify_release(folder)
    assert "use.parquet: missing" in str(caught.value)
    assert "used.parquet: not part of the release" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"rows": 1', '"rows": 2'),
        ('"version": "2026.1"', '"version": "2026.2"'),
        ('"unit": "t"', '"unit": "kg"'),
        ("CC BY 4.0", "CC0 1.0"),
        (' "version"', '  "version"'),
    ],
)
def test_an_edited_description_is_refused(folder: Path, old: str, new: str) -> None:
    path = folder / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"datapackage\.json"):
        load_release(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"descriptorHash": 1}', "not json", "null"])
def test_a_description_that_is_none_is_refused(folder: Path, text: str) -> None:
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"datapackage\.json"):
        load_release(folder)


def test_a_folder_without_a_release_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="build one"):
        load_release(tmp_path)


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize("kept_out", ["bgs", "comtrade", "customs_monthly"])
def test_a_source_that_may_not_ship_is_refused(tmp_path: Path, kept_out: str) -> None:
    cards = {**CARDS, "use": replace(USE_CARD, sources=(kept_out,))}
    with pytest.raises(DataError, match=f"{kept_out}.*may not ship"):
        write_release(tmp_path / "release", TABLES, cards)
    assert not (tmp_path / "release").exists()


def test_rows_of_a_source_that_may_not_ship_are_refused(tmp_path: Path) -> None:
    smuggled = OUTPUT.with_columns(source=pl.Series(["wgi", "bgs", "wgi"]))
    with pytest.raises(DataError) as caught:
        write_release(tmp_path / "release", {"output": smuggled}, {"output": OUTPUT_CARD})
    assert "rows of source 'bgs'" in str(caught.value)
    assert "may not ship" in str(caught.value)


def test_every_fault_of_the_tables_is_told_at_once(tmp_path: Path) -> None:
    tables = {
        "output": OUTPUT.with_columns(value=pl.lit(float("nan")), extra=pl.lit(1)),
        "use": USE.drop("tonnes"),
        "nameless": USE,
        "Bad Name": USE,
    }
    cards = {**CARDS, "Bad Name": replace(USE_CARD, sources=("nobody",))}
    with pytest.raises(DataError) as caught:
        write_release(tmp_path / "release", tables, cards)
    told = str(caught.value)
    for fault in (
        "'value' holds NaN or infinity",
        "column 'extra' has no description",
        "the card describes 'tonnes', which the table lacks",
        "nameless: no card",
        "table name 'Bad Name'",
        "unknown source 'nobody'",
    ):
        assert fault in told


def test_an_older_release_in_the_folder_is_replaced(folder: Path) -> None:
    write_release(folder, {"use": USE}, {"use": USE_CARD})
    assert verify_release(folder) == [("datapackage.json", True), ("use.parquet", True)]


def test_equal_data_has_an_equal_content_hash_whatever_the_version(
    folder: Path, tmp_path: Path
) -> None:
    other = write_release(tmp_path / "other", TABLES, CARDS, version="2026.2")
    assert other.content_hash == load_release(folder).content_hash
    changed = {**TABLES, "use": USE.with_columns(tonnes=pl.lit(1.6))}
    third = write_release(tmp_path / "third", changed, CARDS)
    assert third.content_hash != other.content_hash
