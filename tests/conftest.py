"""Shared fixtures: where the raw files are, and a visible skip where they are not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long a case takes says nothing on a machine that does other work too.
hypothesis.settings.register_profile("lodestone", deadline=None)
hypothesis.settings.load_profile("lodestone")

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


@pytest.fixture(scope="session", autouse=True)
def kept_walks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Walks of cut-offs are kept for the session, apart from those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODESTONE_CACHE", str(tmp_path_factory.mktemp("walks")))
        yield
