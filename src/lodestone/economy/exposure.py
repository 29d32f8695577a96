"""Which parts of which industries need a material, and how much of it they pay for.

One row is one part: gallium in radio chips inside the semiconductor industry. It knows which
share of the place's gallium goes there and which share of the industry's output cannot be made
without it (the *exposure phi*, low-central-high).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lodestone.economy.kept_output import kept_exposed
from lodestone.economy.table import EconomyTable
from lodestone.terms.errors import DataError, Problems

Floats = NDArray[np.float64]

#: From this cost share on, an exposed part is smaller than a judge can have meant.
LARGE_COST_SHARE = 0.5


class Case(IntEnum):
    """Which end of the judged bands: position in every array of three."""

    LOW, CENTRAL, HIGH = 0, 1, 2


@dataclass(frozen=True)
class Part:
    """One use of a material in one sector.

    Attributes
    ----------
    application, label : short id and plain words
    sector : code in the table; industry : the industry judged, where the table is coarser
    spend_share : share of the place's spend on the material that goes here
    phi : low, central, high share of the sector's output that needs it
    basis : source or reason of phi
    """

    application: str
    label: str
    sector: str
    industry: str
    spend_share: float
    phi: tuple[float, float, float]
    basis: str


@dataclass(frozen=True)
class Exposure:
    """All parts of one material in one economy, as arrays over parts.

    Attributes
    ----------
    parts : (R) what each is
    sector : (R,) position in the table
    spend_share : (R,)
    phi : (3, R) low, central, high
    unmapped : share of the spend on uses that no industry of the table has
    """

    material: str
    parts: tuple[Part, ...]
    sector: NDArray[np.int64]
    spend_share: Floats
    phi: Floats
    unmapped: float


def exposure(table: EconomyTable, material: str, parts: Sequence[Part]) -> Exposure:
    """The exposure of an economy to one material.

    Raises
    ------
    DataError
        A sector that is not in the table, shares outside 0 to 1 or above 1 in all, phi out of
        order: all of them at once.
    """
    problems = Problems(f"uses of {material} in {table.place} {table.year}")
    for p in parts:
        where = f"{p.application}, {p.sector}"
        if p.sector not in table.at:
            problems.add("sector is not in the table", where, f"use a code of {table.scheme}")
        if not 0.0 <= p.spend_share <= 1.0:
            problems.add(f"share {p.spend_share:g}", where, "from 0 to 1")
        if not 0.0 <= p.phi[0] <= p.phi[1] <= p.phi[2] <= 1.0:
            problems.add(f"phi {p.phi}", where, "0 <= low <= central <= high <= 1")
    total = float(sum(p.spend_share for p in parts))
    if total > 1.0 + 1e-6:
        problems.add(f"shares sum to {total:.3f}", material, "they are shares of one spend")
    problems.raise_if_any(DataError)
    return Exposure(
        material,
        tuple(parts),
        np.array([table.at[p.sector] for p in parts], dtype=np.int64),
        np.array([p.spend_share for p in parts], dtype=np.float64),
        np.array([p.phi for p in parts], dtype=np.float64).reshape(-1, 3).T,
        max(1.0 - total, 0.0),
    )


def cost_shares(table: EconomyTable, exposed: Exposure, spend: float) -> Floats:
    """(3, R) alpha: spend of a part over the value of its exposed output, at most 1.

    Parameters
    ----------
    spend : what the place pays for the material in a year, million of the table's currency
    """
    value = exposed.phi * table.output[exposed.sector][None, :]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        alpha = exposed.spend_share[None, :] * spend / value
    return np.where(value > 0.0, np.minimum(alpha, 1.0), 0.0)


def lost_share(
    table: EconomyTable,
    exposed: Exposure,
    spend: float,
    shortage: Floats,
    sigma: float,
    case: Case = Case.CENTRAL,
) -> Floats:
    """(n, T) share of each sector's output that cannot be made, for one material.

    Whether two parts of a sector sit in the same products (catalyst and magnet in one car) or in
    different ones is not known: they count as independent. Every part misses the same share of the
    material: nobody knows who is served first.

    Parameters
    ----------
    shortage : (T,) share of the place's use that is missing
    sigma : elasticity of substitution of the short material
    """
    missing = np.clip(np.asarray(shortage, dtype=np.float64), 0.0, 1.0)
    alpha = cost_shares(table, exposed, spend)[case]
    gone = exposed.phi[case][:, None] * (
        1.0 - kept_exposed(alpha[:, None], missing[None, :], sigma)
    )
    kept = np.ones((len(table.sectors), missing.size))
    np.multiply.at(kept, exposed.sector, 1.0 - gone)
    return np.asarray(1.0 - kept)


def together(lost: Sequence[Floats]) -> Floats:
    """Shares lost to several materials at once: `1 - prod(1 - lost)`.

    Whether two materials sit in the same products is not known; this takes them as independent.
    """
    kept = np.ones_like(lost[0])
    for share in lost:
        kept = kept * (1.0 - share)
    return np.asarray(1.0 - kept)
