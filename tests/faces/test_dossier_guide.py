"""The pages about the dossier run as they stand, and the example comes out whole."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

from lodestone.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs" / "how-to" / "dossier.md", ROOT / "docs" / "methods" / "dossier.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_the_python_of_the_page_runs(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    assert blocks
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        exec(compile(block, str(page), "exec"), {})
    said = capsys.readouterr().out
    assert said.strip()
    for line, promised in re.findall(r"print\((.*?)\)\s+# (\[.*\])", "\n".join(blocks)):
        assert promised in said, line


def test_the_example_of_the_page_comes_out_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGES[0].read_text(encoding="utf-8")
    (line,) = re.findall(r"^lodestone (dossier examples/.*)$", page, re.M)
    words = line.replace("examples/", f"{ROOT}/examples/").replace("-o out/", f"-o {tmp_path}")
    # the whole example is for people; fewer draws and months say as much here
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--draws", "2", "--months", "3", "--format", "json"])
    assert ended.value.code == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["query"]["place"] == "DEU"
    pdf = (tmp_path / "dossier.pdf").read_bytes()
    assert b"pdfuaid" in pdf
    assert b"/MarkInfo" in pdf
    page = (tmp_path / "dossier.html").read_text(encoding="utf-8")
    html = unescape(page).replace("\u00a0", " ")
    stops = [row for row in answer["results"] if row["table"] == "stop"]
    assert len({row["material"] for row in stops}) >= 6
    for row in stops:
        value, _, band = row["text"].replace("\u00a0", " ").partition(" (")
        assert value in html
        assert not band or f"({band}" in html


def test_a_bad_bill_ends_with_the_status_of_a_bad_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("material,quantity\ngalium,x\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["dossier", str(bad), "--place", "DEU"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "bad.csv: 2 problems" in said
    assert str(tmp_path) not in said
