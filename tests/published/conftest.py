"""Fixtures of the published tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from geopolrisk_sources import GeoPolRiskInputs, read_inputs


@pytest.fixture(scope="session")
def geopolrisk_inputs(raw: Path) -> GeoPolRiskInputs:
    """World Mining Data, BACI and WGI, 2018-2024."""
    return read_inputs(raw)
