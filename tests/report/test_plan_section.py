"""The section on what to do first: on the page, on paper and in the JSON, or nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.report.brief_sample import sample_content

from lodestone.report.brief import write_brief
from lodestone.report.brief_content import Figure, PlanRow


def test_the_section_is_printed_with_every_number(tmp_path: Path) -> None:
    row = PlanRow(
        "Refineries of gallium",
        2030,
        Figure("p:share", 0.4, "share", 2024, "modelled"),
        Figure("p:capital", 3e7, "USD", 2024, "modelled"),
        "judged",
    )
    files = write_brief(replace(sample_content(), plan=(row,)), tmp_path)
    section = files.html.read_text(encoding="utf-8").split('id="plan"')[1].split("</section>")[0]
    assert "What to do first" in section
    assert "Refineries of gallium" in section
    assert section.count('class="n"') == 2
    told = json.loads(files.json.read_text("utf-8"))["results"]
    assert [r["id"] for r in told if r["section"] == "plan"] == ["p:share", "p:capital"]
    assert files.pdf.stat().st_size > 10_000


def test_without_a_plan_there_is_no_section(tmp_path: Path) -> None:
    files = write_brief(sample_content(), tmp_path)
    assert 'id="plan"' not in files.html.read_text(encoding="utf-8")
