"""The verb `technology_position`: what a place controls in a technology, on whom it leans, what helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from lodestone.desk.answer import Answer, citations
from lodestone.desk.library import Library, library
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.assess.technology_position import TechnologyPosition
    from lodestone.atlas.technologies import Technology
    from lodestone.desk.technology_supply import Viewer

PLACES = ("EU27", "USA", "JPN", "CHN")
_NOTES = (
    "Dependence on China and on the United States stand side by side and are never added up. "
    "Values are means over stages that count alike; the weakest stage stands beside them.",
    "An unknown stage is left out of a value; in its band it counts from nothing to all. "
    "`unknown` is never zero.",
    "Material stages: balanced chains, looked through to where the work was done, weighted over "
    "the technology's materials by judged weights with bands. Component and product stages: "
    "published or judged shares of the year named in `source`, for any year asked.",
    "Of goods that stand in for each other a place buys what its own output cannot cover, from "
    "the others in proportion to what they make; of the rest it buys as the world does. Who refuses "
    "to sell to whom is seen only where technology_stages.csv says `barred`.",
    "Levers: `alliance` counts what partners make beyond their own use as safe; `projects` adds "
    "the printed capacity of the place's known projects; `recycling` lifts scrap to 25 % of use; "
    "`secured_stage` sets the one stage to nil that lowers the mean most.",
)


@dataclass(frozen=True)
class TechnologyAnswer(Answer):
    """The answer of `technology_position`: its rows, and the positions to compute with."""

    positions: tuple[TechnologyPosition, ...]


def technology_position(
    places: Sequence[str] = PLACES,
    technologies: Sequence[str] | None = None,
    year: int | None = None,
) -> TechnologyAnswer:
    """Say what places control in technologies, how they lean on China and the US, what helps.

    Parameters
    ----------
    places : ISO3 codes, country names, blocs, or sums such as `EU27+USA`; stages beyond the
        material ones are known for the EU27, the USA, Japan, China, and sums of them
    technologies : names as in `technology_stages.csv`; all when left out
    year : calendar year of the chains; the latest with data if left out

    Returns
    -------
    TechnologyAnswer
        Rows of four kinds, told apart by the column `table`: `position` (mean dependence on one
        supplier, and the weakest stage), `held` (share of stages with more than 25 % of world
        output), `stage` (controlled share, dependence, concentration of every stage) and
        `change` (dependence after each lever).

    Raises
    ------
    RequestError
        Unknown technology or place (the nearest names are given), or a year without data.

    Examples
    --------
    >>> answer = technology_position(["EU27"], ["magnets"], 2024)
    >>> [(row["supplier"], row["weakest_stage"]) for row in answer.results if row["table"] == "position"]
    [('CHN', 'magnets'), ('USA', 'mining')]
    """
    from lodestone.desk.technology_rows import technology_rows

    books = library()
    when = books.year(year)
    asked = _asked(technologies)
    viewers = _viewers(places, when)
    positions = tuple(_positions(books, asked, viewers, when))
    rows = technology_rows(positions, asked, viewers, books.buyers())
    return TechnologyAnswer(
        query={
            "verb": "technology",
            "places": [viewer.buyer.id for viewer in viewers],
            "technologies": [technology.name for technology in asked],
            "year": when,
        },
        results=tuple(rows),
        units={
            "weakest": "share",
            "before": "share",
            "reduction": "share",
            "stage_effect": "share",
        },
        sources=_sources(asked, when),
        notes=_NOTES,
        data_release=books.release.version,
        content_hash=books.release.content_hash,
        positions=positions,
    )


def technology_charts(answer: TechnologyAnswer, folder: Path) -> TechnologyAnswer:
    """Write a picture for each place, as SVG and PNG; the answer names them.

    Parameters
    ----------
    folder : made if it is not there
    """
    from lodestone.desk.technology_panels import panels_of
    from lodestone.report.technology_pictures import write_technologies

    written = write_technologies(panels_of(answer.positions, answer.results), folder)
    return replace(answer, notes=(*(f"Chart: {path}" for path in written.values()), *answer.notes))


def _positions(
    books: Library, asked: Sequence[Technology], viewers: Sequence[Viewer], year: int
) -> Iterable[TechnologyPosition]:
    from lodestone.assess.technology_position import technology_position as position
    from lodestone.desk.assess_baseline import baseline
    from lodestone.desk.technology_supply import LEVERS, SupplyBook

    needed = dict.fromkeys(m for technology in asked for m in technology.materials)
    inside = [iso for viewer in viewers for iso in viewer.buyer.members]
    book = SupplyBook(books, baseline(books, needed, [year], inside), viewers)
    for viewer in viewers:
        for technology in asked:
            yield position(
                technology.name,
                viewer.buyer.id,
                book.supplies(technology, viewer),
                suppliers=viewer.suppliers,
                against=viewer.against,
                levers=LEVERS,
            )


def _viewers(places: Sequence[str], year: int) -> tuple[Viewer, ...]:
    from lodestone.desk.assess_buyer import buyer
    from lodestone.desk.technology_supply import Viewer

    found = [Viewer(buyer(name, year), year) for name in places]
    if not found:
        raise RequestError("no place: name at least one, such as EU27")
    if any(viewer.buyer.is_world for viewer in found):
        raise RequestError("the world depends on nobody: name a place or bloc, such as EU27")
    if any(not viewer.suppliers for viewer in found):
        raise RequestError("a place that holds both China and the United States leans on neither")
    return tuple(dict.fromkeys(found))


def _asked(names: Sequence[str] | None) -> tuple[Technology, ...]:
    from lodestone.atlas.technologies import technologies

    known = {technology.name: technology for technology in technologies()}
    wanted = [name.strip().lower().replace(" ", "_") for name in names or known]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        near = get_close_matches(unknown[0], known) or list(known)
        raise RequestError(f"unknown technology {unknown[0]!r}: did you mean {', '.join(near)}?")
    return tuple(known[name] for name in dict.fromkeys(wanted))


def _sources(asked: Sequence[Technology], year: int) -> tuple[str, ...]:
    from lodestone.atlas.technologies import technology_sources
    from lodestone.desk.chains import sources_of

    materials = list(dict.fromkeys(m for technology in asked for m in technology.materials))
    printed = [
        source
        for technology in asked
        for stage in technology.stages
        for source in technology_sources(stage)
        if not source.startswith("judged: ")
    ]
    own = citations(("iea_cm2025", "projects"))
    return tuple(dict.fromkeys((*sources_of(materials, year), *own, *printed)))
