"""Pictures of a vault answer: what is in it, what money keeps away, its stock, its money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lodestone.desk.answer import Answer
from lodestone.terms import material

#: Materials drawn.
_BARS = 24


def vault_charts(answer: Answer, folder: Path) -> Answer:
    """Write the charts of `vault_size`, `vault_run` or `vault_finance`, as SVG and PNG.

    Parameters
    ----------
    folder : made if it is not there; the answer names the files
    """
    rows = answer.to_rows()
    place = str(answer.query["place"])
    draw = {"vault_size": _size, "vault_run": _run, "vault_finance": _finance}
    written = draw[str(answer.query["verb"])](place, rows, folder)
    return replace(answer, notes=(*(f"Chart: {path}" for path in written), *answer.notes))


def _of(rows: Sequence[Mapping[str, Any]], table: str) -> list[Mapping[str, Any]]:
    return [r for r in rows if r["table"] == table]


def _size(place: str, rows: Sequence[Mapping[str, Any]], folder: Path) -> tuple[Path, ...]:
    from lodestone.desk.vault_walks import DAYS
    from lodestone.report.charts.vault import HeldBar
    from lodestone.report.vault_pictures import write_contents

    shown = _of(rows, "content") or _of(rows, "cover")
    bars = [
        HeldBar(
            material(r["material"]).name,
            r["cost"],
            r["months"],
            r["per_dollar"],
            r["value"],
            r["days"] >= DAYS[-1],
        )
        for r in shown
        if r["value"] > 0.0
    ][:_BARS]
    total, gain = 0.0, 0.0
    points = [(0.0, 0.0)] if _of(rows, "step") else []
    for step in _of(rows, "step"):
        total, gain = total + step["cost"], gain + step["gain"]
        points.append((total, gain))
    marks = [(r["what"], r["cost"], r["value"]) for r in _of(rows, "total")[1:]]
    return write_contents(place, bars, points, marks, folder)


def _run(place: str, rows: Sequence[Mapping[str, Any]], folder: Path) -> tuple[Path, ...]:
    from lodestone.report.vault_pictures import write_stock

    months = _of(rows, "month")
    if not months:
        return ()
    return write_stock(place, [r["value"] for r in months], [r["low"] for r in months], folder)


def _finance(place: str, rows: Sequence[Mapping[str, Any]], folder: Path) -> tuple[Path, ...]:
    from lodestone.report.charts.vault import MoneyYear
    from lodestone.report.vault_pictures import write_money

    years = [
        MoneyYear(
            r["year"],
            r["entry_fees"] + r["carrying_fees"] + r["cash_yield"],
            -(r["storage"] + r["insurance"] + r["decay"]),
            -r["interest"],
            r["free_cash"],
        )
        for r in _of(rows, "year")
    ]
    return write_money(place, years, folder)
