"""From raw files to a data release: read, classify, balance, trace, write."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.atlas.cards import TableCard
from lodestone.terms.errors import Problems

if TYPE_CHECKING:
    import polars as pl

    from lodestone.atlas.facts import Reading
    from lodestone.atlas.recipe import Recipe
    from lodestone.atlas.trade import ClassifiedTrade

YEARS = range(2018, 2025)
_HISTORY = 6
#: Customs rows that say nothing about a material: their totals stand in the trade ledger.
_UNUSED = ("superseded", "excluded")
SEED = 2026
#: Readers whose tables ship.
READERS = (
    "usgs",
    "wmd",
    "iea",
    "ec",
    "wgi",
    "worldbank",
    "cepii",
    "bea",
    "wiod_domestic",
    "controls",
    "projects",
    "policy",
    "recycling",
)
#: Readers of files that a user may have but that must not ship.
LOCAL_READERS = ("bgs",)


@dataclass(frozen=True)
class Build:
    """Tables and cards ready to be written, and a note for everything that was mended."""

    tables: dict[str, pl.DataFrame]
    cards: dict[str, TableCard]
    notes: tuple[str, ...]


def build_tables(
    raw: Path,
    baci: Path | None = None,
    *,
    years: Iterable[int] = YEARS,
    local: Sequence[str] = (),
    workers: int | None = None,
) -> Build:
    """Read all raw files and make every table of a data release.

    Parameters
    ----------
    raw : folder of raw files with its MANIFEST.csv
    baci : a full BACI archive; its codes and tonnes take the place of the extracts
    years : years to balance
    local : names of local-only readers (`bgs`) to use as well; such a release must stay local
    workers : processes; one a core if left out

    Raises
    ------
    DataError
        Every file that is missing, altered or changed in form, with row and column; or, where
        the release is built as published, accepted deviations that are there no more.
    """
    import polars as pl

    from lodestone.atlas.chain_cards import build_cards
    from lodestone.atlas.gather import evidence_from_tables
    from lodestone.atlas.snapshot import take
    from lodestone.desk.chain_tables import chain_tables

    wanted = tuple(years)
    take(raw)
    readings = {name: _read(name, raw) for name in (*READERS, *local)}
    notes = [f"{name}: {note}" for name, reading in readings.items() for note in reading.notes]
    facts = pl.concat([r.tables["facts"] for r in readings.values() if "facts" in r.tables]).sort(
        "source", "file", "fact"
    )
    classified = _trade(raw, baci, wanted)
    weights = _weights(raw, readings["worldbank"].tables["gdp"], wanted)
    evidence = evidence_from_tables(
        facts, classified, readings["cepii"].tables["distances"], weights
    )
    chains = chain_tables(evidence, wanted, _recipes(classified, baci), seed=SEED, workers=workers)
    ledger, unmatched = _accepted(chains.ledger)
    # The list is of the release as published: other years or sources may well mend a deviation.
    if baci is None and not local and set(wanted) == set(YEARS):
        unmatched.raise_if_any()
    notes += [f"accepted deviations: {problem}" for problem in unmatched.items]
    tables = {
        "facts": facts,
        "trade": _shipped_trade(classified, _published_codes(readings["wmd"])),
        "trade_ledger": _in_order(classified.ledger),
        "chain_stages": chains.stages,
        "chain_cells": chains.cells,
        "chain_links": chains.links,
        "dependence": chains.dependence,
        "ledger": ledger,
        "use_weights": weights,
    }
    cards = build_cards(
        tuple(sorted(facts["source"].unique())), tuple(sorted(classified.trade["source"].unique()))
    )
    for name in READERS:
        reader = import_module(f"lodestone.atlas.readers.{name}")
        for table, frame in readings[name].tables.items():
            if table != "facts":
                tables[table] = frame
                cards[table] = reader.CARDS[table]
    return Build(tables, cards, tuple(notes))


def _read(name: str, raw: Path) -> Reading:
    reading: Reading = import_module(f"lodestone.atlas.readers.{name}").read(raw)
    return reading


def _trade(raw: Path, baci: Path | None, years: Sequence[int]) -> ClassifiedTrade:
    import polars as pl

    from lodestone.atlas.readers import baci as extracts
    from lodestone.atlas.rules.prices import load_reference_prices
    from lodestone.atlas.rules.trade_rules import load_trade_rules
    from lodestone.atlas.trade import classify

    rules = load_trade_rules()
    # Years before serve as history of unit values.
    rows = extracts.read(raw).tables["rows"].filter(pl.col("year") >= min(years) - _HISTORY)
    if baci is not None:
        from lodestone.atlas.readers.baci_zip import read_baci_zip

        # The rule table decides, product by product, which source of a year wins.
        rows = pl.concat([rows, read_baci_zip(baci, years=years)])
    return classify(rows, rules, load_reference_prices(), years)


def _shipped_trade(classified: ClassifiedTrade, published_codes: Collection[str]) -> pl.DataFrame:
    """Rows that carry a material, and those that a published method reads as it finds them.

    Values and weights keep seven digits; contents, known to some per cent, four; bounds three.
    """
    import polars as pl

    from lodestone.atlas.precision import keep_bits

    kept = classified.trade.filter(
        ~pl.col("flag").is_in(_UNUSED)
        | (pl.col("code") == "811292")
        | ((pl.col("source") == "baci_hs92") & pl.col("code").is_in(list(published_codes)))
    ).sort("material", "code", "year", "exporter", "importer", "source")
    mended = pl.col("gross_t_used").ne_missing(pl.col("gross_t"))
    kept = kept.with_columns(
        pl.when(mended).then(pl.col("gross_t_used")).otherwise(None).alias("gross_t_used")
    ).with_columns(pl.col(pl.Float64).cast(pl.Float32))
    return keep_bits(keep_bits(kept, ("content_t",), 12), ("content_low", "content_high"), 8)


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in one order and sums in seven digits, so that every build writes the same bytes."""
    import polars as pl

    exact = frame.with_columns(pl.col(pl.Float64).cast(pl.Float32))
    return exact.sort(
        [c for c in frame.columns if c not in ("value_kusd", "gross_t", "gross_t_used")],
        nulls_last=True,
    )


def _recipes(classified: ClassifiedTrade, baci: Path | None) -> list[Recipe]:
    """The chain recipes; a stage counts as seen where a full BACI archive brings new codes."""
    from lodestone.atlas.recipe import recipes

    known = list(recipes().values())
    if baci is None:
        return known
    trade = classified.trade
    ours = ~trade["source"].str.starts_with("baci_full")
    # A code that an extract already shows in tonnes brings nothing new.
    before = set(trade.filter(ours & trade["gross_t"].is_not_null())["code"])
    full = trade.filter(~ours & trade["material"].is_not_null())
    shown = {
        (material, stage)
        for material, stage, code in full.select("material", "stage", "code").unique().iter_rows()
        if code not in before
    }
    return [r.with_full_customs(shown) for r in known]


def _published_codes(wmd: Reading) -> set[str]:
    """HS codes that the published GeoPolRisk method reads, some of them not ours."""
    table = wmd.tables["hs_map"]
    printed = [*table["hs_code"].drop_nulls(), *table["complementary_codes"].drop_nulls()]
    return {code.strip() for text in printed for code in str(text).replace(",", ";").split(";")}


def _weights(raw: Path, gdp: pl.DataFrame, years: Sequence[int]) -> pl.DataFrame:
    """The prior of where materials are used, one row a place and year."""
    import polars as pl

    from lodestone.atlas.readers import wiod
    from lodestone.atlas.use_weights import MANUFACTURING, use_weights

    output = wiod.read(raw).tables["wiod_output"]
    by_place = (
        output.filter(pl.col("sector").is_in(MANUFACTURING))
        .group_by("place")
        .agg(pl.col("value").sum())
    )
    manufacturing = {p: v for p, v in by_place.iter_rows() if p not in ("XOT", "WLD")}
    by_year = {(p, y): v for p, y, v in gdp.select("place", "year", "value").iter_rows()}
    rows: list[dict[str, Any]] = [
        {"place": place, "year": year, "weight": weight}
        for year in years
        for place, weight in use_weights(manufacturing, by_year, year).items()
    ]
    schema = {"place": pl.String, "year": pl.Int16, "weight": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def _accepted(ledger: pl.DataFrame) -> tuple[pl.DataFrame, Problems]:
    """Put the reason of the accepted-deviations list beside each adjustment it covers.

    Returns the ledger, and a problem for every row of the list that covers none any more.
    """
    import polars as pl

    text = (files("lodestone.atlas") / "rules" / "accepted_deviations.csv").read_text("utf-8")
    reasons: list[str | None] = [None] * ledger.height
    rows = list(ledger.iter_rows(named=True))
    unmatched = Problems("rules/accepted_deviations.csv")
    for line, accepted in enumerate(csv.DictReader(text.splitlines()), start=2):
        hits = [n for n, row in enumerate(rows) if _covers(accepted, row)]
        if not hits:
            labels = " ".join(accepted[k] for k in ("material", "stage", "entry", "place"))
            unmatched.add(f"{labels} matches no adjustment any more", f"line {line}", "remove it")
        for n in hits:
            reasons[n] = accepted["reason"]
    return ledger.with_columns(pl.Series("accepted", reasons, dtype=pl.String)), unmatched


def _covers(accepted: dict[str, str], row: dict[str, Any]) -> bool:
    labels = ("material", "stage", "entry", "place", "other")
    same = all(accepted[k] in ("*", str(row[k] or "")) for k in labels)
    return same and int(accepted["year_from"]) <= row["year"] <= int(accepted["year_to"])
