"""From words on a command line to a scenario: `CHN:gallium,germanium` is a ban."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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
    from lodestone.desk.shocking import PLACES, shock
    from lodestone.desk.worlds import world

    asked = scenario_in_words(
        scenario,
        bans=bans,
        licences=licences,
        quotas=quotas,
        outages=outages,
        to=to,
        months=months,
        year=year,
    )
    return shock(
        world(year or asked.year),
        asked,
        places=split_words(places) or PLACES,
        draws=draws,
        seed=seed,
        sensitivity=sensitivity,
    )


def scenario_in_words(
    scenario: str | None = None,
    *,
    bans: Sequence[str] = (),
    licences: Sequence[str] = (),
    quotas: Sequence[str] = (),
    outages: Sequence[str] = (),
    to: Sequence[str] = (),
    months: int | None = None,
    year: int | None = None,
) -> Scenario:
    """The scenario that words mean; see `shock_in_words`."""
    from lodestone.chain.scenario import Scenario
    from lodestone.desk.shocking import with_months
    from lodestone.desk.worlds import world

    measures = _measures(bans, licences, quotas, outages, split_words(to))
    if scenario and measures:
        raise RequestError("a scenario or measures, not both: put the measures into its file")
    if scenario:
        return _in_year(with_months(read_scenario_words(scenario), months), year)
    if not measures:
        raise RequestError("nothing happens: name a scenario, or at least one measure")
    there = world(year)
    first = f"{there.year + 1}-01"
    return Scenario("question", measures, first, 24 if months is None else months, there.year)


#: What a text of measures may say -> the option that means the same.
_SPELLED = {
    "ban": "bans",
    "licence": "licences",
    "quota": "quotas",
    "outage": "outages",
    "to": "to",
}


def scenario_of_text(text: str, *, months: int | None = None, year: int | None = None) -> Scenario:
    """A scenario from one text: a ready name, a TOML file, or `ban=CHN:gallium;to=USA,JPN`.

    Raises
    ------
    RequestError
        Words that cannot be read, all of them at once.
    """
    if "=" not in text:
        return scenario_in_words(text, months=months, year=year)
    options: dict[str, list[str]] = {}
    problems = Problems("measures")
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, _, words = (w.strip() for w in part.partition("="))
        if name not in _SPELLED or not words:
            mend = f"write {', '.join(_SPELLED)} = what, divided by ;"
            problems.add(f"{part!r} cannot be read", text, mend)
            continue
        options.setdefault(_SPELLED[name], []).append(words)
    problems.raise_if_any(RequestError)
    return scenario_in_words(None, months=months, year=year, **options)


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
            found.append(make(words[0], split_words([words[1]]), *share))
    problems.raise_if_any(RequestError)
    return tuple(found)


def split_words(texts: Sequence[str]) -> tuple[str, ...]:
    """Words of texts that are lists themselves: `["USA,JPN", "EU27"]` are three."""
    return tuple(w.strip() for text in texts for w in text.split(",") if w.strip())
