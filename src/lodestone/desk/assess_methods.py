"""Names of the assessment methods: what a user may ask for, and what each name stands for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from lodestone.terms.errors import Problems, RequestError
from lodestone.terms.lookup import Index

#: Suppliers whose weight is shown side by side, whoever is assessed.
RIVALS = ("CHN", "USA")
#: Ends the name of a method in the id of a number that was made from published inputs.
PUBLISHED = "@published"

#: Name of a method -> what it tells, in the order in which rows are shown.
METHODS = {
    "ec_criticality": "European Commission: critical or not",
    "ec_supply_risk": "European Commission: supply risk, by stage and at the bottleneck",
    "ec_economic_importance": "European Commission: economic importance",
    "geopolrisk": "GeoPolRisk; a bloc's trade inside itself counts, as published",
    "geopolrisk_extra_region": "GeoPolRisk; only imports from outside a bloc count",
    "hhi": "concentration of world supply",
    "hhi_wgi": "the same, weighted by bad governance",
    "net_import_reliance": "net imports as a share of use (USGS)",
    "trade_exposure": "exposure of users to foreign supply",
    **{f"trade_exposure_on_{r}": f"the part that {r} ships" for r in RIVALS},
    "n_minus_1_rest_of_world_demand": "supply over demand, both without the largest supplier (IEA)",
    "n_minus_1_all_demand": "supply without the largest supplier over all demand",
    "reserves_over_production": "static years of reserves",
    "dependence_direct": "largest foreign supplier, as shipped",
    "dependence_look_through": "largest foreign supplier, by where it was made",
    "dependence_gap": "look-through minus direct share of the largest look-through supplier",
    **{f"dependence_direct_on_{r}": f"share shipped by {r}" for r in RIVALS},
    **{f"dependence_look_through_on_{r}": f"share made in {r}" for r in RIVALS},
    "crm_act_mass": "CRM Act 10 / 40 / 25 %, added up in tonnes",
    "crm_act_value": "CRM Act 10 / 40 / 25 %, added up in money",
    "crm_act_mean": "CRM Act 10 / 40 / 25 %, mean of materials",
    "crm_act_own_share": "own output as a share of own use, by strategic material",
    "crm_act_diversification": "CRM Act 65 %: worst third country, by where it was made",
    "crm_act_diversification_direct": "CRM Act 65 %: worst third country, as shipped",
}

#: A name for several methods at once.
GROUPS = {
    "ec_criticality": ("ec_criticality", "ec_supply_risk", "ec_economic_importance"),
    "n_minus_1": ("n_minus_1_rest_of_world_demand", "n_minus_1_all_demand"),
    "trade_exposure": ("trade_exposure", *(f"trade_exposure_on_{r}" for r in RIVALS)),
    "look_through_dependence": tuple(m for m in METHODS if m.startswith("dependence_")),
    "crm_act": tuple(m for m in METHODS if m.startswith("crm_act_")),
}
#: Methods with published inputs in the data release.
WITH_PUBLISHED_INPUTS = (
    "ec_supply_risk",
    "geopolrisk",
    "geopolrisk_extra_region",
    "net_import_reliance",
    "n_minus_1_rest_of_world_demand",
    "n_minus_1_all_demand",
)
_ORDER = {name: n for n, name in enumerate(METHODS)}


def methods_asked(names: Sequence[str], inputs: str) -> frozenset[str]:
    """Methods behind the names asked for; without a name, all that the inputs allow.

    Raises
    ------
    RequestError
        Every unknown name with the nearest ones and the list, and every method that has no
        published inputs when those are asked for.
    """
    able = frozenset(METHODS if inputs == "live" else WITH_PUBLISHED_INPUTS)
    if not names:
        return able
    problems = Problems("methods")
    asked: set[str] = set()
    for name in names:
        found = _index().find(name)
        if found is None:
            hint = str(_index().unknown(name)).partition(": ")[2]
            problems.add(f"unknown method {name!r}: {hint}", mend=f"one of {_listing()}")
            continue
        members = set(GROUPS.get(found, (found,)))
        if not members & able:
            mend = "ask with live inputs; published are " + ", ".join(WITH_PUBLISHED_INPUTS)
            problems.add(f"{found} has no published inputs in the data release", mend=mend)
        asked |= members & able
    problems.raise_if_any(RequestError)
    return frozenset(asked)


def rank(method: str) -> int:
    """Position of a method among the rows of a stage."""
    return _ORDER[method]


def split_suffix(names: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Names without the suffix that marks published inputs, and whether any name had it."""
    given = tuple(names)
    plain = tuple(n.removesuffix(PUBLISHED) for n in given)
    return plain, plain != given


def _listing() -> str:
    return ", ".join(dict.fromkeys((*GROUPS, *METHODS)))


@cache
def _index() -> Index:
    return Index("method", {name: (name,) for name in dict.fromkeys((*GROUPS, *METHODS))})
