"""What a person reads, line by line, at a width: headings, paragraphs and tables."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

from lodestone.cli.table import Column, fit, rich_table


class Sheet:
    """Collects what a person reads. Colour and weight repeat what the words say, never more.

    Parameters
    ----------
    width : characters a line; only a word, id or path that is longer makes a longer line
    styled : whether headings may be bold
    """

    def __init__(self, width: int, *, styled: bool = False) -> None:
        from rich.console import Console

        self.width = width
        self._out = io.StringIO()
        # Without a terminal the text is plain; rich writes no codes at all then.
        self._console = Console(
            file=self._out,
            width=width,
            force_terminal=styled,
            color_system="standard" if styled else None,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def heading(self, text: str) -> None:
        """A heading, with a blank line before it unless it comes first."""
        self.blank()
        for line in self._wrapped(text, 0, 2):
            self._console.print(line, style="bold", soft_wrap=True)

    def paragraph(self, text: str, indent: int = 0, hang: int = 2) -> None:
        """Text that breaks between words; further lines hang under the first."""
        for line in self._wrapped(text, indent, hang):
            self._console.print(line, soft_wrap=True)

    def line(self, text: str, indent: int = 0) -> None:
        """A line that never breaks, so that an id or a path can be copied whole."""
        self._console.print(" " * indent + text, soft_wrap=True)

    def blank(self) -> None:
        """An empty line, unless nothing stands above it."""
        if self._out.tell():
            self._console.print()

    def table(self, columns: Sequence[Column]) -> tuple[str, ...]:
        """Print what fits of a table, and give the names of the columns that did not."""
        kept, widths = fit(columns, self.width)
        self._console.print(rich_table(kept, widths), crop=False)
        names = {column.name for column in kept}
        return tuple(column.name for column in columns if column.name not in names)

    def text(self) -> str:
        """Everything so far, without blanks at the ends of lines."""
        lines = (line.rstrip() for line in self._out.getvalue().splitlines())
        return "".join(f"{line}\n" for line in lines)

    def _wrapped(self, text: str, indent: int, hang: int) -> list[str]:
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
