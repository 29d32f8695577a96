"""Fills the pages that would otherwise repeat what the code already states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lodestone.atlas.source import Source, sources


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of sources where a page asks for it."""
    return markdown.replace("<!-- sources -->", _table(sources()))


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
