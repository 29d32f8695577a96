"""Pictures of where places stand in technologies, one file a place, for slides and mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lodestone.report.brief import write_whole
from lodestone.report.charts.technology import TechnologyPanel, technology_chart, technology_words
from lodestone.report.paper import picture_png
from lodestone.report.pictures import Cell, Picture
from lodestone.report.texts import Texts, load_texts


def write_technologies(
    panels: Sequence[TechnologyPanel], out: Path, language: str = "en"
) -> dict[str, Path]:
    """Write one SVG and one PNG for each place into `out`; the same panels give the same bytes.

    Returns
    -------
    file name -> path, such as `technology-eu27.svg`
    """
    texts = load_texts(language)
    out.mkdir(parents=True, exist_ok=True)
    written: dict[str, Path] = {}
    for panel in panels:
        plain = re.sub(r"[^a-z0-9]+", "-", panel.id.lower()).strip("-")
        picture = technology_picture(panel, f"technology-{plain}", texts)
        for ending, content in (("svg", picture.svg.encode()), ("png", picture_png(picture))):
            file = f"{picture.name}.{ending}"
            written[file] = write_whole(out / file, content)
    return written


def technology_picture(panel: TechnologyPanel, name: str, texts: Texts) -> Picture:
    """One place's chart with its words and its table twin."""
    rows: list[tuple[Cell, ...]] = []
    for row in panel.rows:
        for cell in row.cells:
            rows.append((row.technology, cell.stage, cell.controlled, *(f or "" for f in cell.on)))
        rows.append((row.technology, texts("word.mean"), "", *(f or "" for f in row.on)))
    return Picture(
        name=name,
        title=texts("head.technology", place=panel.place, year=panel.year),
        lead=texts("lead.technology"),
        words=technology_words(panel, texts),
        svg=technology_chart(panel, name, texts),
        columns=(
            texts("word.technology"),
            texts("word.stage"),
            texts("word.controlled"),
            *(texts("word.made_in", supplier=supplier) for supplier in panel.suppliers),
        ),
        rows=tuple(rows),
    )
