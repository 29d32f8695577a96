"""Shared fixtures: where the raw files are, and a visible skip where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT_RAW = Path(__file__).resolve().parents[2] / "shared" / "data" / "raw"


@pytest.fixture(scope="session")
def raw() -> Path:
    """Folder of raw source files (`LODESTONE_RAW`, default `../shared/data/raw`)."""
    path = Path(os.environ.get("LODESTONE_RAW", _DEFAULT_RAW))
    if not (path / "MANIFEST.csv").is_file():
        if os.environ.get("LODESTONE_REQUIRE_RAW"):
            pytest.fail(f"raw files are required here but {path} has no MANIFEST.csv")
        pytest.skip(f"raw files absent: set LODESTONE_RAW (looked in {path})")
    return path
