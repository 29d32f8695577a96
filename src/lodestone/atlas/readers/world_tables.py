"""Inter-country tables that users bring: OECD ICIO and Eurostat FIGARO, industry by industry.

Both are one large matrix: a row is who sells (`AUT_C24`), a column who buys, final users stand
right of the industries, value added below them. From it one home economy is cut: a country, or
several as one, with trade between them as domestic flows.

Traps they meet: ICIO splits China and Mexico in two (CN1, CN2, MX1, MX2) beside rows of the whole;
its edition of 2021 calls value added VALU and output OUTPUT and has a row of taxes for each
country, later ones VA, OUT and TLS; FIGARO writes countries in two letters, Greece as GR or EL,
the rest of the world as FIGW1, value added as rows of `W2`, and no output at all: it is the sum
of a column. Taxes on inputs count with value added.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lodestone import terms
from lodestone.atlas.concordances import sector_codes
from lodestone.atlas.readers.home_flows import LISTED, Floats, HomeFlows, check_home, say_each
from lodestone.terms.errors import DataError, Problems


@dataclass(frozen=True)
class Layout:
    """How a publisher labels an inter-country matrix.

    Attributes
    ----------
    scheme, currency : list of sectors, and currency of all money (in millions)
    final_uses : codes of final users, after the country
    added, output, taxes : labels of rows of value added, output, and taxes on inputs; taxes may
        also be labels that end so, one for each country
    totals : labels of columns that sum the others
    parts : codes that are no country: parts of one, or the rest of the world (None)
    """

    scheme: str
    currency: str
    final_uses: frozenset[str]
    added: frozenset[str]
    output: frozenset[str]
    taxes: tuple[str, ...]
    totals: frozenset[str]
    parts: Mapping[str, str | None]


LAYOUTS = {
    "icio": Layout(
        scheme="icio45",
        currency="USD",
        final_uses=frozenset({"HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "DPABR", "NONRES", "P33"}),
        added=frozenset({"VA", "VALU"}),
        output=frozenset({"OUT", "OUTPUT"}),
        taxes=("TLS", "_TAXSUB"),
        totals=frozenset({"OUT", "OUTPUT", "TOTAL"}),
        parts={"CN1": "CHN", "CN2": "CHN", "MX1": "MEX", "MX2": "MEX", "ROW": None},
    ),
    "figaro": Layout(
        scheme="figaro64",
        currency="EUR",
        final_uses=frozenset({"P3_S13", "P3_S14", "P3_S15", "P51G", "P5M"}),
        added=frozenset({"W2_D1", "W2_D29X39", "W2_B2A3G"}),
        output=frozenset(),
        taxes=("W2_D21X31", "W2_OP_RES", "W2_OP_NRES"),
        totals=frozenset(),
        parts={"FIGW1": None, "WRL_REST": None},
    ),
}
_FLAT = ("refArea", "rowIi", "counterpartArea", "colIi", "obsValue")


@dataclass
class _Cut:
    """A home economy while its file is read: rows by seller, columns by buyer."""

    layout: Layout
    members: frozenset[str]
    problems: Problems
    file: str
    flows: dict[str, dict[str, float]] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    imported: dict[str, float] = field(default_factory=dict)
    added: dict[str, float] = field(default_factory=dict)
    taxes: dict[str, float] = field(default_factory=dict)
    output: dict[str, float] = field(default_factory=dict)
    seen_rows: set[str] = field(default_factory=set)
    places: dict[str, str | None] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    bad_cells: int = 0

    def place(self, code: str) -> str | None:
        """ISO3 of a country code; None for the rest of the world and for unknown codes."""
        if code not in self.places:
            if code in self.layout.parts:
                self.places[code] = self.layout.parts[code]
            else:
                found = terms.find_place(code)
                self.places[code] = None if found is None else found.iso3
                if found is None:
                    self.unknown.append(code)
        return self.places[code]

    def home(self, label: str) -> str | None:
        """The sector or use of a label if it is of the home economy, else None."""
        country, underscore, code = label.partition("_")
        if not underscore:
            self.strange.append(label)
            return None
        return code if self.place(country) in self.members else None

    def number(self, text: str, where: str) -> float:
        """A finite number; anything else is a problem, listed a few times and then counted."""
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if value - value != 0.0:
            self.bad_cells += 1
            if self.bad_cells <= LISTED:
                self.problems.add(f"{text!r} is not a number", where, "correct the cell")
            return 0.0
        return value

    def vector(self, values: Mapping[str, float], sectors: Sequence[str]) -> Floats:
        """Numbers of the home sectors in order."""
        return np.array([values.get(code, 0.0) for code in sectors])


def read_world_table(path: Path, layout: str, members: Iterable[str]) -> HomeFlows:
    """Cut one home economy out of an inter-country table.

    Parameters
    ----------
    path : CSV of the publisher: a matrix (ICIO, FIGARO), or the flat form of FIGARO
    layout : `icio` or `figaro`
    members : ISO3 of the places that make up the economy

    Raises
    ------
    DataError
        With everything that is wrong: a cell that is no number, a label that stands twice or is
        of no known country, a row that is shorter than the header, rows of a sector, of value
        added or of output that are missing, a negative output, sums that do not balance, a file
        without any of the places.
    """
    problems = Problems(f"{path.name} ({layout})")
    cut = _Cut(LAYOUTS[layout], frozenset(members), problems, path.name)
    lines = _lines(path, problems)
    header = [cell.strip() for cell in next(lines, [])]
    if not header and not problems:
        problems.add("the file is empty", path.name, "fetch it again")
    problems.raise_if_any(DataError)
    if set(_FLAT) <= set(header):
        _read_flat(header, lines, cut)
    else:
        _read_matrix(header, lines, cut)
    say_each(cut.unknown, "unknown country", path.name, "use ISO codes", problems)
    say_each(cut.strange, "unknown label", path.name, "is it of another layout?", problems)
    if cut.bad_cells > LISTED:
        problems.add(f"and {cut.bad_cells - LISTED} more cells that are not numbers", path.name)
    home = _assembled(cut)
    home = check_home(home, path.name, problems)
    problems.raise_if_any(DataError)
    return home


def _lines(path: Path, problems: Problems) -> Iterator[list[str]]:
    """Rows of a CSV; a file that is missing or is no UTF-8 text is a problem."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield from csv.reader(text)
    except FileNotFoundError:
        problems.add("the file is missing", str(path), "give the path of a CSV file")
    except (UnicodeDecodeError, csv.Error) as error:
        problems.add(f"not a CSV file in UTF-8 ({error})", path.name, "fetch or convert it again")


def _read_matrix(header: list[str], lines: Iterator[list[str]], cut: _Cut) -> None:
    """A header of who buys; then who sells, and a number for each."""
    labels = header[1:]
    for label in sorted({x for x in labels if labels.count(x) > 1}) if _repeats(labels) else []:
        cut.problems.add(f"column {label!r} stands twice", cut.file, "remove one")
    columns = _columns(labels, cut)
    for code in columns.sectors:
        cut.flows.setdefault(code, {})
    for number, cells in enumerate(lines, start=1):
        if not cells or not any(cells):
            continue
        label = cells[0].strip()
        if len(cells) != len(header):
            cut.problems.add(
                f"{len(cells)} cells where the header has {len(header)}",
                f"{cut.file}, row {number} ({label})",
                "truncated or badly quoted: fetch the file again",
            )
            continue
        if label in cut.seen_rows:
            cut.problems.add(f"row {label!r} stands twice", cut.file, "remove one")
        cut.seen_rows.add(label)
        _take_row(label, number, cells[1:], columns, cut)


def _repeats(labels: Sequence[str]) -> bool:
    return len(set(labels)) != len(labels)


@dataclass(frozen=True)
class _Columns:
    """Columns of a matrix: all that are no totals, and those of home sectors by position."""

    labels: Sequence[str]
    everything: Sequence[int]
    home: Sequence[int]
    sectors: Sequence[str]
    sector_at: np.ndarray[Any, np.dtype[np.int64]]


def _columns(labels: Sequence[str], cut: _Cut) -> _Columns:
    layout = cut.layout
    everything = [k for k, label in enumerate(labels) if label not in layout.totals]
    bought = {k: cut.home(labels[k]) for k in everything}
    home = {k: c for k, c in bought.items() if c is not None and c not in layout.final_uses}
    sectors = list(dict.fromkeys(home.values()))
    at = {code: k for k, code in enumerate(sectors)}
    return _Columns(
        labels, everything, list(home), sectors, np.array([at[c] for c in home.values()], int)
    )


def _take_row(label: str, number: int, cells: Sequence[str], columns: _Columns, cut: _Cut) -> None:
    """Put a row where it belongs; of rows of other countries only the home columns are read."""
    sums = _sums_for(label, cut)
    seller = None if sums is not None else cut.home(label)
    read = columns.home if seller is None else columns.everything
    values = _numbers(cells, read, f"{cut.file}, row {number} ({label})", columns.labels, cut)
    if seller is not None:
        cut.used[seller] = cut.used.get(seller, 0.0) + float(values.sum())
        sums = cut.flows.setdefault(seller, {})
        # Columns of the home sectors are a part of all columns, in the same order.
        values = values[np.isin(np.asarray(read), np.asarray(columns.home))]
    target = cut.imported if sums is None else sums
    by_sector = np.bincount(columns.sector_at, weights=values, minlength=len(columns.sectors))
    for code, value in zip(columns.sectors, by_sector, strict=True):
        target[code] = target.get(code, 0.0) + float(value)


def _numbers(
    cells: Sequence[str], read: Sequence[int], where: str, labels: Sequence[str], cut: _Cut
) -> Floats:
    """Numbers of some cells of a row; cell by cell only where one of them is none."""
    try:
        values = np.array([cells[k] for k in read], dtype=np.float64)
    except ValueError:
        values = np.array([np.nan])
    if np.isfinite(values).all():
        return values
    return np.array([cut.number(cells[k], f"{where}, column {labels[k]}") for k in read])


def _sums_for(label: str, cut: _Cut) -> dict[str, float] | None:
    """The sums that a row of value added, taxes or output goes to; None for a row of a seller."""
    layout = cut.layout
    if label in layout.added:
        return cut.added
    if label in layout.output:
        return cut.output
    return cut.taxes if label.endswith(layout.taxes) else None


def _read_flat(header: list[str], lines: Iterator[list[str]], cut: _Cut) -> None:
    """One cell a row: who sells what to whom."""
    at = [header.index(name) for name in _FLAT]
    seen: set[tuple[str, str]] = set()
    for number, cells in enumerate(lines, start=1):
        if len(cells) != len(header):
            cut.problems.add(
                f"{len(cells)} cells where the header has {len(header)}",
                f"{cut.file}, row {number}",
                "truncated or badly quoted: fetch the file again",
            )
            continue
        area, row, counterpart, col, text = (cells[k].strip() for k in at)
        label, buyer_label = f"{area}_{row}", f"{counterpart}_{col}"
        sums = _sums_for(label, cut)
        seller = None if sums is not None else cut.home(label)
        buyer = cut.home(buyer_label)
        if seller is None and (buyer is None or buyer in cut.layout.final_uses):
            continue
        if (label, buyer_label) in seen:
            what = f"{label} to {buyer_label} stands twice"
            cut.problems.add(what, f"{cut.file}, row {number}", "remove one")
        seen.add((label, buyer_label))
        cut.seen_rows.add(label)
        value = cut.number(text, f"{cut.file}, row {number}, column obsValue")
        _take_cell(seller, buyer, sums, value, cut)


def _take_cell(
    seller: str | None,
    buyer: str | None,
    sums: dict[str, float] | None,
    value: float,
    cut: _Cut,
) -> None:
    sector = buyer is not None and buyer not in cut.layout.final_uses
    if seller is not None:
        cut.used[seller] = cut.used.get(seller, 0.0) + value
        cut.flows.setdefault(seller, {})
    if not sector or buyer is None:
        return
    target = sums if sums is not None else cut.imported
    if seller is not None:
        target = cut.flows[seller]
    cut.flows.setdefault(buyer, {})
    target[buyer] = target.get(buyer, 0.0) + value


def _assembled(cut: _Cut) -> HomeFlows:
    """Arrays of the home economy; what is missing becomes a problem."""
    sectors = tuple(cut.flows)
    if not sectors:
        known = sorted({p for p in cut.places.values() if p is not None})
        places = ", ".join(sorted(cut.members))
        cut.problems.add(f"no industry of {places}", cut.file, f"the file has {', '.join(known)}")
        cut.problems.raise_if_any(DataError)
    _check_whole(sectors, cut)
    cut.problems.raise_if_any(DataError)
    flows = np.array([[cut.flows[s].get(b, 0.0) for b in sectors] for s in sectors])
    imported, taxes = cut.vector(cut.imported, sectors), cut.vector(cut.taxes, sectors)
    added = cut.vector(cut.added, sectors) + taxes
    output = cut.vector(cut.output, sectors)
    if not cut.layout.output:
        output = flows.sum(axis=0) + imported + added
    names = sector_codes(cut.layout.scheme)
    return HomeFlows(
        sectors=sectors,
        names=tuple(names.get(code, code) for code in sectors),
        flows=flows,
        imported=imported,
        value_added=added,
        output=output,
        used=cut.vector(cut.used, sectors),
        scheme=cut.layout.scheme if set(sectors) <= set(names) else "own",
        currency=cut.layout.currency,
        notes=_notes(cut, taxes),
    )


def _check_whole(sectors: Sequence[str], cut: _Cut) -> None:
    """Every sector both sells and buys, and the rows below the sellers are there."""
    missing = [code for code in sectors if code not in cut.used]
    say_each(missing, "no row of sector", cut.file, "truncated: fetch the file again", cut.problems)
    layout = cut.layout
    needed = [layout.added] + ([layout.output] if layout.output else [])
    for labels in needed:
        if not labels & cut.seen_rows:
            cut.problems.add(
                f"no row {' or '.join(sorted(labels))}",
                cut.file,
                "the file ends before it, or is of another layout",
            )


def _notes(cut: _Cut, taxes: Floats) -> tuple[str, ...]:
    have = {p for p in cut.places.values() if p is not None}
    missing = sorted(cut.members - have)
    notes = [
        f"taxes less subsidies on inputs, {taxes.sum():,.0f} million {cut.layout.currency}, count "
        "with value added"
    ]
    if missing:
        notes.append(f"not in the file, so not in the table: {', '.join(missing)}")
    return tuple(notes)
