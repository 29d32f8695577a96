"""Fills the pages that would otherwise repeat what the code already states."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lodestone.atlas.source import Source, sources

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parent / "evaluation" / "reports"
_REPORT = re.compile(r"<!-- report: (\w+) -->")


def on_config(config: Any, **_: Any) -> None:
    """Put every decision into the table of contents: a new one joins it by being written."""
    section = next(entry["Decisions"] for entry in config.nav if "Decisions" in entry)
    listed = {path for entry in section for path in entry.values()}
    pages = (page.relative_to(HERE).as_posix() for page in sorted(HERE.glob("decisions/0*.md")))
    section.extend(page for page in pages if page not in listed)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of sources, and the reports of `evaluation/`, where a page asks for them."""
    filled = markdown.replace("<!-- sources -->", _table(sources()))
    return _REPORT.sub(lambda found: _report(found[1]), filled)


def _report(name: str) -> str:
    """A committed report; its headings go one level down, under those of the page."""
    text = (REPORTS / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"^(#+ )", r"#\1", text, flags=re.MULTILINE)


def _table(entries: Iterable[Source]) -> str:
    head = [
        "| id | publisher and title | edition | licence | in the release |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(entry) for entry in entries)])


def _row(entry: Source) -> str:
    title = f"{entry.publisher}, [{entry.title}]({entry.page})"
    licence = f"[{entry.licence}]({entry.licence_url})" if entry.licence_url else entry.licence
    shipped = "yes" if entry.may_ship else f"no: {entry.condition}"
    cells = (f"`{entry.id}`", title, entry.edition, licence, shipped)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
