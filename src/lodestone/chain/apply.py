"""From a scenario in words to edits in arrays: what measures do to each material's chain.

Everything that is wrong is collected and told once: names nobody knows, places and stages a chain
has not, quotas above what flows, measures that contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real

from lodestone.chain.conflicts import Conflict, conflicts
from lodestone.chain.edits import Edits
from lodestone.chain.measure import KINDS, ExportQuota, Measure, NewCapacity, Recycling
from lodestone.chain.reach import Complaint, Reach, reach
from lodestone.chain.scenario import Scenario
from lodestone.chain.scenario_check import (
    PLACE_FIELDS,
    check_draft,
    check_head,
    draft_of,
    place_of,
    too_many,
)
from lodestone.chain.sheet import Sheet, window
from lodestone.chain.world import World
from lodestone.terms import find_material, group_members
from lodestone.terms.errors import Problems, RequestError

_COUNTS_TONNES = {"new_capacity", "recycling", "stock_release", "stock_build"}


def apply(world: World, scenario: Scenario) -> dict[str, Edits]:
    """What a scenario does to the chains of a world.

    A measure's materials are chains by id. A group (`HREE`, `PGM`) stands for those of its members
    that have a chain which the measure can act on; `rare_earths` is a chain and a group, and means
    both, except where tonnes are counted: these are of the chain itself.

    Returns
    -------
    material id -> edits, for every material that a measure touches, in order of id

    Raises
    ------
    RequestError
        With every problem of the scenario in this world.
    """
    problems = Problems(f"scenario {scenario.name!r} in the world of {world.year}")
    check_head(vars(scenario), problems)
    dated = not any(problem.where in {"start", "months"} for problem in problems.items)
    if scenario.year not in (None, world.year):
        problems.add(f"it starts from {scenario.year}", "year", f"ask the world of {scenario.year}")
    # Contradictions are looked for among the measures that are sound in themselves.
    sound: dict[int, dict[str, Reach]] = {}
    for k, measure in enumerate(scenario.measures):
        if too_many(k, problems):
            break
        known = len(problems.items)
        check_draft(k, draft_of(measure), vars(scenario), problems)
        found = _reached(k, measure, world, problems) if _readable(measure) else {}
        if len(problems.items) == known:
            sound[k] = found
    sheets = _written(world, scenario, sound) if dated else {}
    _tell_conflicts(scenario, sheets, problems)
    problems.raise_if_any(RequestError)
    return {material: sheets[material].edits() for material in sorted(sheets)}


def _readable(measure: Measure) -> bool:
    """Whether the fields that choose chains, places and stages have a sound type."""
    draft = draft_of(measure)
    words = [draft.fields.get(name, ()) for name in ("materials", "stages", *PLACE_FIELDS)]
    flat = [w for word in words for w in (word if isinstance(word, tuple) else (word,))]
    number = draft.fields.get("tonnes") is None or isinstance(draft.fields["tonnes"], Real)
    return draft.kind in KINDS and number and all(isinstance(word, str) for word in flat)


def _reached(k: int, measure: Measure, world: World, problems: Problems) -> dict[str, Reach]:
    """Where a measure acts, by chain; what keeps it from acting goes to the problems."""
    found: dict[str, Reach] = {}
    for word in measure.materials:
        held = _chains(k, word, measure, world, problems)
        tried = {ident: reach(measure, world.chain(ident), world.year) for ident in held}
        acting = {ident: at for ident, (at, complaints) in tried.items() if not complaints}
        if tried and not acting:
            _tell(k, measure, word, [c for _, c in tried.values()], problems)
        # Of a group, a member that the supplier does not sell has nothing to be restricted.
        found.update(acting)
    return found


def _chains(
    k: int, word: str, measure: Measure, world: World, problems: Problems
) -> tuple[str, ...]:
    """Ids of the chains of this world that a word stands for; none if it cannot be answered."""
    own, parts = _meaning(word)
    if own in world.chains and _in_tonnes(measure):
        return (own,)
    held = tuple(ident for ident in (own, *parts) if ident in world.chains)
    where = place_of(k, measure.kind, "materials")
    if not held and (own or parts):
        what = f"{word} has no balanced chain in {world.year}"
        problems.add(what, where, f"`lodestone chain {word}` says for which years there is one")
    if len(held) > 1 and _in_tonnes(measure):
        what = f"{word} is a group of {len(held)} materials, and tonnes are of one"
        problems.add(what, where, f"name one of {', '.join(held)}")
        return ()
    return held


def _meaning(word: str) -> tuple[str, tuple[str, ...]]:
    """The id of the material that a word names, and the members of the group that it names."""
    known = find_material(word)
    if known is not None:
        return known.id, known.members
    try:
        return "", group_members(word)  # a group that is no material, such as `battery`
    except RequestError:
        return "", ()  # a name that nobody knows is reported with the scenario's own problems


def _in_tonnes(measure: Measure) -> bool:
    by_quota = isinstance(measure, ExportQuota) and measure.tonnes is not None
    return by_quota or measure.kind in _COUNTS_TONNES


def _tell(
    k: int, measure: Measure, word: str, tried: list[list[Complaint]], problems: Problems
) -> None:
    """Say why a measure acts on no chain of a word: all reasons of one chain, the first of many."""
    group = len(tried) > 1
    for complaint in tried[0][: 1 if group else None]:
        what = f"none of the {len(tried)} chains of {word}: " if group else ""
        where = place_of(k, measure.kind, complaint.field)
        problems.add(f"{what}{complaint.what}", where, complaint.mend)


def _written(
    world: World, scenario: Scenario, reached: dict[int, dict[str, Reach]]
) -> dict[str, Sheet]:
    """One sheet for each material that any measure reaches."""
    sheets: dict[str, Sheet] = {}
    for k in sorted(reached, key=lambda k: _written_late(scenario.measures[k])):
        when = window(scenario.measures[k], scenario)
        for material, at in reached[k].items():
            if material not in sheets:
                sheets[material] = Sheet(world.chain(material), scenario)
            sheets[material].write(k, scenario.measures[k], at, when)
    return sheets


def _written_late(measure: Measure) -> bool:
    """Plants come first: a quota on a supplier holds for what it builds as well."""
    return not isinstance(measure, NewCapacity | Recycling)


def _tell_conflicts(scenario: Scenario, sheets: dict[str, Sheet], problems: Problems) -> None:
    """One problem for each pair of measures, with an example and how many more there are."""
    found: dict[tuple[tuple[int, ...], str], list[Conflict]] = {}
    for material in sorted(sheets):
        for conflict in conflicts(sheets[material]):
            found.setdefault((conflict.by, conflict.what), []).append(conflict)
    for (by, what), same in found.items():
        more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
        problems.add(f"{what} {same[0].example}{more}", _names(scenario, by), same[0].mend)


def _names(scenario: Scenario, by: Iterable[int]) -> str:
    return " and ".join(place_of(k, scenario.measures[k].kind) for k in by)
