"""From words on a command line to a scenario: `CHN:gallium,germanium` is a ban."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    from lodestone.chain.measure import Measure
    from lodestone.chain.scenario import Scenario
    from lodestone.desk.shocking import ShockAnswer


def shock_in_words(
    scenario: str | None = None,
    *,
    bans: Sequence[str] = (),
    licences: Sequence[str] = (),
    quotas: Sequence[str] = (),
    outages: Sequence[str] = (),
    to: Sequence[str] = (),
    months: int | None = None,
    year: int | None = None,
    places: Sequence[str] = (),
    draws: int | None = None,
    seed: int = 0,
    sensitivity: bool = True,
) -> ShockAnswer:
    """Ask for a shock in words: a ready scenario or a file, or measures spelled out.

    Parameters
    ----------
    scenario : name of a ready scenario, or path of a TOML file
    bans, licences : `SUPPLIER:MATERIAL[,MATERIAL...]`
    quotas, outages : `PLACE:MATERIAL[,MATERIAL...]:SHARE`; what may leave, what is lost
    to : who gets nothing any more, under bans, licences and quotas; everybody if left out
    months : how many months to walk; 24, or what the scenario says
    year : year of the world; that of the scenario, or the latest

    Raises
    ------
    RequestError
        Words that cannot be read, all of them at once; or a scenario and measures together.
    """
    from lodestone.desk.shocking import PLACES, shock, with_months
    from lodestone.desk.worlds import world

    measures = _measures(bans, licences, quotas, outages, tuple(w for t in to for w in _split(t)))
    if scenario and measures:
        raise RequestError("a scenario or measures, not both: put the measures into its file")
    options: dict[str, Any] = {
        "places": tuple(w for p in places for w in _split(p)) or PLACES,
        "draws": draws,
        "seed": seed,
        "sensitivity": sensitivity,
    }
    if scenario:
        asked = with_months(read_scenario_words(scenario), months)
        return shock(world(year or asked.year), _in_year(asked, year), **options)
    return shock(world(year), *measures, months=months or 24, **options)


def read_scenario_words(words: str) -> Scenario:
    """A scenario from a TOML file, or a ready one by its name."""
    from lodestone.chain.scenario_file import read_scenario
    from lodestone.chain.scenario_library import ready_scenario, scenario_names

    if words in scenario_names():
        return ready_scenario(words)
    path = Path(words)
    if path.suffix == ".toml" or path.exists():
        return read_scenario(path)
    return ready_scenario(words)


def ban_measures(bans: Sequence[str]) -> tuple[Measure, ...]:
    """Export bans from words such as `CHN:gallium,germanium`."""
    return _measures(bans, (), (), (), ())


def _in_year(scenario: Scenario, year: int | None) -> Scenario:
    """The scenario asked of another year's world, if one is named."""
    from dataclasses import replace

    return scenario if year is None else replace(scenario, year=year)


def _measures(
    bans: Sequence[str],
    licences: Sequence[str],
    quotas: Sequence[str],
    outages: Sequence[str],
    to: tuple[str, ...],
) -> tuple[Measure, ...]:
    from lodestone.chain.measure import ExportBan, ExportLicence, ExportQuota, Outage

    problems = Problems("measures")
    readers: list[tuple[str, Sequence[str], int, Callable[..., Measure]]] = [
        ("--ban", bans, 2, lambda p, m: ExportBan(p, to, materials=m)),
        ("--licence", licences, 2, lambda p, m: ExportLicence(p, materials=m, to=to)),
        ("--quota", quotas, 3, lambda p, m, x: ExportQuota(p, x, materials=m, to=to)),
        ("--outage", outages, 3, lambda p, m, x: Outage(p, x, materials=m)),
    ]
    found: list[Measure] = []
    for option, texts, parts, make in readers:
        for text in texts:
            words = [w.strip() for w in text.split(":")]
            form = "PLACE:MATERIAL,MATERIAL" + (":SHARE" if parts == 3 else "")
            if len(words) != parts or not all(words):
                problems.add(f"{text!r} cannot be read", option, f"write {form}")
                continue
            try:
                share = [float(words[2])] if parts == 3 else []
            except ValueError:
                problems.add(f"{words[2]!r} is no number", option, f"write {form}, such as 0.5")
                continue
            found.append(make(words[0], tuple(_split(words[1])), *share))
    problems.raise_if_any(RequestError)
    return tuple(found)


def _split(text: str) -> list[str]:
    return [w.strip() for w in text.split(",") if w.strip()]
