"""Customs rows become trade in contained tonnes: each row read once, each cargo counted once.

`classify` gives every row a meaning (material, stage, content) by the reviewed rule table, mends
quantities that cannot be true, models those that are missing, and sets aside rows that repeat a
cargo. Nothing is dropped: a row that is not used keeps its figures, a flag and the rule that
decided, and a ledger lists what was changed and why. `links` adds the rows of one material, stage
and year up to what the balanced chain needs: who shipped how much to whom, with an error.

Rules of the house, each with its reason in the rule table or in `trade_sources.csv`:

* one source a product family and year: HS17 of 2024 wins over HS92, tonnes win over values;
* Congolese cobalt on its way to China counts in 8105, not again in 2822 or in transit places;
* energy codes, scrap and baskets of unrelated metals are set aside.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from lodestone.atlas.facts import TRADE_SCHEMA
from lodestone.atlas.rules.prices import check_prices
from lodestone.atlas.rules.trade_rules import DOLLARS, TradeRules
from lodestone.atlas.rules.unit_values import PARCEL_KUSD, unit_values
from lodestone.terms.errors import DataError, Problems

QUANTITY_ERROR = {"ok": 0.10, "rebuilt_from_value": 0.30, "modelled_quantity": 0.40}
"""Relative error of gross tonnes by flag. BACI mirrors agree within 10 % for most tonnes; unit
values of one link scatter by about 30 % between years; against weights declared for 2022, nine
tenths of the value modelled here fall within 40 %."""

CONFIDENCE_ERROR = {"high": 0.05, "medium": 0.15, "low": 0.30, "shares": 0.60}
"""Relative error for the reading of the row itself (is it that product?), by confidence."""

PRICE_BAND = 0.25
"""Half-width of content won from value over price: contracts lag prices by months."""

_NINETY = 1.645
"""Low and high are read as a 90 % band: standard error = half-width / 1.645."""

LEDGER_SCHEMA = {
    "source": pl.String(),
    "code": pl.String(),
    "revision": pl.String(),
    "year": pl.Int32(),
    "exporter": pl.String(),
    "importer": pl.String(),
    "rows": pl.UInt32(),
    "value_kusd": pl.Float64(),
    "gross_t": pl.Float64(),
    "gross_t_used": pl.Float64(),
    "flag": pl.String(),
    "rule": pl.String(),
    "reason": pl.String(),
}
LINKS_SCHEMA = {
    "exporter": pl.String(),
    "importer": pl.String(),
    "content_t": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "rel_error": pl.Float64(),
    "codes": pl.String(),
    "flags": pl.String(),
}
_VALUES_ONLY = 1000
"""Added to the rank of a source without one quantity for a family and year: tonnes win."""

_USED = ("ok", "rebuilt_from_value", "modelled_quantity")
_FAMILY_YEAR = ("family", "year")


@dataclass(frozen=True)
class ClassifiedTrade:
    """Every row with its meaning, and the list of what was changed or set aside.

    Attributes
    ----------
    trade : `TRADE_SCHEMA`, one line an input row of the years asked for.
    ledger : `LEDGER_SCHEMA`; rebuilt and double-booked rows one by one, the others added up by
        source, code, year and reason (exporter and importer are then null).
    confidence : `rule` to confidence, for `links`.
    """

    trade: pl.DataFrame
    ledger: pl.DataFrame
    confidence: dict[str, str]


def classify(
    rows: pl.DataFrame,
    rules: TradeRules,
    prices: pl.DataFrame,
    years: Iterable[int] | None = None,
) -> ClassifiedTrade:
    """Say of every customs row what it is and how much of the material it holds.

    Parameters
    ----------
    rows
        `readers.baci_rows.ROW_SCHEMA`, any number of sources and revisions.
    rules
        The reviewed rule table.
    prices
        `series`, `year`, `usd_per_kg` (`rules.prices`).
    years
        Years to classify; None means all. Other years still serve as history of unit values.

    Raises
    ------
    DataError
        Codes or sources that no table knows, a row given twice, prices that a rule needs and
        that are missing: all of them at once.
    """
    check_prices(prices)
    keyed = _keyed(rows, rules)
    wanted = keyed if years is None else keyed.filter(pl.col("year").is_in(sorted(set(years))))
    _check_price_cover(wanted, rules, prices)
    judged = _with_quantities(wanted, keyed, rules, prices)
    decided = _decided(judged, rules, prices)
    mended = _sane(decided)
    meant = _with_content(mended)
    trade = meant.select(pl.col(name).cast(kind) for name, kind in TRADE_SCHEMA.items())
    order = ["source", "code", "year", "exporter", "importer"]
    confidence = {rule.rule: rule.confidence for rule in rules.rules}
    return ClassifiedTrade(trade.sort(order), _ledger(meant), confidence)


def links(classified: ClassifiedTrade, material: str, stage: str, year: int) -> pl.DataFrame:
    """Shipments of one material, stage and year between places, in contained tonnes.

    Returns
    -------
    polars.DataFrame
        `exporter`, `importer`, `content_t`, `low`, `high`, `rel_error` (one standard error over
        the value), `codes` and `flags` joined by `;`. The rows of a link share their content
        factor and its error, so errors are averaged by tonnes, not by the square root of a sum
        of squares. Shipments of a place to itself are left out.
    """
    used = classified.trade.filter(
        (pl.col("material") == material)
        & (pl.col("stage") == stage)
        & (pl.col("year") == year)
        & pl.col("flag").is_in(_USED)
        & (pl.col("content_t") > 0)
        & (pl.col("exporter") != pl.col("importer"))
    )
    error = _row_error(classified.confidence)
    return (
        used.with_columns(error=error)
        .group_by("exporter", "importer")
        .agg(
            pl.col("content_t").sum(),
            low=pl.col("content_low").sum(),
            high=pl.col("content_high").sum(),
            rel_error=(pl.col("error") * pl.col("content_t")).sum() / pl.col("content_t").sum(),
            codes=pl.col("code").unique().sort().str.join(";"),
            flags=pl.col("flag").unique().sort().str.join(";"),
        )
        .select(pl.col(name).cast(kind) for name, kind in LINKS_SCHEMA.items())
        .sort("exporter", "importer")
    )


def basket_shares(classified: ClassifiedTrade, code: str, year: int) -> pl.DataFrame:
    """Shares of value by link in a basket code (811292: gallium, germanium, indium ...).

    The code hides which metal a row is, so tonnes of content cannot be had; who ships and who
    receives can. Columns `exporter`, `importer`, `value_kusd`, `share` (of the code's value).
    """
    rows = classified.trade.filter(
        (pl.col("code") == code) & (pl.col("year") == year) & (pl.col("flag") != "superseded")
    )
    value = rows.group_by("exporter", "importer").agg(pl.col("value_kusd").sum())
    total = pl.col("value_kusd").sum()
    return value.with_columns(share=pl.col("value_kusd") / total).sort("exporter", "importer")


def coverage(classified: ClassifiedTrade) -> pl.DataFrame:
    """What the trade table holds: one line a material, stage, year, source and code.

    `rows`, `value_kusd`, `gross_t`, `content_t`, and the shares of value whose quantity was
    `modelled` or `rebuilt`.
    """
    value = pl.col("value_kusd")

    def share(flag: str) -> pl.Expr:
        return value.filter(pl.col("flag") == flag).sum() / value.sum()

    return (
        classified.trade.filter(pl.col("flag").is_in(_USED))
        .group_by("material", "stage", "year", "source", "code")
        .agg(
            rows=pl.len(),
            value_kusd=value.sum(),
            gross_t=pl.col("gross_t_used").sum(),
            content_t=pl.col("content_t").sum(),
            modelled=share("modelled_quantity"),
            rebuilt=share("rebuilt_from_value"),
        )
        .sort("material", "stage", "year", "source", "code")
    )


@cache
def trade_sources() -> pl.DataFrame:
    """Which source wins: `source`, `rank` (low wins a family and year), `role`, `reason`."""
    file = resources.files("lodestone.atlas.rules").joinpath("trade_sources.csv")
    entries = list(csv.DictReader(file.read_text("utf-8").splitlines(), strict=True))
    return pl.DataFrame(entries).with_columns(pl.col("rank").cast(pl.Int32))


def _keyed(rows: pl.DataFrame, rules: TradeRules) -> pl.DataFrame:
    """Rows with an id, their family, and whether another source speaks for that family."""
    key = ["source", "code", "revision", "year", "exporter", "importer"]
    problems = Problems("customs rows")
    families = rules.frame().select("revision", "code", "family").unique()
    ordered = (
        rows.sort(key).with_row_index("id").join(families, on=["revision", "code"], how="left")
    )
    ordered = ordered.join(
        trade_sources().select("source", "rank", "role"), on="source", how="left"
    )
    for revision, code in _distinct(ordered.filter(pl.col("family").is_null()), "revision", "code"):
        problems.add(f"no rule for code {code} of {revision}", mend="add it to trade_rules.csv")
    for (source,) in _distinct(ordered.filter(pl.col("rank").is_null()), "source"):
        problems.add(f"unknown source {source!r}", mend="add it to trade_sources.csv")
    for row in ordered.filter(pl.struct(key).is_duplicated()).head(20).iter_rows(named=True):
        problems.add(f"row given twice: {[row[name] for name in key]}", mend="add them up first")
    problems.raise_if_any()
    weightless = pl.col("gross_t").is_null().all().over("source", *_FAMILY_YEAR)
    ordered = ordered.with_columns(
        rank=pl.when(pl.col("role") == "main").then(
            pl.col("rank") + pl.when(weightless).then(_VALUES_ONLY).otherwise(0)
        )
    )
    best = pl.col("rank").min().over(list(_FAMILY_YEAR))
    return ordered.with_columns(active=(pl.col("rank") == best).fill_null(False))


def _distinct(frame: pl.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    return sorted(frame.select(columns).unique().iter_rows())


def _check_price_cover(wanted: pl.DataFrame, rules: TradeRules, prices: pl.DataFrame) -> None:
    """A rule that refers to a price needs it in every year in which its code is traded.

    The series that carries unit values is needed where a family's year has no quantity at all.
    """
    active = wanted.filter(pl.col("active"))
    by_rule = (
        active.select("revision", "code", "year")
        .unique()
        .join(
            rules.frame().select("revision", "code", "rule", "uv_unit", "sane_unit", "price"),
            on=["revision", "code"],
        )
        .unpivot(on=["uv_unit", "sane_unit", "price"], index=["rule", "year"], value_name="series")
        .select(user="rule", year="year", series="series")
    )
    weightless = active.group_by(_FAMILY_YEAR).agg(pl.col("gross_t").is_null().all())
    by_family = (
        weightless.filter(pl.col("gross_t"))
        .join(_carriers(rules), on="family")
        .select(user="family", year="year", series="series")
    )
    needs = (
        pl.concat([by_rule, by_family])
        .filter(pl.col("series").is_not_null() & (pl.col("series") != DOLLARS))
        .join(prices, on=["series", "year"], how="anti")
    )
    gaps = needs.group_by("series", "year").agg(pl.col("user").unique().sort())
    problems = Problems("prices that the trade rules need")
    for series, year, users in gaps.sort("series", "year").iter_rows():
        problems.add(
            f"no price of {series} in {year}",
            f"rules {', '.join(users[:5])}",
            "add the year to the prices, or classify fewer years",
        )
    problems.raise_if_any()


def _with_quantities(
    wanted: pl.DataFrame, keyed: pl.DataFrame, rules: TradeRules, prices: pl.DataFrame
) -> pl.DataFrame:
    """Gross tonnes to use: as printed, rebuilt where odd, modelled where missing."""
    useful = {rule.family for rule in rules.rules if rule.use != "exclude"}
    active = keyed.filter(pl.col("active") & pl.col("family").is_in(useful))
    judged = unit_values(active, _drift(rules, prices))
    joined = wanted.join(judged, on="id", how="left")
    has_value = pl.col("value_kusd") > 0
    rebuilt = (pl.col("odd") & has_value).fill_null(False)
    modelled = pl.col("gross_t").is_null() & has_value & pl.col("expected_uv").is_not_null()
    return joined.with_columns(
        gross_t_used=pl.when(rebuilt | modelled)
        .then(pl.col("value_kusd") / pl.col("expected_uv"))
        .otherwise(pl.col("gross_t")),
        flag=pl.when(rebuilt)
        .then(pl.lit("rebuilt_from_value"))
        .when(modelled)
        .then(pl.lit("modelled_quantity"))
        .when(pl.col("gross_t").is_null())
        .then(pl.lit("no_quantity"))
        .otherwise(pl.lit("ok")),
        why=pl.when(rebuilt).then(
            pl.format(
                "unit value {} USD/kg; its {} says {}, the code's median is {}",
                pl.col("uv").round_sig_figs(3),
                pl.col("level"),
                pl.col("expected_uv").round_sig_figs(3),
                pl.col("code_uv").round_sig_figs(3),
            )
        ),
    )


def _drift(rules: TradeRules, prices: pl.DataFrame) -> pl.DataFrame:
    """Price series, in logs, of the families whose early tonnes are modelled."""
    carried = _carriers(rules).join(prices, on="series")
    return carried.select("family", "year", log_price=pl.col("passed") * pl.col("usd_per_kg").log())


def _carriers(rules: TradeRules) -> pl.DataFrame:
    """`family`, `series`, `passed`: what carries a family's unit values to other years."""
    named = sorted(
        {
            (rule.family, rule.model_price, rule.model_pass)
            for rule in rules.rules
            if rule.model_price is not None
        }
    )
    kinds = {"family": pl.String, "series": pl.String, "passed": pl.Float64}
    return pl.DataFrame(named, schema=kinds, orient="row")


def _decided(judged: pl.DataFrame, rules: TradeRules, prices: pl.DataFrame) -> pl.DataFrame:
    """The rule of each row: the first, by priority, whose conditions the row meets."""
    table = rules.frame().drop("family")
    unit_prices = prices.select(uv_unit="series", year="year", unit_price="usd_per_kg")
    candidates = (
        judged.select(
            "id", "revision", "code", "year", "exporter", "importer", "value_kusd", "gross_t_used"
        )
        .join(table, on=["revision", "code"])
        .join(unit_prices, on=["uv_unit", "year"], how="left")
        .with_columns(
            used_uv=pl.when(pl.col("gross_t_used") > 0).then(
                pl.col("value_kusd") / pl.col("gross_t_used")
            ),
            unit=pl.col("unit_price").fill_null(1.0),
        )
        .filter(_fits())
        .sort("id", "priority")
        .group_by("id", maintain_order=True)
        .first()
        .drop(
            "revision",
            "code",
            "year",
            "exporter",
            "importer",
            "value_kusd",
            "gross_t_used",
            "unit_price",
            "unit",
        )
    )
    decided = judged.join(candidates, on="id", how="left")
    if decided["rule"].null_count():
        raise DataError("rule table left rows without a rule: a code has no rule for everyone")
    content_prices = prices.select(price="series", year="year", content_price="usd_per_kg")
    sane_prices = prices.select(sane_unit="series", year="year", sane_price="usd_per_kg")
    return decided.join(content_prices, on=["price", "year"], how="left").join(
        sane_prices, on=["sane_unit", "year"], how="left"
    )


def _fits() -> pl.Expr:
    def member(place: str, listed: str) -> pl.Expr:
        return pl.col(listed).is_null() | pl.col(listed).list.contains(pl.col(place))

    low = pl.col("uv_min").is_null() | (pl.col("used_uv") >= pl.col("uv_min") * pl.col("unit"))
    high = pl.col("uv_max").is_null() | (pl.col("used_uv") < pl.col("uv_max") * pl.col("unit"))
    since = pl.col("year_from").is_null() | (pl.col("year") >= pl.col("year_from"))
    until = pl.col("year_to").is_null() | (pl.col("year") <= pl.col("year_to"))
    return (
        member("exporter", "exporters")
        & member("importer", "importers")
        & low.fill_null(False)
        & high.fill_null(False)
        & since
        & until
    )


def _sane(decided: pl.DataFrame) -> pl.DataFrame:
    """Rebuild quantities whose unit value no cargo of that product can have.

    This catches links that are wrong in every year, which their own history cannot. The value
    is divided by the link's expectation if that is possible, else by the code's median, kept
    inside the possible range. The rule stays: it was chosen before.
    """
    unit = pl.col("sane_price").fill_null(1.0)
    low = (pl.col("sane_low") * unit).fill_null(0.0)
    high = (pl.col("sane_high") * unit).fill_null(float("inf"))
    dear = (pl.col("used_uv") > high) & (pl.col("value_kusd") >= PARCEL_KUSD)
    impossible = ((pl.col("use") == "include") & ((pl.col("used_uv") < low) | dear)).fill_null(
        False
    )
    expected = pl.when(pl.col("expected_uv").is_between(low, high)).then(pl.col("expected_uv"))
    rebuilt_uv = pl.coalesce(expected, pl.col("code_uv").clip(low, high))
    reason = pl.format(
        "unit value {} USD/kg is outside {} to {}",
        pl.col("used_uv").round_sig_figs(3),
        low.round_sig_figs(3),
        high.round_sig_figs(3),
    )
    return decided.with_columns(
        gross_t_used=pl.when(impossible)
        .then(pl.col("value_kusd") / rebuilt_uv)
        .otherwise(pl.col("gross_t_used")),
        flag=pl.when(impossible & (pl.col("flag") == "ok"))
        .then(pl.lit("rebuilt_from_value"))
        .otherwise(pl.col("flag")),
        why=pl.when(impossible).then(reason).otherwise(pl.col("why")),
    )


def _with_content(mended: pl.DataFrame) -> pl.DataFrame:
    """Contained tonnes with their band; rows that are not used keep their tonnes, not a meaning.

    A quantity made from value widens the band by its own error. Content from a price is value
    over price; a printed weight bounds it from both sides.
    """
    gross = pl.col("gross_t_used")
    widened = pl.col("flag").replace_strict(
        {
            "rebuilt_from_value": QUANTITY_ERROR["rebuilt_from_value"],
            "modelled_quantity": QUANTITY_ERROR["modelled_quantity"],
        },
        default=0.0,
        return_dtype=pl.Float64,
    )
    by_value = pl.col("value_kusd") / (pl.col("value_per_content") * pl.col("content_price"))
    bounded = (
        pl.when(pl.col("flag") == "ok")
        .then(by_value.clip(gross * pl.col("content_low"), gross * pl.col("content_high")))
        .otherwise(by_value)
    )
    from_price = (pl.col("content_from") == "price") & (pl.col("value_kusd") > 0)
    flag = (
        pl.when(~pl.col("active"))
        .then(pl.lit("superseded"))
        .when(pl.col("use").is_in(["exclude", "cross_check"]))
        .then(pl.lit("excluded"))
        .when(pl.col("use") == "double_booked")
        .then(pl.lit("double_booked"))
        .otherwise(pl.col("flag"))
    )
    content = mended.with_columns(
        flag=flag,
        content_t=pl.when(from_price).then(bounded).otherwise(gross * pl.col("content_central")),
        content_low=pl.when(from_price)
        .then(bounded * (1 - PRICE_BAND))
        .otherwise(gross * pl.col("content_low") / (1 + widened)),
        content_high=pl.when(from_price)
        .then(bounded * (1 + PRICE_BAND))
        .otherwise(gross * pl.col("content_high") * (1 + widened)),
    )
    used = pl.col("flag").is_in(_USED)
    return content.with_columns(
        pl.when(used).then(pl.col(name)).alias(name)
        for name in ("material", "stage", "content_t", "content_low", "content_high")
    )


def _ledger(meant: pl.DataFrame) -> pl.DataFrame:
    """What was changed or set aside. Single rows where a figure was mended or a cargo repeated."""
    told = meant.with_columns(
        rows=pl.lit(1, dtype=pl.UInt32),
        reason=pl.when(pl.col("flag") == "superseded")
        .then(
            pl.when(pl.col("role") == "main")
            .then(pl.lit("another source covers this product and year"))
            .otherwise(pl.lit("source serves as a cross-check"))
        )
        .when(pl.col("flag") == "rebuilt_from_value")
        .then(pl.col("why"))
        .when(pl.col("flag") == "modelled_quantity")
        .then(
            pl.format("no quantity printed: value over the unit value of its {}", pl.col("level"))
        )
        .when(pl.col("flag") == "no_quantity")
        .then(pl.lit("no quantity printed, and no unit value to model it"))
        .otherwise(pl.col("reason")),
    ).filter(pl.col("flag") != "ok")
    single = told.filter(pl.col("flag").is_in(["rebuilt_from_value", "double_booked"]))
    group = ["source", "code", "revision", "year", "flag", "rule", "reason"]
    added = (
        told.filter(~pl.col("flag").is_in(["rebuilt_from_value", "double_booked"]))
        # in one order: sums of the same rows have the same last digits, whatever came first
        .sort(*group, "exporter", "importer", nulls_last=True)
        .group_by(group, maintain_order=True)
        .agg(pl.col("rows", "value_kusd", "gross_t", "gross_t_used").sum())
        .with_columns(exporter=pl.lit(None), importer=pl.lit(None))
    )
    columns = [pl.col(name).cast(kind) for name, kind in LEDGER_SCHEMA.items()]
    both = pl.concat([single.select(columns), added.select(columns)])
    order = ["source", "code", "year", "flag", "exporter", "importer", "revision", "rule", "reason"]
    return both.sort(order, nulls_last=True)


def _row_error(confidence: dict[str, str]) -> pl.Expr:
    """Relative standard error of one row: content band, quantity and reading, in quadrature."""
    band = (pl.col("content_high") - pl.col("content_low")) / (2 * _NINETY * pl.col("content_t"))
    quantity = pl.col("flag").replace_strict(
        dict.fromkeys(_USED, QUANTITY_ERROR["ok"]), return_dtype=pl.Float64
    )
    reading = pl.col("rule").replace_strict(
        {rule: CONFIDENCE_ERROR[level] for rule, level in confidence.items()},
        return_dtype=pl.Float64,
    )
    return (band**2 + quantity**2 + reading**2).sqrt()
