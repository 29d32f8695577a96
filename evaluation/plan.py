"""The EU's 2030 benchmarks as a plan: what can be met, what cannot, what it costs, and by the market.

Run: python evaluation/plan.py (about ten minutes; walks are kept between runs)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from page import percent, run, table

import lodestone as ls
from lodestone.desk.library import Library
from lodestone.desk.planning import PlanAnswer

NAME, AS_OF = "eu_2030", date(2026, 11, 26)
WEIGHTS = (0.0, 2.0)
#: Decisions shown, those with most capital.
SHOWN = 40


def report(books: Library) -> Iterable[str]:
    """Blocks of the page."""
    answer = ls.plan(NAME, as_of=AS_OF, rounds=2, frontier=WEIGHTS, watch=_tell)
    yield from _targets(answer)
    yield from _missed(answer)
    yield from _costs(answer)
    yield from _choices(answer)
    yield from _judge(answer)
    yield from _frontier(answer)
    yield "Notes: " + " ".join(answer.notes)


def _tell(what: str, done: int, total: int) -> None:
    if done in (1, total) or done % 200 == 0:
        print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


def _rows(answer: PlanAnswer, kind: str) -> list[dict[str, Any]]:
    return [r for r in answer.to_rows() if r["table"] == kind]


def _targets(answer: PlanAnswer) -> Iterator[str]:
    yield "## The EU's 2030 benchmarks: which can be met"
    yield table(
        (
            "target",
            "asked, %",
            "without, %",
            "with the plan, %",
            "walked, %",
            "",
            "worst at",
            "last per cent, million USD",
        ),
        [
            (
                r["target"],
                percent(r["asked"]),
                percent(r["before"]),
                percent(r["after"]),
                percent(r["walked"]),
                r["status"],
                r["worst"],
                _money(r["last_per_cent"]),
            )
            for r in _rows(answer, "target")
        ],
    )
    yield (
        "The *last per cent* is the dual price of the target in the program without whole numbers, by "
        "the last curves and without the trust region, all years together, discounted; of a target that "
        "is missed it is the price that the plan file sets. *Walked*: the largest share by the market, "
        "which decides whether a cap is met."
    )
    yield "The aggregates three ways, in the year of the target:"
    yield table(
        ("benchmark", "weighed by", "without, %", "with the plan, %", "asked, %"),
        [
            (
                r["benchmark"],
                r["weighting"],
                percent(r["before"]),
                percent(r["after"]),
                percent(r["asked"]),
            )
            for r in _rows(answer, "aggregate")
        ],
    )


def _missed(answer: PlanAnswer) -> Iterator[str]:
    yield "### What cannot be met, and why"
    said = [f"* {r['sentence']}" for r in _rows(answer, "conflict")]
    yield "\n".join(said) if said else "Every target can be met."
    yield (
        "A target that is missed above and not named here could be met: it costs more than the price "
        "that the plan file sets on it."
    )
    shares = _rows(answer, "supplier_share")
    if shares:
        yield "Suppliers above the cap without or with the plan, in the last year:"
        yield table(
            ("material", "stage", "supplier", "without, %", "predicted, %", "walked, %"),
            [
                (
                    r["material"],
                    r["stage"],
                    r["supplier"],
                    percent(r["before"]),
                    percent(r["after"]),
                    percent(r["walked"]),
                )
                for r in shares
            ],
        )


def _costs(answer: PlanAnswer) -> Iterator[str]:
    yield "### Cost by part, million USD"
    proof = _rows(answer, "proof")[0]
    parts = [(r["part"], f"{r['value']:,.0f}") for r in _rows(answer, "cost")]
    yield table(("part", ""), [*parts, ("sum", f"{proof['sum_of_parts']:,.0f}")])
    yield (
        f"Objective {proof['objective']:,.0f}, bound {proof['bound']:,.0f}, gap {proof['gap']:.2%}, "
        f"{proof['rounds']} rounds, {proof['cuts']} cuts, {proof['scenarios']} scenarios, "
        f"{proof['states']} states."
    )


def _choices(answer: PlanAnswer) -> Iterator[str]:
    rows = _rows(answer, "choice")
    largest = sorted(rows, key=lambda r: (-r["capital"], r["option"], r["year"]))[:SHOWN]
    published = sum(r["kind"] == "published" for r in rows)
    yield "### What is started"
    yield (
        f"{len(rows)} decisions, {published} with a published capacity; the {len(largest)} with most "
        "capital:"
    )
    yield table(
        ("runs from", "what", "part, %", "capital, million USD", "numbers"),
        [
            (r["year"], r["name"], percent(r["share"]), _money(r["capital"]), r["kind"])
            for r in sorted(largest, key=lambda r: (r["year"], -r["capital"], r["option"]))
        ],
    )


def _judge(answer: PlanAnswer) -> Iterator[str]:
    yield "### Predicted against walked, million USD"
    summary = {r["what"]: r["value"] for r in _rows(answer, "summary")}
    yield table(
        (
            "",
            "nothing built",
            "predicted",
            "walked",
            "difference, %",
            "fresh scenarios",
            "there, nothing built",
        ),
        [
            (
                r["figure"],
                _money(
                    summary["loss_without" if r["figure"] == "expected loss" else "cvar_without"]
                ),
                _money(r["predicted"]),
                _money(r["walked"]),
                percent(r["difference"]),
                _money(r["fresh"]),
                _money(r["fresh_before"]),
            )
            for r in _rows(answer, "judge")
        ],
    )
    verdict = answer.verdict
    if verdict is not None:
        yield (
            f"{verdict.walks} states walked, {len(verdict.unproved)} not proved by the market; "
            f"curves measured again {verdict.rounds} times."
        )


def _frontier(answer: PlanAnswer) -> Iterator[str]:
    yield "### Cost against risk"
    yield table(
        ("weight of risk", "cost and missed targets", "expected loss", "CVaR"),
        [
            (r["risk_weight"], _money(r["cost"]), _money(r["expected"]), _money(r["cvar"]))
            for r in _rows(answer, "frontier")
        ],
    )


def _money(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"


if __name__ == "__main__":
    run("plan", "The EU's 2030 benchmarks as a plan", report)
