"""The files of a brief: they agree with each other, and the same content gives the same bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from brief_sample import share

import lodestone.report
from lodestone.report.brief import BriefFiles, write_brief
from lodestone.report.brief_content import (
    LONGEST_FINDING,
    MOST_FINDINGS,
    BriefContent,
    Comparison,
    Figure,
    Finding,
    walk_figures,
)
from lodestone.report.number_text import figure_text
from lodestone.report.page import brief_page
from lodestone.report.palette import PALETTE
from lodestone.report.paper import brief_pdf
from lodestone.report.pictures import draw_pictures
from lodestone.report.texts import Texts, load_texts
from lodestone.terms.errors import RequestError

ROOM = Path(lodestone.report.__file__).parent
NASTY = "<b>&\"' <script>alert(1)</script> ]]> #{} $x$ *_@"


class Page(HTMLParser):
    """Collects tags, and the text of every number button."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.numbers: set[tuple[str, str, str]] = set()
        self._open: dict[str, str | None] | None = None
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "button" and "data-id" in dict(attrs):
            self._open, self._text = dict(attrs), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._open is not None:
            told = (self._open["data-id"] or "", self._open["data-value"] or "", self._text)
            self.numbers.add(told)
            self._open = None


def plain(number: str) -> str:
    """The number without what a sentence adds in its brackets (year, grade)."""
    return re.sub(r"(, )?20\d\d(, [ABC])?\)|(, )?[ABC]\)$", ")", number).replace(" ()", "")


def test_json_is_an_envelope_with_every_figure(written: BriefFiles, content: BriefContent) -> None:
    envelope = json.loads(written.json.read_text("utf-8"))
    keys = {"query", "run_id", "data_release", "results", "units", "sources", "notes"}
    assert keys <= set(envelope)
    assert envelope["query"]["place"] == "EU27"
    assert envelope["content"] == json.loads(json.dumps(asdict(content)))
    rows = {
        (r["id"], r["value"], r["low"], r["high"], r["unit"], r["year"])
        for r in envelope["results"]
    }
    figures = {(f.id, f.value, f.low, f.high, f.unit, f.year) for _, f in walk_figures(content)}
    assert rows == figures


def test_every_number_of_the_page_is_in_the_json(written: BriefFiles) -> None:
    envelope = json.loads(written.json.read_text("utf-8"))
    known = {
        (r["id"], "" if r["value"] is None else repr(float(r["value"])), r["text"])
        for r in envelope["results"]
    }
    shown = {(i, v, plain(t)) for i, v, t in Page(written.html.read_text("utf-8")).numbers}
    assert shown == known


def test_every_number_has_a_card_with_its_source(written: BriefFiles) -> None:
    html = written.html.read_text("utf-8")
    page = Page(html)
    asked = {a["popovertarget"] for t, a in page.tags if t == "button" and "data-id" in a}
    cards = {a["id"] for t, a in page.tags if t == "div" and "popover" in a}
    assert asked == cards
    sources = set(re.findall(r'href="#(source-\d+)"', html))
    assert sources <= {a.get("id") for t, a in page.tags if t == "li"}


def test_page_is_self_contained_and_named(written: BriefFiles) -> None:
    html = written.html.read_text("utf-8")
    page = Page(html)
    loads = [
        (tag, value)
        for tag, attrs in page.tags
        for key, value in attrs.items()
        if key in ("src", "srcset", "data", "poster", "action", "background")
        or (key in ("href", "xlink:href") and tag not in ("a",))
    ]
    assert loads == []
    assert not re.search(r"@import|url\((?!#)|<script|<link|<iframe|\son\w+=", html)
    assert "default-src 'none'" in html
    tags = dict(page.tags)
    assert tags["html"]["lang"] == "en"
    assert re.search(r"<title>What .+</title>", html)
    for tag, attrs in page.tags:
        if tag == "svg":
            assert attrs["role"] == "img"
            assert attrs["aria-labelledby"]
        if tag == "table":
            assert "<th scope=" in html
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert len(ids) == len(set(ids))


def test_every_chart_has_a_table_twin(
    written: BriefFiles, content: BriefContent, texts: Texts
) -> None:
    html = written.html.read_text("utf-8")
    for name, picture in draw_pictures(content, texts).items():
        section = html.split(f'<section id="{name}"')[1].split("</section>")[0]
        assert section.count("<svg") == 1
        assert section.count("<tr>") == len(picture.rows) + 1


def test_same_content_same_bytes_in_another_process(
    written: BriefFiles, content: BriefContent, tmp_path: Path
) -> None:
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]);"
        "from brief_sample import sample_content; from lodestone.report.brief import write_brief;"
        "write_brief(sample_content(), pathlib.Path(sys.argv[2]))"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path)],
        check=True,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PATH": ""},
    )
    first = written.pdf.parent
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert made == sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    for file in made:
        assert (tmp_path / file).read_bytes() == (first / file).read_bytes(), file


def test_nasty_text_is_only_text(content: BriefContent, texts: Texts) -> None:
    nasty = replace(
        content,
        meta=replace(content.meta, place=NASTY, generated_for=NASTY),
        findings=(Finding(NASTY.replace("{}", "{0}"), (content.headlines[0].figure,)),),
        dependences=(replace(content.dependences[0], material=NASTY),),
        materials=(replace(content.materials[0], material=NASTY),),
        unknowns=(NASTY,),
        sources=tuple(
            replace(s, citation=NASTY, address="javascript:alert(1)") for s in content.sources
        ),
    )
    pictures = draw_pictures(nasty, texts)
    html = brief_page(nasty, pictures, texts)
    assert "<script" not in html
    assert "<b>&" not in html
    assert 'href="javascript' not in html
    assert NASTY in unescape(html)
    assert brief_pdf(nasty, pictures, texts).startswith(b"%PDF")


def test_unknown_is_printed_as_a_word(content: BriefContent, texts: Texts) -> None:
    blank = replace(
        content,
        headlines=(
            replace(content.headlines[0], figure=Figure("gap", None, "share", 2024, "reported")),
        ),
        materials=(replace(content.materials[0], direct=None, on_first=share(None, id="gap2")),),
    )
    page = Page(brief_page(blank, draw_pictures(blank, texts), texts))
    assert ("gap", "", "unknown") in page.numbers
    assert ("gap2", "", "unknown") in page.numbers


def test_empty_parts_say_so(content: BriefContent, tmp_path: Path) -> None:
    empty = replace(
        content,
        headlines=(),
        findings=(),
        dependences=(),
        scoreboard=(),
        chains=(),
        trends=(),
        comparison=Comparison("China", "United States"),
        unknowns=(),
        materials=(),
        ledger=(),
        cutoffs=(),
    )
    files = write_brief(empty, tmp_path)
    html = files.html.read_text("utf-8")
    assert files.svg == {}
    for words in load_texts().section("empty").values():
        assert words.format(against="China") in unescape(html)


def test_the_fullest_pages_still_fit(content: BriefContent, texts: Texts) -> None:
    """As much as `check_content` lets through must fit two pages, at whatever size."""
    pytest.importorskip("typst")
    sentence = "Every finding may be as long as this, with numbers such as {0} inside it, " * 9
    figure = content.dependences[0].look_through
    finding = Finding(
        sentence[: LONGEST_FINDING - 1].replace("{0", "").replace("}", "")[:300] + "{0}", (figure,)
    )
    full = replace(
        content,
        headlines=tuple(
            replace(h, label="a label that runs on over several lines " * 2)
            for h in content.headlines
        ),
        findings=(finding,) * MOST_FINDINGS,
        unknowns=("An unknown that takes two or even three lines to say what is not there. " * 2,)
        * 9,
    )
    for cut in (full.cutoffs, full.cutoffs[:1], ()):
        some = replace(full, cutoffs=cut)
        assert brief_pdf(some, draw_pictures(some, texts), texts).startswith(b"%PDF")


def test_a_page_that_cannot_hold_says_what_to_do(content: BriefContent, texts: Texts) -> None:
    endless = replace(content, unknowns=("word " * 2000,))
    with pytest.raises(RequestError, match=r"page 2 is too full.*shorten"):
        brief_pdf(endless, draw_pictures(endless, texts), texts)


def test_pdf_is_tagged_titled_and_dated_by_the_release(written: BriefFiles) -> None:
    pdf = written.pdf.read_bytes()
    assert b"pdfuaid" in pdf
    assert b"/MarkInfo" in pdf
    assert b"/Lang(en)" in pdf.replace(b" ", b"") or b"/Lang" in pdf
    assert b"D:20260201" in pdf


#: Pages that take their words from another catalogue than the brief's.
OWN_WORDS = ("dossier*.py", "charts/origins.py", "charts/stop_costs.py")


@pytest.mark.parametrize("catalogue", ["texts", "dossier"])
def test_every_text_key_is_used_and_every_use_exists(catalogue: str) -> None:
    """Keys asked for by name exist; entries of plain sections are asked for somewhere."""
    texts = load_texts("en", catalogue)
    dossier = {page for pattern in OWN_WORDS for page in ROOM.glob(pattern)}
    assert len(dossier) > len(OWN_WORDS)
    pages = dossier if catalogue == "dossier" else set(ROOM.rglob("*.py")) - dossier
    code = "\n".join(p.read_text("utf-8") for p in sorted(pages))
    asked = set(re.findall(r'texts(?:\.heading)?\(\s*"([a-z_]+\.[a-zA-Z_]+)"', code))
    assert asked <= set(texts.entries)
    for key in texts.entries:
        section, name = key.split(".", 1)
        if catalogue == "dossier" and section == "tip":
            continue  # asked for by the tips that all charts share
        named = f'"{key}"' in code or f'"{name}"' in code or f'"{section}.{{' in code
        assert named or f'section("{section}")' in code, key


def test_unknown_language_is_a_request_error() -> None:
    with pytest.raises(RequestError, match="no texts in language 'xx'"):
        load_texts("xx")


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(
    ("colour", "ground", "least"),
    [
        ("ink", "paper", 4.5),
        ("muted", "paper", 4.5),
        ("muted", "panel", 4.5),
        ("place", "paper", 4.5),
        ("through", "paper", 4.5),
        ("direct", "paper", 3.0),
        ("against", "paper", 3.0),
        ("axis", "paper", 3.0),
        ("place", "panel", 4.5),
    ],
)
def test_contrast_meets_wcag_aa(theme: int, colour: str, ground: str, least: float) -> None:
    """Formula of WCAG 2.2, 1.4.3 (text 4.5) and 1.4.11 (marks 3)."""
    a, b = sorted((_luminance(PALETTE[colour][theme]), _luminance(PALETTE[ground][theme])))
    assert (b + 0.05) / (a + 0.05) >= least


def test_text_of_a_figure_is_the_same_everywhere(
    written: BriefFiles, content: BriefContent
) -> None:
    """The words in the charts are those of the JSON."""
    svg = written.svg["dependences"].read_text("utf-8")
    for row in content.dependences:
        for figure in (row.direct, row.look_through):
            assert f">{figure_text(figure)}<" in svg
