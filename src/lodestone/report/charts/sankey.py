"""Flows of one material from stage to stage, left to right, with conserved widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lodestone.report.brief_content import ChainFlow, ChainLink, ChainNode, Role
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, path_data, text_width
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

_HEIGHT, _TOP, _FOOT = 216.0, 18.0, 4.0
_NODE, _SIDE = 8.0, 104.0
_SLOT, _GAP = 11.0, 3.5
_SIZE, _HEAD_SIZE = 7.4, 7.8
_KEEP, _SMALL = 7, 0.02
_THIN, _HATCHABLE = 0.35, 2.5
_COLOURS: Mapping[Role, str] = {
    "against": "against",
    "place": "place",
    "other": "other",
    "loss": "loss",
}


@dataclass(frozen=True)
class Box:
    """A drawn node: one place, or the small places of a stage merged."""

    id: str
    label: str
    stage: int
    role: Role
    amount: float
    members: tuple[ChainNode, ...]


@dataclass(frozen=True)
class Stream:
    """A drawn flow between two boxes; merged flows are added, and inferred if any part is."""

    source: str
    target: str
    amount: float
    inferred: bool
    members: tuple[ChainLink, ...]


@dataclass(frozen=True)
class Layout:
    """Boxes and streams with the scale (points per unit) and each box's top edge."""

    boxes: tuple[Box, ...]
    streams: tuple[Stream, ...]
    scale: float
    tops: Mapping[str, float]


def sankey_chart(chain: ChainFlow, texts: Texts, name: str = "chain") -> str:
    """Draw a chain: height is amount, colour is role, hatched and dashed is inferred.

    Places beyond the largest seven of a stage, or below 2 % of it, are merged into one box;
    what enters and leaves every box is unchanged by that.
    """
    layout = lay_out(merge_small(chain, texts))
    title = texts.heading("head.chain", material=chain.material, year=chain.year)
    height = _TOP + _HEIGHT + _FOOT
    drawing = Drawing(name, FULL_WIDTH, height, title, chain_words(chain, texts))
    xs = _columns(len(chain.stages))
    _heads(drawing, chain.stages, xs)
    _streams(drawing, layout, xs, texts)
    for box in layout.boxes:
        _box(drawing, box, layout, xs, texts)
    return drawing.render()


def chain_words(chain: ChainFlow, texts: Texts) -> str:
    """The chain in words: its largest flows."""
    labels = {node.id: node.label for node in chain.nodes}
    known = [link for link in chain.links if link.figure.value is not None]
    largest = sorted(known, key=lambda link: -(link.figure.value or 0.0))[:6]
    items = "; ".join(
        texts(
            "alt.chain_item",
            source=labels[link.source],
            target=labels[link.target],
            text=figure_text(link.figure).value,
        )
        for link in largest
    )
    return texts(
        "alt.chain",
        material=chain.material,
        year=chain.year,
        first=chain.stages[0],
        last=chain.stages[-1],
        items=items,
    )


def merge_small(chain: ChainFlow, texts: Texts) -> tuple[tuple[Box, ...], tuple[Stream, ...]]:
    """Merge the small places of each stage; flows of unknown size are left out, not drawn as 0."""
    boxes: list[Box] = []
    home: dict[str, str] = {}
    for stage, label in enumerate(chain.stages):
        nodes = [node for node in chain.nodes if node.stage == label]
        kept, merged = _split(nodes, chain)
        for node in kept:
            home[node.id] = node.id
            boxes.append(Box(node.id, node.label, stage, node.role, _amount(node, chain), (node,)))
        if merged:
            own = f"merged-{stage}"
            home |= {node.id: own for node in merged}
            amount = sum(_amount(node, chain) for node in merged)
            words = texts("word.other", count=len(merged))
            boxes.append(Box(own, words, stage, "other", amount, tuple(merged)))
    return tuple(boxes), _merge_links(chain.links, home)


def lay_out(merged: tuple[tuple[Box, ...], tuple[Stream, ...]]) -> Layout:
    """Find the largest scale at which every column fits, then stack the boxes.

    Each box gets a slot at least one label high, so that labels never collide.
    """
    boxes, streams = merged
    columns = [[b for b in boxes if b.stage == s] for s in range(1 + max(b.stage for b in boxes))]
    low, high = 0.0, _HEIGHT / max((b.amount for b in boxes), default=1.0)
    for _ in range(60):
        middle = (low + high) / 2
        fits = all(_column_height(column, middle) <= _HEIGHT for column in columns)
        low, high = (middle, high) if fits else (low, middle)
    totals: dict[str, float] = {}
    for box in boxes:
        totals[box.label] = totals.get(box.label, 0.0) + box.amount
    tops: dict[str, float] = {}
    for column in columns:
        y = _TOP + (_HEIGHT - _column_height(column, low)) / 2
        for box in sorted(column, key=lambda b: (_rank(b), -totals[b.label], b.id)):
            slot = max(box.amount * low, _SLOT)
            tops[box.id] = y + (slot - box.amount * low) / 2
            y += slot + _GAP
    return Layout(boxes, streams, low, tops)


def _split(nodes: Sequence[ChainNode], chain: ChainFlow) -> tuple[list[ChainNode], list[ChainNode]]:
    total = sum(_amount(node, chain) for node in nodes)
    ordered = sorted(nodes, key=lambda n: (n.role == "other", -_amount(n, chain), n.id))
    kept = [
        node
        for i, node in enumerate(ordered)
        if node.role != "other" or (i < _KEEP and _amount(node, chain) >= _SMALL * total)
    ]
    small = [node for node in ordered if node not in kept and _amount(node, chain) > 0]
    if len(small) == 1 and len(kept) <= _KEEP:
        return kept + small, []
    return [n for n in kept if _amount(n, chain) > 0], small


def _amount(node: ChainNode, chain: ChainFlow) -> float:
    """What the node holds; where that is unknown, what its known flows carry."""
    if node.figure.value is not None:
        return node.figure.value
    into = sum(k.figure.value or 0.0 for k in chain.links if k.target == node.id)
    outof = sum(k.figure.value or 0.0 for k in chain.links if k.source == node.id)
    return max(into, outof)


def _merge_links(links: Sequence[ChainLink], home: Mapping[str, str]) -> tuple[Stream, ...]:
    groups: dict[tuple[str, str, bool], list[ChainLink]] = {}
    for link in links:
        if link.figure.value and link.source in home and link.target in home:
            key = (home[link.source], home[link.target], is_weak(link))
            groups.setdefault(key, []).append(link)
    return tuple(
        Stream(source, target, sum(k.figure.value or 0.0 for k in group), weak, tuple(group))
        for (source, target, weak), group in groups.items()
    )


def is_weak(link: ChainLink) -> bool:
    """Whether a flow is drawn hatched: inferred, or of grade C."""
    return link.inferred or link.figure.grade == "C"


def _rank(box: Box) -> int:
    if box.role == "loss":
        return 3
    return 2 if len(box.members) > 1 else 1


def _column_height(column: Sequence[Box], scale: float) -> float:
    return sum(max(b.amount * scale, _SLOT) for b in column) + _GAP * max(len(column) - 1, 0)


def _columns(count: int) -> list[float]:
    """Left edge of each column; the outer labels stand outside."""
    span = FULL_WIDTH - 2 * _SIDE - _NODE
    return [_SIDE + span * i / max(count - 1, 1) for i in range(count)]


def _heads(drawing: Drawing, stages: Sequence[str], xs: Sequence[float]) -> None:
    for i, (stage, x) in enumerate(zip(stages, xs, strict=True)):
        anchor, at = ("start", x) if i == len(stages) - 1 else ("end", x + _NODE)
        if 0 < i < len(stages) - 1:
            anchor, at = "middle", x + _NODE / 2
        room = _SIDE if i in (0, len(stages) - 1) else (xs[1] - xs[0]) * 0.9
        short = fit_text(stage, room, _HEAD_SIZE, bold=True)
        drawing.text(
            at, 9, short, _HEAD_SIZE, bold=True, anchor=anchor, tip=stage if short != stage else ""
        )


def _streams(drawing: Drawing, layout: Layout, xs: Sequence[float], texts: Texts) -> None:
    boxes = {box.id: box for box in layout.boxes}
    left, right = dict(layout.tops), dict(layout.tops)
    ends: dict[int, float] = {}
    order = list(enumerate(layout.streams))
    for i, stream in sorted(order, key=lambda p: (layout.tops[p[1].source], p[0])):
        ends[i] = right[stream.target]
        right[stream.target] += stream.amount * layout.scale
    for i, stream in sorted(order, key=lambda p: (layout.tops[p[1].target], p[0])):
        source, target = boxes[stream.source], boxes[stream.target]
        height = stream.amount * layout.scale
        y1, y2 = left[stream.source], ends[i]
        left[stream.source] += height
        start, end = (xs[source.stage] + _NODE, y1), (xs[target.stage], y2)
        tip = _stream_tip(stream, source, target, texts)
        _stream(drawing, start, end, height, _COLOURS[source.role], stream.inferred, tip)


def _stream(
    drawing: Drawing,
    start: tuple[float, float],
    end: tuple[float, float],
    height: float,
    colour: str,
    inferred: bool,
    tip: str,
) -> None:
    """One ribbon; an inferred one is hatched, or dashed where it is too thin to hatch."""
    (x1, y1), (x2, y2) = start, end
    if not inferred:
        shape = _ribbon(x1, y1, x2, y2, max(height, _THIN))
        drawing.path(shape, fill=colour, opacity=0.42, tip=tip)
    elif height < _HATCHABLE:
        bend, half = (x1 + x2) / 2, height / 2
        curve = path_data(
            ["M", x1, y1 + half, "C", bend, y1 + half, bend, y2 + half, x2, y2 + half]
        )
        drawing.path(
            curve, stroke=colour, width=max(height, _THIN), dash="3 2", opacity=0.6, tip=tip
        )
    else:
        box = (x1, min(y1, y2), x2 - x1, abs(y2 - y1) + height)
        drawing.path(
            _ribbon(x1, y1, x2, y2, height),
            fill=colour,
            stroke=colour,
            width=0.5,
            dash="2 1.6",
            opacity=0.6,
            hatched_in=box,
            tip=tip,
        )


def _stream_tip(stream: Stream, source: Box, target: Box, texts: Texts) -> str:
    label = f"{source.label} → {target.label}"
    if len(stream.members) == 1:
        return figure_tip(stream.members[0].figure, label, texts)
    return label


def _ribbon(x1: float, y1: float, x2: float, y2: float, height: float) -> str:
    bend = (x1 + x2) / 2
    return path_data(
        [
            "M",
            x1,
            y1,
            "C",
            bend,
            y1,
            bend,
            y2,
            x2,
            y2,
            "L",
            x2,
            y2 + height,
            "C",
            bend,
            y2 + height,
            bend,
            y1 + height,
            x1,
            y1 + height,
            "Z",
        ]
    )


def _box(drawing: Drawing, box: Box, layout: Layout, xs: Sequence[float], texts: Texts) -> None:
    x, top, height = xs[box.stage], layout.tops[box.id], max(box.amount * layout.scale, 0.6)
    single = len(box.members) == 1
    tip = figure_tip(box.members[0].figure, box.label, texts) if single else box.label
    drawing.rect(x, top, _NODE, height, _COLOURS[box.role], tip=tip)
    value = figure_text(box.members[0].figure).value if single else ""
    y = top + height / 2 + 2.6
    outer = box.stage in (0, len(xs) - 1)
    room = (_SIDE - 6 if outer else (xs[1] - xs[0]) * 0.62) - text_width(f" {value}", _SIZE)
    words = fit_text(box.label, max(room, 20), _SIZE, bold=box.role != "other")
    strong = box.role in ("against", "place")
    if box.stage == 0:
        drawing.text(x - 4, y, f"{words} {value}".strip(), _SIZE, anchor="end", bold=strong)
    else:
        drawing.text(
            x + _NODE + 4, y, f"{words} {value}".strip(), _SIZE, bold=strong, halo=not outer
        )
