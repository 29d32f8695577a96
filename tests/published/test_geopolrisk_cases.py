"""GeoPolRisk on the inputs of its authors: three worked cases, and gaps that are not zero.

The worked cases are those of the project's methods reference: HHI, risk-weighted imports,
imports and production, each from World Mining Data, BACI and WGI of the year.
"""

from __future__ import annotations

import numpy as np
import pytest
from geopolrisk_sources import GeoPolRiskInputs

from lodestone.assess.assessment import Gap
from lodestone.assess.geopolrisk import geopolrisk, geopolrisk_band
from lodestone.assess.governance import instability

pytestmark = pytest.mark.raw

CASES = [
    ("Rare Earths (REO)", "USA", 2024, 0.486155, 6959.9, 13830.7, 45493.0, 0.057036),
    ("Cobalt", "DEU", 2023, 0.507194, 1512.55, 3485.20, 0.0, 0.220119),
    ("Tungsten (W)", "EU27", 2022, 0.600562, 900.45, 5981.9, 1754.0, 0.069905),
]
STAGE = "as published"


def test_the_worked_political_instability() -> None:
    assert float(instability(0.9932)) == pytest.approx(0.30136, abs=1e-9)


@pytest.mark.parametrize(("material", "place", "year", "hhi", "risky", "f", "p", "score"), CASES)
def test_worked_case(
    geopolrisk_inputs: GeoPolRiskInputs,
    material: str,
    place: str,
    year: int,
    hhi: float,
    risky: float,
    f: float,
    p: float,
    score: float,
) -> None:
    production, trade, governance, eu27, _ = geopolrisk_inputs
    answer = geopolrisk(production, trade, governance, {"EU27": eu27})
    ours = answer.score.panel.at(material, STAGE, place, year)
    assert ours == pytest.approx(score, abs=1e-6)
    assert answer.hhi.at(material, STAGE, "WLD", year) == pytest.approx(hhi, abs=1e-6)
    assert answer.import_risk.at(material, STAGE, place, year) == pytest.approx(
        risky / (p + f), rel=1e-4
    )


@pytest.mark.parametrize("material", ["Germanium", "Gallium", "Indium"])
def test_a_material_without_trade_rows_is_unknown_everywhere(
    geopolrisk_inputs: GeoPolRiskInputs, material: str
) -> None:
    production, trade, governance, eu27, _ = geopolrisk_inputs
    score = geopolrisk(production, trade, governance, {"EU27": eu27}).score
    n = score.panel.node(material, STAGE)
    assert np.isnan(score.panel.value[n]).all()
    assert (score.gap[n] == Gap.NO_TRADE_ROWS).all()


def test_leaving_out_trade_inside_the_bloc_raises_its_risk(
    geopolrisk_inputs: GeoPolRiskInputs,
) -> None:
    """The methods reference states a median ratio of 1.23, and 2.7 for tungsten (of 2024)."""
    production, trade, governance, eu27, _ = geopolrisk_inputs
    bloc = {"EU27": eu27}
    counted = geopolrisk(production, trade, governance, bloc).score.panel
    outside = geopolrisk(production, trade, governance, bloc, within_bloc="left out").score.panel
    eu, year = counted.place("EU27"), counted.years.index(2024)
    higher = outside.value[:, eu, year] / np.where(
        counted.value[:, eu, year] > 0, counted.value[:, eu, year], np.nan
    )
    tungsten = higher[counted.node("Tungsten (W)", STAGE)]
    assert tungsten == pytest.approx(2.7, abs=0.05)
    assert np.nanmin(higher) >= 1.0 - 1e-12
    assert np.nanmedian(higher) == pytest.approx(1.23, abs=0.005)


def test_one_buyer_with_a_band_has_the_central_score_of_the_kernel(
    geopolrisk_inputs: GeoPolRiskInputs,
) -> None:
    """The dense routine with bands and the sparse kernel are two codes of one formula."""
    production, trade, governance, eu27, _ = geopolrisk_inputs
    kernel = geopolrisk(
        production, trade, governance, {"EU27": eu27}, within_bloc="left out"
    ).score.panel
    for name, members in (("JPN", ("JPN",)), ("EU27", eu27)):
        band = geopolrisk_band(
            production, trade.imports_of(name, members), governance, name, members
        ).panel
        np.testing.assert_allclose(
            band.value[:, 0, :], kernel.value[:, kernel.place(name), :], rtol=1e-9
        )
