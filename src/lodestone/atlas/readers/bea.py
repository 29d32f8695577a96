"""Input-output accounts of the United States (BEA): who buys what from whom, in dollars.

The benchmark of 2017 in detail (402 industries) and the year 2023 in summary (71). A *use* table
says what each industry and final buyer takes of each commodity, a *make* table which industry
makes which commodity, an *import matrix* how much of each use is imported. All are kept sparse:
a cell that is not there is a printed 0.0. Money is million USD of the year.

Traps it meets, each said in the notes with its size: totals stand among the industries and
commodities; use is commodity by industry, so a coefficient matrix needs the make table; two
government industries buy more than they make; scrap and used goods have negative final use; the
import matrix is before redefinitions, the others after, and it carries minus the imports inside
its rows, so that a naive row sum is zero; the gross output series is another concept than the
total output of the make table.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lodestone.atlas.cards import Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.strict_table import csv_rows, number
from lodestone.terms.errors import Problems

BENCHMARK, ANNUAL, BY_INDUSTRY = "bea_2017", "bea_2023", "bea_gdpbyind"
_YEARS = tuple(str(year) for year in range(1997, 2024))
_MILLION = "million USD of the year"

_CELLS = {
    "row": Column("code of the row: commodity, value added or total (industry in a make table)"),
    "col": Column("code of the column: industry, final use or total (commodity in a make table)"),
    "kind": Column("intermediate, make, value_added, final_use, imports_total or total"),
    "value": Column("value; a cell that is not in the table is a printed 0.0", _MILLION),
}
_NAMES = {
    "code": Column("code in the tables"),
    "kind": Column("industry, commodity, final_use or value_added"),
    "name": Column("name"),
}
_SERIES = {"industry": Column("code of the industry"), "year": Column("year")}
CARDS = {
    "bea2017_use": TableCard(
        "US use table 2017, detail, producer prices, after redefinitions", _CELLS, (BENCHMARK,)
    ),
    "bea2017_make": TableCard(
        "US make table 2017, detail, after redefinitions", _CELLS, (BENCHMARK,)
    ),
    "bea2017_imports": TableCard(
        "US import matrix 2017, detail, before redefinitions", _CELLS, (BENCHMARK,)
    ),
    "bea2017_names": TableCard("Codes of the US tables of 2017", _NAMES, (BENCHMARK,)),
    "bea2017_naics": TableCard(
        "Which NAICS codes each industry of the US tables holds",
        {
            "sector": Column("code at sector level"),
            "summary": Column("code at summary level"),
            "detail": Column("code at detail level"),
            "naics_2017": Column("NAICS 2017 code, two to six digits"),
            "naics_2012": Column("NAICS 2012 code, two to six digits"),
        },
        (BENCHMARK,),
    ),
    "bea_price_index": TableCard(
        "Price index of gross output by US industry",
        {**_SERIES, "value": Column("chain-type price index", "2017 = 100")},
        (BY_INDUSTRY,),
    ),
    "bea_gross_output": TableCard(
        "Gross output by US industry",
        {**_SERIES, "value": Column("gross output", _MILLION)},
        (BY_INDUSTRY,),
    ),
    "bea2023_use": TableCard("US use table 2023, summary", _CELLS, (ANNUAL,)),
    "bea2023_make": TableCard("US make table 2023, summary", _CELLS, (ANNUAL,)),
    "bea2023_imports": TableCard("US import matrix 2023, summary", _CELLS, (ANNUAL,)),
    "bea2023_names": TableCard("Codes of the US tables of 2023", _NAMES, (ANNUAL,)),
}

_CELL_SCHEMA: dict[str, Any] = {
    "row": pl.String,
    "col": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
}
_NAME_SCHEMA: dict[str, Any] = {"code": pl.String, "kind": pl.String, "name": pl.String}


@dataclass(frozen=True)
class Grid:
    """A printed matrix with its labels: `values[i, j]` belongs to `rows[i]`, `cols[j]`."""

    file: str
    rows: tuple[str, ...]
    cols: tuple[str, ...]
    values: np.ndarray[Any, np.dtype[np.float64]]

    def block(self, rows: Sequence[str], cols: Sequence[str]) -> np.ndarray[Any, Any]:
        """The part with these labels, in this order."""
        at_row = {code: i for i, code in enumerate(self.rows)}
        at_col = {code: j for j, code in enumerate(self.cols)}
        return self.values[np.ix_([at_row[r] for r in rows], [at_col[c] for c in cols])]


@dataclass(frozen=True)
class Codes:
    """Names by code of everything that may label a row or a column."""

    industry: Mapping[str, str]
    commodity: Mapping[str, str]
    final_use: Mapping[str, str]
    value_added: Mapping[str, str]


@dataclass(frozen=True)
class Edition:
    """Where one edition of the accounts lies, how it calls its totals, and its own codes."""

    year: int
    source: str
    use: str
    make: str
    imports: str
    output_row: str
    value_added_row: str
    import_col: str
    totals: frozenset[str]


_DETAIL = Edition(
    2017,
    BENCHMARK,
    "io/bea2017_detail_use_after_redef.csv",
    "io/bea2017_detail_make_after_redef.csv",
    "io/bea2017_detail_import_matrix_before_redef.csv",
    output_row="T008",
    value_added_row="T006",
    import_col="F05000",
    totals=frozenset({"T001", "T004", "T005", "T006", "T007", "T008"}),
)
_SUMMARY = Edition(
    2023,
    ANNUAL,
    "io/bea2023_summary_use.csv",
    "io/bea2023_summary_make.csv",
    "io/bea2023_summary_import_matrix.csv",
    output_row="Total Industry Output",
    value_added_row="Total Value Added",
    import_col="F050",
    totals=frozenset(
        {
            "T001",
            "T004",
            "Total Intermediate",
            "Total Value Added",
            "Total Industry Output",
            "Total Commodity Output",
            "Total Final Uses (GDP)",
        }
    ),
)
# The summary files come without a list of these codes; the names are those of the detail list.
_SUMMARY_FINAL = {
    "F010": "Personal consumption expenditures",
    "F02E": "Nonresidential private fixed investment in equipment",
    "F02N": "Nonresidential private fixed investment in intellectual property products",
    "F02R": "Residential private fixed investment",
    "F02S": "Nonresidential private fixed investment in structures",
    "F030": "Change in private inventories",
    "F040": "Exports of goods and services",
    "F050": "Imports of goods and services",
    "F06C": "Federal national defense: consumption expenditures",
    "F06E": "Federal national defense: gross investment in equipment",
    "F06N": "Federal national defense: gross investment in intellectual property products",
    "F06S": "Federal national defense: gross investment in structures",
    "F07C": "Federal nondefense: consumption expenditures",
    "F07E": "Federal nondefense: gross investment in equipment",
    "F07N": "Federal nondefense: gross investment in intellectual property products",
    "F07S": "Federal nondefense: gross investment in structures",
    "F10C": "State and local government consumption expenditures",
    "F10E": "State and local: gross investment in equipment",
    "F10N": "State and local: gross investment in intellectual property products",
    "F10S": "State and local: gross investment in structures",
}
_SUMMARY_ADDED = {
    "V001": "Compensation of employees",
    "V002": "Taxes on production and imports, less subsidies",
    "V003": "Gross operating surplus",
}


def read(raw: Path) -> Reading:
    """Use, make and import tables of both editions, their codes, prices and gross output.

    Returns
    -------
    Reading
        The tables of `CARDS`. Cells that print 0.0 are left out of the matrices.

    Raises
    ------
    DataError
        For a missing file, a word where a number belongs, a row or column code that no list of
        names knows, and for accounts that do not add up beyond the rounding of their cells.
    """
    problems = Problems("BEA input-output accounts")
    notes: list[str] = []
    tables: dict[str, pl.DataFrame] = {}
    for edition, codes in (
        (_DETAIL, _detail_codes(raw, problems)),
        (_SUMMARY, _summary_codes(raw, problems)),
    ):
        tables |= _edition(raw, edition, codes, problems, notes)
    tables["bea2017_naics"] = _naics(raw, problems)
    tables["bea_price_index"] = _series(raw, "io/bea_detail_cpi_1997_2023.csv", problems)
    output = _series(raw, "io/bea_detail_gross_output_1997_2023.csv", problems)
    tables["bea_gross_output"] = output
    problems.raise_if_any()
    notes.append(_output_note(output, tables["bea2017_use"]))
    return Reading(tables, notes)


def _edition(
    raw: Path, edition: Edition, codes: Codes, problems: Problems, notes: list[str]
) -> dict[str, pl.DataFrame]:
    prefix = f"bea{edition.year}"
    use, make, imports = (
        _grid(raw, file, problems) for file in (edition.use, edition.make, edition.imports)
    )
    before = len(problems.items)
    tables = {
        f"{prefix}_use": _sparse(use, edition, codes, problems),
        f"{prefix}_make": _sparse(make, edition, codes, problems, making=True),
        f"{prefix}_imports": _sparse(imports, edition, codes, problems, importing=True),
        f"{prefix}_names": _names(codes),
    }
    if len(problems.items) == before and use.rows and make.rows and imports.rows:
        _check_balance(use, make, edition, codes, problems)
        notes += _trap_notes(use, make, imports, edition, codes)
    return tables


def _sparse(
    grid: Grid,
    edition: Edition,
    codes: Codes,
    problems: Problems,
    *,
    making: bool = False,
    importing: bool = False,
) -> pl.DataFrame:
    """The cells of a grid that are not 0.0, each with its kind."""
    row_kinds = {code: _row_kind(code, edition, codes, making) for code in grid.rows}
    col_kinds = {code: _col_kind(code, edition, codes, making, importing) for code in grid.cols}
    for kinds, side in ((row_kinds, "row"), (col_kinds, "column")):
        for code in (code for code, kind in kinds.items() if kind is None):
            what, mend = f"unknown code {code!r}", "add it to the list of names"
            problems.add(what, f"{grid.file}, {side} {code}", mend)
    at_row, at_col = np.nonzero(grid.values)
    cells = [
        (grid.rows[i], grid.cols[j], _cell_kind(row_kinds[grid.rows[i]], col_kinds[grid.cols[j]]))
        for i, j in zip(at_row, at_col, strict=True)
    ]
    frame = pl.DataFrame(cells, schema=dict(list(_CELL_SCHEMA.items())[:3]), orient="row")
    return frame.with_columns(pl.Series("value", grid.values[at_row, at_col], pl.Float64))


def _row_kind(code: str, edition: Edition, codes: Codes, making: bool) -> str | None:
    if code in edition.totals:
        return "total"
    if making:
        return "make" if code in codes.industry else None
    if code in codes.commodity:
        return "intermediate"
    return "value_added" if code in codes.value_added else None


def _col_kind(
    code: str, edition: Edition, codes: Codes, making: bool, importing: bool
) -> str | None:
    if code in edition.totals:
        return "total"
    if making:
        return "make" if code in codes.commodity else None
    if code in codes.industry:
        return "intermediate"
    if importing and code == edition.import_col:
        return "imports_total"
    return "final_use" if code in codes.final_use else None


def _cell_kind(row_kind: str | None, col_kind: str | None) -> str | None:
    """What a cell is: a total if either side is one, else what its row or column makes it."""
    if "total" in (row_kind, col_kind):
        return "total"
    return row_kind if row_kind == "value_added" else col_kind


def _check_balance(
    use: Grid, make: Grid, edition: Edition, codes: Codes, problems: Problems
) -> None:
    """Inputs plus value added are output, industry by industry, and both tables agree on it.

    Cells are printed to whole millions, zeros included: a sum of n may be off by n/2 at most.
    """
    industries, commodities = list(codes.industry), list(codes.commodity)
    inputs = use.block(commodities, industries)
    added = use.block(list(codes.value_added), industries)
    made = make.block(industries, commodities).sum(axis=1)
    output = use.block([edition.output_row], industries)[0]
    allowed = (len(commodities) + len(codes.value_added) + 1) / 2
    for what, found in (
        ("inputs and value added", inputs.sum(axis=0) + added.sum(axis=0)),
        ("what it makes", made),
    ):
        for k in np.flatnonzero(np.abs(found - output) > allowed):
            problems.add(
                f"{what} sum to {found[k]:,.0f}, the output printed is {output[k]:,.0f}",
                f"{edition.use}, industry {industries[k]}",
                "fetch the file again: the table does not balance",
            )


def _trap_notes(use: Grid, make: Grid, imports: Grid, edition: Edition, codes: Codes) -> list[str]:
    industries, commodities = list(codes.industry), list(codes.commodity)
    inputs = use.block(commodities, industries).sum(axis=0)
    output = use.block([edition.output_row], industries)[0]
    over = [
        f"{industries[k]} ({inputs[k] / output[k]:.2f})" for k in np.flatnonzero(inputs > output)
    ]
    final = use.block(commodities, list(codes.final_use)).sum(axis=1)
    odd = [c for c in commodities if c.startswith("S0") or c in ("Used", "Other")]
    negative = [c for c in odd if final[commodities.index(c)] < 0]
    added = use.block([edition.value_added_row], industries).sum()
    net = imports.block(list(imports.rows), [edition.import_col])[:, 0]
    gap = np.abs(net - use.block(list(imports.rows), [edition.import_col])[:, 0])
    differing = [imports.rows[k] for k in np.flatnonzero(gap > 1)]
    return [
        f"{edition.use}: value added of all industries is {added / 1e6:.3f} trillion USD; "
        f"{len(edition.totals)} codes of totals stand among industries and commodities "
        "(kind = total)",
        f"{edition.use}: inputs exceed output in {', '.join(over) or 'no industry'}: "
        "such a column has no convergent multiplier",
        f"{edition.use}: final use of {', '.join(negative) or 'no'} scrap and used goods is negative",
        f"{edition.imports}: before redefinitions; column {edition.import_col} is minus the "
        f"imports of the row ({-net.sum() / 1e6:.3f} trillion USD in all; kind = imports_total), "
        f"so a row sums to zero; it differs from the use table for {', '.join(differing) or 'none'}",
        f"{edition.make}: rows are industries, columns commodities; "
        f"{np.count_nonzero(make.values):,} cells are not 0.0",
    ]


def _output_note(output: pl.DataFrame, use: pl.DataFrame) -> str:
    series = output.filter(pl.col("year") == _DETAIL.year).select("industry", series="value")
    table = use.filter((pl.col("row") == _DETAIL.output_row) & (pl.col("kind") == "total"))
    both = series.join(table.select(industry="col", table="value"), on="industry")
    apart = both.filter((pl.col("series") - pl.col("table")).abs() > 0.01 * pl.col("table"))
    return (
        f"io/bea_detail_gross_output_1997_2023.csv: differs from the use table of {_DETAIL.year} "
        f"by more than 1 % in {apart.height} of {both.height} industries though the totals agree "
        f"({float(both['series'].sum()) / 1e6:.3f} trillion USD): "
        "it is before redefinitions; use it for growth, not for levels"
    )


def _grid(raw: Path, file: str, problems: Problems) -> Grid:
    """A matrix file: a header of column codes, then a code and numbers on every line."""
    empty = Grid(file, (), (), np.zeros((0, 0)))
    try:
        lines = list(csv.reader((raw / file).read_text(encoding="utf-8-sig").splitlines()))
    except FileNotFoundError:
        problems.add("the file is missing", file, "put the publisher's file there and build again")
        return empty
    if not lines or lines[0][0] != "row":
        problems.add(
            "column 'row' is missing", f"{file}, row 0", "the first column holds the codes"
        )
        return empty
    cols = tuple(lines[0][1:])
    rows = tuple(line[0] for line in lines[1:])
    for side, labels in (("row", rows), ("column", cols)):
        for code in sorted({code for code in labels if labels.count(code) > 1}):
            problems.add(f"{side} {code!r} stands twice", file, "remove one")
    values = [
        [number(cell, f"{file}, row {line[0]}, column {col}", problems) for col, cell in cells]
        for line in lines[1:]
        for cells in (list(zip(cols, line[1:], strict=False)),)
    ]
    if any(len(line) != len(cols) for line in values):
        problems.add("lines of different length", file, "fetch the file again")
    if problems:
        return empty
    return Grid(file, rows, cols, np.array(values, dtype=np.float64))


def _names(codes: Codes) -> pl.DataFrame:
    rows = [
        (code, kind, name)
        for kind in ("industry", "commodity", "final_use", "value_added")
        for code, name in getattr(codes, kind).items()
    ]
    return pl.DataFrame(rows, schema=_NAME_SCHEMA, orient="row")


def _detail_codes(raw: Path, problems: Problems) -> Codes:
    return Codes(
        _listed(raw, "io/bea2017_detail_industry_names.csv", "Detail_Industry", problems),
        _listed(raw, "io/bea2017_detail_commodity_names.csv", "Detail_Commodity", problems),
        _listed(raw, "io/bea2017_detail_final_demand_names.csv", "Detail_FinalDemand", problems),
        _listed(raw, "io/bea2017_detail_value_added_names.csv", "Detail_ValueAdded", problems),
    )


def _summary_codes(raw: Path, problems: Problems) -> Codes:
    return Codes(
        _listed(raw, "io/bea2017_summary_industry_names.csv", "Summary_Industry", problems),
        _listed(raw, "io/bea2017_summary_commodity_names.csv", "Summary_Commodity", problems),
        _SUMMARY_FINAL,
        _SUMMARY_ADDED,
    )


def _listed(raw: Path, file: str, what: str, problems: Problems) -> dict[str, str]:
    code, name = f"BEA_2017_{what}_Code", f"BEA_2017_{what}_Name"
    return {row[code]: row[name] for row in csv_rows(raw, file, (code, name), problems)}


def _naics(raw: Path, problems: Problems) -> pl.DataFrame:
    columns = {
        "BEA_2017_Sector_Code": "sector",
        "BEA_2017_Summary_Code": "summary",
        "BEA_2017_Detail_Code": "detail",
        "NAICS_2017_Code": "naics_2017",
        "NAICS_2012_Code": "naics_2012",
    }
    rows = csv_rows(raw, "io/bea2017_naics_crosswalk.csv", tuple(columns), problems)
    cells = [tuple(_code(row[column]) for column in columns) for row in rows]
    schema = dict.fromkeys(columns.values(), pl.String)
    return pl.DataFrame(cells, schema=schema, orient="row").unique(maintain_order=True)


def _code(cell: str) -> str | None:
    return None if cell in ("", "NA") else cell


def _series(raw: Path, file: str, problems: Problems) -> pl.DataFrame:
    rows = csv_rows(raw, file, ("row", *_YEARS), problems)
    cells = [
        (row["row"], int(year), number(row[year], row.where(year), problems))
        for row in rows
        for year in _YEARS
    ]
    schema = {"industry": pl.String, "year": pl.Int32, "value": pl.Float64}
    return pl.DataFrame(cells, schema=schema, orient="row")
