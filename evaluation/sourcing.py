"""Direct suppliers of the USA and the EU beside the shares that the USGS and the EC publish.

The published shares also enter the balance, as soft rows with their errors. So each comparison
is made twice: with them, as in the data release, and for chains balanced again *without* them,
from production, customs and priors alone. Only the second one is evidence.

Run: python evaluation/sourcing.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from page import percent, points, run, table
from scipy.stats import rankdata

from lodestone.atlas.gather import Evidence, evidence_from_tables, gather
from lodestone.atlas.recipe import recipes
from lodestone.atlas.reconcile import ChainInputs, ShareAnchor, reconcile
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade
from lodestone.chain.from_account import from_account
from lodestone.chain.supply_chain import SupplyChain
from lodestone.desk.library import Library
from lodestone.terms import material
from lodestone.terms.stage import Stage

#: The materials and years of the comparison with US import sources (means of 2021-24).
US_MATERIALS = ("cobalt", "gallium", "graphite", "lithium", "rare_earths", "copper", "tungsten")
US_YEARS = (2021, 2022, 2023, 2024)
#: The EC's shares are means of about 2016-20; the release begins in 2018.
EU_YEARS = (2018, 2019, 2020)
_FEW = 3


@dataclass(frozen=True)
class Suppliers:
    """Shares of one buyer's supply at one stage, published and ours, mean over the years.

    `published` names the origins the publisher names; what it calls "other" is left out.
    """

    material: str
    stage: str
    buyer: str
    published: dict[str, float]
    balanced: dict[str, float]
    without: dict[str, float]

    def rank_correlation(self, ours: dict[str, float]) -> float | None:
        """Spearman's rank correlation over the named origins; None below three origins."""
        names = sorted(self.published)
        if len(names) < _FEW:
            return None
        a = rankdata([self.published[n] for n in names])
        b = rankdata([ours.get(n, 0.0) for n in names])
        if a.std() == 0.0 or b.std() == 0.0:
            return None
        return float(np.corrcoef(a, b)[0, 1])

    def largest_gap(self, ours: dict[str, float]) -> tuple[str, float]:
        """The named origin furthest from the published share, and ours minus published."""
        gap = {n: ours.get(n, 0.0) - share for n, share in self.published.items()}
        worst = max(gap, key=lambda n: abs(gap[n]))
        return worst, gap[worst]


def evidence_of(books: Library) -> Evidence:
    """The evidence of a build, put together again from the tables of the release."""
    rules = {rule.rule: rule.confidence for rule in load_trade_rules().rules}
    trade = ClassifiedTrade(_frame(books, "trade"), _frame(books, "trade_ledger"), rules)
    return evidence_from_tables(
        _frame(books, "facts"), trade, _frame(books, "distances"), _frame(books, "use_weights")
    )


def _frame(books: Library, name: str) -> pl.DataFrame:
    return pl.read_parquet(books.release.folder / f"{name}.parquet")


def compare(
    books: Library, evidence: Evidence, buyer: str, materials: Sequence[str], years: Sequence[int]
) -> list[Suppliers]:
    """Suppliers of one buyer by material and stage, published and ours, as means over years."""
    found = []
    for name in materials:
        parts = [part for year in years for part in _year(books, evidence, buyer, name, year)]
        for stage in dict.fromkeys(p.stage for p in parts):
            found.append(_mean([p for p in parts if p.stage == stage]))
    return found


def _year(
    books: Library, evidence: Evidence, buyer: str, name: str, year: int
) -> Iterator[Suppliers]:
    inputs = gather(evidence, recipes()[name], year)
    if inputs is None:
        return
    anchors = {
        stage.recipe.stage: anchor
        for stage in inputs.stages
        for anchor in stage.anchors
        if anchor.buyer == buyer
    }
    if not anchors:
        return
    balanced = books.chain(name, year)
    without = from_account(reconcile(_without_anchors(inputs)))
    for stage, anchor in anchors.items():
        yield Suppliers(
            name,
            stage,
            buyer,
            dict(anchor.shares),
            _shares(balanced, stage, anchor),
            _shares(without, stage, anchor),
        )


def _without_anchors(inputs: ChainInputs) -> ChainInputs:
    return replace(inputs, stages=tuple(replace(s, anchors=()) for s in inputs.stages))


def _shares(chain: SupplyChain, stage: str, anchor: ShareAnchor) -> dict[str, float]:
    """Shares by last shipper of what arrives from outside, with own output where the EC has it."""
    at = chain.stage(stage)
    inside = np.isin(chain.places, anchor.members)
    arriving = np.where(inside, 0.0, at.flow[:, inside].sum(axis=1))
    if anchor.own_output:
        arriving = np.where(inside, at.output, arriving)
    total = float(arriving.sum())
    if total <= 0.0:
        return {}
    return {p: float(x / total) for p, x in zip(chain.places, arriving, strict=True) if x > 0}


def _mean(parts: Sequence[Suppliers]) -> Suppliers:
    first = parts[0]
    return replace(
        first,
        published=_mean_shares([p.published for p in parts]),
        balanced=_mean_shares([p.balanced for p in parts]),
        without=_mean_shares([p.without for p in parts]),
    )


def _mean_shares(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    names = sorted({name for part in parts for name in part})
    return {n: sum(part.get(n, 0.0) for part in parts) / len(parts) for n in names}


def report(books: Library) -> list[str]:
    """The page: one table a buyer, then the origins of the US materials one by one."""
    evidence = evidence_of(books)
    usa = compare(books, evidence, "USA", US_MATERIALS, US_YEARS)
    named = sorted(
        str(r["material"])
        for r in books.rows("SELECT DISTINCT material FROM facts WHERE quantity = 'sourcing_share'")
        if r["material"] in recipes()
    )
    europe = compare(books, evidence, "EU27", named, EU_YEARS)
    return [
        "*With* is the data release, in whose balance the published shares are soft rows. "
        "*Without* is the same chain balanced from production, customs and priors alone. "
        "Rank correlation is Spearman's over the origins that the publisher names, from three "
        "origins on; the gap is ours minus published, in points, at the origin where it is "
        "largest.",
        "## USA, imports, mean of 2021-24, beside USGS import sources",
        _summary(usa),
        _table(usa),
        _origins(usa),
        "## EU27, supply, mean of 2018-20, beside EC sourcing shares (mean of about 2016-20)",
        _summary(europe),
        _table(europe),
    ]


def _summary(found: Sequence[Suppliers]) -> str:
    words = []
    for name, pick in (("with", "balanced"), ("without", "without")):
        ranks = [r for s in found if (r := s.rank_correlation(getattr(s, pick))) is not None]
        gaps = [abs(s.largest_gap(getattr(s, pick))[1]) for s in found]
        words.append(
            f"{name} the published shares: median rank correlation {np.median(ranks):.2f} over "
            f"{len(ranks)} stages, median largest gap {100 * np.median(gaps):.0f} points"
        )
    return "; ".join(words) + "."


def _table(found: Iterable[Suppliers]) -> str:
    heads = (
        "material",
        "stage",
        "origins named",
        "rank, with",
        "rank, without",
        "largest gap, with",
        "largest gap, without",
    )
    return table(heads, map(_row, found))


def _row(s: Suppliers) -> tuple[object, ...]:
    ranks = (s.rank_correlation(s.balanced), s.rank_correlation(s.without))
    gaps = (s.largest_gap(s.balanced), s.largest_gap(s.without))
    return (
        s.material,
        _label(s),
        len(s.published),
        *("few origins" if r is None else f"{r:.2f}" for r in ranks),
        *(f"{origin} {points(gap)}" for origin, gap in gaps),
    )


def _label(s: Suppliers) -> str:
    return f"{s.stage} ({material(s.material).stage_labels.get(Stage(s.stage), s.stage)})"


def _origins(found: Iterable[Suppliers]) -> str:
    rows = [
        (
            s.material,
            s.stage,
            origin,
            percent(share),
            percent(s.balanced.get(origin, 0.0)),
            percent(s.without.get(origin, 0.0)),
        )
        for s in found
        for origin, share in sorted(s.published.items(), key=lambda item: -item[1])
    ]
    return table(("material", "stage", "origin", "USGS %", "ours %, with", "ours %, without"), rows)


if __name__ == "__main__":
    run("sourcing", "Direct suppliers beside published import and sourcing shares", report)
