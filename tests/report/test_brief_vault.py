"""The section on a vault: on the page, on paper and in the JSON, or nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.report.brief_sample import sample_content

from lodestone.report.brief import write_brief
from lodestone.report.brief_content import Figure, VaultRow


def _figure(what: str, value: float, unit: str = "USD") -> Figure:
    return Figure(f"v:{what}", value, unit, 2024, "modelled", low=0.5 * value, high=2.0 * value)


def test_the_section_is_printed_with_every_number(tmp_path: Path) -> None:
    row = VaultRow(
        "Gallium",
        _figure("cost", 1e6),
        _figure("avoided", 4e7),
        _figure("per_dollar", 40.0, "ratio"),
        _figure("next_day", 4e5),
    )
    files = write_brief(replace(sample_content(), vault=(row,)), tmp_path)
    html = files.html.read_text(encoding="utf-8")
    section = html.split('id="vault"')[1].split("</section>")[0]
    assert "What a vault should hold" in section
    assert section.count('class="n"') == 4
    told = list(json.loads(files.json.read_text("utf-8"))["results"])
    assert [r["id"] for r in told if r["section"] == "vault"] == [
        "v:cost",
        "v:avoided",
        "v:per_dollar",
        "v:next_day",
    ]
    assert files.pdf.stat().st_size > 10_000


def test_without_a_vault_there_is_no_section(tmp_path: Path) -> None:
    files = write_brief(sample_content(), tmp_path)
    assert 'id="vault"' not in files.html.read_text(encoding="utf-8")
