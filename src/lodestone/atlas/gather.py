"""Gathers what the sources say about one material and year into the inputs of `reconcile`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lodestone.atlas.estimates import Estimate, FactBook, OutputEstimates, stage_output
from lodestone.atlas.recipe import Recipe, StageRecipe, misdeclared
from lodestone.atlas.reconcile import ChainInputs, Link, ShareAnchor, StageInputs
from lodestone.atlas.trade import ClassifiedTrade, links
from lodestone.terms import attribute, material, members

LinksOf = Callable[[str, tuple[str, ...], int], Sequence[Link]]


@dataclass(frozen=True)
class Evidence:
    """Everything the reconciliation may draw on, read once for all materials and years.

    Attributes
    ----------
    book : production and share facts
    facts : the whole facts table (US use, import shares, EU sourcing)
    links_of : (material, trade stages, year) -> customs links
    weights_of : year -> use weights by place
    distance : (origin, destination) -> kilometres
    """

    book: FactBook
    facts: pl.DataFrame
    links_of: LinksOf
    weights_of: Callable[[int], Mapping[str, float]]
    distance: Mapping[tuple[str, str], float]


def gather(evidence: Evidence, recipe: Recipe, year: int) -> ChainInputs | None:
    """Inputs of one chain; None where no source states any output."""
    stages: list[StageInputs] = []
    expected: float | None = None
    parts = recipe.stages_in(year)
    for number, stage in enumerate(parts):
        output = stage_output(evidence.book, recipe, stage, year, expected)
        if not output.total > 0:
            if not stages:
                return None
            break
        stages.append(
            StageInputs(
                recipe=stage,
                output=output,
                links=tuple(_links(evidence, recipe, stage, year)),
                use=_observed_use(evidence, recipe, stage, year)
                if _is_direct(stage, number, parts)
                else {},
                anchors=tuple(
                    a
                    for a in _anchors(evidence, recipe, stage, year)
                    if _names_makers(a, stage, output)
                ),
            )
        )
        if number + 1 < len(parts):
            expected = _expected_next(output.total, stage, parts[number + 1])
    weights = evidence.weights_of(year)
    cut = attribute("use_weight_cut").default
    near = _named(stages) | {p for p, w in weights.items() if w >= cut}
    # Only what this chain needs: inputs travel to worker processes.
    distance = {
        (a, b): evidence.distance[a, b] for a in near for b in near if (a, b) in evidence.distance
    }
    return ChainInputs(recipe, year, tuple(stages), weights, distance)


def _named(stages: Sequence[StageInputs]) -> set[str]:
    """Every place that output, use or trade of a chain names."""
    names: set[str] = set()
    for stage in stages:
        names |= set(stage.output.places) | set(stage.use)
        names |= {x.origin for x in stage.links} | {x.destination for x in stage.links}
    return names


def _names_makers(anchor: ShareAnchor, stage: StageRecipe, output: OutputEstimates) -> bool:
    """Whether published shares of an ore name places that mine it, not the last shipper.

    EU sourcing of mined rare earths names Japan, which mines none: such shares are of a later
    stage and cannot hold the flows of this one.
    """
    if stage.stage != "mine" or not output.places:
        return True
    known = set(output.places) | set(anchor.members)
    return sum(s for p, s in anchor.shares.items() if p not in known) <= 0.25


def _is_direct(stage: StageRecipe, number: int, parts: Sequence[StageRecipe]) -> bool:
    """Whether published consumption at a stage is use, not intake of the next stage."""
    return number + 1 == len(parts) or stage.direct.central >= 0.5


def _expected_next(total: float, stage: StageRecipe, following: StageRecipe) -> float:
    """World output of the next stage, from what this one leaves it."""
    assert following.process_yield is not None
    fed = total * (1.0 - stage.direct.central) * following.process_yield.central
    return fed / (1.0 - following.scrap.central)


def _links(evidence: Evidence, recipe: Recipe, stage: StageRecipe, year: int) -> Sequence[Link]:
    if stage.unit != "t" or stage.seen_share(year) <= 0:
        return ()
    return evidence.links_of(recipe.material, stage.trade_stages, year)


def _observed_use(
    evidence: Evidence, recipe: Recipe, stage: StageRecipe, year: int
) -> dict[str, Estimate]:
    """Published use: US apparent (else reported or estimated) consumption, newest edition.

    Where an edition prints the material alone and with another (feldspar with nepheline
    syenite), the narrower series, which is the smaller, counts.
    """
    if stage.unit != "t":
        return {}
    rows = evidence.facts.filter(
        (pl.col("material") == recipe.material)
        & (pl.col("quantity") == "use")
        & (pl.col("year") == year)
        & (pl.col("place") == "USA")
        & pl.col("stage").is_in(list(stage.production_stages))
        & (pl.col("unit") == "t")
        & (pl.col("basis") == material(recipe.material).basis)
        & (pl.col("value") > 0)
    ).sort("source", "value", "fact", descending=[True, False, False])
    if rows.is_empty():
        return {}
    apparent = rows.filter(pl.col("detail").str.to_lowercase().str.contains("apparent"))
    best = (apparent if not apparent.is_empty() else rows).row(0, named=True)
    error = attribute("error_us_use").default
    value = float(best["value"])
    return {"USA": Estimate(value, error * value, "reported", (str(best["fact"]),))}


def _anchors(
    evidence: Evidence, recipe: Recipe, stage: StageRecipe, year: int
) -> list[ShareAnchor]:
    found = [_us_import_sources(evidence, recipe, stage, year)]
    found.append(_eu_sourcing(evidence, recipe, stage, year))
    return [a for a in found if a is not None]


def _us_import_sources(
    evidence: Evidence, recipe: Recipe, stage: StageRecipe, year: int
) -> ShareAnchor | None:
    rows = evidence.facts.filter(
        (pl.col("material") == recipe.material)
        & (pl.col("quantity") == "import_share")
        & (pl.col("place") == "USA")
        & pl.col("stage").is_in(list(stage.production_stages))
        & (pl.col("year") <= year)
        & (pl.col("year_to") >= year)
        & pl.col("value").is_not_null()
    )
    if rows.is_empty():
        return None
    rows = rows.filter(pl.col("source") == rows["source"].max())
    shares, facts = _mean_by_partner(rows)
    return ShareAnchor("USA", ("USA",), shares, attribute("error_us_sources").default, False, facts)


def _eu_sourcing(
    evidence: Evidence, recipe: Recipe, stage: StageRecipe, year: int
) -> ShareAnchor | None:
    rows = evidence.facts.filter(
        (pl.col("material") == recipe.material)
        & (pl.col("quantity") == "sourcing_share")
        & (pl.col("place") == "EU27")
        & pl.col("stage").is_in(list(stage.production_stages))
        & pl.col("value").is_not_null()
        & ~pl.col("flag").str.contains("suspect")
    )
    if rows.is_empty() or float(rows["value"].sum()) < 0.5:
        return None
    shares, facts = _mean_by_partner(rows)
    name = "error_eu_sourcing" if year <= 2020 else "error_eu_sourcing_later"
    return ShareAnchor("EU27", members("EU27", year), shares, attribute(name).default, True, facts)


def _mean_by_partner(rows: pl.DataFrame) -> tuple[dict[str, float], tuple[str, ...]]:
    """Mean share by origin over the series of one stage (metal, powder ...), as fractions."""
    series = rows["detail"].unique().to_list()
    sums: dict[str, float] = defaultdict(float)
    for row in rows.iter_rows(named=True):
        if row["partner"] is None or row["partner"] == "XOT":
            continue
        sums[str(row["partner"])] += float(row["value"]) / len(series)
    return dict(sums), tuple(str(f) for f in rows["fact"].to_list())


def evidence_from_tables(
    facts: pl.DataFrame,
    trade: ClassifiedTrade,
    distances: pl.DataFrame,
    weights: pl.DataFrame,
    without: Sequence[str] = (),
) -> Evidence:
    """Evidence from the tables of a release (or of a build under way).

    Parameters
    ----------
    facts, distances : tables as in the release
    trade : classified customs rows
    weights : `use_weights` table: place, year, weight
    without : source ids to leave out (a build for shipping leaves out what may not ship)
    """
    by_material = {
        str(key[0]): ClassifiedTrade(part, trade.ledger, trade.confidence)
        for key, part in trade.trade.filter(pl.col("material").is_not_null())
        .partition_by("material", as_dict=True)
        .items()
    }
    by_year: dict[int, dict[str, float]] = defaultdict(dict)
    for place, year, weight in weights.select("place", "year", "weight").iter_rows():
        by_year[year][place] = weight
    distance = {
        (a, b): float(km)
        for a, b, km in distances.select("iso_o", "iso_d", "dist_km").iter_rows()
        if km is not None
    }

    def links_of(material_id: str, stages: tuple[str, ...], year: int) -> list[Link]:
        part = by_material.get(material_id)
        return [] if part is None else _links_of(part, material_id, stages, year)

    kept = facts.filter(~pl.col("source").is_in(list(without)))
    return Evidence(FactBook(kept), kept, links_of, by_year.__getitem__, distance)


def _links_of(
    trade: ClassifiedTrade, material_id: str, stages: tuple[str, ...], year: int
) -> list[Link]:
    """Customs links of one material and year over the trade stages that count together."""
    merged: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for stage in stages:
        declared = misdeclared().get((material_id, stage), {})
        for row in links(trade, material_id, stage, year).iter_rows(named=True):
            origin = declared.get(row["exporter"], row["exporter"])
            if origin == row["importer"]:
                continue
            merged[origin, row["importer"]].append(
                Link(
                    origin,
                    row["importer"],
                    float(row["content_t"]),
                    float(row["rel_error"]),
                    tuple(row["codes"].split(";")),
                    "modelled_quantity" in row["flags"],
                )
            )
    return [_joined(parts) for _, parts in sorted(merged.items())]


def _joined(parts: Sequence[Link]) -> Link:
    tonnes = sum(p.tonnes for p in parts)
    error = sum(p.relative_error * p.tonnes for p in parts) / tonnes
    codes = tuple(sorted({c for p in parts for c in p.codes}))
    modelled = sum(p.tonnes for p in parts if p.modelled) > 0.5 * tonnes
    return Link(parts[0].origin, parts[0].destination, tonnes, error, codes, modelled)
