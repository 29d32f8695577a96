"""The section on acting together: on the page, on paper and in the JSON, or nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from brief_sample import sample_content

from lodestone.report.brief import write_brief
from lodestone.report.brief_content import AllianceRow, BriefContent, Figure


def _usd(id: str, value: float) -> Figure:
    return Figure(id, value, "USD", 2024, "modelled", low=0.5 * value, high=2.0 * value)


def _with_alliance() -> BriefContent:
    rows = (
        AllianceRow("a scramble", "Here, There", 2, _usd("a:worth", 3e9)),
        AllianceRow(
            "a scramble", "All", 3, _usd("a:all", 5e9), _usd("a:share", 2e9), _usd("a:out", 1e8)
        ),
    )
    return replace(sample_content(), alliance=rows)


def test_the_section_is_printed_with_every_number(tmp_path: Path) -> None:
    files = write_brief(_with_alliance(), tmp_path)
    html = files.html.read_text(encoding="utf-8")
    section = html.split('id="alliance"')[1].split("</section>")[0]
    assert "What acting together is worth" in section
    assert section.count('class="n"') == 4
    told = json.loads(files.json.read_text("utf-8"))["results"]
    assert [r["id"] for r in told if r["section"] == "alliance"] == [
        "a:worth",
        "a:all",
        "a:share",
        "a:out",
    ]
    assert files.pdf.stat().st_size > 10_000


def test_without_partners_there_is_no_section(tmp_path: Path) -> None:
    files = write_brief(sample_content(), tmp_path)
    assert 'id="alliance"' not in files.html.read_text(encoding="utf-8")
