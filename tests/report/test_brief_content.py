"""What a brief refuses to print, and that it says everything that is wrong at once."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from brief_sample import cutoff, price, share

from lodestone.report.brief_content import (
    MOST_CUTOFFS,
    MOST_FINDINGS,
    BriefContent,
    ChainFlow,
    ChainLink,
    Figure,
    Finding,
    check_content,
    walk_figures,
)
from lodestone.terms.errors import DataError


def with_headline(content: BriefContent, figure: Figure) -> BriefContent:
    return replace(content, headlines=(replace(content.headlines[0], figure=figure),))


def test_sample_is_accepted(content: BriefContent) -> None:
    check_content(content)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": math.nan}, "value is nan"),
        ({"high": math.inf}, "high is inf"),
        ({"value": 99.0}, "out of order"),
        ({"low": 50.0}, "out of order"),
        ({"grade": "D"}, "unknown grade 'D'"),
        ({"kind": "guessed"}, "unknown kind 'guessed'"),
        ({"sources": ("nowhere",)}, "unknown source 'nowhere'"),
        ({"id": ""}, "without id"),
    ],
)
def test_a_bad_figure_is_refused_with_its_place(
    content: BriefContent, change: dict[str, object], told: str
) -> None:
    bad = with_headline(content, replace(content.headlines[0].figure, **change))  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"headlines\[0\]\.figure") as caught:
        check_content(bad)
    assert told in str(caught.value)


def test_all_problems_are_told_at_once(content: BriefContent) -> None:
    bad = with_headline(content, replace(content.headlines[0].figure, value=math.nan, grade="Z"))  # type: ignore[arg-type]
    bad = replace(bad, findings=(Finding("No slot here", (content.headlines[1].figure,)),))
    with pytest.raises(DataError) as caught:
        check_content(bad)
    assert len(caught.value.problems) == 3


def test_slots_and_figures_must_match(content: BriefContent) -> None:
    for finding in (Finding("{0} and {1}", (content.headlines[0].figure,)), Finding("{0}")):
        with pytest.raises(DataError, match="has no figure"):
            check_content(replace(content, findings=(finding,)))


def test_more_than_the_page_holds_is_refused(content: BriefContent) -> None:
    many = tuple(Finding(f"Finding {n}.") for n in range(MOST_FINDINGS + 1))
    with pytest.raises(DataError, match=f"the page holds {MOST_FINDINGS}"):
        check_content(replace(content, findings=many))


def test_control_characters_are_refused(content: BriefContent) -> None:
    with pytest.raises(DataError, match=r"unknowns\[0\].*control"):
        check_content(replace(content, unknowns=("a\x00b",)))


def test_flows_that_do_not_conserve_are_refused(content: BriefContent) -> None:
    chain = content.chains[0]
    doubled = tuple(
        replace(link, figure=replace(link.figure, value=2 * (link.figure.value or 0)))
        for link in chain.links
    )
    with pytest.raises(DataError, match=r"flows carry .* but the node holds"):
        check_content(replace(content, chains=(replace(chain, links=doubled),)))


def test_links_need_their_nodes_and_stages(content: BriefContent) -> None:
    chain = content.chains[0]
    stray = ChainLink("Mined:Atlantis", chain.nodes[-2].id, chain.links[0].figure)
    broken = ChainFlow(chain.material, 2024, chain.stages[:2], chain.nodes, (stray,))
    with pytest.raises(DataError) as caught:
        check_content(replace(content, chains=(broken,)))
    assert "link without node" in str(caught.value)
    assert "stage 'Used' is not drawn" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outside": cutoff().outside[:-1]}, "23 figures for 24 months"),
        ({"inside": ()}, "0 figures for 24 months"),
        ({"months": ()}, "no months"),
        ({"peak": price(-0.1, "nil")}, "a price is below zero"),
        ({"later": share(0.4)}, "unit 'share' where 'ratio' belongs"),
        ({"first_year": replace(price(2.0, "p"), low=3.0)}, "out of order"),
        ({"outside": (price(math.inf, "p"),) * 24}, "value is inf"),
        (
            {"short": (replace(cutoff().short[0], first_year=price(2.0, "p")),)},
            "unit 'ratio' where",
        ),
        ({"short": cutoff().short * 2}, "the page holds 5"),
        ({"instead": Finding("{0}")}, "has no figure"),
    ],
)
def test_a_cut_off_that_cannot_be_drawn_is_refused(
    content: BriefContent, change: dict[str, object], told: str
) -> None:
    bad = replace(content, cutoffs=(replace(cutoff(), **change),))  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"cutoffs\[0\]|cutoffs\[0\]\.") as caught:
        check_content(bad)
    assert told in str(caught.value)


def test_cut_offs_are_of_one_length_and_not_too_many(content: BriefContent) -> None:
    with pytest.raises(DataError, match="series of \\[12, 24\\] months"):
        check_content(replace(content, cutoffs=(cutoff(), cutoff(months=12))))
    with pytest.raises(DataError, match=f"the page holds {MOST_CUTOFFS}"):
        check_content(replace(content, cutoffs=(cutoff(),) * (MOST_CUTOFFS + 1)))


def test_walk_finds_every_figure(content: BriefContent) -> None:
    places = [where for where, _ in walk_figures(content)]
    assert len(places) == len(set(places))
    parts = {where.split(".")[1].split("[")[0] for where in places}
    assert parts == {
        "headlines",
        "findings",
        "dependences",
        "scoreboard",
        "chains",
        "trends",
        "comparison",
        "materials",
        "ledger",
        "cutoffs",
    }
