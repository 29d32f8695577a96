"""Pictures of an alliance's answer: worth, shares, who would rather stay out, flows that moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.alliance_work import CALM, SCRAMBLE
from lodestone.terms import find_place, material

if TYPE_CHECKING:
    from lodestone.desk.alliancing import AllianceAnswer

_BARS, _FLOWS = 16, 18
_WORDS = {CALM: "acting alone", SCRAMBLE: "a scramble"}
_RULES = {
    "value": "Shapley",
    "nucleolus": "nucleolus",
    "gdp": "by GDP",
    "use": "by use",
    "rule_for_oil": "rule for oil",
}


def alliance_charts(answer: AllianceAnswer, folder: Path) -> AllianceAnswer:
    """Write the charts of an alliance's answer, as SVG and PNG; the answer names the files.

    Parameters
    ----------
    folder : made if it is not there
    """
    from lodestone.report.alliance_pictures import write_alliance
    from lodestone.report.charts.alliance import MovedFlow, ShareRow, WorthBar

    rows = answer.to_rows()
    written: list[Path] = []
    for mode, words in _WORDS.items():
        mine = [r for r in rows if r.get("against") == mode]
        bars = [
            WorthBar(
                r["coalition"].replace("+", " + "),
                r["size"],
                r["value"],
                _or(r.get("low"), r["value"]),
                _or(r.get("high"), r["value"]),
            )
            for r in mine
            if r["table"] == "worth"
        ]
        shares = [
            ShareRow(
                _name(r["member"]),
                tuple((n, r[k]) for k, n in _RULES.items() if r.get(k) is not None),
                _or(r.get("outside"), 0.0),
            )
            for r in mine
            if r["table"] == "share"
        ]
        flows = [
            MovedFlow(
                _name(r["origin"]),
                _name(r["destination"]),
                f"{material(r['material']).name} ({r['stage']})",
                r["value"],
            )
            for r in mine
            if r["table"] == "flow"
        ][:_FLOWS]
        written += write_alliance(mode, words, _largest(bars), shares, flows, folder)
    written += _investment(rows, folder)
    return replace(answer, notes=(*(f"Chart: {path}" for path in written), *answer.notes))


def _investment(rows: Sequence[dict[str, Any]], folder: Path) -> tuple[Path, ...]:
    """Capital by place, where members also plan together."""
    from lodestone.report.alliance_pictures import write_investment
    from lodestone.report.charts.alliance import InvestmentBar

    found = [
        InvestmentBar(_name(r["place"]), r["capital_alone"], r["capital_together"])
        for r in rows
        if r["table"] == "investment" and max(r["capital_alone"], r["capital_together"]) > 0.0
    ]
    largest = sorted(found, key=lambda b: (-max(b.alone, b.together), b.place))[:_BARS]
    return write_investment(largest, folder) if largest else ()


def _largest(bars: list[Any]) -> list[Any]:
    """The largest coalitions by worth, the smaller ones first."""
    kept = sorted(bars, key=lambda b: (-b.value, b.label))[:_BARS]
    return sorted(kept, key=lambda b: (b.size, b.value, b.label))


def _name(code: str) -> str:
    found = find_place(code)
    return code if found is None else found.name


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
