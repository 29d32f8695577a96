"""The decision brief: one content in, a PDF, a page, a JSON file and figures out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lodestone.report.brief_content import BriefContent, check_content
from lodestone.report.envelope import brief_json
from lodestone.report.page import brief_page
from lodestone.report.paper import brief_pdf, picture_png
from lodestone.report.pictures import draw_pictures
from lodestone.report.texts import load_texts


@dataclass(frozen=True)
class BriefFiles:
    """Where the parts of a brief lie; figures by name (`dependences`, `chain`, ...)."""

    pdf: Path
    html: Path
    json: Path
    svg: dict[str, Path]
    png: dict[str, Path]


def write_brief(content: BriefContent, out: Path, language: str = "en") -> BriefFiles:
    """Write `brief.pdf`, `brief.html`, `brief.json` and `figures/*.svg|png` into `out`.

    The same content gives the same bytes in every file.

    Raises
    ------
    DataError
        If the content could not be printed truthfully (see `check_content`).
    RequestError
        If a page cannot hold its texts, or there is no catalogue in `language`.
    """
    check_content(content)
    texts = load_texts(language)
    pictures = draw_pictures(content, texts)
    figures = out / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    return BriefFiles(
        pdf=write_whole(out / "brief.pdf", brief_pdf(content, pictures, texts)),
        html=write_whole(out / "brief.html", brief_page(content, pictures, texts).encode()),
        json=write_whole(out / "brief.json", brief_json(content, texts).encode()),
        svg={n: write_whole(figures / f"{n}.svg", p.svg.encode()) for n, p in pictures.items()},
        png={n: write_whole(figures / f"{n}.png", picture_png(p)) for n, p in pictures.items()},
    )


def write_whole(path: Path, content: bytes) -> Path:
    """Write beside and rename, so that no reader meets half a file."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)
    return path
