"""Charts of a plan: every decision, every part and every point is there, and twice the same bytes."""

from __future__ import annotations

from pathlib import Path

from lodestone.report.charts.plan import Bar, Part, Point, cost_chart, frontier_chart, gantt_chart
from lodestone.report.plan_pictures import write_plan

BARS = (
    Bar("Stock of gallium", 2026, 2027, 2035, 1.0, 60.0, False),
    Bar("METLEN (GRC)", 2028, 2031, 2035, 1.0, 26.0, True),
    Bar("Refineries of germanium", 2028, 2030, 2035, 0.4, 8.0, False),
)
PARTS = (Part("capital", 90.0), Part("avoided purchases", -70.0), Part("tail", 45.0))
POINTS = (
    Point(0.0, 40.0, 20.0, 100.0),
    Point(0.5, 45.0, 18.0, 80.0),
    Point(1.0, 45.0, 18.0, 80.0),
    Point(5.0, 60.0, 16.0, 70.0),
)


def test_every_decision_has_a_row_and_says_what_is_estimated() -> None:
    svg = gantt_chart("EU27", BARS)
    assert "Stock of gallium (e)" in svg
    assert "METLEN (GRC)<" in svg
    assert "Refineries of germanium (40%) (e)" in svg
    for year in range(2026, 2036):
        assert f">{year}<" in svg


def test_the_bars_of_the_cost_sum_up() -> None:
    svg = cost_chart("EU27", PARTS)
    assert "65 m" in svg
    assert "-70 m" in svg


def test_points_that_coincide_share_a_label() -> None:
    svg = frontier_chart("EU27", POINTS)
    assert ">0.5, 1<" in svg
    assert svg.count("<circle") == 3


def test_files_are_the_same_twice(tmp_path: Path) -> None:
    a = write_plan("EU27", BARS, PARTS, POINTS, tmp_path / "a")
    b = write_plan("EU27", BARS, PARTS, POINTS, tmp_path / "b")
    assert [p.name for p in a] == [p.name for p in b]
    assert len(a) == 6
    assert all(x.read_bytes() == y.read_bytes() for x, y in zip(a, b, strict=True))


def test_without_decisions_or_frontier_the_cost_alone_is_drawn(tmp_path: Path) -> None:
    names = {p.name for p in write_plan("EU27", (), PARTS, POINTS[:1], tmp_path)}
    assert names == {"plan-cost.svg", "plan-cost.png"}
