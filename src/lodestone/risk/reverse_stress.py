"""The likeliest set of cut-offs that pushes a place past a threshold.

Not "what happens if", but "what would it take". Sets are tried in falling order of how likely they
are; adding a cut never makes a set likelier, so the first that is bad enough is the likeliest.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.risk.sampling import Chances

Floats = NDArray[np.float64]

_NODES, _MOST_TRIED = 48, 20_000


@dataclass(frozen=True)
class ReverseStress:
    """An answer.

    Attributes
    ----------
    cuts : positions of the pairs, the largest loss first; empty if no set gets there
    probability : that all of them begin in one year
    loss : of all of them, in the unit of the threshold
    proved : False where the search was stopped early: a likelier set may exist
    reachable : whether all pairs together reach the threshold
    """

    cuts: tuple[int, ...]
    probability: float
    loss: float
    proved: bool
    reachable: bool


def joint_probability(
    c: Chances, cuts: Sequence[int], given: tuple[Floats, Floats] | None = None
) -> float:
    """That all these cuts begin in the same year.

    Parameters
    ----------
    given : from `given_factor`, where many sets are asked
    """
    by_supplier: dict[int, list[int]] = {}
    for k in cuts:
        by_supplier.setdefault(int(c.supplier[k]), []).append(k)
    found = 1.0
    for group in by_supplier.values():
        found *= _of_one_supplier(c, group, given or given_factor(c))
    return found


def likeliest(c: Chances, loss: Floats, threshold: float) -> ReverseStress:
    """The likeliest set whose losses add up to the threshold.

    Parameters
    ----------
    loss : (P,) what each pair's cut costs at its central depth and length
    threshold : in the same unit

    Notes
    -----
    Losses are added up; sectors that several cuts hit lose a little less together.
    """
    order = np.argsort(-loss, kind="stable")
    order = order[loss[order] > 0.0]
    rest = np.concatenate([np.cumsum(loss[order][::-1])[::-1], [0.0]])
    if rest[0] < threshold:
        return ReverseStress((), 0.0, float(rest[0]), True, False)
    given = given_factor(c)
    best = _greedy(c, loss, order, threshold, given)
    heap: list[tuple[float, tuple[int, ...], float]] = [(-1.0, (), 0.0)]
    tried = 0
    while heap and tried < _MOST_TRIED:
        minus, chosen, total = heapq.heappop(heap)
        if -minus <= best[0]:
            break
        if total >= threshold:
            return _answer(c, order, chosen, loss, True)
        start = chosen[-1] + 1 if chosen else 0
        for j in range(start, order.size):
            if total + rest[j] < threshold:
                break
            more = (*chosen, j)
            chance = joint_probability(c, [int(order[x]) for x in more], given)
            tried += 1
            if chance > best[0]:
                heapq.heappush(heap, (-chance, more, total + float(loss[order[j]])))
    return _answer(c, order, best[1], loss, tried < _MOST_TRIED)


def _greedy(
    c: Chances,
    loss: Floats,
    order: NDArray[np.int64],
    threshold: float,
    given: tuple[Floats, Floats],
) -> tuple[float, tuple[int, ...]]:
    """A good set to beat: within each supplier, and over all, by loss until it is enough."""
    found: tuple[float, tuple[int, ...]] = (0.0, ())
    groups = [None, *dict.fromkeys(int(s) for s in c.supplier[order])]
    for supplier in groups:
        mine = [j for j in range(order.size) if supplier in (None, int(c.supplier[order[j]]))]
        for by in (loss, loss * c.probability):
            ranked = sorted(mine, key=lambda j: (-by[order[j]], j))
            total, chosen = 0.0, []
            for j in ranked:
                if total >= threshold:
                    break
                chosen.append(j)
                total += float(loss[order[j]])
            if total >= threshold:
                chance = joint_probability(c, [int(order[j]) for j in chosen], given)
                found = max(found, (chance, tuple(sorted(chosen))))
    return found


def _answer(
    c: Chances, order: NDArray[np.int64], chosen: Sequence[int], loss: Floats, proved: bool
) -> ReverseStress:
    cuts = tuple(int(order[j]) for j in chosen)
    return ReverseStress(
        cuts, joint_probability(c, cuts), float(loss[list(cuts)].sum()), proved, True
    )


def given_factor(c: Chances) -> tuple[Floats, Floats]:
    """(P, nodes) chance of each cut at values of its supplier's common factor; (nodes,) weights.

    The values are those of Gauss and Hermite, so that a weighted sum is the integral over the factor.
    """
    from scipy.special import ndtr, ndtri

    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    rho = c.correlation
    with np.errstate(divide="ignore"):
        edge = ndtri(c.probability)
    inner = (edge[:, None] - np.sqrt(rho) * nodes[None, :]) / np.sqrt(1.0 - rho)
    return ndtr(inner), weights / weights.sum()


def _of_one_supplier(c: Chances, group: Sequence[int], given: tuple[Floats, Floats]) -> float:
    """Integral over the supplier's common factor: given it, cuts are independent."""
    if len(group) == 1:
        return float(c.probability[group[0]])
    chance, weights = given
    return float((chance[list(group)].prod(axis=0) * weights).sum())
