"""Governance of places for the two methods that weigh suppliers by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lodestone.assess.governance import Governance
from lodestone.assess.panel import OTHERS, FloatArray
from lodestone.desk.library import Library


@dataclass(frozen=True, eq=False)
class EcWeight:
    """The WGI weight of the EC method, 0 (best) to 10, shape (places, years).

    `stand_ins` are the places without the mean of six indicators: their political stability of
    the year stands for it, or the middle of the scale where that is missing too.
    """

    weight: FloatArray
    stand_ins: tuple[str, ...]


def political_stability(books: Library, places: Sequence[str], years: Sequence[int]) -> Governance:
    """World Bank estimate of political stability, by place and year; NaN where there is none."""
    estimate = np.full((len(places), len(years)), np.nan)
    at = {place: n for n, place in enumerate(places)}
    marks = ", ".join("?" for _ in years)
    for row in books.rows(
        f"SELECT place, year, value FROM governance "
        f"WHERE indicator = 'political_stability' AND year IN ({marks})",
        list(years),
    ):
        if row["place"] in at and row["value"] is not None:
            estimate[at[row["place"]], list(years).index(int(row["year"]))] = row["value"]
    return Governance(tuple(places), tuple(years), estimate)


def ec_weight(books: Library, places: Sequence[str], years: Sequence[int]) -> EcWeight:
    """Weights from the mean of the six indicators, the latest that each place has.

    A source's "other countries" weigh nothing: many small suppliers add no concentration.
    """
    stability = political_stability(books, places, years).estimate
    rows = books.rows("SELECT place, value FROM governance WHERE indicator = 'mean_of_six'")
    mean = {r["place"]: r["value"] for r in rows if r["value"] is not None}
    own = np.array([mean.get(place, np.nan) for place in places])[:, None]
    estimate = np.where(np.isnan(own), np.where(np.isnan(stability), 0.0, stability), own)
    weight = Governance(tuple(places), tuple(years), estimate).weight_0_to_10()
    weight[[place == OTHERS for place in places]] = 0.0
    missing = tuple(p for p in places if p not in mean and p != OTHERS)
    return EcWeight(weight, missing)


def without_members(governance: Governance, members: Sequence[str]) -> Governance:
    """The same with the best score for members of a bloc, whose trade inside it bears no risk."""
    inside = np.isin(governance.places, list(members))[:, None]
    return Governance(
        governance.places, governance.years, np.where(inside, 2.5, governance.estimate)
    )
