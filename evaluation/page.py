"""A report page: Markdown that states which data release it was made from."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from lodestone.desk.library import Library, library

REPORTS = Path(__file__).parent / "reports"


def run(name: str, title: str, report: Callable[[Library], Iterable[str]]) -> None:
    """The command line of a report: open a release, write `reports/<name>.md`, print it.

    Parameters
    ----------
    name : file name of the report and of its script, without ending
    title : what it shows, for `--help`
    report : from a library to blocks of Markdown, put one below the other
    """
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument(
        "release",
        nargs="?",
        type=Path,
        help="folder of a data release; the embedded one if left out",
    )
    books = library(parser.parse_args().release)
    head = (
        f"Made from data release {books.release.version}, content hash "
        f"`{books.release.content_hash[:16]}`, by `python evaluation/{name}.py`."
    )
    text = "\n\n".join([head, *report(books)]) + "\n"
    REPORTS.mkdir(exist_ok=True)
    (REPORTS / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; numbers to the right, None as an empty cell, `|` made harmless."""
    lines = [[_cell(value) for value in row] for row in rows]
    numeric = [
        bool(lines) and all(_is_number(line[k]) for line in lines) for k in range(len(heads))
    ]
    rule = ["---:" if right else "---" for right in numeric]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(heads), rule, *lines])


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "/").replace("\n", " ")


def _is_number(text: str) -> bool:
    return not text or text.lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()


def percent(share: float | None) -> str | None:
    """A share as per cent with one digit; None stays None."""
    return None if share is None else f"{100.0 * share:.1f}"


def points(difference: float | None) -> str | None:
    """A difference of shares in percentage points, signed."""
    return None if difference is None else f"{100.0 * difference:+.1f}"
