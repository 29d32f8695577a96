"""Output by place before balancing: what the sources say, how far apart they are, and the error.

Sources disagree (DRC cobalt 2023: 175 kt and 140 kt). Each figure gets a relative error from its
flag; a later edition of one publisher replaces the earlier; figures of different publishers are
averaged by relative precision and the spread between them becomes part of the error. A place that
a complete source leaves out counts as nothing there: the figure of the others falls by a tenth
to a half, and its error widens to half of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median

import polars as pl

from lodestone.atlas.recipe import Recipe, StageRecipe, judged_shares, reworkers
from lodestone.terms import attribute

#: Publishers whose list of mining countries is complete, so that an omission means "about
#: nothing". For by-products of smelters the same publisher's lists have gaps.
COMPLETE = frozenset({"wmd_2026"})
IEA, EC = "iea_cm2025", "ec_crm2023"
_EC_YEAR, _IEA_YEAR = 2018, 2024
#: Kind of a figure split off "rest of world" by another source's pattern.
SPLIT = "split"
#: Not countries.
AGGREGATES = frozenset({"WLD", "XOT"})


@dataclass(frozen=True)
class Estimate:
    """One figure before balancing.

    Attributes
    ----------
    value, error : tonnes (or index units) and standard error in the same units
    kind : 'reported', 'estimated', 'other_year', 'shares' or 'judged'
    facts : ids of the facts it was made from
    """

    value: float
    error: float
    kind: str
    facts: tuple[str, ...] = ()

    def scaled(self, factor: float, kind: str | None = None, extra_error: float = 0.0) -> Estimate:
        """The estimate times `factor`, with `extra_error` (relative) added in quadrature."""
        value = self.value * factor
        error = ((self.error * factor) ** 2 + (extra_error * value) ** 2) ** 0.5
        return replace(self, value=value, error=error, kind=kind or self.kind)


Estimates = dict[str, Estimate]


@dataclass(frozen=True)
class OutputEstimates:
    """Output by place of one stage and year, and whether the country list is complete.

    `unknown` names places that a source lists without a figure (withheld or not available) and
    no other source states.
    """

    places: Estimates
    complete: bool
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """World output: the sum over places."""
        return sum(e.value for e in self.places.values())


class FactBook:
    """The production and share facts of all materials, indexed for quick look-up."""

    def __init__(self, facts: pl.DataFrame, without: Iterable[str] = ()) -> None:
        keep = facts.filter(
            pl.col("quantity").is_in(["production", "supply_share"])
            & ~pl.col("source").is_in(list(without))
        )
        self._rows: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
        for row in keep.iter_rows(named=True):
            self._rows[(row["material"], row["stage"])].append(row)

    def production(
        self, material: str, stages: tuple[str, ...], year: int, without: tuple[str, ...] = ()
    ) -> OutputEstimates:
        """Output by place from every publisher that states this year, some left out."""
        by_source: dict[str, dict[str, list[dict[str, object]]]] = {}
        for stage in stages:
            for row in self._rows.get((material, stage), ()):
                if row["quantity"] != "production" or row["year"] != year or row["year_to"] != year:
                    continue
                if row["unit"] != "t" or not _is_reference(row):
                    continue
                source = str(row["source"])
                if source in without:
                    continue
                by_source.setdefault(source, defaultdict(list))[str(row["place"])].append(row)
        sums = {s: {p: _sum(rows) for p, rows in places.items()} for s, places in by_source.items()}
        listed = {p for places in sums.values() for p in places}
        complete = COMPLETE if stages in (("mine",), ("product",)) else frozenset()
        output = _combine(_latest_editions(sums), complete)
        unknown = tuple(sorted(listed - set(output.places) - AGGREGATES))
        return replace(output, unknown=unknown)

    def years(
        self, material: str, stages: tuple[str, ...], without: tuple[str, ...] = ()
    ) -> list[int]:
        """Years for which any publisher (but those left out) states output."""
        return sorted(
            {
                int(str(row["year"]))
                for stage in stages
                for row in self._rows.get((material, stage), ())
                if row["quantity"] == "production"
                and row["unit"] == "t"
                and row["year"] == row["year_to"]
                and _is_reference(row)
                and row["value"] is not None
                and row["place"] not in AGGREGATES
                and row["source"] not in without
            }
        )

    def shares(self, material: str, stage: str, source: str, year: int | None) -> Estimates:
        """Shares of world output by place from one publisher; they are made to sum to 1."""
        found: Estimates = {}
        for row in self._rows.get((material, stage), ()):
            if row["source"] != source or row["value"] is None or row["place"] == "WLD":
                continue
            if source.startswith("iea"):
                if row["quantity"] != "production" or row["year"] != year:
                    continue
            elif row["quantity"] != "supply_share":
                continue
            value, place = float(str(row["value"])), str(row["place"])
            before = found.get(place)
            if before is not None:
                value += before.value
            facts = (*before.facts, str(row["fact"])) if before else (str(row["fact"]),)
            found[place] = Estimate(value, 0.0, "shares", facts)
        total = sum(e.value for e in found.values())
        return {p: e.scaled(1.0 / total) for p, e in found.items()} if total > 0 else {}


def stage_output(
    book: FactBook, recipe: Recipe, stage: StageRecipe, year: int, expected_total: float | None
) -> OutputEstimates:
    """Output by place of one stage and year, by the first method of the recipe that has data.

    Parameters
    ----------
    expected_total : world output this stage should have, from the stage before it (tonnes);
        None at the first stage. Shares are turned into tonnes with it.
    """
    for method in stage.methods:
        found = _by_method(book, recipe, stage, year, expected_total, method)
        if found is not None and found.total > 0:
            return found
    return OutputEstimates({}, complete=False)


def _by_method(
    book: FactBook,
    recipe: Recipe,
    stage: StageRecipe,
    year: int,
    expected_total: float | None,
    method: str,
) -> OutputEstimates | None:
    if method == "production":
        return _production(book, recipe, stage, year, expected_total)
    if method == "judged":
        return _judged(recipe, stage, expected_total)
    source, share_year = (IEA, 2024) if method == "shares_iea_2024" else (EC, None)
    shares = _shares(book, recipe, stage.production_stages, source, share_year)
    earlier = _shares(book, recipe, stage.rest_like, EC, None)
    if "XOT" in shares:
        shares = _split_rest(shares, earlier)
    if method == "shares_iea_2024" and shares and earlier:
        shares = _between(earlier, shares, year)
    total = 100.0 if expected_total is None and recipe.is_index else expected_total
    if not shares or total is None:
        return None
    same_year = method == "shares_iea_2024" and year == 2024
    error = attribute("error_share_same_year" if same_year else "error_share_other_year").default
    floor = attribute("error_share_floor").default
    places = {
        place: Estimate(
            e.value * total,
            ((max(error, _split_error(e)) * e.value) ** 2 + floor**2) ** 0.5 * total,
            "reported" if same_year and e.kind != SPLIT else "shares",
            e.facts,
        )
        for place, e in shares.items()
        if e.value > 0
    }
    return OutputEstimates(places, complete=True)


def _between(earlier: Estimates, later: Estimates, year: int) -> Estimates:
    """Shares of a year between the mean of 2016-20 (set at 2018) and 2024, on a straight line."""
    weight = min(max((year - _EC_YEAR) / (_IEA_YEAR - _EC_YEAR), 0.0), 1.0)
    if weight == 1.0:
        return later
    mixed: Estimates = {}
    for p in sorted(set(earlier) | set(later)):
        a, b = earlier.get(p), later.get(p)
        value = (1.0 - weight) * (a.value if a else 0.0) + weight * (b.value if b else 0.0)
        facts = (*(a.facts if a else ()), *(b.facts if b else ()))
        mixed[p] = Estimate(value, 0.0, b.kind if b else "shares", facts)
    return mixed


def _split_error(share: Estimate) -> float:
    return attribute("error_split").default if share.kind == SPLIT else 0.0


def _shares(
    book: FactBook, recipe: Recipe, stages: tuple[str, ...], source: str, year: int | None
) -> Estimates:
    for name in stages:
        found = book.shares(recipe.material, name, source, year)
        if found:
            out = reworkers().get((recipe.material, name), frozenset())
            kept = {p: e for p, e in found.items() if p not in out}
            total = sum(e.value for e in kept.values())
            return {p: e.scaled(1.0 / total) for p, e in kept.items()}
    return {}


def _named(output: OutputEstimates, pattern: Estimates) -> OutputEstimates:
    """Output with "other countries" and withheld places filled by another source's pattern."""
    wide = attribute("error_split").default
    places = dict(output.places)
    if "XOT" in places:
        split = _split_rest(places, pattern)
        places = {
            p: e if p in output.places else replace(e, error=wide * e.value, kind="shares")
            for p, e in split.items()
        }
    hidden = [p for p in output.unknown if p not in places and p in pattern]
    known_share = 1.0 - sum(pattern[p].value for p in hidden)
    for place in hidden if known_share > 0.3 else ():
        value = pattern[place].value / known_share * output.total
        facts = pattern[place].facts
        places[place] = Estimate(value, wide * value, "shares", facts)
    return replace(output, places=places)


def _split_rest(shares: Estimates, pattern: Estimates) -> Estimates:
    """Give the unnamed rest of one source to the places that another names, by its shares."""
    unnamed = {p: e for p, e in pattern.items() if p not in shares and p not in AGGREGATES}
    total = sum(e.value for e in unnamed.values())
    if total <= 0:
        return shares
    rest = shares["XOT"]
    split = {
        p: Estimate(rest.value * e.value / total, 0.0, SPLIT, (*rest.facts, *e.facts))
        for p, e in unnamed.items()
    }
    return {p: e for p, e in shares.items() if p != "XOT"} | split


def _production(
    book: FactBook,
    recipe: Recipe,
    stage: StageRecipe,
    year: int,
    expected_total: float | None,
) -> OutputEstimates | None:
    # The IEA names a few countries only; its figures enter as shares, with the rest split up.
    without = (IEA,) if "shares_iea_2024" in stage.methods else ()
    known = book.years(recipe.material, stage.production_stages, without)
    if not known:
        return None
    if year in known:
        stated = book.production(recipe.material, stage.production_stages, year, without)
        return _named(stated, _shares(book, recipe, stage.rest_like, EC, None))
    nearest = min(known, key=lambda y: (abs(y - year), y))
    other = book.production(recipe.material, stage.production_stages, nearest, without)
    other = _named(other, _shares(book, recipe, stage.rest_like, EC, None))
    # Another year's pattern, moved to this year's total where the stage before tells it.
    factor = expected_total / other.total if expected_total and other.total else 1.0
    if not 0.5 <= factor <= 2.0:
        factor = 1.0
    drift = attribute("error_other_year").default * abs(nearest - year) ** 0.5
    places = {p: e.scaled(factor, "other_year", drift) for p, e in other.places.items()}
    return replace(other, places=places)


def _judged(
    recipe: Recipe, stage: StageRecipe, expected_total: float | None
) -> OutputEstimates | None:
    if expected_total is None:
        return None
    places = {
        share.place: Estimate(
            share.band.central * expected_total,
            (share.band.high - share.band.low) / 2.0 * expected_total,
            "judged",
            (f"judged_shares.csv:{share.row}",),
        )
        for share in judged_shares()
        if (share.material, share.stage) == (recipe.material, stage.stage)
    }
    return OutputEstimates(places, complete=True) if places else None


def _is_reference(row: Mapping[str, object]) -> bool:
    from lodestone.terms import material

    return row["basis"] == material(str(row["material"])).basis


def _relative_error(flags: str) -> float:
    parts = set(flags.split(";"))
    if parts & {"estimated", "less_than", "more_than", "range", "small", "suspect"}:
        return attribute("error_estimated").default
    return attribute("error_reported").default


def _sum(rows: list[dict[str, object]]) -> Estimate | None:
    """Sum of the series of one place in one edition (ilmenite + rutile); None if all unknown."""
    known = [r for r in rows if r["value"] is not None]
    if not known:
        return None
    value = sum(float(str(r["value"])) for r in known)
    variance = sum((_relative_error(str(r["flag"])) * float(str(r["value"]))) ** 2 for r in known)
    estimated = any("estimated" in str(r["flag"]) for r in known)
    return Estimate(
        value,
        variance**0.5,
        "estimated" if estimated else "reported",
        tuple(str(r["fact"]) for r in known),
    )


def _publisher(source: str) -> str:
    return "usgs" if source.startswith("usgs_mcs") else source


def _latest_editions(
    sums: Mapping[str, Mapping[str, Estimate | None]],
) -> dict[str, dict[str, Estimate]]:
    """One figure a publisher and place: the newest edition that states it."""
    merged: dict[str, dict[str, Estimate]] = {}
    for source in sorted(sums):  # editions sort by year, so later ones overwrite
        target = merged.setdefault(_publisher(source), {})
        for place, estimate in sums[source].items():
            if estimate is not None:
                target[place] = estimate
    return merged


def _combine(
    merged: Mapping[str, Mapping[str, Estimate]], trusted: frozenset[str]
) -> OutputEstimates:
    complete = bool(trusted & set(merged))
    places = sorted({p for by_place in merged.values() for p in by_place} - AGGREGATES)
    world = max(
        (sum(e.value for p, e in m.items() if p not in AGGREGATES) for m in merged.values()),
        default=0.0,
    )
    out: Estimates = {}
    for place in places:
        stated = [m[place] for m in merged.values() if place in m]
        if any(p in trusted and place not in m for p, m in merged.items()):
            stated.append(Estimate(0.0, 0.0, "estimated"))
        out[place] = _pool(stated, world)
    if not complete:
        rest = [m["XOT"] for m in merged.values() if m.get("XOT") and m["XOT"].value > 0]
        if rest:
            out["XOT"] = _pool(rest, world)
    return OutputEstimates(out, complete)


def _pool(stated: list[Estimate], world: float) -> Estimate:
    """Mean weighted by *relative* precision; its error is the pooled one or half the spread.

    Weights from absolute errors would lean to the lower figure, whose error is smaller only
    because the figure is.
    """
    floor = attribute("error_floor").default * world
    level = median(e.value for e in stated)
    errors = [max(_relative(e) * level, floor, 1e-12) for e in stated]
    weights = [1.0 / e**2 for e in errors]
    value = sum(w * e.value for w, e in zip(weights, stated, strict=True)) / sum(weights)
    pooled = sum(weights) ** -0.5
    spread = (max(e.value for e in stated) - min(e.value for e in stated)) / 2.0
    kind = "reported" if any(e.kind == "reported" for e in stated) else stated[0].kind
    facts = tuple(f for e in stated for f in e.facts)
    return Estimate(value, max(pooled, spread, floor), kind, facts)


def _relative(estimate: Estimate) -> float:
    """Relative error; that of an estimate for a figure of nothing."""
    if estimate.value <= 0:
        return attribute("error_estimated").default
    return estimate.error / estimate.value
