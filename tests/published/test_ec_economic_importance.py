"""Economic importance from the end uses of the EC study of 2023.

The study's substitution indices are not in our copy, so the test is the other way round: the
published EI over `sum A_s Q_s` must be a possible index. A wrong scale of Q would show at once.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lodestone.assess.ec_criticality import EndUses, economic_importance

pytestmark = pytest.mark.raw
SCORES = Path(__file__).parent / "data" / "ec_crm2023_scores.csv"


def test_the_published_score_is_a_possible_index_of_ours(raw: Path) -> None:
    with (raw / "ec" / "ec_crm2023_end_use_shares.csv").open(newline="", encoding="utf-8") as file:
        uses = [r for r in csv.DictReader(file) if r["share"]]
    with SCORES.open(newline="", encoding="utf-8") as file:
        published = {r["material"]: float(r["EI"]) for r in csv.DictReader(file) if r["EI"]}
    largest = max(float(r["va_mn_eur"]) for r in uses if r["va_mn_eur"])
    implied: dict[str, float] = {}
    for material in {r["material"] for r in uses} & set(published):
        mine = [r for r in uses if r["material"] == material]
        share = np.array([float(r["share"]) for r in mine])
        value_added = np.array([float(r["va_mn_eur"] or "nan") for r in mine])
        if np.isnan(value_added).any() or abs(share.sum() - 1.0) > 0.02:
            continue
        sectors = tuple(r["application"] + r["nace2"] for r in mine)
        answer = economic_importance(
            EndUses((material,), sectors, share[None, :], value_added, largest),
            {material: 1.0},
            year=2023,
        )
        ours = answer.panel.at(material, "use", "EU27", 2023)
        assert ours is not None
        implied[material] = published[material] / ours
    assert len(implied) >= 20
    # rounded shares and scores let an index of 1.00 appear as up to 1.05
    assert all(0.65 <= index <= 1.05 for index in implied.values()), implied
    assert np.median(list(implied.values())) == pytest.approx(0.95, abs=0.05)
