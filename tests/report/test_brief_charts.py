"""The charts: well-formed, conserving, honest about gaps, and nothing falls off the paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from brief_sample import chain, cutoff, dependences, scoreboard, share, trends
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.report.brief_content import (
    BriefContent,
    ChainFlow,
    ChainLink,
    ChainNode,
    Comparison,
    CutOff,
    Figure,
    Grade,
    Rival,
)
from lodestone.report.charts.comparison import comparison_chart
from lodestone.report.charts.cutoff import cutoff_chart, cutoff_scale
from lodestone.report.charts.dependence import dependence_chart
from lodestone.report.charts.sankey import lay_out, merge_small, sankey_chart
from lodestone.report.charts.scoreboard import scoreboard_chart
from lodestone.report.charts.trend import trend_chart
from lodestone.report.drawing import fit_text, text_width, wrap_text
from lodestone.report.number_text import figure_text
from lodestone.report.pictures import draw_pictures
from lodestone.report.shock_pictures import write_cutoffs
from lodestone.report.texts import Texts, load_texts
from lodestone.terms.errors import DataError

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>&\"' 98 % ]]> {0}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def every_text(svg: str) -> Iterator[ElementTree.Element]:
    return parsed(svg).iter(f"{SVG}text")


def box(text: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a text, on the safe side."""
    size, words = float(text.attrib["font-size"]), "".join(text.itertext())
    for title in text.iter(f"{SVG}title"):
        words = words.replace(title.text or "", "", 1)
    width = text_width(words, size, bold="font-weight" in text.attrib)
    x, y = float(text.attrib["x"]), float(text.attrib["y"])
    left = {"middle": x - width / 2, "end": x - width}.get(text.get("text-anchor", ""), x)
    return left, y - 0.72 * size, left + width, y + 0.1 * size


def test_every_picture_is_well_formed_and_named(content: BriefContent, texts: Texts) -> None:
    pictures = draw_pictures(content, texts)
    cut = {f"cutoff-{n}" for n in range(1, 5)}
    assert set(pictures) == {"dependences", "scoreboard", "chain", "trends", "comparison"} | cut
    for picture in pictures.values():
        root = parsed(picture.svg)
        assert root.find(f"{SVG}title").text == picture.title  # type: ignore[union-attr]
        assert root.find(f"{SVG}desc").text == picture.words  # type: ignore[union-attr]
        assert "nan" not in picture.svg
        ids = re.findall(r'id="([^"]+)"', picture.svg)
        assert len(ids) == len(set(ids))
        assert all(name.startswith(picture.name) for name in ids)


def test_ids_differ_between_pictures(content: BriefContent, texts: Texts) -> None:
    both = replace(content, chains=(content.chains[0], content.chains[0]))
    pictures = draw_pictures(both, texts)
    assert "chain-2" in pictures
    ids = [n for p in pictures.values() for n in re.findall(r'id="([^"]+)"', p.svg)]
    assert len(ids) == len(set(ids))


def test_no_text_leaves_the_paper_and_none_overlap(content: BriefContent, texts: Texts) -> None:
    for name, picture in draw_pictures(content, texts).items():
        root = parsed(picture.svg)
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        boxes = [box(t) for t in every_text(picture.svg) if t.get("aria-hidden") != "true"]
        for left, top, right, bottom in boxes:
            assert left >= -0.5, name
            assert top >= -0.5, name
            assert right <= width + 0.5, name
            assert bottom <= height + 0.5, name
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a[2] <= b[0] + 0.3 or b[2] <= a[0] + 0.3 or a[3] <= b[1] or b[3] <= a[1]
                assert apart, (name, a, b)


def test_nasty_and_long_labels_stay_text(texts: Texts) -> None:
    long = "Manganese sulphate monohydrate of very high purity for battery precursors " * 2
    row = replace(dependences()[0], material=NASTY, stage=long)
    board = replace(scoreboard()[0], benchmark=long, worst_case=NASTY)
    rival = Rival(long, NASTY, share(0.5), share(0.5))
    series = replace(trends()[0], material=long, stage=NASTY)
    drawn = (
        dependence_chart([row], texts),
        scoreboard_chart([board], texts),
        comparison_chart(Comparison(long, NASTY, (rival,)), texts),
        trend_chart([series], texts),
        sankey_chart(_relabelled(chain(), NASTY + long), texts),
        cutoff_chart(nasty := _nasty_cutoff(long), cutoff_scale([nasty]), "cutoff-1", texts),
    )
    for svg in drawn:
        root = parsed(svg)
        for text in every_text(svg):
            left, _, right, _ = box(text)
            assert left >= -0.5
            assert right <= float(root.attrib["width"]) + 0.5
    assert NASTY in "".join(parsed(drawn[0]).itertext())


def _relabelled(flow: ChainFlow, label: str) -> ChainFlow:
    return replace(flow, nodes=tuple(replace(node, label=label) for node in flow.nodes))


def _nasty_cutoff(long: str) -> CutOff:
    short = tuple(replace(row, place=NASTY + long) for row in cutoff().short)
    one = replace(cutoff(), material=NASTY + long, stage=long, supplier=long, note=NASTY + long)
    return replace(one, short=short)


def drawn(one: CutOff, texts: Texts) -> str:
    return cutoff_chart(one, cutoff_scale([one]), "cutoff-1", texts)


def words_of(svg: str) -> list[str]:
    return ["".join(t.itertext()) for t in every_text(svg)]


def test_cut_off_names_its_lines_its_places_and_its_axis(texts: Texts) -> None:
    words = words_of(drawn(cutoff(), texts))
    ends = [figure_text(line[-1]).value for line in (cutoff().outside, cutoff().inside)]
    assert f"outside {ends[0]}" in words
    assert f"in China {ends[1]}" in words
    assert {"2024 = 1\u00a0×", "0", "6", "12", "18", "24", "months"} <= set(words)
    for row in cutoff().short:
        assert row.place in words
        assert str(figure_text(row.first_year)) in words
    assert any(str(figure_text(cutoff().first_year)) in w for w in words)


def test_cut_off_draws_the_band_of_the_price_outside(texts: Texts) -> None:
    one = cutoff()
    bare = replace(one, outside=tuple(replace(f, low=None, high=None) for f in one.outside))
    assert drawn(one, texts).count('opacity="0.2"') == 1
    assert drawn(bare, texts).count('opacity="0.2"') == 0


def _strokes(svg: str, colour: str, width: str) -> list[str | None]:
    paths = parsed(svg).iter(f"{SVG}path")
    found = [p for p in paths if p.get("class", "").endswith(f"s-{colour}")]
    return [p.get("stroke-dasharray") for p in found if p.get("stroke-width") == width]


def test_cut_off_is_dashed_and_hatched_at_grade_c_only(texts: Texts) -> None:
    """The price inside is dotted whatever its grade, so that grey tells the two lines apart."""
    graded: tuple[tuple[Grade, bool], ...] = (("A", False), ("B", False), ("C", True))
    for grade, weak in graded:
        svg = drawn(cutoff(grade=grade), texts)
        (outside,) = _strokes(svg, "place", "1.9")
        assert (outside is not None) == weak
        assert ("clipPath" in svg) == weak
        assert None not in _strokes(svg, "through", "1.1")


def test_cut_off_breaks_where_a_month_is_unknown(texts: Texts) -> None:
    one = cutoff()
    gap = (*one.outside[:6], replace(one.outside[6], value=None, low=None, high=None))
    svg = drawn(replace(one, outside=(*gap, *one.outside[7:])), texts)
    assert len(_strokes(svg, "place", "1.9")) == 2
    none = tuple(replace(f, value=None, low=None, high=None) for f in one.inside)
    assert not any("in China" in w for w in words_of(drawn(replace(one, inside=none), texts)))


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 400.0), st.floats(0.05, 400.0))
def test_end_labels_keep_their_distance(out: float, home: float) -> None:
    """Wherever the lines end, their names neither touch nor leave the paper."""
    one = cutoff()
    one = replace(
        one,
        outside=tuple(replace(f, value=out, low=out, high=out) for f in one.outside),
        inside=tuple(replace(f, value=home, low=home, high=home) for f in one.inside),
    )
    svg = drawn(one, load_texts())
    ends = [box(t) for t in every_text(svg) if "".join(t.itertext()).startswith(("outside", "in "))]
    ends = [b for b in ends if b[0] > 170]
    assert len(ends) == 2
    a, b = sorted(ends, key=lambda x: x[1])
    assert a[3] <= b[1]
    assert a[1] >= 0


def test_panels_of_one_set_share_their_scale(content: BriefContent, texts: Texts) -> None:
    scale = cutoff_scale(content.cutoffs)
    bases = set()
    for one in content.cutoffs:
        svg = cutoff_chart(one, scale, "cutoff-1", texts)
        base = next(t for t in every_text(svg) if "".join(t.itertext()).startswith("2024 ="))
        bases.add((base.get("y"), parsed(svg).get("height")))
    assert len(bases) == 1


def test_pictures_of_a_shock_are_written_with_the_same_bytes(tmp_path: Path) -> None:
    both = (cutoff(), cutoff("Heavy rare earths", grade="C"), cutoff())
    first, second = (write_cutoffs(both, tmp_path / name) for name in "ab")
    names = ("gallium", "heavy-rare-earths", "gallium-2")
    assert list(first) == [f"{n}.{end}" for n in names for end in ("svg", "png")]
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes()
    assert first["gallium.png"].read_bytes().startswith(b"\x89PNG")
    with pytest.raises(DataError, match="23 figures"):
        write_cutoffs([replace(cutoff(), inside=cutoff().inside[1:])], tmp_path)


def test_unknown_has_a_word_and_no_mark(texts: Texts) -> None:
    row = replace(dependences()[0], direct=share(None), look_through=share(None))
    svg = dependence_chart([row], texts)
    words = ["".join(t.itertext()) for t in every_text(svg)]
    assert words.count("unknown") == 2
    # Only the legend has marks: one circle, one diamond.
    assert len(list(parsed(svg).iter(f"{SVG}circle"))) == 1
    assert len(list(parsed(svg).iter(f"{SVG}path"))) == 1
    rival = Rival("A", "refined", share(None), share(None))
    assert not list(
        parsed(comparison_chart(Comparison("X", "Y", (rival,)), texts)).iter(f"{SVG}rect")
    )


def test_a_reported_zero_is_drawn_as_zero(texts: Texts) -> None:
    row = replace(dependences()[0], direct=share(0.0, 0.0), look_through=share(0.0, 0.0))
    svg = dependence_chart([row], texts)
    assert "unknown" not in svg
    assert len(list(parsed(svg).iter(f"{SVG}circle"))) == 2


def test_grade_c_is_dashed_and_others_are_not(texts: Texts) -> None:
    row = dependences()[0]
    for grade, dashed in (("A", False), ("B", False), ("C", True)):
        weak = replace(
            row, direct=replace(row.direct, grade=grade), look_through=share(0.5, grade="A")
        )
        assert ("stroke-dasharray" in dependence_chart([weak], texts)) == dashed


def test_a_missing_year_breaks_the_line(texts: Texts) -> None:
    whole, broken = trends()[0], trends()[2]
    count = {
        name: trend_chart([one], texts).count('stroke-width="1.5"')
        for name, one in (("whole", whole), ("broken", broken))
    }
    assert count == {"whole": 6, "broken": 4}


def test_trend_without_any_value_says_unknown(texts: Texts) -> None:
    empty = replace(trends()[0], points=tuple(share(None, year=y) for y in (2018, 2024)))
    assert ">unknown<" in trend_chart([empty], texts)


@st.composite
def chains(draw: st.DrawFn) -> ChainFlow:
    """Random two- or three-stage chains; nodes hold the larger of what enters and leaves."""
    stages = ("Mined", "Refined", "Used")[: draw(st.integers(2, 3))]
    ids = {s: [f"{s}{n}" for n in range(draw(st.integers(1, 14)))] for s in stages}
    amount = st.floats(0.001, 1000.0)
    links = []
    for a, b in pairwise(stages):
        pairs = [(i, j) for i in ids[a] for j in ids[b]]
        for i, j in draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=20, unique=True)):
            flow = Figure("f", draw(amount), "t", 2024, "modelled")
            links.append(ChainLink(i, j, flow, inferred=draw(st.booleans())))
    nodes = []
    for stage in stages:
        for node in ids[stage]:
            into = sum(k.figure.value or 0 for k in links if k.target == node)
            out = sum(k.figure.value or 0 for k in links if k.source == node)
            figure = Figure("n", max(into, out), "t", 2024, "modelled")
            nodes.append(ChainNode(node, f"Place {node}", stage, "other", figure))
    return ChainFlow("Testium", 2024, stages, tuple(nodes), tuple(links))


@settings(max_examples=60, deadline=None)
@given(chains())
def test_sankey_conserves(flow: ChainFlow) -> None:
    """Merging and layout change no sum: by column, by stage pair, and at every box."""
    boxes, streams = merge_small(flow, load_texts())
    node_total = {
        s: sum(n.figure.value or 0 for n in flow.nodes if n.stage == s) for s in flow.stages
    }
    for i, stage in enumerate(flow.stages):
        drawn = sum(b.amount for b in boxes if b.stage == i)
        assert drawn == pytest.approx(node_total[stage], rel=1e-9)
    assert sum(s.amount for s in streams) == pytest.approx(
        sum(k.figure.value or 0 for k in flow.links), rel=1e-9
    )
    for merged in boxes:
        into = sum(s.amount for s in streams if s.target == merged.id)
        out = sum(s.amount for s in streams if s.source == merged.id)
        assert max(into, out) <= merged.amount * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(chains())
def test_sankey_labels_keep_their_distance(flow: ChainFlow) -> None:
    layout = lay_out(merge_small(flow, load_texts()))
    for stage in range(len(flow.stages)):
        middles = sorted(
            layout.tops[b.id] + b.amount * layout.scale / 2
            for b in layout.boxes
            if b.stage == stage
        )
        assert all(b - a >= 9.0 for a, b in pairwise(middles))
        ends = [layout.tops[b.id] + b.amount * layout.scale for b in layout.boxes]
        assert max(ends) <= 240


def test_sankey_draws_inferred_flows_apart(texts: Texts) -> None:
    flow = chain()
    sure = replace(
        flow,
        links=tuple(
            replace(k, inferred=False, figure=replace(k.figure, grade="A")) for k in flow.links
        ),
    )
    assert "clipPath" not in sankey_chart(sure, texts)
    assert "clipPath" in sankey_chart(flow, texts)
    assert "stroke-dasharray" in sankey_chart(flow, texts)


def test_sankey_leaves_out_unknown_flows(texts: Texts) -> None:
    flow = chain()
    blind = replace(
        flow,
        links=tuple(replace(k, figure=replace(k.figure, value=None)) for k in flow.links[1:])
        + flow.links[:1],
    )
    _, streams = merge_small(blind, texts)
    assert [s.amount for s in streams] == [flow.links[0].figure.value]


@given(st.text(max_size=60), st.floats(5, 200), st.floats(5, 12))
def test_fitted_text_fits(text: str, room: float, size: float) -> None:
    short = fit_text(text, room, size)
    assert text_width(short, size) <= room or short == "…"
    for line in wrap_text(text, room, size, 2):
        assert text_width(line, size) <= room or line == "…"
