"""What is asked of an alliance: who, against what, sharing what. Checked, with all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lodestone.desk.assess_buyer import buyer
from lodestone.desk.worlds import world
from lodestone.terms import attribute
from lodestone.terms import place as find_place
from lodestone.terms.errors import LodestoneError, Problems, RequestError

SHARES = ("stocks", "exports", "buying", "restraint")
#: Attributes that a question may set, by the word it uses for them.
TERM_WORDS = {
    "cover_days": "alliance_cover_days",
    "scramble_days": "alliance_scramble_days",
    "scramble_months": "alliance_scramble_months",
    "hoarding": "alliance_hoarding",
    "restraint": "alliance_restraint",
    "least_share": "alliance_least_share",
}
STRATEGIC = "strategic"
MOST_DRAWS = 1000
#: Beyond 16 places coalitions are drawn by lot; see `alliance_sampled`.
MOST_PLACES = 40


@dataclass(frozen=True)
class AllianceQuestion:
    """A question that can be answered.

    Attributes
    ----------
    members, invited : ids of places and blocs, none of them part of another
    supplier : ISO3 of who withholds
    materials : ids that the supplier sells; `left_out` those it does not
    shares : what members share, of `SHARES`
    cover : days of use in stock of single members
    terms : attributes other than their defaults
    """

    members: tuple[str, ...]
    invited: tuple[str, ...]
    supplier: str
    materials: tuple[str, ...]
    left_out: tuple[str, ...]
    severity: float
    months: int
    year: int
    shares: tuple[str, ...]
    cover: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, float] = field(default_factory=dict)
    draws: int = 0
    seed: int = 0

    @property
    def all(self) -> tuple[str, ...]:
        """Members and invited, in this order."""
        return (*self.members, *self.invited)

    def query(self) -> dict[str, Any]:
        """What decides the answer."""
        return {
            "verb": "alliance",
            "members": list(self.members),
            "invited": list(self.invited),
            "supplier": self.supplier,
            "materials": list(self.materials),
            "severity": self.severity,
            "months": self.months,
            "year": self.year,
            "shares": sorted(self.shares),
            "cover": dict(sorted(self.cover.items())),
            "terms": dict(sorted(self.terms.items())),
            "draws": self.draws,
            "seed": self.seed,
        }


def question(
    members: Sequence[str],
    invite: Sequence[str] = (),
    *,
    supplier: str = "CHN",
    materials: Sequence[str] = (STRATEGIC,),
    severity: float = 1.0,
    months: int = 12,
    year: int | None = None,
    shares: Sequence[str] = SHARES,
    cover: Mapping[str, float] | None = None,
    terms: Mapping[str, float] | None = None,
    draws: int = 0,
    seed: int = 0,
) -> AllianceQuestion:
    """Read a question in words.

    Parameters
    ----------
    terms : values by the words of `TERM_WORDS`

    Raises
    ------
    RequestError
        With everything that is wrong.
    """
    there = world(year)
    problems = Problems("alliance")
    inside = _places(members, "members", there.year, problems)
    asked = _places(invite, "invite", there.year, problems)
    _check_apart(inside, asked, problems)
    against = _supplier(supplier, {**inside, **asked}, problems)
    check_form(
        len(inside),
        len(asked),
        problems,
        materials=materials,
        severity=severity,
        months=months,
        shares=shares,
        cover=cover,
        terms=terms,
        draws=draws,
        seed=seed,
    )
    held = _cover(cover or {}, (*inside, *asked), there.year, problems)
    wanted = _materials(materials, there.year, problems)
    sold = tuple(m for m in wanted if against and _sells(against, m, there.year))
    if wanted and against and not sold:
        problems.add(f"{against} sells none of them", "materials", "name another supplier")
    problems.raise_if_any(RequestError)
    return AllianceQuestion(
        members=tuple(inside),
        invited=tuple(asked),
        supplier=against,
        materials=sold,
        left_out=tuple(m for m in wanted if m not in sold),
        severity=float(severity),
        months=int(months),
        year=there.year,
        shares=tuple(s for s in SHARES if s in shares),
        cover=held,
        terms={TERM_WORDS[word]: float(value) for word, value in (terms or {}).items()},
        draws=draws,
        seed=seed,
    )


def check_form(
    members: int,
    invited: int,
    problems: Problems,
    *,
    materials: Sequence[str] = (STRATEGIC,),
    severity: float = 1.0,
    months: int = 12,
    shares: Sequence[str] = SHARES,
    cover: Mapping[str, float] | None = None,
    terms: Mapping[str, float] | None = None,
    draws: int = 0,
    seed: int = 0,
    most_draws: int = MOST_DRAWS,
) -> None:
    """Note all that is wrong with a question whatever the year: no place or material is looked up.

    Parameters
    ----------
    members, invited : how many
    """
    if members < 2:
        problems.add(f"{members} members", "members", "name at least two places")
    if members + invited > MOST_PLACES:
        problems.add(
            f"{members + invited} places",
            "members, invite",
            f"{MOST_PLACES} at most: join some to a bloc",
        )
    if not materials:
        problems.add("none", "materials", "name at least one, or leave it out")
    if not 0.0 < severity <= 1.0:
        problems.add(f"{severity:g}", "severity", "above 0, at most 1")
    if not 1 <= months <= 60:
        problems.add(f"{months}", "months", "1 to 60")
    if not 0 <= draws <= most_draws:
        problems.add(f"{draws}", "draws", f"0 to {most_draws}")
    if seed < 0:
        problems.add(f"{seed}", "seed", "not negative")
    for word in sorted(set(shares) - set(SHARES)):
        problems.add(f"{word[:40]!r} cannot be shared", "shares", f"of {', '.join(SHARES)}")
    for word, days in (cover or {}).items():
        if not 0.0 <= days <= 3650.0:
            problems.add(f"{days:g} days for {word[:40]}", "cover", "0 to 3650")
    _check_terms(terms or {}, problems)


def _places(
    words: Sequence[str], where: str, year: int, problems: Problems
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        try:
            who = buyer(word, year)
        except LodestoneError as error:
            problems.add(str(error).split("\n", 1)[0], where, "write ISO3 codes or blocs")
            continue
        if who.is_world:
            problems.add("the world has nobody to leave out", where, "name countries and blocs")
            continue
        if who.id in found:
            problems.add(f"{who.id} is named twice", where, "name each once")
        found[who.id] = who.members
    return found


def _check_apart(
    inside: Mapping[str, Sequence[str]], asked: Mapping[str, Sequence[str]], problems: Problems
) -> None:
    """No place may be in twice: a country beside its own bloc would be counted twice."""
    for name in sorted(set(inside) & set(asked)):
        problems.add(f"{name} is a member already", "invite", "leave it out")
    places = {**inside, **asked}
    names = list(places)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            both = sorted(set(places[one]) & set(places[other]))
            if both:
                problems.add(
                    f"{', '.join(both[:3])} is in {one} and in {other}",
                    "members, invite",
                    "name places that do not overlap",
                )


def _supplier(word: str, places: Mapping[str, Sequence[str]], problems: Problems) -> str:
    try:
        code = find_place(word).iso3
    except LodestoneError as error:
        problems.add(str(error).split("\n", 1)[0], "against", "write an ISO3 code")
        return ""
    for name, inside in places.items():
        if code in inside:
            problems.add(f"{code} is part of {name}", "against", "name a supplier outside")
    return code


def _cover(
    cover: Mapping[str, float], have: Sequence[str], year: int, problems: Problems
) -> dict[str, float]:
    found: dict[str, float] = {}
    for word, days in cover.items():
        try:
            who = buyer(word, year).id
        except LodestoneError:
            who = word
        if who not in have:
            problems.add(f"{word} is not among the places", "cover", f"of {', '.join(have)}")
        else:
            found[who] = float(days)
    return found


def _check_terms(terms: Mapping[str, float], problems: Problems) -> None:
    for word, value in terms.items():
        name = TERM_WORDS.get(word)
        if name is None:
            problems.add(f"unknown {word[:40]!r}", "terms", f"of {', '.join(TERM_WORDS)}")
            continue
        most = 1.0 if attribute(name).unit == "1" else 3650.0
        if not 0.0 <= value <= most or (word == "scramble_months" and value < 1.0):
            problems.add(f"{word} = {value:g}", "terms", f"0 to {most:g}")


def _materials(words: Sequence[str], year: int, problems: Problems) -> tuple[str, ...]:
    """Ids of chains; `strategic` is the EU's list, rare earths bring their elements."""
    from lodestone.desk.assess_strategic import strategic_chains
    from lodestone.desk.group_shortages import with_parts
    from lodestone.desk.library import library
    from lodestone.terms import find_material, group_members

    chains = world(year).chains
    found: list[str] = []
    for word in words:
        if word == STRATEGIC:
            found += strategic_chains(library(), year)
            continue
        known = find_material(word)
        names: tuple[str, ...] = (known.id,) if known is not None else ()
        if not names:
            try:
                names = group_members(word)
            except LodestoneError as error:
                problems.add(str(error).split("\n", 1)[0], "materials", "name, symbol or group")
                continue
        here = [m for m in names if m in chains]
        if not here:
            problems.add(f"{word} has no chain in {year}", "materials", "name another")
        found += here
    return tuple(m for m in with_parts(set(found)) if m in chains)


def _sells(supplier: str, name: str, year: int) -> bool:
    from lodestone.desk.study_work import hit_edits

    hit = {"material": name, "severity": 1.0, "begins": 0, "lasts": 1}
    try:
        hit_edits(year, supplier, hit, 1)
    except RequestError:
        return False
    return True
