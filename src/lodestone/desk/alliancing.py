"""The verb `alliance`: what acting together is worth, to whom, and who would rather stay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.alliance_file import AllianceFile, read_alliance
from lodestone.desk.alliance_floor import read_floor
from lodestone.desk.alliance_question import AllianceQuestion, question
from lodestone.desk.alliance_work import CALM, SCRAMBLE
from lodestone.desk.answer import Answer, citations
from lodestone.desk.impact_cache import Progress
from lodestone.desk.losing import sources_of_losses
from lodestone.desk.plan_request import ready_plan
from lodestone.desk.worlds import world
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.alliance_values import AllianceValues
    from lodestone.desk.plan_request import PlanRequest
    from lodestone.study.results import Results

#: Ways of acting alone, in the order of the answer.
MODES = (CALM, SCRAMBLE)


@dataclass(frozen=True)
class AllianceAnswer(Answer):
    """The answer of `alliance`.

    Attributes
    ----------
    asked : the question
    values : way of acting alone -> losses under every coalition, central assumptions
    """

    asked: AllianceQuestion
    values: Mapping[str, AllianceValues]


def alliance(
    members: Sequence[str] | Path | AllianceFile,
    invite: Sequence[str] = (),
    *,
    supplier: str | None = None,
    materials: Sequence[str] | None = None,
    severity: float | None = None,
    months: int | None = None,
    year: int | None = None,
    shares: Sequence[str] | None = None,
    cover: Mapping[str, float] | None = None,
    terms: Mapping[str, float] | None = None,
    floor: str | None = None,
    plan: str | Path | PlanRequest | None = None,
    as_of: date | None = None,
    draws: int | None = None,
    seed: int | None = None,
    shifts: bool = True,
    workers: int = 1,
    progress: Progress | None = None,
) -> AllianceAnswer:
    """Say what acting together is worth when a supplier withholds, and share it out.

    Parameters
    ----------
    members, invite : places and blocs that do not overlap, 40 at most; invited ones are looked at one
        by one. Up to 16 every coalition is valued, beyond shares are sampled, with error bars.
        In place of members the path of an alliance's TOML file, or one that was read: then only
        `floor`, `plan`, `as_of`, `shifts`, `workers` and `progress` count beside it
    supplier : who withholds its exports from everybody; China if left out
    materials : names, symbols, groups; `strategic`, the EU's list of strategic raw materials, if left
        out
    severity, months : share of exports that is withheld, and for how long; all for 12 if left out
    year : of the balanced world; the latest if left out
    shares : what members share: `stocks` (handed out anew), `exports` (no controls among them),
        `buying` (nobody outbids the others), `restraint` (a part of use forgone); all if left
        out
    cover : days of use that single members hold in stock; the attribute `alliance_cover_days` else
    terms : other values of `alliance_question.TERM_WORDS`, such as `hoarding`
    floor : `MATERIAL:USD_PER_KG`, such as `NdPr:110`: a price floor of the members, and what else would
        do; its rows (`floor_...`) stand at the end
    plan : name of a ready plan, path of a TOML file, or a plan that was read: members (not the
        invited) also plan together, and the rows of `joint_plan` stand at the end
    as_of : day on which controls are in force or not, for `plan` alone; today if left out
    draws : sets of market assumptions behind the bands; 0, as if left out, for the
        judged ends of exposures alone
    shifts : whether to show flows, third countries and leverage too
    workers : processes on this machine

    Returns
    -------
    AllianceAnswer
        Rows told apart by `table`: `worth` (by coalition), `share` (what each gets by every rule,
        what it keeps outside), `core`, `invited`, `material`, `place` (who gains and loses),
        `flow` (what moved), `leverage`, `assumption`, `proof`. `against` says what members would
        do else: act `alone`, or `scramble`. Million USD.

    Raises
    ------
    RequestError
        Words that cannot be read, all of them at once; or a file and words that belong into it.
    MarketError
        A month that cannot be proved.

    Examples
    --------
    >>> import lodestone as ls
    >>> found = ls.alliance(["USA", "JPN"], materials=["gallium"], shifts=False)
    >>> [r["value"] >= 0.0 for r in found.to_rows() if r["table"] == "worth"]
    [True, True]
    """
    said = {
        "invite": invite or None,
        "supplier": supplier,
        "materials": materials,
        "severity": severity,
        "months": months,
        "year": year,
        "shares": shares,
        "cover": cover,
        "terms": terms,
        "draws": draws,
        "seed": seed,
    }
    words = {word: value for word, value in said.items() if value is not None}
    read = _read(members, words)
    return answered_beside(
        read.asked,
        floor=read.floor if floor is None else read_floor(floor),
        plan=ready_plan(read.plan) if plan is None and read.plan else plan,
        as_of=as_of,
        shifts=shifts,
        workers=workers,
        progress=progress,
    )


def _read(members: Sequence[str] | Path | AllianceFile, words: Mapping[str, Any]) -> AllianceFile:
    """What a file says, or words; never both, as nobody would know which counts."""
    if isinstance(members, str):
        raise RequestError(
            f"{members[:40]!r} is no list of members -> [...], or Path(...) of a file"
        )
    if not isinstance(members, Path | AllianceFile):
        return AllianceFile("alliance", question(members, **words), None)
    if words:
        raise RequestError(
            f"a file or words, not both: {', '.join(words)} -> put them into the file"
        )
    return read_alliance(members) if isinstance(members, Path) else members


def answered_beside(
    asked: AllianceQuestion,
    *,
    floor: tuple[str, float] | None = None,
    plan: str | Path | PlanRequest | None = None,
    as_of: date | None = None,
    shifts: bool = True,
    workers: int = 1,
    progress: Progress | None = None,
) -> AllianceAnswer:
    """Answer a question that was read, with a price floor and a plan beside it; see `alliance`."""
    from lodestone.desk.alliance_floor import check_floor, with_floor
    from lodestone.desk.alliance_joint import plan_together, with_joint_plan

    if floor is not None:
        check_floor(asked, *floor)
    joint = None if plan is None else plan_together(asked, plan)
    answer = answered(asked, shifts=shifts, workers=workers, progress=progress)
    if floor is not None:
        answer = with_floor(answer, *floor)
    return answer if joint is None else with_joint_plan(answer, joint, as_of, progress)


def answered(
    asked: AllianceQuestion,
    *,
    shifts: bool = True,
    workers: int = 1,
    progress: Progress | None = None,
) -> AllianceAnswer:
    """Answer a question that was read; see `alliance`."""
    from lodestone.desk.alliance_rows import rows_of
    from lodestone.desk.alliance_values import values_of

    there = world(asked.year)
    results = walked(asked, workers, progress)
    values = {m: values_of(results.frame, asked.all, asked.year, m) for m in MODES}
    drawn = {
        m: [values_of(results.frame, asked.all, asked.year, m, d) for d in range(asked.draws)]
        for m in MODES
    }
    rows = rows_of(asked, values, drawn)
    if shifts:
        from lodestone.desk.alliance_shifts import shift_rows

        rows += shift_rows(asked, values)
    return AllianceAnswer(
        query=asked.query(),
        results=tuple(rows),
        units=dict.fromkeys(("value", "low", "high"), "million USD"),
        sources=_sources(asked),
        notes=_notes(asked, values),
        data_release=there.data_release,
        content_hash=there.content_hash,
        asked=asked,
        values=values,
    )


def walked(asked: AllianceQuestion, workers: int = 1, progress: Progress | None = None) -> Results:
    """Every coalition of every material: read, or walked now and kept."""
    from lodestone.desk.alliance_study import alliance_study
    from lodestone.desk.impact_cache import impacts
    from lodestone.terms.errors import MarketError

    found = impacts(alliance_study(asked), workers, progress)
    for key, reason in found.failures():
        raise MarketError(f"{key}: {reason}")
    return found


def _sources(asked: AllianceQuestion) -> tuple[str, ...]:
    from lodestone.desk.shock_losses import _table

    tables = [t for t in (_table(m, asked.year) for m in asked.all) if t is not None]
    named = [s for t in tables for s in sources_of_losses(t)]
    return citations(dict.fromkeys([*named, "policy", "projects"]))


def _notes(asked: AllianceQuestion, values: Mapping[str, AllianceValues]) -> tuple[str, ...]:
    from lodestone.alliance.game import MOST_MEMBERS
    from lodestone.desk.alliance_sampled import PAIRS
    from lodestone.desk.shock_losses import _table

    one = values[CALM]
    bare = [m for m in asked.all if _table(m, asked.year) is None]
    coarse = [m for m in asked.all if (t := _table(m, asked.year)) and len(t.sectors) < 100]
    silent = [m for m in one.materials if m not in one.names]
    notes = [
        f"{asked.supplier} withholds {asked.severity:.0%} of its exports of "
        f"{len(asked.materials)} materials from everybody for {asked.months} months.",
        "Worth: what members lose when each acts alone, less what they lose together. `alone`: "
        "each hands out its own stock; `scramble`: each also keeps a part of its exports back and "
        "buys for its stock in the first months.",
        "A loss is the larger of price cost and value added lost, upstream included; low and high "
        "are the judged ends of exposures and substitution"
        + (f", widened by {asked.draws} draws of market assumptions." if asked.draws else "."),
        "Stocks are taken as there: what they cost to fill and hold is the same alone and together.",
        "A member takes part in a material if it uses 5 % of what all named use, or makes 5 % of "
        "the world's (alliance_least_share); the others keep their stock to themselves.",
    ]
    if asked.left_out:
        notes.append(f"Not sold by {asked.supplier}: {', '.join(asked.left_out)}.")
    if silent:
        notes.append(f"No price in tonnes, so not counted: {', '.join(silent)}.")
    if bare:
        notes.append(f"No input-output table, so price costs alone: {', '.join(bare)}.")
    if coarse:
        notes.append(
            f"Tables of 35 sectors of 2011 stand behind {', '.join(coarse)}: orders of magnitude."
        )
    if len(asked.all) > MOST_MEMBERS:
        notes.append(
            f"More than {MOST_MEMBERS} places: not every coalition can be valued. Shapley shares are means of "
            f"{2 * PAIRS} orders of joining drawn by lot, with error bars; of each coalition acts the best "
            "part of those looked at; the core is looked for among the coalitions of those orders, which can show that shares do "
            "not hold and not that they do; there is no nucleolus, and no share of an invited place."
        )
    if asked.invited:
        notes.append(
            "Invited places that are not in a coalition act alone beside it: they hold stocks and hand "
            "them out, and in a scramble they hoard and outbid. So what founders lose, and are worth "
            "together, is not what an answer without the invited says."
        )
    return tuple(notes)
