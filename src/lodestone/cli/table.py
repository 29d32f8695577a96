"""One table that fits the screen: narrow what may wrap, then leave out what matters least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table

#: Blank columns between two columns of a table.
_GAP = 2
#: Text is not squeezed below this width, even if its words are shorter.
_NARROWEST = 12


@dataclass(frozen=True)
class Column:
    """A column ready to print.

    Attributes
    ----------
    name : name of the column in the rows
    heading : what stands above it; may break between words, never inside one
    cells : text of every row
    right : numbers stand to the right
    wraps : its text may break between words
    rank : of columns that do not fit together, the highest rank is left out first
    """

    name: str
    heading: str
    cells: tuple[str, ...]
    right: bool = False
    wraps: bool = False
    rank: int = 0

    @property
    def widest(self) -> int:
        """Width in which nothing breaks."""
        return max(map(_length(), (self.heading, *self.cells)))

    @property
    def narrowest(self) -> int:
        """Width below which a word or number would break."""
        length = _length()
        heading = max(map(length, self.heading.split()), default=0)
        if not self.wraps:
            return max([heading, *map(length, self.cells)])
        words = [length(word) for cell in self.cells for word in cell.split()]
        return max([heading, *words, min(_NARROWEST, self.widest)])


def fit(columns: Sequence[Column], width: int) -> tuple[tuple[Column, ...], tuple[int, ...]]:
    """Columns that fit side by side, and their widths; the first column always stays.

    A column is never squeezed so far that a word, number or heading would break.
    """
    kept = list(columns)
    while len(kept) > 1 and _least(kept) > width:
        ranks = [column.rank for column in kept[1:]]
        # Of equals, the one furthest to the right.
        last = len(kept) - 1 - ranks[::-1].index(max(ranks))
        del kept[last]
    return tuple(kept), _widths(kept, width)


def rich_table(columns: Sequence[Column], widths: Sequence[int]) -> Table:
    """The table as rich prints it."""
    from rich import box
    from rich.table import Table

    # The box puts one blank between columns; the padding makes it `_GAP`.
    padding = (0, _GAP - 1, 0, 0)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=padding)
    for column, width in zip(columns, widths, strict=True):
        justify: JustifyMethod = "right" if column.right else "left"
        table.add_column(column.heading, justify=justify, width=width, overflow="fold")
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*row)
    return table


def _least(columns: Sequence[Column]) -> int:
    return sum(column.narrowest for column in columns) + _GAP * (len(columns) - 1)


def _widths(columns: Sequence[Column], width: int) -> tuple[int, ...]:
    """Take room from the widest column that has some to give, until all fit."""
    widths = [column.widest for column in columns]
    least = [column.narrowest for column in columns]
    room = width - _GAP * (len(columns) - 1)
    while sum(widths) > room and widths != least:
        spare = [w if w > m else 0 for w, m in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return tuple(widths)


def _length() -> Callable[[str], int]:
    """Cells of the screen that a text takes; accents take none, Chinese signs two."""
    from rich.cells import cell_len

    return cell_len
