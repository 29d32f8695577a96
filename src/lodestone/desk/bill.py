"""A bill of materials: what a company buys in a year, from whom, as its own table says it.

One CSV row a material and stage. `FORM` is the form; everything that is wrong with a file is said
at once, with its row and column.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lodestone import terms
from lodestone.terms.content import bases, contained
from lodestone.terms.errors import LodestoneError, Problems, RequestError
from lodestone.terms.units import is_mass, to_tonnes

#: Columns of the form. Only `material`, and `quantity` or `value_usd`, must be filled.
COLUMNS = (
    "material",
    "quantity",
    "unit",
    "basis",
    "value_usd",
    "suppliers",
    "stage",
    "stock",
    "product",
    "place",
    "year",
    "note",
)
FORM = ",".join(COLUMNS)
#: More than any company has; a file of more is no bill of materials.
MOST_ROWS, MOST_BYTES = 500, 1_000_000
_MOST_PROBLEMS, _MOST_SUPPLIERS, _LONGEST = 200, 40, 300
#: Beyond these no quantity or value is meant.
_MOST_TONNES, _MOST_USD = 1e10, 1e13
_FORMULA = ("=", "@", "+", "-")
_SHARE = re.compile(r"(?P<place>.*?\S)(?:\s*[\s:]\s*(?P<share>[\d.,]+)\s*(?P<percent>%)?)?")


@dataclass(frozen=True)
class Supplier:
    """A country that supplies a line; `share` of the line from it, None where not stated."""

    place: str
    share: float | None


@dataclass(frozen=True)
class BillLine:
    """One material at one stage, bought in a year.

    Attributes
    ----------
    row : of the file, for messages
    material, stage : ids; the stage is empty where the last of the chain is meant
    written : the material as the file has it
    tonnes : of the material's reference content, or None where only a value is stated
    value_usd : what was paid in the year, or None where not stated
    suppliers : as stated; none where they are not known
    stock : tonnes of reference content held, or None where not stated
    quantity_text : quantity as the file has it, with unit and basis
    product : what it is bought for, in the company's words
    """

    row: int
    material: str
    written: str
    stage: str
    tonnes: float | None
    value_usd: float | None
    suppliers: tuple[Supplier, ...]
    stock: float | None
    quantity_text: str
    product: str

    @property
    def stated(self) -> float | None:
        """Share of the line whose suppliers are stated: None where countries but no shares are."""
        if any(s.share is None for s in self.suppliers):
            return None
        return sum(s.share or 0.0 for s in self.suppliers)


@dataclass(frozen=True)
class Bill:
    """A bill of materials that was read and found good.

    Attributes
    ----------
    name : of the file
    lines : in the order of the file
    place, year : of the company, where the file says them
    """

    name: str
    lines: tuple[BillLine, ...]
    place: str | None
    year: int | None

    @property
    def digest(self) -> str:
        """sha256 of what decides the answer: the order of rows and columns does not."""
        rows = [{k: v for k, v in asdict(x).items() if k not in _WORDS} for x in self.lines]
        rows.sort(key=lambda row: (row["material"], row["stage"]))
        text = json.dumps([rows, self.place, self.year], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


_WORDS = {"row", "written", "quantity_text", "product"}


def read_bill(content: bytes, name: str = "bill of materials") -> Bill:
    """Read a bill of materials from CSV.

    Parameters
    ----------
    content : the file: comma-separated, UTF-8 (a byte-order mark is fine), decimal points
    name : of the file, for messages

    Raises
    ------
    RequestError
        Every problem of the file at once, each with its row and column.
    """
    problems = Problems(name)
    rows = _rows(_text(content, name), name)
    header = [cell.strip().lower() for cell in rows[0][1]]
    _check_header(header, problems)
    problems.raise_if_any(RequestError)
    lines: list[BillLine] = []
    common: dict[str, dict[str, int]] = {"place": {}, "year": {}}
    for number, cells in rows[1:]:
        if len(problems.items) >= _MOST_PROBLEMS:
            problems.add("more problems are not listed", "", "mend these first")
            break
        where = f"row {number}"
        if len(cells) != len(header):
            what = f"{len(cells)} cells where the first row has {len(header)}"
            problems.add(what, where, 'put cells that hold a comma in quotes: "1,500"')
            continue
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        for column, seen in common.items():
            if row.get(column):
                seen.setdefault(row[column], number)
        line = _line(number, row, problems)
        if line is not None:
            lines.append(line)
    _check_twice(lines, problems)
    place = _common_place(common["place"], problems)
    year = _common_year(common["year"], problems)
    if not lines and not problems:
        problems.add("no material in it", "", f"one row a material, under the header {FORM}")
    problems.raise_if_any(RequestError)
    return Bill(name, tuple(lines), place, year)


# --- the file ------------------------------------------------------------------------------


def _text(content: bytes, name: str) -> str:
    """The file as text; what is no CSV in UTF-8 is said at once."""
    how = "save it as CSV UTF-8 (comma-separated)"
    if not content.strip():
        raise _empty(name)
    if len(content) > MOST_BYTES:
        raise RequestError(
            f"{name}: {len(content):,} bytes; a bill of materials has at most {MOST_BYTES:,} "
            f"and {MOST_ROWS} rows -> one row a material, not one a part"
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise RequestError(f"{name}: the text is UTF-16 -> {how}")
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise RequestError(f"{name}: this is a workbook, not a table of text -> {how}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RequestError(f"{name}: row {line} is not UTF-8 text -> {how}") from None
    if "\x00" in text:
        raise RequestError(f"{name}: the file holds null bytes and is no text -> {how}")
    return text


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Number and cells of each row that is not blank; the header first."""
    head = next(iter(text.strip().splitlines()), "")
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if head.count(mark) > head.count(",") and "material" in head.lower():
            raise RequestError(
                f"{name}: the cells are separated by {word} -> save it with commas between cells "
                "and decimal points (1500.5), and put suppliers in one cell: CHN 60 %; COD 40 %"
            )
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            found.append((reader.line_num, cells))
            if len(found) > MOST_ROWS + 1:
                raise RequestError(
                    f"{name}: more than {MOST_ROWS} rows -> one row a material, not one a part"
                )
    except csv.Error as error:
        raise RequestError(
            f"{name}: row {reader.line_num} is not comma-separated text ({error}) -> close every "
            "quotation mark, and keep cells short"
        ) from None
    if not found:
        raise _empty(name)
    return found


def _empty(name: str) -> RequestError:
    return RequestError(f"{name}: the file is empty -> a header and one row a material: {FORM}")


def _check_header(header: Sequence[str], problems: Problems) -> None:
    for column in sorted({c for c in header if header.count(c) > 1}):
        problems.add(f"column {column!r} stands twice", "row 1", "keep one")
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown:
        shown = ", ".join(repr(c[:40]) for c in unknown[:10])
        problems.add(f"unknown column {shown}", "row 1", f"known: {', '.join(COLUMNS)}")
    if "material" not in header:
        problems.add("no column material", "row 1", f"the header is {FORM}")
    if not {"quantity", "value_usd"} & set(header):
        problems.add("neither quantity nor value_usd", "row 1", "add one of the two columns")


# --- one row -------------------------------------------------------------------------------


def _line(number: int, row: Mapping[str, str], problems: Problems) -> BillLine | None:
    before = len(problems.items)
    where = f"row {number}"
    for column, cell in row.items():
        if cell.startswith(_FORMULA) and not _is_number(cell):
            what = f"{cell[:40]!r} is a spreadsheet formula"
            problems.add(what, f"{where}, column {column}", "save values, not formulas")
        elif len(cell) > _LONGEST or not cell.isprintable():
            problems.add(
                "too long, or holds signs that cannot be printed",
                f"{where}, column {column}",
                f"at most {_LONGEST} letters in one line",
            )
    if len(problems.items) > before:
        return None
    material = _material(row.get("material", ""), f"{where}, column material", problems)
    value = _number(row, "value_usd", where, _MOST_USD, problems)
    tonnes, stock = _tonnes(row, material, where, problems)
    if not row.get("quantity") and not row.get("value_usd"):
        problems.add(
            "quantity and value_usd are both empty",
            where,
            "state one of them; what is not known at all cannot be assessed",
        )
    suppliers = _suppliers(row.get("suppliers", ""), f"{where}, column suppliers", problems)
    stage = _stage(row.get("stage", ""), material, f"{where}, column stage", problems)
    if len(problems.items) > before:
        return None
    said = (row.get("quantity", ""), row.get("unit", "") or "t", row.get("basis", ""))
    return BillLine(
        row=number,
        material=material.id,
        written=row["material"],
        stage=stage,
        tonnes=tonnes,
        value_usd=value,
        suppliers=suppliers,
        stock=stock,
        quantity_text=" ".join(w for w in said if w) if row.get("quantity") else "",
        product=row.get("product", ""),
    )


def _material(key: str, where: str, problems: Problems) -> Any:
    if not key:
        problems.add("empty", where, "name a material")
        return None
    try:
        return terms.material(key)
    except LodestoneError as error:
        problems.add(str(error).splitlines()[0], where, "use a name of `lodestone assess`")
        return None


def _number(
    row: Mapping[str, str], column: str, where: str, most: float, problems: Problems
) -> float | None:
    """A positive number of a cell; None where it is empty."""
    text = row.get(column, "")
    if not text:
        return None
    here = f"{where}, column {column}"
    try:
        value = float(text)
    except ValueError:
        problems.add(f"{text[:40]!r} is no number", here, "write 1500.5, without other signs")
        return None
    if not math.isfinite(value):
        problems.add(f"{text[:40]!r} is no number", here, "leave it empty if it is not known")
    elif value <= 0.0 and not (column == "stock" and value == 0.0):
        problems.add(f"{text[:40]} is not above zero", here, "leave out what is not bought")
    elif value > most:
        problems.add(f"{text[:40]} is more than anybody buys", here, "check the number and unit")
    else:
        return value
    return None


def _tonnes(
    row: Mapping[str, str], material: Any, where: str, problems: Problems
) -> tuple[float | None, float | None]:
    """Quantity and stock in tonnes of the material's reference content."""
    unit = row.get("unit", "") or "t"
    if not is_mass(unit):
        problems.add(
            f"unknown unit {unit[:40]!r}", f"{where}, column unit", "t, kg, kt, troy_ounce, pound"
        )
        return None, None
    numbers = [_number(row, c, where, math.inf, problems) for c in ("quantity", "stock")]
    basis = row.get("basis", "")
    if basis and basis not in bases():
        problems.add(
            f"unknown basis {basis[:40]!r}",
            f"{where}, column basis",
            "what a tonne counts: a symbol or formula such as Co, Li2CO3, LiOH.H2O",
        )
        return None, None
    if material is None:
        return None, None
    found: list[float | None] = []
    for number, column in zip(numbers, ("quantity", "stock"), strict=True):
        if number is None:
            found.append(None)
            continue
        try:
            tonnes = to_tonnes(number, unit)
            found.append(contained(tonnes, basis, material.basis) if basis else tonnes)
        except RequestError as error:
            problems.add(str(error), f"{where}, column basis", f"{material.id}: {material.basis}")
            return None, None
        if (found[-1] or 0.0) > _MOST_TONNES:
            what = f"{number:g} {unit} is more than anybody buys"
            problems.add(what, f"{where}, column {column}", "check the number and unit")
            found[-1] = None
    return found[0], found[1]


def _suppliers(text: str, where: str, problems: Problems) -> tuple[Supplier, ...]:
    """`CHN 60 %; COD 40 %`: countries, each with its share of the line or all without."""
    found: dict[str, Supplier] = {}
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if len(parts) > _MOST_SUPPLIERS:
        problems.add(f"{len(parts)} suppliers", where, f"at most {_MOST_SUPPLIERS} countries")
        return ()
    for part in parts:
        said = _SHARE.fullmatch(part)
        known = _country(said["place"] if said else part, where, problems)
        share = (
            _share(said["share"], bool(said["percent"]), part, where, problems) if said else None
        )
        if known is None:
            continue
        if known in found:
            problems.add(f"{known} stands twice", where, "add its shares up")
        found[known] = Supplier(known, share)
    shares = [s.share for s in found.values()]
    if any(s is None for s in shares) and any(s is not None for s in shares):
        problems.add("some suppliers have a share and some not", where, "give all or none")
    elif sum(s or 0.0 for s in shares) > 1.0 + 1e-6:
        total = 100.0 * sum(s or 0.0 for s in shares)
        problems.add(f"the shares sum to {total:g} %", where, "at most 100 %")
    return tuple(found.values())


def _country(key: str, where: str, problems: Problems) -> str | None:
    try:
        known = terms.place(key)
    except LodestoneError as error:
        problems.add(str(error).splitlines()[0], where, "write countries: CHN 60 %; COD 40 %")
        return None
    if known.kind != "country":
        problems.add(f"{key!r} is no country of today", where, "leave out what is not known")
        return None
    return known.iso3


def _share(
    text: str | None, percent: bool, part: str, where: str, problems: Problems
) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not percent or not 0.0 < value <= 100.0:
        problems.add(f"share of {part[:40]!r}", where, "write CHN 60 %, above 0 to 100")
        return None
    return value / 100.0


def _stage(text: str, material: Any, where: str, problems: Problems) -> str:
    if not text or material is None:
        return ""
    labels = {str(s.value): material.stage_labels.get(s, "") for s in material.stages}
    for stage, label in labels.items():
        if text.lower() in (stage, label.lower()):
            return stage
    known = ", ".join(f"{s} ({w})" if w else s for s, w in labels.items())
    problems.add(f"unknown stage {text[:40]!r} of {material.id}", where, f"one of {known}")
    return ""


# --- the whole -----------------------------------------------------------------------------


def _check_twice(lines: Sequence[BillLine], problems: Problems) -> None:
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        first = seen.setdefault((line.material, line.stage), line.row)
        if first != line.row:
            problems.add(
                f"{line.written!r} is {line.material}, which stands in row {first} already",
                f"row {line.row}, column material",
                "one row a material and stage: add the quantities up",
            )


def _common_place(seen: Mapping[str, int], problems: Problems) -> str | None:
    """The one place of all rows."""
    if len(seen) > 1:
        problems.add(
            f"several places: {', '.join(sorted(seen))[:80]}", "column place", "one company, one"
        )
    if len(seen) != 1:
        return None
    (key, row) = next(iter(seen.items()))
    found = terms.find_bloc(key)
    if found is not None:
        return found.id
    return _country(key, f"row {row}, column place", problems)


def _common_year(seen: Mapping[str, int], problems: Problems) -> int | None:
    if len(seen) > 1:
        problems.add(f"several years: {', '.join(sorted(seen))[:80]}", "column year", "one year")
    if len(seen) != 1:
        return None
    (text, row) = next(iter(seen.items()))
    if not (text.isdecimal() and len(text) == 4):
        problems.add(f"{text[:40]!r} is no year", f"row {row}, column year", "such as 2024")
        return None
    return int(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
