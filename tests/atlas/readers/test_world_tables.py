"""ICIO and FIGARO cut to one home economy: small files by hand, and files that must be refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lodestone.atlas.readers.world_tables import read_world_table
from lodestone.terms.errors import DataError

# Two sectors (agriculture and basic metals) in Germany, France and China, which is in two parts.
ICIO = """V1,DEU_A03,DEU_C24,FRA_A03,FRA_C24,CHN_A03,CHN_C24,CN1_A03,CN1_C24,DEU_HFCE,FRA_GFCF,CHN_HFCE,OUT
DEU_A03,10,5,2,0,0,0,1,0,20,2,0,40
DEU_C24,4,30,6,10,0,0,0,10,30,5,5,100
FRA_A03,1,0,5,4,0,0,0,0,0,20,0,30
FRA_C24,0,12,3,20,0,0,0,5,0,10,0,50
CHN_A03,0,0,0,0,0,0,0,0,0,0,0,0
CHN_C24,0,0,0,0,0,0,0,0,0,0,0,0
CN1_A03,2,0,0,0,0,0,9,5,4,0,30,50
CN1_C24,3,13,2,4,0,0,10,40,8,10,60,150
TLS,1,2,1,1,0,0,1,2,0,0,0,8
VA,19,38,11,11,0,0,29,88,,,,196
OUT,40,100,30,50,0,0,50,150,,,,420
"""
FIGARO = """rowLabels,DE_A01,DE_C24,EL_A01,EL_C24,FIGW1_A01,FIGW1_C24,DE_P3_S14,EL_P51G,FIGW1_P3_S14
DE_A01,10,5,2,0,1,0,20,2,0
DE_C24,4,30,6,10,0,10,30,5,5
EL_A01,1,0,5,4,0,0,0,20,0
EL_C24,0,12,3,20,0,5,0,10,0
FIGW1_A01,2,0,0,0,9,5,4,0,30
FIGW1_C24,3,13,2,4,10,40,8,10,60
W2_D21X31,1,2,1,1,1,2,0,0,0
W2_OP_RES,0,0,0,0,0,0,0,0,0
W2_D1,9,18,6,6,20,60,0,0,0
W2_D29X39,1,2,1,1,1,2,0,0,0
W2_B2A3G,9,18,4,4,8,26,0,0,0
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


File = Callable[[str], Path]


def _flat(matrix: str) -> str:
    """The flat form of the same table."""
    header, *rows = [line.split(",") for line in matrix.strip().split("\n")]
    cells = ["icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue"]
    for label, *values in rows:
        area, row = label.split("_", 1)
        for other, value in zip(header[1:], values, strict=True):
            counterpart, col = other.split("_", 1)
            cells.append(f"{label},{other},{area},{row},{counterpart},{col},{value}")
    return "\n".join(cells) + "\n"


def test_germany_out_of_icio(file: File) -> None:
    home = read_world_table(file(ICIO), "icio", ("DEU",))
    assert home.sectors == ("A03", "C24")
    assert home.names[1] == "Basic metals"
    np.testing.assert_allclose(home.flows, [[10, 5], [4, 30]])
    np.testing.assert_allclose(home.imported, [6, 25])
    np.testing.assert_allclose(home.value_added, [20, 40])  # taxes on inputs are in it
    np.testing.assert_allclose(home.output, [40, 100])
    assert home.scheme == "icio45"
    assert home.currency == "USD"
    assert "3 million USD" in home.notes[0]


def test_two_countries_are_one_economy(file: File) -> None:
    home = read_world_table(file(ICIO), "icio", ("DEU", "FRA", "HRV"))
    np.testing.assert_allclose(home.flows, [[10 + 2 + 1 + 5, 5 + 4], [13, 72]])
    np.testing.assert_allclose(home.imported, [2 + 3 + 2, 13 + 4])
    assert any("HRV" in note for note in home.notes)


def test_the_parts_of_china_are_china(file: File) -> None:
    home = read_world_table(file(ICIO), "icio", ("CHN",))
    np.testing.assert_allclose(home.flows, [[9, 5], [10, 40]])
    np.testing.assert_allclose(home.output, [50, 150])


def test_the_edition_of_2021_has_other_labels(file: File) -> None:
    older = ICIO.replace("\nTLS,", "\nDEU_TAXSUB,").replace("\nVA,", "\nVALU,")
    older = older.replace("\nOUT,", "\nOUTPUT,").replace(",OUT\n", ",TOTAL\n")
    np.testing.assert_allclose(
        read_world_table(file(older), "icio", ("DEU",)).value_added, [20, 40]
    )


@pytest.mark.parametrize("form", ["matrix", "flat"])
def test_germany_out_of_figaro(file: File, form: str) -> None:
    text = FIGARO if form == "matrix" else _flat(FIGARO)
    home = read_world_table(file(text), "figaro", ("DEU",))
    assert home.sectors == ("A01", "C24")
    np.testing.assert_allclose(home.flows, [[10, 5], [4, 30]])
    np.testing.assert_allclose(home.imported, [6, 25])
    np.testing.assert_allclose(home.value_added, [20, 40])
    np.testing.assert_allclose(home.output, [40, 100])  # the sum of a column
    assert home.currency == "EUR"


def test_greece_has_two_codes(file: File) -> None:
    one = read_world_table(file(FIGARO), "figaro", ("GRC",))
    other = read_world_table(file(FIGARO.replace("EL_", "GR_")), "figaro", ("GRC",))
    np.testing.assert_allclose(one.flows, other.flows)


BAD = {
    "not a number": (
        ICIO.replace("DEU_C24,4,30", "DEU_C24,NaN,30"),
        "row 2 .DEU_C24., column DEU_A03",
    ),
    "infinite": (ICIO.replace("DEU_C24,4,30", "DEU_C24,4,inf"), "'inf' is not a number"),
    "an empty cell": (ICIO.replace("FRA_C24,0,12", "FRA_C24,0,"), "'' is not a number"),
    "a row twice": (ICIO.replace("FRA_A03,1", "DEU_A03,1"), "row 'DEU_A03' stands twice"),
    "a column twice": (
        ICIO.replace("V1,DEU_A03,DEU_C24", "V1,DEU_C24,DEU_C24"),
        "column 'DEU_C24'",
    ),
    "unknown country": (ICIO.replace("FRA_", "QQQ_"), "unknown country 'QQQ'"),
    "a short row": (
        ICIO.replace("FRA_A03,1,0,5,4", "FRA_A03,1,0,5"),
        "12 cells where the header has 13",
    ),
    "no value added": (ICIO.replace("\nVA,19", "\nXYZ,19"), "no row VA or VALU"),
    "cut off": (ICIO[: ICIO.index("\nCN1_C24")] + "\n", "no row OUT or OUTPUT"),
    "a sector does not sell": (ICIO.replace("\nDEU_C24,", "\nFRA_X,"), "no row of sector 'C24'"),
    "negative output": (ICIO.replace("\nOUT,40", "\nOUT,-40"), "output is -40"),
    "unbalanced": (ICIO.replace("\nVA,19", "\nVA,29"), "costs sum to 50.0, output is 40.0"),
    "uses unbalanced": (ICIO.replace("DEU_A03,10,5,2,0", "DEU_A03,10,5,12,0"), "uses sum to 50.0"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused_and_said(file: File, name: str) -> None:
    text, says = BAD[name]
    with pytest.raises(DataError, match=says):
        read_world_table(file(text), "icio", ("DEU",))


def test_all_faults_are_said_at_once(file: File) -> None:
    bad = ICIO.replace("DEU_C24,4,30", "DEU_C24,x,y").replace("FRA_A03,1", "QQQ_A03,1")
    with pytest.raises(DataError) as caught:
        read_world_table(file(bad), "icio", ("DEU",))
    assert len(caught.value.problems) >= 3
    assert "unknown country 'QQQ'" in str(caught.value)
    assert "'x' is not a number" in str(caught.value)


def test_a_flood_of_faults_is_counted(file: File) -> None:
    rows = ICIO.split("\n")
    width = len(rows[0].split(","))
    rows[1:3] = [f"{r.split(',')[0]}," + ",".join(["?"] * (width - 1)) for r in rows[1:3]]
    with pytest.raises(DataError, match=r"and \d+ more cells that are not numbers"):
        read_world_table(file("\n".join(rows)), "icio", ("DEU",))


def test_a_flat_cell_twice_is_refused(file: File) -> None:
    text = _flat(FIGARO)
    with pytest.raises(DataError, match="DE_A01 to DE_C24 stands twice"):
        read_world_table(file(text + text.split("\n")[2] + "\n"), "figaro", ("DEU",))


def test_a_place_that_is_not_there_is_told_what_is(file: File) -> None:
    with pytest.raises(DataError, match=r"no industry of JPN.*the file has CHN, DEU, FRA"):
        read_world_table(file(ICIO), "icio", ("JPN",))


def test_other_encodings_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(ICIO.encode("utf-16"))
    with pytest.raises(DataError, match="UTF-8"):
        read_world_table(path, "icio", ("DEU",))
    with pytest.raises(DataError, match="missing"):
        read_world_table(tmp_path / "none.csv", "icio", ("DEU",))
