"""What a person sees: nothing breaks, nothing is hidden without a word, no number is falsified."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lodestone import desk
from lodestone.cli.beneath import Footnotes, id_pattern
from lodestone.cli.layouts import CHAIN
from lodestone.cli.layouts_reads import COMPARE, EXPOSURE, PROFILE
from lodestone.cli.numerals import Scale
from lodestone.cli.screen import as_table
from lodestone.cli.table import Column, fit

WIDTHS = (80, 100, 120)

VERBS: dict[str, Callable[[], Any]] = {
    "chain cobalt": lambda: desk.chain("cobalt", 2024),
    "explain dependence": lambda: desk.explain(
        "dependence:gallium:2024:EU27:look_through:refine:CHN"
    ),
    "explain cell": lambda: desk.explain("cell:cobalt:2023:mine:COD:output"),
    "explain link": lambda: desk.explain("link:cobalt:2024:mine:COD>CHN"),
    "assess gallium": lambda: desk.assess(["gallium"], "EU27", 2024),
    "assess three": lambda: desk.assess(["cobalt", "lithium", "gallium"], "JPN", 2024),
    "assess all by two": lambda: desk.assess([], "EU27", 2024, ["hhi", "net_import_reliance"]),
    "assess all by one": lambda: desk.assess([], "EU27", 2024, ["hhi"]),
    "exposure origins": lambda: desk.exposure("gallium", place="EU27", year=2024),
    "exposure buyers": lambda: desk.exposure("gallium", on="CHN", year=2024),
    "exposure materials": lambda: desk.exposure(place="JPN", year=2024),
    "profile": lambda: desk.profile("gallium", "JPN", 2024, as_of=date(2026, 1, 31)),
    "compare": lambda: desk.compare(
        "ban=CHN:gallium", "quota=CHN:gallium:0.5", months=2, places=["JPN", "ALL"], draws=2
    ),
    "data sources": desk.data_sources,
    "data unseen": desk.data_unseen,
    "data verify": desk.data_verify,
}


@cache
def envelope_of(verb: str) -> dict[str, Any]:
    envelope: dict[str, Any] = VERBS[verb]().envelope()
    return envelope


def envelope(rows: Sequence[dict[str, Any]], verb: str = "new", **more: Any) -> dict[str, Any]:
    return {"query": {"verb": verb}, "results": list(rows), **more}


# --- every verb, at every width -------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("verb", VERBS)
def test_no_line_is_wider_than_the_screen_but_ids_and_paths(verb: str, width: int) -> None:
    for line in as_table(envelope_of(verb), width).splitlines():
        copied_whole = len(line.split()) == 1 or line.startswith("ids, for lodestone explain:")
        assert cell_len(line) <= width or copied_whole, line
        assert line == line.rstrip()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.startswith("explain")])
def test_ids_stand_whole_on_their_lines(verb: str) -> None:
    lines = {line.strip() for line in as_table(envelope_of(verb), 80).splitlines()}
    assert {row["id"] for row in envelope_of(verb)["results"] if row.get("id")} <= lines


def test_chain_shows_or_counts_every_row() -> None:
    found = envelope_of("chain cobalt")
    text = as_table(found, 120)
    more = sum(int(n.replace(",", "")) for n in re.findall(r"^and ([\d,]+) more: ", text, re.M))
    tables = re.findall(r"^─+\n((?:.+\n)+?)(?=and |left out|\n|ids|\Z)", text, re.M)
    shown = [line for table in tables[1:] for line in table.splitlines()]
    stages = [row for row in found["results"] if row["table"] == "stage"]
    assert len(shown) + more + len(stages) == len(found["results"])


def test_chain_shows_the_largest_first() -> None:
    flows = [r for r in envelope_of("chain cobalt")["results"] if r["table"] == "flow"]
    largest = max((r for r in flows if r["stage"] == "mine"), key=lambda r: r["value"])
    text = as_table(envelope_of("chain cobalt"), 120)
    table = text.partition("Flows, stage mine")[2].partition("─\n")[2]
    assert table.splitlines()[0].split()[0] == largest["origin"]
    assert "COD DR Congo" in text


def test_every_kind_of_chain_row_has_a_layout_whose_columns_exist() -> None:
    rows = envelope_of("chain cobalt")["results"]
    assert {row["table"] for row in rows} == set(CHAIN)
    for kind, layout in CHAIN.items():
        have = {column for row in rows if row["table"] == kind for column in row}
        assert set(layout.columns) <= have, kind


@pytest.mark.parametrize(
    ("verb", "layouts"), [("profile", PROFILE), ("compare", COMPARE), ("exposure", EXPOSURE)]
)
def test_every_kind_of_row_has_a_layout_whose_columns_exist(verb: str, layouts: Any) -> None:
    rows = [r for name in VERBS if name.startswith(verb) for r in envelope_of(name)["results"]]
    assert {row["table"] for row in rows} == set(layouts)
    for kind, layout in layouts.items():
        have = {column for row in rows if row["table"] == kind for column in row}
        assert set(layout.columns) <= have, kind


def test_explain_says_publisher_file_row_and_licence_of_every_fact() -> None:
    found = envelope_of("explain dependence")
    text = " ".join(as_table(found, 100).split())
    facts = [row for row in found["results"] if row["level"] == "fact"]
    assert facts
    for row in facts:
        for said in (row["file"], f"row {row['row']}", row["licence"], row["raw_value"]):
            assert said in text
        assert f"[{row['source']}]" in text


def test_explain_stands_facts_under_their_part() -> None:
    lines = as_table(envelope_of("explain cell"), 100).splitlines()
    part, fact = (next(line for line in lines if kind in line) for kind in ("cell:", "fact:"))
    assert part.index("cell:") < fact.index("fact:")


def test_assess_shows_every_material_of_every_stage() -> None:
    found = envelope_of("assess all by two")
    text = as_table(found, 100)
    for title, stage in (("Mined", "mine"), ("Refined", "refine")):
        table = text.partition(f"\n{title}\n")[2].partition("─\n")[2].partition("\n\n")[0]
        shown = [line.split()[0] for line in table.splitlines()]
        assert shown == sorted({r["material"] for r in found["results"] if r["stage"] == stage})


def test_assess_shows_every_method_with_its_id_pattern() -> None:
    found = envelope_of("assess gallium")
    text = as_table(found, 100)
    for row in found["results"]:
        assert re.search(rf"^{row['method']} ", text, re.M)
    assert "score:METHOD:gallium:STAGE:2024:PLACE" in text


def test_brief_shows_ten_dependences_their_ids_and_the_files(tmp_path: Path) -> None:
    found = desk.brief("EU27", "CHN", 2024, tmp_path).envelope()
    text = as_table(found, 100)
    assert text.startswith("The 10 worst dependences of EU27 on CHN, 2024\n")
    lines = text.splitlines()
    assert len(found["results"]) == 10
    for row in found["results"]:
        assert any(line.startswith(f"{row['material']} ") for line in lines)
        assert f"  {row['id']}" in lines
    for label, name in (("Brief", "brief.pdf"), ("Page", "brief.html"), ("Data", "brief.json")):
        assert f"{label}: {tmp_path / name}" in lines


def test_sources_are_listed_with_year_licence_and_whether_they_ship() -> None:
    text = as_table(envelope_of("data sources"), 100)
    for row in envelope_of("data sources")["results"]:
        line = next(x for x in text.splitlines() if x.startswith(f"{row['source']} "))
        assert str(row["year"]) in line
        assert line.endswith(row["ships"])
    assert "left out (--format csv shows all): publisher, citation, page" in text


# --- rows of verbs that are not written yet --------------------------------------------------


def test_columns_that_do_not_fit_are_named() -> None:
    columns = {f"column_number_{n}": f"entry {n} of a row" for n in range(12)}
    text = as_table(envelope([columns, {c: f"{e}." for c, e in columns.items()}]), 80)
    words = " ".join(text.split())
    for n in range(12):
        assert (
            f"entry {n} of a row." in text or f"column number {n}" in words.partition("left out")[2]
        )


def test_headings_break_between_words_only() -> None:
    rows = [{"a_rather_long_heading_of_many_words": n, "extraordinarily": n / 7} for n in range(3)]
    text = as_table(envelope(rows), 40)
    for word in ("a", "rather", "long", "heading", "many", "words", "extraordinarily"):
        assert re.search(rf"\b{word}\b", text)


def test_a_column_of_labels_has_no_thousands() -> None:
    text = as_table(envelope([{"year": 2023, "value": 1234.0}, {"year": 2024, "value": 1.0}]))
    assert "2023" in text
    assert "1,234" in text


def test_rows_of_different_shape_are_shown_kind_by_kind() -> None:
    rows = [
        {"table": "price", "material": "tin", "month": 1, "value": 1.0, "unit": "USD/t"},
        {"table": "loss", "material": "tin", "sector": "solder", "share": 0.5},
    ]
    text = as_table(envelope(rows, units={"share": "share"}))
    assert re.search(r"^price$", text, re.M)
    assert re.search(r"^loss$", text, re.M)
    assert "50 %" in text
    assert text.count("tin") == 1


def test_a_list_of_tables_is_one_table() -> None:
    rows = [{"table": name, "rows": 5, "bytes": 7} for name in ("facts", "trade")]
    text = as_table(envelope(rows, units={"bytes": "byte"}))
    assert "rows: 5; bytes: 7 byte" in text


def test_different_units_in_one_column_are_said_in_each_row() -> None:
    rows = [
        {"method": "a", "value": 0.25, "unit": "share"},
        {"method": "b", "value": 12.0, "unit": "years"},
    ]
    a, b = as_table(envelope(rows)).splitlines()[2:4]
    assert a.split() == ["a", "25", "%"]
    assert b.split() == ["b", "12", "years"]


def test_files_written_stand_alone_before_the_notes(tmp_path: Path) -> None:
    path = tmp_path / "a folder with blanks" / "brief.pdf"
    path.parent.mkdir()
    path.touch()
    text = as_table(envelope([{"value": 1.0}], notes=["first", f"Brief: {path}"]), 40)
    assert text.index(f"\nBrief: {path}\n") < text.index("note: first")


def test_the_same_source_is_said_once() -> None:
    text = as_table(envelope([{"value": 1.0}], sources=["BACI", "BACI"]))
    assert text.count("source: BACI") == 1


def test_bold_says_nothing_that_plain_text_does_not() -> None:
    found = envelope_of("chain cobalt")
    styled = as_table(found, 100, styled=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", styled).split() == as_table(found, 100).split()


# --- numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "unit", "shown"),
    [
        ([1234567.8], "t", ["1,235,000"]),
        ([0.00012345], "t", ["0.0001234"]),
        ([189587.7, 38.2, 0.04, -3e-6, 0.0], "t", ["189,600", "38", "< 1", "> -1", "0"]),
        ([0.0004], "share", ["0.04 %"]),
        ([0.9998, 1.0, 0.0002], "share", ["> 99.9 %", "100 %", "< 0.1 %"]),
        ([7.5e-15], None, ["< 1e-9"]),
        ([2550, 12], None, ["2,550", "12"]),
        ([None, 1.0], None, ["unknown", "1"]),
        ([-4.5, 3.25], None, ["-4.50", "3.25"]),
        ([1000.0, 0.5], None, ["1,000", "< 1"]),
    ],
)
def test_numbers_of_a_column(values: list[Any], unit: str | None, shown: list[str]) -> None:
    scale = Scale.of(values, unit)
    assert [scale.text(value) for value in values] == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.25, 0.75, "25–75 %"),
        (None, 0.5, "≤ 50 %"),
        (0.5, None, "≥ 50 %"),
        (None, None, ""),
        (-0.25, 0.5, "-25 to 50 %"),
    ],
)
def test_bands(low: float | None, high: float | None, shown: str) -> None:
    assert Scale.of([low, high], "share").band(low, high) == shown


NUMBERS = st.floats(-1e12, 1e12, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-30)


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.sampled_from(["t", "share", None]))
def test_what_is_written_is_what_it_was(values: list[float], unit: str | None) -> None:
    """The text read back is the number to four digits, or a bound that holds; 0 is only 0."""
    scale = Scale.of(values, unit)
    for value in values:
        text = scale.text(value).removesuffix(" %").replace(",", "")
        number = value * (100 if unit == "share" else 1)
        if text[0] in "<>":
            bound = float(text[1:])
            assert number < bound if text[0] == "<" else number > bound
        else:
            assert (float(text) == 0) == (number == 0)
            assert abs(float(text) - number) <= max(
                0.51 * 10.0**-scale.decimals, 0.00051 * abs(number)
            )


# --- fitting ---------------------------------------------------------------------------------

WORDS = st.text("abcdefgh ", min_size=1, max_size=30).map(lambda text: text.strip() or "a")


@st.composite
def tables(draw: st.DrawFn) -> list[Column]:
    rows = draw(st.integers(1, 4))
    return [
        Column(
            f"c{n}",
            draw(WORDS),
            tuple(draw(WORDS) for _ in range(rows)),
            wraps=draw(st.booleans()),
            rank=draw(st.integers(0, 5)),
        )
        for n in range(draw(st.integers(1, 8)))
    ]


@given(tables(), st.integers(30, 120))
def test_a_fitted_table_breaks_no_word_and_drops_the_least_important(
    columns: list[Column], width: int
) -> None:
    kept, widths = fit(columns, width)
    assert kept[0] == columns[0]
    assert [c for c in columns if c in kept] == list(kept)
    assert all(w >= c.narrowest for c, w in zip(kept, widths, strict=True))
    if len(kept) > 1:
        assert sum(widths) + 2 * (len(kept) - 1) <= width
    dropped = [c.rank for c in columns[1:] if c not in kept]
    if dropped and len(kept) > 1:
        assert max(c.rank for c in kept[1:]) <= min(dropped)


def test_a_note_longer_than_any_file_name_is_a_sentence() -> None:
    note = "source: " + "a heading was read as another, for a reason that takes a while " * 9
    envelope = {"query": {}, "results": [], "units": {}, "sources": [], "notes": [note]}
    assert "note: source: a heading was read" in " ".join(as_table(envelope).split())


# --- beneath a table -------------------------------------------------------------------------


def test_remarks_that_follow_each_other_are_a_run() -> None:
    notes = Footnotes([{"note": "a; b; c"}, {"note": "a; c; d"}, {}])
    assert notes.marks == ("1-3", "1, 3-4", "")
    assert notes.common == ()


@pytest.mark.parametrize(
    ("rows", "pattern"),
    [
        (
            [{"id": "cell:tin:COD", "place": "COD"}, {"id": "cell:tin:CHN", "place": "CHN"}],
            "cell:tin:PLACE",
        ),
        ([{"id": "cell:tin:COD"}, {"id": "cell:tin:CHN"}], None),
        ([{"id": "cell:tin"}, {"id": "cell:tin:CHN"}], None),
        ([{"id": "link:A>B", "year": 1}], "link:A>B"),
    ],
)
def test_ids_as_a_pattern(rows: list[dict[str, Any]], pattern: str | None) -> None:
    assert id_pattern(rows) == pattern
