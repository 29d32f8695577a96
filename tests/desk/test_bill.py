"""Bills of materials: what is read, and that a bad file says everything that is wrong, where."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.desk.bill import MOST_ROWS, read_bill
from lodestone.terms.errors import RequestError

BAD = Path(__file__).parent / "bad_bills"
ROOT = Path(__file__).resolve().parents[2]

#: File -> what its error must say; with a row where a row is wrong.
SAID = {
    "empty.csv": ["the file is empty"],
    "blank_cells.csv": ["the file is empty"],
    "header_only.csv": ["no material in it"],
    "semicolons.csv": ["separated by semicolons", "decimal points"],
    "tabs.csv": ["separated by tabs"],
    "utf16.csv": ["UTF-16"],
    "not_utf8.csv": ["row 3 is not UTF-8"],
    "workbook.csv": ["a workbook"],
    "open_quote.csv": ["not comma-separated text"],
    "numbers.csv": [
        "row 2, column material: unknown material 'galium': did you mean Gallium",
        "row 3, column quantity: 'nan' is no number",
        "row 4, column quantity: -5 is not above zero",
        "row 5, column quantity: 1e+30 t is more than anybody buys",
        "row 6, column quantity: 'inf' is no number",
        "row 7, column quantity: '1,5' is no number",
        "row 8: quantity and value_usd are both empty",
    ],
    "words.csv": [
        "row 2, column unit: unknown unit 'stone'",
        "row 3, column basis: unknown basis 'Xx'",
        "row 4, column basis: no way from basis 'Li2CO3' to 'Ni'",
        "row 5, column suppliers: unknown place 'Atlantis'",
        "row 6, column suppliers: share of 'CHN 60'",
        "row 7, column suppliers: some suppliers have a share and some not",
        "row 8, column suppliers: CHN stands twice",
        "row 9, column suppliers: the shares sum to 130 %",
        "row 10, column suppliers: 'WLD' is no country of today",
        "row 11, column stage: unknown stage 'smelted' of manganese",
    ],
    "twice.csv": ["row 3, column material: 'Co' is cobalt, which stands in row 2 already"],
    "formulas.csv": ["row 2, column material", "row 3, column quantity", "row 4, column quantity"],
    "columns.csv": ["column 'quantity' stands twice", "unknown column 'amount'"],
    "no_material.csv": ["no column material", "neither quantity nor value_usd"],
    "ragged.csv": ["row 2: 3 cells", "row 3: 1 cells"],
    "two_places.csv": ["several places: DEU, FRA", "several years: 2023, 2024"],
}


def test_every_bad_file_is_expected_here() -> None:
    assert {path.name for path in BAD.iterdir()} == set(SAID)


@pytest.mark.parametrize("name", SAID)
def test_a_bad_bill_says_all_that_is_wrong_at_once(name: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_bill((BAD / name).read_bytes(), name)
    text = str(refused.value)
    assert name in text
    for words in SAID[name]:
        assert words in text
    if refused.value.problems:
        assert all(problem.mend for problem in refused.value.problems)


def test_a_bill_of_a_million_rows_is_refused_before_it_is_read() -> None:
    with pytest.raises(RequestError, match="bytes; a bill of materials"):
        read_bill(b"material,quantity\n" + b"cobalt,1\n" * 1_000_000)
    with pytest.raises(RequestError, match=f"more than {MOST_ROWS} rows"):
        read_bill(b"material,quantity\n" + b"cobalt,1\n" * (MOST_ROWS + 1))


def test_what_is_said_of_a_line_is_what_is_read() -> None:
    text = (
        "\ufeffMaterial,Quantity,Unit,Basis,Value_USD,Suppliers,Stage,Stock\n"
        'Co,120,kg,Co(OH)2,,"China 60 %; FIN: 30.5 %",refine,10\n'
        "lithium,,,,5e5,CHL; ARG,,\n"
    )
    cobalt, lithium = read_bill(text.encode()).lines
    # Co(OH)2: 58.933 of 92.95 is cobalt
    assert cobalt.tonnes == pytest.approx(0.120 * 58.933194 / (58.933194 + 2 * 17.007), rel=1e-4)
    assert cobalt.stock == pytest.approx(cobalt.tonnes / 12.0)
    assert [(s.place, s.share) for s in cobalt.suppliers] == [("CHN", 0.6), ("FIN", 0.305)]
    assert cobalt.stated == pytest.approx(0.905)
    assert (lithium.tonnes, lithium.value_usd, lithium.stated) == (None, 5e5, None)
    assert lithium.stage == ""  # the last stage of the chain is meant


def test_the_digest_does_not_depend_on_order() -> None:
    rows = ["cobalt,5,CHN 50 %", "nickel,7,IDN 90 %"]
    head = "material,quantity,suppliers"
    one = read_bill("\n".join([head, *rows]).encode())
    other = read_bill("\n".join([head, *rows[::-1]]).encode())
    assert one.digest == other.digest
    changed = read_bill("\n".join([head, rows[0], "nickel,7.1,IDN 90 %"]).encode())
    assert changed.digest != one.digest


def test_the_example_is_read_and_says_that_it_is_invented() -> None:
    content = (ROOT / "examples" / "bill_of_materials.csv").read_bytes()
    found = read_bill(content, "bill_of_materials.csv")
    assert (found.place, found.year) == ("DEU", 2024)
    notes = [row["note"] for row in csv.DictReader(io.StringIO(content.decode()))]
    assert len(found.lines) == len(notes) >= 8
    assert all("invented" in note for note in notes)


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    try:
        read_bill(content)
    except RequestError:
        return


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=6), min_size=1, max_size=6))
def test_no_table_does_more_than_be_refused(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["material", "quantity", "suppliers"], *rows])
    try:
        read_bill(out.getvalue().encode("utf-8", "surrogatepass"))
    except RequestError:
        return
