"""What the tonnes that projects state are of: `rules/project_products.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class ProjectProduct:
    """One product as projects print it.

    Attributes
    ----------
    words : what is printed
    material, basis : what its content is counted as; factor : tonnes of basis in a tonne
    source : where the factor is from
    """

    words: str
    material: str
    basis: str
    factor: float
    source: str


@cache
def project_products() -> tuple[ProjectProduct, ...]:
    """All products, the first that fits counts."""
    text = (files("lodestone.atlas") / "rules" / "project_products.csv").read_text(encoding="utf-8")
    return tuple(
        ProjectProduct(r["product"], r["material"], r["basis"], float(r["factor"]), r["source"])
        for r in csv.DictReader(text.splitlines())
    )
