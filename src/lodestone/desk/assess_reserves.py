"""Reserves beside production of the same places and the same content."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodestone.assess.panel import FloatArray, Node, Panel
from lodestone.desk.assess_baseline import Baseline
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.library import Library
from lodestone.terms import material


@dataclass(frozen=True, eq=False)
class Reserves:
    """Reserves of a buyer, and production of those of its places that have a reserve figure."""

    reserves: Panel
    production: Panel
    note: str


def reserves_of(books: Library, base: Baseline, buyer: Buyer) -> Reserves | None:
    """Reserves of the latest edition up to the year (else the first), by material.

    The USGS lists the larger holders only. A place that it does not list is unknown, not zero:
    of a bloc, both figures are those of the listed members.

    Returns
    -------
    Reserves or None
        None where no material asked for has reserves in the content that it is counted in.
    """
    (year,) = base.years
    held = _latest(books, base, year)
    nodes = tuple(node for node in base.nodes if node in held)
    if not nodes:
        return None
    at = [base.nodes.index(node) for node in nodes]
    figures = [_of_buyer(held[node], base, n, buyer) for node, n in zip(nodes, at, strict=True)]
    reserves, made = (np.array(column)[:, :, None] for column in zip(*figures, strict=True))
    axes = (nodes, (buyer.id,), base.years)
    years = sorted({int(r["year"]) for node in nodes for r in held[node]})
    note = (
        f"reserves: USGS, of {', '.join(map(str, years))}; places that it does not list left out"
    )
    return Reserves(
        Panel(*axes, reserves[:, :1]),
        Panel(*axes, made[:, :1], made[:, 1:2], made[:, 2:]),
        note,
    )


def _latest(books: Library, base: Baseline, year: int) -> dict[Node, list[dict[str, Any]]]:
    """Reserve rows by node: those of one edition, in the content of the chain."""
    rows = books.rows(
        "SELECT material, stage, place, year, value FROM facts "
        "WHERE quantity = 'reserves' AND basis IS NOT NULL AND stage IS NOT NULL "
        "AND basis IN (SELECT DISTINCT basis FROM facts) ORDER BY material, year"
    )
    return _pick(rows, base, year)


def _pick(
    rows: list[dict[str, Any]], base: Baseline, year: int
) -> dict[Node, list[dict[str, Any]]]:
    found: dict[Node, list[dict[str, Any]]] = defaultdict(list)
    return found


def _of_buyer(
    rows: list[dict[str, Any]], base: Baseline, node: int, buyer: Buyer
) -> tuple[list[float], list[float]]:
    raise NotImplementedError


def _sum(values: FloatArray) -> float:
    return float(values.sum())
