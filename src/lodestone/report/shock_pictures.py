"""Pictures of a shock by themselves, one panel a material, for slides and mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lodestone.report.brief import write_whole
from lodestone.report.brief_content import CutOff, check_cutoffs, check_figure, walk_figures
from lodestone.report.charts.cutoff import cutoff_scale
from lodestone.report.paper import picture_png
from lodestone.report.pictures import cutoff_picture
from lodestone.report.texts import load_texts
from lodestone.terms.errors import DataError, Problems


def write_cutoffs(cutoffs: Sequence[CutOff], out: Path, language: str = "en") -> dict[str, Path]:
    """Write one SVG and one PNG for each cut-off into `out`, all on one scale.

    The same cut-offs give the same bytes.

    Returns
    -------
    file name -> path, such as `gallium.svg` and `gallium.png`

    Raises
    ------
    DataError
        Numbers that are not finite or outside their band, series that differ in length, prices
        that cannot be drawn.
    """
    problems = Problems("pictures of a shock")
    for where, figure in walk_figures(tuple(cutoffs), "cutoffs"):
        check_figure(figure, where, set(figure.sources), problems)
    check_cutoffs(tuple(cutoffs), problems)
    problems.raise_if_any(DataError)
    texts, scale = load_texts(language), cutoff_scale(cutoffs)
    out.mkdir(parents=True, exist_ok=True)
    written: dict[str, Path] = {}
    for cutoff in cutoffs:
        name = _free_name(cutoff.material, written)
        picture = cutoff_picture(cutoff, scale, name, texts)
        for ending, content in (("svg", picture.svg.encode()), ("png", picture_png(picture))):
            file = f"{name}.{ending}"
            written[file] = write_whole(out / file, content)
    return written


def _free_name(material: str, written: dict[str, Path]) -> str:
    """The material as a file name; a number behind it where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", material.lower()).strip("-") or "material"
    name, count = plain, 1
    while f"{name}.svg" in written:
        count += 1
        name = f"{plain}-{count}"
    return name
