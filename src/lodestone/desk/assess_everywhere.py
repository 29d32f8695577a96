"""GeoPolRisk of every material and place in every year at once: for benchmarks and for coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lodestone.assess.assessment import Assessment, Gap
from lodestone.assess.geopolrisk import geopolrisk
from lodestone.desk.assess_baseline import baseline
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.assess_geopolrisk_inputs import (
    GeoPolRiskInputs,
    geopolrisk_inputs,
    geopolrisk_years,
)
from lodestone.desk.assess_governance import political_stability
from lodestone.desk.library import Library, library
from lodestone.terms.errors import RequestError

#: Blocs that are scored beside the places.
_BLOCS = ("EU27", "ALLIANCE")


@dataclass(frozen=True, eq=False)
class Everywhere:
    """Scores of all (material, stage), places and years, and how many there are.

    Attributes
    ----------
    score : Assessment
        Every cell a number or a named gap.
    known : int
        Cells with a number.
    unknown : mapping of Gap to int
        Cells without, by reason.
    """

    score: Assessment
    known: int
    unknown: Mapping[Gap, int]


def geopolrisk_everywhere(inputs: str = "published") -> Everywhere:
    """Score every material of the release for every place and two blocs, 2018 on.

    Parameters
    ----------
    inputs : `published` for the inputs of the method's authors, `live` for our balanced chains

    Raises
    ------
    RequestError
        Unknown inputs.
    """
    return everywhere(everywhere_inputs(inputs))


def everywhere_inputs(inputs: str = "published", books: Library | None = None) -> GeoPolRiskInputs:
    """What `everywhere` computes from: read once, so that reading can be timed apart."""
    open_books = library() if books is None else books
    members = sorted({m for bloc in _BLOCS for m in buyer(bloc).members})
    if inputs == "published":
        return geopolrisk_inputs(open_books, geopolrisk_years(open_books), members)
    if inputs != "live":
        raise RequestError(f"unknown inputs {inputs!r}: one of published, live")
    years = open_books.years()
    materials = {m for year in years for m in open_books.materials(year)}
    base = baseline(open_books, sorted(materials), years, members)
    governance = political_stability(open_books, base.places, base.years)
    return GeoPolRiskInputs(base.production, base.trade, governance)


def everywhere(inputs: GeoPolRiskInputs) -> Everywhere:
    """Compute all scores: arrays in, arrays out."""
    blocs = {bloc: buyer(bloc).members for bloc in _BLOCS}
    score = geopolrisk(inputs.production, inputs.trade, inputs.governance, blocs).score
    reasons, counts = np.unique(score.gap, return_counts=True)
    found = {Gap(int(r)): int(n) for r, n in zip(reasons, counts, strict=True)}
    known = found.pop(Gap.NONE, 0)
    return Everywhere(score, known, found)
