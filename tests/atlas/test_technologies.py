"""The tables of technologies: as shipped, and how bad ones are refused."""

from __future__ import annotations

import pytest

from lodestone.atlas.technologies import (
    MATERIAL,
    OUTPUT,
    project_products,
    read_project_products,
    read_technologies,
    technologies,
)
from lodestone.terms.errors import DataError

STAGE = [
    "technology",
    "stage",
    "order",
    "kind",
    "chain_stage",
    "quantity",
    "place",
    "share_low",
    "share",
    "share_high",
    "year",
    "source",
]
MADE = ["technology", "stages", "material", "weight_low", "weight", "weight_high", "source"]


def stage(*cells: str) -> dict[str, str]:
    return dict(zip(STAGE, cells, strict=True))


def made(*cells: str) -> dict[str, str]:
    return dict(zip(MADE, cells, strict=True))


ORE = stage("lamps", "ore", "1", "material", "mine", "", "", "", "", "", "", "computed: chains")
LAMP = ("lamps", "lamp", "2", "product", "")
CHINA = stage(*LAMP, "output", "CHN", "0.5", "0.6", "0.7", "2024", "judged: the most are there")
WEIGHT = made("lamps", "ore", "tungsten", "0.5", "1", "1", "weight judged: the wire")


def problems(stages: list[dict[str, str]], materials: list[dict[str, str]]) -> str:
    with pytest.raises(DataError) as error:
        read_technologies(stages, materials, "tables")
    return str(error.value)


def test_the_shipped_tables_are_sound() -> None:
    assert [t.name for t in technologies()] == [
        "batteries",
        "solar",
        "wind",
        "electric_vehicles",
        "grids",
        "semiconductors",
        "magnets",
        "defence_and_aerospace",
    ]
    for technology in technologies():
        assert [s.order for s in technology.stages] == list(range(1, len(technology.stages) + 1))
        for one in technology.stages:
            assert one.weights if one.kind == MATERIAL else one.output or one.unknown[OUTPUT]


def test_every_figure_has_a_band_and_says_where_from() -> None:
    figures = [f for t in technologies() for s in t.stages for f in (*s.output, *s.use)]
    assert len(figures) > 100
    for figure in figures:
        assert figure.source.startswith("judged: ") or "http" in figure.source
        assert figure.share.low < figure.share.high, figure


def test_projects_are_those_of_the_release() -> None:
    from lodestone.desk.library import library

    rows = library().rows("SELECT project_id, clause, product FROM project_capacities")
    there = {(r["project_id"], r["clause"], r["product"]) for r in rows}
    assert {(p.project, p.clause, p.product) for p in project_products()} <= there


def test_a_small_technology_is_read_and_parts_take_the_use_of_the_product() -> None:
    part = stage("lamps", "bulb", "2", "component", "", *CHINA_CELLS)
    use = stage("lamps", "lamp", "3", "product", "", "use", "USA", "0.1", "0.2", "0.3", "2024", J)
    lamp = {**CHINA, "order": "3"}
    (found,) = read_technologies([ORE, part, lamp, use], [WEIGHT], "tables")
    assert [s.name for s in found.stages] == ["ore", "bulb", "lamp"]
    assert found.stages[1].use == found.stages[2].use
    assert found.materials == ("tungsten",)


J = "judged: a guess"
CHINA_CELLS = ("output", "CHN", "0.5", "0.6", "0.7", "2024", J)


def test_bad_tables_are_refused_with_every_error_at_once() -> None:
    bad = [
        ORE,
        {**CHINA, "kind": "thing"},
        {**CHINA, "share": "0.9"},
        {**CHINA, "place": "Atlantis", "year": "now"},
        {**CHINA, "source": "some book"},
        {**CHINA, "quantity": "sales"},
        {**CHINA, "place": "", "source": "judged: nobody"},
        {**ORE, "chain_stage": "smelt", "share": "0.5"},
    ]
    said = problems(bad, [made("lamps", "glass", "moonstone", "1", "x", "1", "")])
    for words in (
        "kind 'thing'",
        "0.5, 0.9, 0.7 is no band",
        "unknown place 'Atlantis'",
        "year 'now'",
        "source without address",
        "quantity 'sales'",
        "no place",
        "chain stage 'smelt'",
        "a material stage has figures of its own",
        "unknown material 'moonstone'",
        "not three numbers",
        "no source",
        "no material stage 'glass'",
    ):
        assert words in said


def test_shares_must_fit_into_the_world_and_nobody_is_counted_twice() -> None:
    union = stage(*LAMP, "output", "EU27", "0.3", "0.3", "0.3", "2024", J)
    inside = stage(*LAMP, "output", "DEU", "0.2", "0.2", "0.2", "2024", J)
    said = problems([ORE, CHINA, union, inside], [WEIGHT])
    assert "central shares add up to 1.100" in said
    assert "counted twice: DEU" in said


def test_a_stage_without_figures_must_say_why() -> None:
    use = stage(*LAMP, "use", "CHN", "0.1", "0.2", "0.3", "2024", J)
    assert "neither figures of output nor the reason" in problems([ORE, use], [WEIGHT])
    assert "without materials" in problems([ORE, CHINA], [])


def test_bad_project_rows_are_refused_together() -> None:
    row = {
        "project": "x",
        "clause": "one",
        "product": "lamps",
        "material": "moonstone",
        "chain_stages": "smelt",
        "content_low": "2",
        "content": "1",
        "content_high": "1",
        "source": "",
    }
    with pytest.raises(DataError) as error:
        read_project_products([row])
    assert len(error.value.problems) == 5
