"""The reviewed rule table: what a customs row is, given its code, exporter and unit value.

One line of `trade_rules.csv` reads like a sentence: code 260400 from the Philippines below
0.6 USD/kg is laterite, a mine product with 0.7 to 1.4 % nickel. The rules of one code are tried
in order of priority and the last one has no condition, so every row meets exactly one rule.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from lodestone import terms
from lodestone.terms.errors import DataError, Problems

REVISIONS = ("HS92", "HS96", "HS02", "HS07", "HS12", "HS17", "HS22")
USES = ("include", "exclude", "double_booked", "cross_check")
CONFIDENCES = ("high", "medium", "low", "shares")
DOLLARS = "USD/kg"
_STAGES = ("mine", "refine", "product")


@dataclass(frozen=True)
class TradeRule:
    """One reviewed line of the rule table.

    Attributes
    ----------
    rule : id, `<code>.<number>`.
    code, revisions, family : six-digit code, the HS revisions in which this rule reads it, and
        the name under which codes of several revisions are one product.
    priority : the lowest that fits a row wins.
    exporters, importers : places for which it holds; None is everyone.
    uv_unit : `USD/kg`, or a price series: the limits are then multiples of that year's price.
    uv_min, uv_max : unit value from (inclusive) and to (exclusive); None is open.
    use : `include`, `exclude`, `double_booked` (the same cargo stands in another row) or
        `cross_check` (kept for comparison, not used).
    content_from : `share` (tonnes x content) or `price` (value over value_per_content x price).
    content_low, content_central, content_high : tonnes of reference content per gross tonne.
    value_per_content : value of the row per value of the metal in it (0.7: 70 % is paid).
    sane_unit, sane_low, sane_high : unit values outside cannot be this product; the unit is
        `USD/kg` or a price series, as for the limits.
    model_price, model_pass : price series that carries unit values to years without tonnes, and
        how much of its change (in logs) reaches the prices on invoices of the same year.
    confidence : `high`, `medium`, `low`, or `shares` (levels are not usable).
    """

    rule: str
    code: str
    revisions: tuple[str, ...]
    family: str
    product: str
    priority: int
    exporters: frozenset[str] | None
    importers: frozenset[str] | None
    uv_unit: str | None
    uv_min: float | None
    uv_max: float | None
    year_from: int | None
    year_to: int | None
    use: str
    material: str | None
    stage: str | None
    basis: str | None
    content_from: str | None
    content_low: float | None
    content_central: float | None
    content_high: float | None
    price: str | None
    value_per_content: float | None
    sane_unit: str | None
    sane_low: float | None
    sane_high: float | None
    model_price: str | None
    model_pass: float | None
    confidence: str
    source: str
    reason: str
    first_reading: str
    second_reading: str
    remarks: str

    @property
    def has_condition(self) -> bool:
        """Whether some row of the code can fail to meet this rule."""
        limits = (self.uv_min, self.uv_max, self.year_from, self.year_to)
        return (
            self.exporters is not None
            or self.importers is not None
            or any(limit is not None for limit in limits)
        )


@dataclass(frozen=True)
class TradeRules:
    """The checked rule table."""

    rules: tuple[TradeRule, ...]

    def codes(self, revision: str) -> frozenset[str]:
        """Codes that the table reads in this revision."""
        return frozenset(r.code for r in self.rules if revision in r.revisions)

    def frame(self) -> pl.DataFrame:
        """The table with one line per rule and revision, ready to be joined to rows."""
        lines = [
            {
                "revision": revision,
                **{name: getattr(rule, name) for name in _FRAME_SCHEMA if name != "revision"},
                "exporters": _listed(rule.exporters),
                "importers": _listed(rule.importers),
            }
            for rule in self.rules
            for revision in rule.revisions
        ]
        return pl.DataFrame(lines, schema=_FRAME_SCHEMA)


_FRAME_SCHEMA: dict[str, pl.DataType] = {
    "revision": pl.String(),
    "code": pl.String(),
    "rule": pl.String(),
    "family": pl.String(),
    "priority": pl.Int32(),
    "exporters": pl.List(pl.String),
    "importers": pl.List(pl.String),
    "uv_unit": pl.String(),
    "uv_min": pl.Float64(),
    "uv_max": pl.Float64(),
    "year_from": pl.Int32(),
    "year_to": pl.Int32(),
    "use": pl.String(),
    "material": pl.String(),
    "stage": pl.String(),
    "content_from": pl.String(),
    "content_low": pl.Float64(),
    "content_central": pl.Float64(),
    "content_high": pl.Float64(),
    "price": pl.String(),
    "value_per_content": pl.Float64(),
    "sane_unit": pl.String(),
    "sane_low": pl.Float64(),
    "sane_high": pl.Float64(),
    "confidence": pl.String(),
    "reason": pl.String(),
}


def load_trade_rules(path: Path | None = None) -> TradeRules:
    """The rule table, checked as a whole.

    Parameters
    ----------
    path
        A table in the same columns; None reads the one that ships with the package.

    Raises
    ------
    DataError
        Every line that contradicts itself or another: unknown material, stage, place, revision
        or price series, content out of order, two rules of one priority, a code whose last rule
        still has a condition.
    """
    return _shipped() if path is None else _parsed(path.read_text(encoding="utf-8"), path.name)


@cache
def _shipped() -> TradeRules:
    text = resources.files("lodestone.atlas.rules").joinpath("trade_rules.csv").read_text("utf-8")
    return _parsed(text, "trade_rules.csv")


def _parsed(text: str, file: str) -> TradeRules:
    problems = Problems(file)
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    missing = sorted(set(TradeRule.__dataclass_fields__) - set(rows[0] if rows else ()))
    if missing:
        raise DataError(f"{file}: columns are missing: {', '.join(missing)}")
    rules = tuple(
        _rule(row, f"row {n}, rule {row['rule']}", problems) for n, row in enumerate(rows, start=1)
    )
    _check_table(rules, problems)
    problems.raise_if_any()
    return TradeRules(rules)


def _rule(row: dict[str, str], where: str, problems: Problems) -> TradeRule:
    def number(name: str) -> float | None:
        if not row[name]:
            return None
        try:
            return float(row[name])
        except ValueError:
            problems.add(f"{name} {row[name]!r} is not a number", where)
            return None

    def year(name: str) -> int | None:
        value = number(name)
        return None if value is None else int(value)

    rule = TradeRule(
        rule=row["rule"],
        code=row["code"],
        revisions=_revisions(row["revisions"], where, problems),
        family=row["family"],
        product=row["product"],
        priority=int(number("priority") or 0),
        exporters=_place_set(row["exporters"], where, problems),
        importers=_place_set(row["importers"], where, problems),
        uv_unit=row["uv_unit"] or None,
        uv_min=number("uv_min"),
        uv_max=number("uv_max"),
        year_from=year("year_from"),
        year_to=year("year_to"),
        use=row["use"],
        material=row["material"] or None,
        stage=row["stage"] or None,
        basis=row["basis"] or None,
        content_from=row["content_from"] or None,
        content_low=number("content_low"),
        content_central=number("content_central"),
        content_high=number("content_high"),
        price=row["price"] or None,
        value_per_content=number("value_per_content"),
        sane_unit=row["sane_unit"] or None,
        sane_low=number("sane_low"),
        sane_high=number("sane_high"),
        model_price=row["model_price"] or None,
        model_pass=number("model_pass"),
        confidence=row["confidence"],
        source=row["source"],
        reason=row["reason"],
        first_reading=row["first_reading"],
        second_reading=row["second_reading"],
        remarks=row["remarks"],
    )
    _check_rule(rule, where, problems)
    return rule


def _revisions(text: str, where: str, problems: Problems) -> tuple[str, ...]:
    """`all`, or a span such as `HS02-HS17`."""
    first, _, last = (f"{REVISIONS[0]}-{REVISIONS[-1]}" if text == "all" else text).partition("-")
    if first not in REVISIONS or last not in REVISIONS:
        problems.add(f"revisions {text!r}", where, "write all, or a span such as HS02-HS17")
        return ()
    return REVISIONS[REVISIONS.index(first) : REVISIONS.index(last) + 1]


def _place_set(text: str, where: str, problems: Problems) -> frozenset[str] | None:
    if text == "*":
        return None
    codes = text.split("|")
    for code in codes:
        found = terms.find_place(code)
        if found is None or found.iso3 != code:
            problems.add(f"unknown place {code!r}", where, "use ISO3 codes joined by |, or *")
    return frozenset(codes)


def _check_rule(rule: TradeRule, where: str, problems: Problems) -> None:
    if rule.use not in USES:
        problems.add(f"use {rule.use!r}", where, f"one of {', '.join(USES)}")
    if rule.confidence not in CONFIDENCES:
        problems.add(f"confidence {rule.confidence!r}", where, f"one of {', '.join(CONFIDENCES)}")
    if (rule.uv_min is None and rule.uv_max is None) != (rule.uv_unit is None):
        problems.add("unit-value limits without a unit, or a unit without limits", where)
    if (rule.sane_low is None and rule.sane_high is None) != (rule.sane_unit is None):
        problems.add("sane unit values without a unit, or a unit without them", where)
    for low, high, name in (
        (rule.uv_min, rule.uv_max, "unit value"),
        (rule.sane_low, rule.sane_high, "sane unit value"),
    ):
        if low is not None and high is not None and low >= high:
            problems.add(f"{name} from {low} to {high} is empty", where)
    if (rule.model_price is None) != (rule.model_pass is None):
        problems.add("model_price and model_pass go together", where)
    if not rule.reason:
        problems.add("no reason given", where)
    if rule.use == "include":
        _check_content(rule, where, problems)
    elif rule.material is not None or rule.stage is not None:
        problems.add(f"material and stage stand in a row that is not included ({rule.use})", where)


def _check_content(rule: TradeRule, where: str, problems: Problems) -> None:
    known = terms.find_material(rule.material or "")
    if known is None or known.id != rule.material:
        problems.add(f"unknown material {rule.material!r}", where, "use the material's id")
    elif rule.basis != known.basis:
        problems.add(f"basis {rule.basis!r}, {known.id} is counted in {known.basis!r}", where)
    if rule.stage not in _STAGES:
        problems.add(f"stage {rule.stage!r}", where, f"one of {', '.join(_STAGES)}")
    low, central, high = rule.content_low, rule.content_central, rule.content_high
    if low is None or central is None or high is None or not 0 < low <= central <= high:
        problems.add(f"content {low}, {central}, {high} must be above 0 and in order", where)
    if rule.content_from not in ("share", "price"):
        problems.add(f"content_from {rule.content_from!r}", where, "share or price")
    by_price = rule.price is not None and rule.value_per_content is not None
    if (rule.content_from == "price") != by_price:
        problems.add("price and value_per_content go with content_from = price only", where)


def _check_table(rules: Iterable[TradeRule], problems: Problems) -> None:
    by_code: dict[tuple[str, str], list[TradeRule]] = {}
    ids: set[str] = set()
    for rule in rules:
        if rule.rule in ids:
            problems.add(f"rule id {rule.rule!r} stands twice")
        ids.add(rule.rule)
        for revision in rule.revisions:
            by_code.setdefault((revision, rule.code), []).append(rule)
    for (revision, code), group in by_code.items():
        ordered = sorted(group, key=lambda r: r.priority)
        if len({r.priority for r in ordered}) < len(ordered):
            problems.add("two rules of one priority", f"{revision} {code}", "give each its own")
        if ordered[-1].has_condition:
            problems.add(
                "the last rule has a condition, so rows can be left over",
                f"{revision} {code}",
                "end the code with a rule for everyone",
            )
        if len({r.family for r in ordered}) > 1:
            problems.add("rules of one code name several families", f"{revision} {code}")


def _listed(places: frozenset[str] | None) -> list[str] | None:
    return None if places is None else sorted(places)
