"""What each BGS series is: a reviewed table from commodity names to material, stage and basis."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lodestone import terms
from lodestone.atlas.readers.strict_table import Row
from lodestone.terms.errors import Problems


@dataclass(frozen=True)
class Series:
    """One series: what it measures, or (without a material) why it is left out.

    `factor` is the content of a printed tonne (low, central, high) where it must be applied.
    """

    label: str
    material: str
    stage: str
    quantity: str
    basis: str
    factor: tuple[float, float, float] | None
    why: str

    @property
    def counted_basis(self) -> str:
        """Basis of the tonnes after the factor is applied."""
        return self.basis if self.factor is None else terms.material(self.material).basis


_Key = tuple[str, str, str]


def load_series() -> dict[_Key, Series]:
    """All known series by commodity, sub-commodity and the footnote that sets them apart."""
    with (Path(__file__).parent / "series.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["commodity"], row["sub_commodity"], row["when_note"]): _series(row)
            for row in csv.DictReader(file)
        }


def find_series(rules: Mapping[_Key, Series], row: Row, problems: Problems) -> Series | None:
    """Series of a row; an unknown one is a problem and gives None."""
    commodity, sub = row["bgs_commodity_trans"], row["bgs_sub_commodity_trans"]
    footnotes = row["concat_figure_notes_text"].split("|")
    for footnote in (*footnotes, ""):
        if (commodity, sub, footnote) in rules:
            return rules[commodity, sub, footnote]
    problems.add(
        f"unknown series {commodity!r}, {sub!r}",
        row.where("bgs_sub_commodity_trans"),
        "say what it is in bgs/series.csv",
    )
    return None


def _series(row: Mapping[str, str]) -> Series:
    factor = None
    if row["central"]:
        factor = (float(row["low"]), float(row["central"]), float(row["high"]))
    return Series(
        label=", ".join(part for part in (row["commodity"], row["sub_commodity"]) if part),
        material=row["material"],
        stage=row["stage"],
        quantity=row["quantity"],
        basis=row["basis"],
        factor=factor,
        why=row["why"],
    )
