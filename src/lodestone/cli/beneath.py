"""What stands under a table because it is too long to stand in it: notes and ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lodestone.cli.sheet import Sheet
from lodestone.cli.wording import Row, one_line

#: Remarks of one row are joined by this.
_JOINT = "; "
_MOST_NOTES = 30
_MOST_IDS = 20
#: Stands before an id or the pattern of ids.
FOR_EXPLAIN = "ids, for lodestone explain:"
_PART = re.compile(r"[:>]")


class Footnotes:
    """The remarks of the rows: those of all rows said once, the others numbered.

    Examples
    --------
    >>> notes = Footnotes([{"note": "seen; old"}, {"note": "seen; new"}, {"note": "seen"}])
    >>> notes.common, notes.marks
    (('seen',), ('1', '2', ''))
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        remarks = [_remarks(row) for row in rows]
        shared = set(remarks[0]).intersection(*remarks[1:]) if len(rows) > 1 else set()
        self.common = tuple(r for r in remarks[0] if r in shared) if remarks else ()
        self._number: dict[str, int] = {}
        for remark in (r for some in remarks for r in some if r not in shared):
            self._number.setdefault(remark, len(self._number) + 1)
        self.marks = tuple(
            _runs(self._number[r] for r in some if r not in shared) for some in remarks
        )

    def print(self, sheet: Sheet) -> None:
        """Say what the marks mean."""
        if self.common or self._number:
            sheet.blank()
        for remark in self.common:
            sheet.paragraph(f"all rows: {remark}")
        for remark, number in list(self._number.items())[:_MOST_NOTES]:
            sheet.paragraph(f"{number:>2}  {remark}", hang=4)
        more = len(self._number) - _MOST_NOTES
        if more > 0:
            sheet.paragraph(f"and {more} more notes: --format csv shows all")


def print_ids(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Say the ids of the rows: as one pattern if they have one, else line by line."""
    ids = [row["id"] for row in rows if row.get("id")]
    if not ids:
        return
    sheet.blank()
    pattern = id_pattern([row for row in rows if row.get("id")])
    if pattern is not None:
        sheet.line(f"{FOR_EXPLAIN} {pattern}")
    elif len(ids) <= _MOST_IDS:
        sheet.paragraph(FOR_EXPLAIN)
        for text in ids:
            sheet.line(one_line(str(text)), indent=2)
    else:
        sheet.paragraph("ids: --format csv shows them")


def id_pattern(rows: Sequence[Row]) -> str | None:
    """The one pattern behind all ids, with the names of columns in capitals; None without one.

    Examples
    --------
    >>> id_pattern([{"to": "CHN", "id": "link:COD>CHN"}, {"to": "FIN", "id": "link:COD>FIN"}])
    'link:COD>TO'
    """
    split = [_PART.split(str(row["id"])) for row in rows]
    joints = {tuple(_PART.findall(str(row["id"]))) for row in rows}
    if len(joints) != 1:
        return None
    words = []
    for n, first in enumerate(split[0]):
        found = [parts[n] for parts in split]
        word = first if set(found) == {first} else _column_of(found, rows)
        if word is None:
            return None
        words.append(word)
    (joint,) = joints
    return words[0] + "".join(j + word for j, word in zip(joint, words[1:], strict=True))


def _column_of(found: Sequence[str], rows: Sequence[Row]) -> str | None:
    for column in rows[0]:
        if column != "id" and [str(row.get(column)) for row in rows] == list(found):
            return column.upper()
    return None


def _runs(numbers: Iterable[int]) -> str:
    """Numbers in order, neighbours as a run: `1, 4-6`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def _remarks(row: Row) -> list[str]:
    note = row.get("note")
    parts = one_line(note).split(_JOINT) if isinstance(note, str) else []
    return list(dict.fromkeys(part for part in parts if part))
