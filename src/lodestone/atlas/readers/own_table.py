"""An input-output table of a user, in Lodestone's own form: one flow a row.

A CSV file, or the Parquet file that `lodestone data build --table` writes, with the columns

    seller   a sector, or IMPORTS (imported intermediates), VALUE_ADDED, OUTPUT (to be checked)
    buyer    a sector, or FINAL_USE (final users at home and abroad)
    value    million of one currency

A flow that is not there is 0. OUTPUT may be left out: it is then the sum of the sector's costs.
A Parquet file also says place, year, currency, scheme, source and names of sectors, so that it can
be used as it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lodestone.atlas.concordances import sector_codes
from lodestone.atlas.readers.home_flows import LISTED, HomeFlows, check_home
from lodestone.terms.errors import DataError, Problems

IMPORTS, VALUE_ADDED, OUTPUT, FINAL_USE = "IMPORTS", "VALUE_ADDED", "OUTPUT", "FINAL_USE"
_SELLERS = (IMPORTS, VALUE_ADDED, OUTPUT)
_COLUMNS = ("seller", "buyer", "value")
_SCHEMES = ("nace2", "wiod35", "icio45", "figaro64")
_OWN = "own"
#: What a Parquet file of Lodestone says about its table, the same on every row.
ABOUT = ("place", "year", "currency", "scheme", "source")
_ABOUT_TYPES = {"place": pl.String, "year": pl.Int64, "currency": pl.String}
_TEXTS = ("name", "notes")


@dataclass(frozen=True)
class OwnTable:
    """Flows of a user's table, and what its file says about it (nothing, if it is a CSV)."""

    home: HomeFlows
    about: Mapping[str, Any]


def read_own_csv(path: Path, currency: str) -> HomeFlows:
    """Read a CSV of flows.

    Raises
    ------
    DataError
        With every row that is wrong: a column that is missing, a cell that is no number, a flow
        that stands twice or is negative, a word that is neither a sector nor one of the words
        above; a sector without value added or final use; sums that do not balance.
    """
    problems = Problems(path.name)
    rows = list(_csv_rows(path, problems))
    home = _home(rows, path.name, currency, {}, problems)
    problems.raise_if_any(DataError)
    home = check_home(home, path.name, problems)
    problems.raise_if_any(DataError)
    return home


def read_own_parquet(path: Path) -> OwnTable:
    """Read a table that `write_own_parquet` wrote.

    Raises
    ------
    DataError
        A file that is missing, cut off, of other columns, or that `read_own_csv` would refuse.
    """
    problems = Problems(path.name)
    wanted = (*_COLUMNS, *ABOUT, *_TEXTS)
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        mend = "write it again with `lodestone data build --table`"
        raise DataError(f"{path}: cannot be read as Parquet ({error}); {mend}") from error
    for name in wanted:
        if name not in frame.columns:
            problems.add(f"column {name!r} is missing", path.name, "write the file again")
    problems.raise_if_any(DataError)
    about = {}
    for name in ABOUT:
        values = frame[name].unique().to_list()
        if len(values) != 1 or values[0] is None:
            problems.add(f"{name} is not one word", path.name, "one table a file")
        else:
            about[name] = values[0]
    problems.raise_if_any(DataError)
    cells = frame.select(_COLUMNS).iter_rows()
    rows = [(n, str(s), str(b), v) for n, (s, b, v) in enumerate(cells, start=1)]
    named = frame.filter(pl.col("name").is_not_null()).select("seller", "name").unique()
    home = _home(rows, path.name, about["currency"], dict(named.iter_rows()), problems)
    problems.raise_if_any(DataError)
    check_home(home, path.name, problems)
    problems.raise_if_any(DataError)
    notes = frame["notes"][0] if frame.height else ""
    about["notes"] = tuple(notes.split("\n")) if notes else ()
    return OwnTable(home, about)


def write_own_parquet(path: Path, home: HomeFlows, about: Mapping[str, Any], notes: str) -> None:
    """Write flows in the form of this module, with what `ABOUT` names."""
    cells = [
        (home.sectors[i], home.sectors[j], float(home.flows[i, j]))
        for i, j in np.argwhere(home.flows != 0.0)
    ]
    for k, code in enumerate(home.sectors):
        cells += [
            (IMPORTS, code, float(home.imported[k])),
            (VALUE_ADDED, code, float(home.value_added[k])),
            (OUTPUT, code, float(home.output[k])),
            (code, FINAL_USE, float(home.output[k] - home.flows[k].sum())),
        ]
    frame = pl.DataFrame(
        cells,
        schema=dict(zip(_COLUMNS, (pl.String, pl.String, pl.Float64), strict=True)),
        orient="row",
    )
    names = pl.DataFrame({"seller": home.sectors, "name": home.names})
    frame = frame.join(names, on="seller", how="left", maintain_order="left")
    constant = [pl.lit(about[k], _ABOUT_TYPES.get(k, pl.String)).alias(k) for k in ABOUT]
    frame = frame.with_columns(*constant, pl.lit(notes).alias("notes"))
    path.parent.mkdir(parents=True, exist_ok=True)
    # A reader never sees half a file.
    part = path.with_name(path.name + ".part")
    frame.write_parquet(part, compression="zstd")
    part.replace(path)


def _csv_rows(path: Path, problems: Problems) -> Iterator[tuple[int, str, str, float]]:
    """Numbered rows of flows; what is wrong with a row is noted and the row left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text)
            header = [cell.strip() for cell in next(lines, [])]
            missing = [name for name in _COLUMNS if name not in header]
            for name in missing:
                have = ", ".join(header) or "nothing"
                problems.add(f"column {name!r} is missing", f"{path.name}, row 0", f"it has {have}")
            if missing:
                return
            yield from _numbered(lines, header, path.name, problems)
    except FileNotFoundError:
        problems.add("the file is missing", str(path), "give the path of a CSV file")
    except (UnicodeDecodeError, csv.Error) as error:
        problems.add(f"not a CSV file in UTF-8 ({error})", path.name, "convert it")


def _numbered(
    lines: Iterator[list[str]], header: list[str], file: str, problems: Problems
) -> Iterator[tuple[int, str, str, float]]:
    at = [header.index(name) for name in _COLUMNS]
    bad = 0
    for number, cells in enumerate(lines, start=1):
        if not any(cells):
            continue
        if len(cells) != len(header):
            what = f"{len(cells)} cells where the header has {len(header)}"
            problems.add(what, f"{file}, row {number}", "truncated or badly quoted")
            continue
        seller, buyer, text = (cells[k].strip() for k in at)
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if value - value != 0.0:
            bad += 1
            if bad <= LISTED:
                where = f"{file}, row {number}, column value"
                problems.add(f"{text!r} is not a number", where, "correct the cell")
            continue
        yield number, seller, buyer, value


def _home(
    rows: list[tuple[int, str, str, float]],
    file: str,
    currency: str,
    names: Mapping[str, str],
    problems: Problems,
) -> HomeFlows:
    """Arrays from rows; whatever a row says wrongly, or that is missing, becomes a problem."""
    sectors = tuple(dict.fromkeys(b for _, s, b, _ in rows if s == VALUE_ADDED))
    at = {code: k for k, code in enumerate(sectors)}
    n = len(sectors)
    flows, sums = np.zeros((n, n)), {word: np.zeros(n) for word in (*_SELLERS, FINAL_USE)}
    given: dict[tuple[str, str], int] = {}
    for number, seller, buyer, value in rows:
        where = f"{file}, row {number}"
        if (seller, buyer) in given:
            what = f"{seller} to {buyer} stands twice (first in row {given[seller, buyer]})"
            problems.add(what, where, "add the values in one row")
            continue
        given[seller, buyer] = number
        if value < 0.0 and seller != VALUE_ADDED and buyer != FINAL_USE:
            what = f"{seller} to {buyer} is {value:g}"
            problems.add(what, where, "flows, imports and output are never negative")
        _put(seller, buyer, value, where, at, flows, sums, problems)
    _check_given(sectors, given, file, problems)
    output = sums[OUTPUT]
    if not any(seller == OUTPUT for seller, _ in given):
        output = flows.sum(axis=0) + sums[IMPORTS] + sums[VALUE_ADDED]
    scheme = next((s for s in _SCHEMES if sectors and set(sectors) <= set(sector_codes(s))), _OWN)
    known = dict(sector_codes(scheme)) if scheme != _OWN else {}
    return HomeFlows(
        sectors=sectors,
        names=tuple(names.get(c) or known.get(c, c) for c in sectors),
        flows=flows,
        imported=sums[IMPORTS],
        value_added=sums[VALUE_ADDED],
        output=output,
        used=flows.sum(axis=1) + sums[FINAL_USE],
        scheme=scheme,
        currency=currency,
    )


def _put(
    seller: str,
    buyer: str,
    value: float,
    where: str,
    at: Mapping[str, int],
    flows: np.ndarray[Any, np.dtype[np.float64]],
    sums: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]],
    problems: Problems,
) -> None:
    if seller in at and buyer in at:
        flows[at[seller], at[buyer]] = value
    elif seller in _SELLERS and buyer in at:
        sums[seller][at[buyer]] = value
    elif seller in at and buyer == FINAL_USE:
        sums[FINAL_USE][at[seller]] = value
    else:
        word = seller if seller not in at and seller not in _SELLERS else buyer
        problems.add(
            f"{word!r} is no sector: it has no row of {VALUE_ADDED}",
            where,
            f"sectors are those with {VALUE_ADDED}; other words are {', '.join(sums)}",
        )


def _check_given(
    sectors: tuple[str, ...], given: Mapping[tuple[str, str], int], file: str, problems: Problems
) -> None:
    if not sectors:
        problems.add(f"no row of {VALUE_ADDED}", file, "one a sector: it says which sectors are")
    printed = any(seller == OUTPUT for seller, _ in given)
    for code in sectors:
        if (code, FINAL_USE) not in given:
            problems.add(f"no {FINAL_USE} of {code}", file, "add a row, 0 if there is none")
        if printed and (OUTPUT, code) not in given:
            problems.add(f"no {OUTPUT} of {code}", file, "of every sector, or of none")
