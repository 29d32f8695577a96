"""A report page: Markdown that states which data release it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lodestone.desk.library import Library

REPORTS = Path(__file__).parent / "reports"


def write_page(name: str, books: Library, parts: Iterable[str]) -> Path:
    """Write `reports/<name>.md` and print it; the first line names the data release.

    Parameters
    ----------
    name : file name without ending
    books : the library that the figures were read from
    parts : blocks of Markdown, put one below the other
    """
    release = books.release
    head = (
        f"Made from data release {release.version}, content hash `{release.content_hash[:16]}`, "
        f"by `python evaluation/{name}.py`."
    )
    text = "\n\n".join([head, *parts]) + "\n"
    REPORTS.mkdir(exist_ok=True)
    path = REPORTS / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    print(text)
    return path


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
