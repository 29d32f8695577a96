"""Scenarios of a plan: paths of years in which suppliers cut, drawn from our hazards or given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodestone.terms import attribute, find_place, material
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    from lodestone.chain.world import World
    from lodestone.desk.assess_buyer import Buyer
    from lodestone.plan.need import Need

#: Depths and months to which drawn cuts are rounded, so that a state is walked once.
DEPTHS, MONTHS = (0.4, 0.7, 1.0), (6, 12)
#: Suppliers of less of the world's exports of every stage, and of less of the place, are left out.
_SMALL, _OWN = 0.05, 0.05

#: (supplier, depth, months) of each cut, by supplier.
Cuts = tuple[tuple[str, float, int], ...]


class State(NamedTuple):
    """What a year is like for a material.

    Attributes
    ----------
    cuts : who cuts how much for how long
    spent : somebody cut the year before as well: stocks went then, and are not back
    """

    cuts: Cuts
    spent: bool = False

    @property
    def name(self) -> str:
        """`CHN 70 % 12 months`, `CHN 40 % 6 months after a cut`."""
        words = ", ".join(f"{s} {100.0 * d:.0f} % {m} months" for s, d, m in self.cuts)
        return f"{words} after a cut" if self.spent else words


@dataclass(frozen=True)
class Drawn:
    """Scenarios in words.

    Attributes
    ----------
    probability : (S,)
    cuts : (s, y, material) -> what suppliers cut; absent for calm
    names : (S,)
    as_of : day on which controls were in force or not
    """

    probability: np.ndarray[Any, Any]
    cuts: Mapping[tuple[int, int, str], Cuts]
    names: tuple[str, ...]
    as_of: date

    @property
    def states(self) -> dict[tuple[int, int, str], State]:
        """(s, y, material) -> its state; absent for calm."""
        return {
            (s, y, name): State(cuts, (s, y - 1, name) in self.cuts)
            for (s, y, name), cuts in sorted(self.cuts.items())
        }


def drawn_scenarios(
    there: World,
    who: Buyer,
    needs: Sequence[Need],
    years: int,
    count: int,
    seed: int,
    as_of: date,
) -> Drawn:
    """Paths of years drawn from our hazards, every one as likely.

    A cut longer than its year goes on in the next. Suppliers that export less than 5 % of the world's
    output of any stage, and less than 5 % of what the place takes in, are left out: errs low.
    """
    from lodestone.desk.group_shortages import counted_in_group
    from lodestone.desk.hazard_inputs import hazard_table
    from lodestone.desk.studying import supplier_cells
    from lodestone.risk.sampling import CHUNK, chances, draw_cuts

    cells = supplier_cells(there)
    names = {name for name, _, _, _ in cells}
    at_risk = tuple(
        dict.fromkeys(
            (code, name) for name, _, code, _ in cells if not counted_in_group(name, names)
        )
    )
    large = {(code, name) for name, _, code, share in cells if share >= _SMALL}
    large |= {
        (supplier, need.material)
        for need in needs
        for shares in need.shares.values()
        for supplier, share in shares.items()
        if share >= _OWN
    }
    wanted = {need.material for need in needs}
    pairs = [(s, m) for s, m in at_risk if s not in who.members and m in wanted and (s, m) in large]
    held = hazard_table(pairs, at_risk, as_of)
    c = chances(held, float(attribute("cut_correlation").default))
    found: dict[tuple[int, int, str], dict[str, tuple[float, int]]] = {}
    for chunk in range(-(-count * years // CHUNK)):
        drawn = zip(*draw_cuts(c, seed, chunk), strict=True)
        for year, pair, depth, months in drawn:
            s, y = divmod(int(year), years)
            if s < count:
                supplier, name = c.pairs[pair]
                near = min(DEPTHS, key=lambda d: abs(d - float(depth)))
                _enter(found, s, y, name, supplier, near, _rounded(float(months)), years)
    cuts = {key: _sorted(held) for key, held in found.items()}
    return Drawn(
        np.full(count, 1.0 / count), cuts, tuple(f"drawn {s + 1}" for s in range(count)), as_of
    )


def given_scenarios(
    scenarios: Sequence[Mapping[str, Any]],
    there: World,
    who: Buyer,
    materials: Sequence[str],
    years: Sequence[int],
    as_of: date,
) -> Drawn:
    """Scenarios that a plan file spells out, to the depth and month; the rest of probability is calm.

    Raises
    ------
    RequestError
        Unknown suppliers, or of those who plan; materials that the plan has not, or that they do not
        export; years outside the plan: all at once.
    """
    problems = Problems("scenarios of the plan")
    found: dict[tuple[int, int, str], dict[str, tuple[float, int]]] = {}
    p = [float(s["probability"]) for s in scenarios]
    if any(x < 0.0 for x in p) or sum(p) > 1.0 + 1e-9:
        problems.add(f"probabilities {p}", "scenario", "from 0, with a sum of at most 1")
    for n, scenario in enumerate(scenarios):
        for k, cut in enumerate(scenario.get("cut", ()), 1):
            where = f"scenario {n + 1}, cut {k}"
            place = find_place(cut["supplier"])
            names = _names(cut["materials"], materials, where, problems)
            if place is None:
                problems.add(f"unknown supplier {cut['supplier']!r}", where, "use an ISO3 code")
            elif names and (why := _no_cut(there, names, place.iso3, cut["materials"])):
                problems.add(why, where, "name who makes the goods, or leave these materials out")
            if place is not None and place.iso3 in who.members:
                problems.add(
                    f"{place.iso3} is in {who.id}, who plans", where, "name a supplier from outside"
                )
            if cut["year"] not in years:
                problems.add(f"year {cut['year']}", where, f"{years[0]} to {years[-1]}")
            depth, months = float(cut.get("severity", 1.0)), int(cut.get("months", 12))
            if not 0.0 < depth <= 1.0 or not 1 <= months <= 120:
                problems.add("severity or months", where, "above 0 to 1, and 1 to 120")
            if place is None or cut["year"] not in years or not 0.0 < depth <= 1.0:
                continue
            for name in names:
                if _cannot_cut(there, name, place.iso3):
                    continue
                y = list(years).index(cut["year"])
                _enter(found, n, y, name, place.iso3, depth, _by_year(months), len(years))
    problems.raise_if_any(RequestError)
    rest = max(1.0 - sum(p), 0.0)
    names_of = tuple(f"given {n + 1}" for n in range(len(p)))
    probability = np.array([*p, rest] if rest > 1e-12 else p)
    return Drawn(
        probability / probability.sum(),
        {key: _sorted(held) for key, held in found.items()},
        (*names_of, "calm") if rest > 1e-12 else names_of,
        as_of,
    )


def _no_cut(there: World, names: Sequence[str], supplier: str, words: Sequence[str]) -> str:
    """Which materials a supplier cannot cut off; of all together only if there is none that it can."""
    cannot = [name for name in names if _cannot_cut(there, name, supplier)]
    if not cannot or (list(words) == ["all"] and len(cannot) < len(names)):
        return ""
    return f"{supplier} exports no {', '.join(cannot)}"


def _cannot_cut(there: World, name: str, supplier: str) -> bool:
    from lodestone.chain.measure import ExportBan
    from lodestone.chain.reach import reach

    return bool(reach(ExportBan(supplier, materials=(name,)), there.chain(name), there.year)[1])


def _names(
    words: Sequence[str], materials: Sequence[str], where: str, problems: Problems
) -> list[str]:
    if list(words) == ["all"]:
        return list(materials)
    found = []
    for word in words:
        try:
            name = material(word).id
        except RequestError as error:
            problems.add(str(error), where, "use a name, symbol or alias")
            continue
        if name in materials:
            found.append(name)
        else:
            problems.add(f"{name} is not in the plan", where, "add it to materials")
    return found


def _enter(
    found: dict[tuple[int, int, str], dict[str, tuple[float, int]]],
    s: int,
    y: int,
    name: str,
    supplier: str,
    depth: float,
    months: Sequence[int],
    years: int,
) -> None:
    """One cut, year after year until it ends; of two by one supplier the deeper counts."""
    for later, here in enumerate(months[: years - y]):
        held = found.setdefault((s, y + later, name), {})
        held[supplier] = max(held.get(supplier, (0.0, 0)), (depth, here))


def _rounded(months: float) -> list[int]:
    """Months of a drawn cut in each of its years, of those that are walked."""
    found = []
    while months >= 2.0:
        found.append(min(MONTHS, key=lambda m: abs(m - min(months, 12.0))))
        months -= 12.0
    return found


def _by_year(months: int) -> list[int]:
    """Months of a cut in each of its years, as stated."""
    return [min(months - start, 12) for start in range(0, months, 12)]


def _sorted(held: Mapping[str, tuple[float, int]]) -> Cuts:
    return tuple((supplier, *held[supplier]) for supplier in sorted(held))
