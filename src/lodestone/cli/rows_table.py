"""Rows of one kind as tables: what is the same in all is said once, what is too long beneath."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lodestone.cli.beneath import FOR_EXPLAIN, Footnotes, print_ids
from lodestone.cli.layouts import OWN, Layout, Words
from lodestone.cli.numerals import SHARE, Scale
from lodestone.cli.sheet import Sheet
from lodestone.cli.table import Column
from lodestone.cli.wording import LABELS, Row, cell, common_entries, heading, with_unit
from lodestone.report.rows_text import columns_of

#: Not columns: said in the headings, or under the table.
_ELSEWHERE = frozenset(("note", "id", "unit", "table"))
#: Columns without which a row says nothing.
_NEEDED = frozenset(("value", "method", "grade"))
#: Text longer than this would make a table unreadable; unless laid out it is left to CSV.
_LONGEST_CELL = 60
#: Text longer than this may break between words.
_LONGEST_LINE = 22
#: A list longer than this is no table.
_LONGEST_LIST = 12


@dataclass(frozen=True)
class Setting:
    """What stands around rows.

    Attributes
    ----------
    units : column -> unit, of the envelope; a row's own `unit` is that of its value and band
    layout : columns, order and number of rows; everything as it comes if left out
    query : the question; its words may stand in a title
    said : entries that hold for all rows and were said above
    """

    units: Mapping[str, str] = field(default_factory=dict)
    layout: Layout = field(default_factory=Layout)
    query: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)


def print_rows(sheet: Sheet, rows: Sequence[Row], setting: Setting | None = None) -> None:
    """Print rows as one table, or as one for each entry of the columns that it is split by.

    Notes and ids of all tables stand under the last.
    """
    setting = setting or Setting()
    layout = setting.layout
    parts: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row.get(column) for column in layout.split), []).append(row)
    shown = [_largest(part, layout) for part in parts.values()]
    notes = Footnotes([row for part in shown for row in part])
    if len(parts) > 1 and not setting.said:
        _Part(sheet, rows, rows, (), setting).say_common()
        setting = replace(setting, said=common_entries(rows))
    start = 0
    for whole, part in zip(parts.values(), shown, strict=True):
        marks = notes.marks[start : start + len(part)]
        _Part(sheet, whole, part, marks, setting).print()
        start += len(part)
    notes.print(sheet)
    print_ids(sheet, [row for part in shown for row in part])
    if layout.hint:
        sheet.blank()
        known = _Named({**setting.query, **common_entries(rows)})
        sheet.line(f"{FOR_EXPLAIN} {layout.hint.format_map(known)}")


class _Part:
    """One table, and what stands above it."""

    def __init__(
        self,
        sheet: Sheet,
        whole: Sequence[Row],
        shown: Sequence[Row],
        marks: Sequence[str],
        setting: Setting,
    ) -> None:
        self.sheet, self.setting, self.layout = sheet, setting, setting.layout
        self.whole, self.rows, self.marks = whole, shown, marks
        # An unknown value is an answer; any other column without entries is left out.
        self.present = [
            c for c in columns_of(whole) if c == "value" or any(r.get(c) is not None for r in whole)
        ]
        self.elsewhere = _ELSEWHERE | {b for column in self.present for b in _bounds(column)}
        self.common = common_entries(whole)
        if len(whole) == 1:
            # One row has nothing to repeat, but what is said above it need not come again.
            above = {*setting.said, *self.layout.split}
            above |= {name for name, words in self.layout.columns.items() if words.aside}
            self.common = {name: v for name, v in self.common.items() if name in above}

    def print(self) -> None:
        """Heading, what is common, the table, and what is not in it."""
        words = {name: self._entry(name, value) for name, value in self.common.items()}
        known = {**self.setting.query, **words, "count": len(self.rows)}
        if self.layout.title:
            self.sheet.heading(self.layout.title.format_map(_Named(known)))
        self.say_common()
        columns = self._columns()
        left: Collection[str] = ()
        if len(columns) == 1 and not columns[0].right and len(self.rows) > _LONGEST_LIST:
            self.sheet.paragraph(f"{columns[0].heading}: {', '.join(columns[0].cells)}")
        elif columns:
            left = self.sheet.table(columns)
        self._say_what_is_missing({c.name for c in columns} - set(left))

    def say_common(self) -> None:
        """Say what is the same in all rows, unless it stands in the title or was said before."""
        said = [
            f"{self._words(name).heading or heading(name)}: {self._common_text(name)}"
            for name in self.common
            if name not in self.elsewhere
            and name not in self.setting.said
            and f"{{{name}}}" not in self.layout.title
            and name != "value"
        ]
        if said:
            self.sheet.paragraph("; ".join(said))

    def _common_text(self, name: str) -> str:
        value = self.common[name]
        if not _is_quantity(name, [value]):
            return self._entry(name, value)
        unit = self._unit_of_all(name)
        return with_unit(Scale.of([value], unit).text(value), unit)

    def _say_what_is_missing(self, shown: Collection[str]) -> None:
        more = len(self.whole) - len(self.rows)
        if more:
            self.sheet.paragraph(f"and {more:,} more: --format csv shows all")
        quiet = {*self.elsewhere, *self.common}
        left = [heading(c) for c in self.present if c not in shown and c not in quiet]
        if left:
            self.sheet.paragraph(f"left out (--format csv shows all): {', '.join(left)}")

    def _columns(self) -> list[Column]:
        """Columns in the order of the layout, or as they come, without those said once."""
        found: list[Column] = []
        for rank, name in enumerate(self.layout.columns or self.present):
            # A value that is everywhere the same is still what the table is about.
            said = name in self.common and name != "value"
            if name in self.present and name not in self.elsewhere and not said:
                found += self._column(name, 0 if name in _NEEDED else rank)
        if any(self.marks):
            found.append(Column("note", "notes", tuple(self.marks), wraps=True, rank=0))
        return found

    def _column(self, name: str, rank: int) -> list[Column]:
        """A column; with a second one for its band, and a third for its unit if that varies."""
        if not _is_quantity(name, [row.get(name) for row in self.rows]):
            column = self._text_column(name, rank)
            too_long = not self.layout.columns and column.widest > _LONGEST_CELL
            return [] if too_long else [column]
        scales = self._scales(name)
        pairs = list(zip(self.rows, scales, strict=True))
        cells = tuple(self._number(row, name, scale) for row, scale in pairs)
        title = heading(self._words(name).heading or name, self._unit_of_all(name))
        found = [Column(name, title, cells, right=True, rank=rank)]
        low, high = _bounds(name)
        bands = tuple(scale.band(row.get(low), row.get(high)) for row, scale in pairs)
        if any(bands):
            title = "band" if name == "value" else f"{heading(name)} band"
            found.append(Column(f"{name} band", title, bands, right=True, rank=rank))
        if name == "value" and self._unit(name) == OWN and not self._unit_of_all(name):
            units = ("" if unit == SHARE else unit for _, unit in self._with_units())
            cells = tuple(self._entry("unit", unit) for unit in units)
            found.append(Column("unit", "unit", cells, rank=rank))
        return found

    def _number(self, row: Row, name: str, scale: Scale) -> str:
        value = row.get(name)
        absent = self._words(name).absent
        return absent if value is None and (absent or name not in row) else scale.text(value)

    def _text_column(self, name: str, rank: int) -> Column:
        words = self._words(name)
        cells = tuple(self._entry(name, row.get(name)) or words.absent for row in self.rows)
        wraps = any(" " in text for text in cells) and max(map(len, cells)) > _LONGEST_LINE
        return Column(name, words.heading or heading(name), cells, wraps=wraps, rank=rank)

    def _entry(self, name: str, value: object) -> str:
        text = cell(name, value)
        return self._words(name).entries.get(text, text)

    def _words(self, name: str) -> Words:
        return self.layout.columns.get(name, Words())

    def _unit(self, name: str) -> str | None:
        """The unit of a column: OWN if each row names it."""
        unit = self._words(name).unit
        if unit is None and name == "value":
            return OWN
        return unit or self.setting.units.get(name)

    def _with_units(self) -> list[tuple[Row, str | None]]:
        """Each row with the unit that it names."""
        return [(row, row.get("unit") or self.setting.units.get("value")) for row in self.rows]

    def _unit_of_all(self, name: str) -> str | None:
        """The unit of a column, None if rows differ in it."""
        unit = self._unit(name)
        if unit != OWN:
            return unit
        found = {unit for _, unit in self._with_units()}
        return found.pop() if len(found) == 1 else None

    def _scales(self, name: str) -> list[Scale]:
        """Scale of each row: what has the same unit has the same digits, across columns."""
        unit, digits = self._unit(name), self._words(name).digits
        if unit != OWN:
            scale = Scale.of(self._numbers([name]), unit, digits)
            return [scale] * len(self.rows)
        together = [c for c in self.present if self._unit(c) == OWN]
        kinds = [(unit, row.get(self.layout.apart)) for row, unit in self._with_units()]
        scales = {
            kind: Scale.of(
                self._numbers(
                    together, [r for r, k in zip(self.rows, kinds, strict=True) if k == kind]
                ),
                kind[0],
                digits,
            )
            for kind in set(kinds)
        }
        return [scales[kind] for kind in kinds]

    def _numbers(self, columns: Sequence[str], rows: Sequence[Row] | None = None) -> list[object]:
        """Entries of columns and of their bounds."""
        names = [name for column in columns for name in (column, *_bounds(column))]
        return [row.get(name) for row in (self.rows if rows is None else rows) for name in names]


class _Named(dict[str, Any]):
    """Names in a text; one that is not the same in all rows stands in capitals."""

    def __missing__(self, name: str) -> str:
        return name.upper()


def _largest(rows: Sequence[Row], layout: Layout) -> Sequence[Row]:
    """Rows by size, as many as the layout shows."""
    if not layout.size:
        return rows[: layout.limit]

    def size(row: Row) -> float:
        found = [row.get(column) for column in layout.size]
        return max((abs(x) for x in found if isinstance(x, int | float)), default=0.0)

    return sorted(rows, key=size, reverse=True)[: layout.limit]


def _bounds(name: str) -> tuple[str, str]:
    """The columns that hold the bounds of a column."""
    return ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")


def _is_quantity(name: str, values: Sequence[object]) -> bool:
    known = [v for v in values if v is not None]
    if name == "value":
        return not any(isinstance(v, str) for v in known)
    numbers = (isinstance(v, int | float) and not isinstance(v, bool) for v in known)
    return name not in LABELS and bool(known) and all(numbers)
