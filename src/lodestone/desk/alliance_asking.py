"""From words on a command line to an alliance's question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from lodestone.desk.alliance_file import read_alliance
from lodestone.desk.alliancing import AllianceAnswer, alliance
from lodestone.desk.impact_cache import Progress
from lodestone.desk.plan_request import PlanRequest
from lodestone.terms.errors import Problems, RequestError


def alliance_in_words(
    members: Sequence[str] = (),
    *,
    file: Path | str | None = None,
    invite: Sequence[str] = (),
    supplier: str | None = None,
    materials: Sequence[str] = (),
    months: int | None = None,
    severity: float | None = None,
    shares: Sequence[str] = (),
    cover: Sequence[str] | Mapping[str, float] = (),
    terms: Mapping[str, float] | None = None,
    floor: str | None = None,
    plan: str | Path | PlanRequest | None = None,
    as_of: date | None = None,
    draws: int | None = None,
    year: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> AllianceAnswer:
    """Ask for an alliance in words, or in a file.

    Parameters
    ----------
    members, invite : names, also joined by commas
    file : path of a TOML file, or its text; then only `floor`, `plan`, `as_of`, `workers` and
        `progress` count beside it
    cover : `PLACE=DAYS`, or days by place
    terms : other values of `alliance_question.TERM_WORDS`
    floor : `MATERIAL:USD_PER_KG`
    plan : name of a ready plan, path of a TOML file, or a plan that was read: members (not the
        invited) also plan together, see `joint_plan`
    as_of : day on which controls are in force or not, for `plan` alone; today if left out

    Raises
    ------
    RequestError
        Words that cannot be read; or a file, and words that belong into it.
    """
    if file is not None and members:
        raise RequestError("a file or members, not both: put the members into the file")
    return alliance(
        _split(members) if file is None else read_alliance(file),
        _split(invite),
        supplier=supplier,
        materials=tuple(materials) or None,
        severity=severity,
        months=months,
        year=year,
        shares=tuple(shares) or None,
        cover=(cover if isinstance(cover, Mapping) else _days(cover)) or None,
        terms=terms or None,
        floor=floor,
        plan=plan,
        as_of=as_of,
        draws=draws,
        seed=seed,
        workers=workers,
        progress=progress,
    )


def _split(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(w.strip() for text in words for w in text.split(",") if w.strip())


def _days(words: Sequence[str]) -> dict[str, float]:
    problems = Problems("stocks")
    found: dict[str, float] = {}
    for text in (w for word in words for w in word.split(",")):
        place, _, days = text.partition("=")
        try:
            found[place.strip()] = float(days)
        except ValueError:
            problems.add(f"{text!r} cannot be read", "--stock-days", "write PLACE=DAYS: JPN=60")
    problems.raise_if_any(RequestError)
    return found
