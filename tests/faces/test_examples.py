"""The examples run as they stand, and answer what they say they answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

# What a reader must find in the output, whatever the numbers are.
EXPECTED = {
    "who_refined_it.py": "EU27 2024",
    "ask_the_release.py": "gallium",
    "explain_a_share.py": "usgs_mcs2026",
    "stop_gallium.py": "proved: residual",
    "write_a_scenario.py": "tungsten_licence_with_answers: price outside",
}


def test_every_example_is_expected_here() -> None:
    assert {path.name for path in EXAMPLES} == set(EXPECTED)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert EXPECTED[path.name] in done.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_named_on_the_page(path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "python.md").read_text(encoding="utf-8")
    assert f"examples/{path.name}" in page
