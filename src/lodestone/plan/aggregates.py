"""The aggregate benchmarks with a plan: by mass, by value, and as the mean of entries."""

from __future__ import annotations

from math import isnan, nan

from lodestone.plan.need import Need
from lodestone.plan.solution import Plan

_CHANNELS = {
    "extraction": ("mine", "price_floor"),
    "recycling": ("recycling",),
    "processing": ("refine", "product", "price_floor"),
}


def aggregates(plan: Plan, benchmark: str, year: int) -> dict[str, tuple[float, float]]:
    """weighting -> share (without, with the plan) of use that home capacity covers in a year.

    Parameters
    ----------
    benchmark : 'extraction', 'processing' or 'recycling'
    year : position among the plan's years

    Notes
    -----
    An entry whose capacity is unknown is left out of both sums; by value also one without a price.
    As a mean every entry counts the same, and for at most its own use.
    """
    q = plan.question
    rows = []
    for m, need in enumerate(q.needs):
        pair = _made(plan, need, benchmark, year)
        if pair is not None:
            rows.append((need, need.use * q.growth(m, year), *pair))
    if not rows:
        return dict.fromkeys(("mass", "value", "mean"), (nan, nan))
    return {
        "mass": _weighed(rows, value=False),
        "value": _weighed([r for r in rows if not isnan(r[0].price)], value=True),
        "mean": _mean(rows),
    }


_Row = tuple[Need, float, float, float]


def _weighed(rows: list[_Row], *, value: bool) -> tuple[float, float]:
    weight = [need.price if value else 1.0 for need, *_ in rows]
    whole = sum(w * row[1] for w, row in zip(weight, rows, strict=True))
    if whole <= 0.0:
        return nan, nan
    return (
        sum(w * row[2] for w, row in zip(weight, rows, strict=True)) / whole,
        sum(w * row[3] for w, row in zip(weight, rows, strict=True)) / whole,
    )


def _mean(rows: list[_Row]) -> tuple[float, float]:
    groups: dict[str, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row[0].listed, []).append(row)
    without = with_plan = 0.0
    for members in groups.values():
        use = sum(whole for _, whole, _, _ in members)
        without += min(1.0, sum(before for _, _, before, _ in members) / use)
        with_plan += min(1.0, sum(after for _, _, _, after in members) / use)
    return without / len(groups), with_plan / len(groups)


def _made(plan: Plan, need: Need, benchmark: str, year: int) -> tuple[float, float] | None:
    """Tonnes at home without and with the plan; None where unknown."""
    if benchmark == "processing":
        steps = [
            (base, base + _added(plan, need.material, benchmark, year, step))
            for step, base in need.steps.items()
        ]
        return (min(b for b, _ in steps), min(a for _, a in steps)) if steps else None
    base = need.made.get(benchmark)
    if base is None:
        return None
    stage = "mine" if benchmark == "extraction" else None
    return base, base + _added(plan, need.material, benchmark, year, stage)


def _added(plan: Plan, material: str, benchmark: str, year: int, stage: str | None) -> float:
    return float(
        sum(
            series[year]
            for (name, at, channel), series in plan.held.items()
            if name == material
            and channel in _CHANNELS[benchmark]
            and (stage is None or at == stage)
        )
    )
