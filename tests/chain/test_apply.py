"""What measures write into a chain, by hand; and what is refused, all at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_worlds import PLACES, cobalt, real_world, stage, world

from lodestone.chain.apply import apply
from lodestone.chain.edits import Edits
from lodestone.chain.links import traced_links
from lodestone.chain.measure import (
    DemandChange,
    ExportBan,
    ExportLicence,
    ExportQuota,
    Measure,
    NewCapacity,
    Outage,
    PriceFloor,
    Recycling,
    StockBuild,
    StockRelease,
    Substitution,
    Tariff,
)
from lodestone.chain.scenario import Scenario
from lodestone.chain.supply_chain import SupplyChain
from lodestone.chain.world import World
from lodestone.terms.errors import RequestError

CO: Any = ("cobalt",)
MINE, REFINE = 0, 1


def scenario(*measures: Measure, start: str = "2025-01", months: int = 12) -> Scenario:
    return Scenario("test", measures, start, months)


def edits(*measures: Measure, **words: Any) -> Edits:
    """What measures do to the cobalt chain made by hand."""
    return apply(world(), scenario(*measures, **words))["cobalt"]


def refusal(*measures: Measure, of: World | None = None, **words: Any) -> list[str]:
    with pytest.raises(RequestError) as refused:
        apply(of or world(), scenario(*measures, **words))
    return [str(problem) for problem in refused.value.problems]


def names(mask: np.ndarray) -> set[str]:
    return {place for place, held in zip(PLACES, mask, strict=True) if held}


def months(active: np.ndarray) -> list[int]:
    return np.flatnonzero(active).tolist()


# --- bans ------------------------------------------------------------------------------------


def test_a_ban_closes_every_link_but_the_one_home() -> None:
    done = edits(ExportBan(supplier="CHN", materials=CO, start="2025-03", end="2025-05"))
    assert [links.stage for links in done.closed] == [MINE, REFINE]
    for links in done.closed:
        assert names(links.origins) == {"CHN"}
        assert names(links.destinations) == set(PLACES) - {"CHN"}
        assert months(links.active) == [2, 3, 4]
    assert done.suppliers == ("CHN",)
    assert not done.rushes
    assert not done.idle


def test_a_ban_acts_at_the_stages_at_which_the_supplier_makes_anything() -> None:
    (links,) = edits(ExportBan(supplier="DEU", materials=CO)).closed
    assert links.stage == REFINE
    assert months(links.active) == list(range(12))


def test_trade_inside_a_restricting_bloc_stays_open() -> None:
    (_, links) = edits(ExportBan(supplier="EU27+CHN", materials=CO)).closed
    assert names(links.origins) == {"CHN", "DEU", "FRA"}
    assert names(links.destinations) == set(PLACES) - {"CHN", "DEU", "FRA"}


def test_a_ban_on_a_bloc_closes_the_links_to_its_members_in_the_chain() -> None:
    ban = ExportBan(supplier="COD", materials="cobalt", to="ALLIANCE", stages="mine")  # type: ignore[arg-type]
    (links,) = edits(ban).closed
    assert names(links.destinations) == {"DEU", "FRA", "JPN", "USA"}


# --- quotas and licences ---------------------------------------------------------------------


def test_a_quota_of_a_bloc_holds_for_each_member_by_its_baseline_share() -> None:
    quota = ExportQuota(supplier="EU27+CHN", materials=CO, tonnes=20.0, stages=("refine",))
    limits = edits(quota).limits
    links = traced_links(cobalt().stages[REFINE])
    outside = [k for k, place in enumerate(PLACES) if place not in {"CHN", "DEU", "FRA"}]
    base = links[:, outside].sum(axis=1)
    # France makes nothing and has no ceiling of its own; Germany sells to nobody outside.
    assert [PLACES[limit.origin] for limit in limits] == ["CHN", "DEU"]
    total = base[[limit.origin for limit in limits]].sum()
    for limit in limits:
        assert limit.tonnes is not None
        np.testing.assert_allclose(limit.tonnes, 20.0 * base[limit.origin] / total)
        assert names(limit.destinations) == set(PLACES) - {"CHN", "DEU", "FRA"}
        assert limit.share is None
        assert limit.age is None
    assert limits[0].tonnes is not None
    assert limits[0].tonnes[0] == pytest.approx(20.0)


def test_a_quota_as_a_share_is_a_share_at_every_stage() -> None:
    limits = edits(ExportQuota(supplier="COD", materials=CO, share=0.0)).limits
    assert [(limit.stage, PLACES[limit.origin]) for limit in limits] == [(MINE, "COD")]
    assert limits[0].share is not None
    assert (limits[0].share == 0.0).all()


def test_a_quota_may_be_all_that_flows_and_not_more() -> None:
    # China's 24 by way of Hong Kong, 16 to the USA, 2 to France and 6 of what Germany keeps.
    quota = ExportQuota(supplier="CHN", materials=CO, tonnes=48.0, stages=("refine",))
    assert edits(quota).limits
    (said,) = refusal(replace(quota, tonnes=48.001))
    assert "a quota of 48.001 t a year is above the baseline flow of 48 t" in said


def test_a_licence_is_as_old_as_its_start_also_before_the_first_month() -> None:
    licence = ExportLicence(supplier="COD", materials=CO, start="2024-11", share=0.4)
    (limit,) = edits(licence).limits
    assert limit.age is not None
    assert limit.age.tolist() == list(range(2, 14))
    assert (limit.delay, limit.granted, limit.ramp) == (None, 0.4, None)
    (later,) = edits(replace(licence, start="2025-04", end="2025-10")).limits
    assert later.age is not None
    assert later.age[later.active].tolist() == list(range(7))
    assert months(later.active) == list(range(3, 10))


def test_a_quota_holds_for_the_plants_a_supplier_builds() -> None:
    licence = ExportLicence(supplier="COD", materials=CO, stages=("mine", "refine"))
    plant = NewCapacity(place="COD", materials=CO, stages=("refine",), tonnes=5.0)
    assert [limit.stage for limit in edits(licence).limits] == [MINE]
    assert [limit.stage for limit in edits(licence, plant).limits] == [MINE, REFINE]


def test_a_ban_takes_its_links_out_of_a_licence() -> None:
    licence = ExportLicence(supplier="CHN", materials=CO, stages=("refine",))
    ban = ExportBan(
        supplier="CHN",
        materials=CO,
        stages=("refine",),
        to=("USA",),
        start="2025-03",
        end="2025-06",
    )
    whole, less = edits(licence, ban).limits
    assert names(whole.destinations) == set(PLACES) - {"CHN"}
    assert names(less.destinations) == set(PLACES) - {"CHN", "USA"}
    assert months(whole.active) == [0, 1, 6, 7, 8, 9, 10, 11]
    assert months(less.active) == [2, 3, 4, 5]
    assert whole.measure == less.measure == 0
    np.testing.assert_array_equal(whole.age, less.age)
    # The order in which a person writes them does not matter.
    assert len(edits(ban, licence).limits) == 2


def test_each_limit_knows_its_measure() -> None:
    first = ExportQuota(supplier="COD", materials=CO, share=0.5, end="2025-03")
    second = ExportQuota(supplier="COD", materials=CO, share=0.8, start="2025-04")
    assert [limit.measure for limit in edits(first, second).limits] == [0, 1]


# --- the rush --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("announced", "start", "rush"),
    [
        ("2025-02", "2025-05", (1, 4)),
        ("2024-06", "2025-05", (0, 4)),
        ("2025-05", "2025-05", None),
        ("", "2025-05", None),
        ("2024-06", "2025-01", None),
        ("2024-06", "2024-09", None),
        ("2024-06", "", None),
    ],
)
def test_buyers_rush_from_the_announcement_to_the_start(
    announced: str, start: str, rush: tuple[int, int] | None
) -> None:
    ban = ExportBan(supplier="COD", materials=CO, announced=announced, start=start)
    rushes = edits(ban).rushes
    assert [(r.announced, r.start) for r in rushes] == ([rush] if rush else [])
    for r in rushes:
        assert names(r.origins) == {"COD"}
        assert names(r.destinations) == set(PLACES) - {"COD"}


# --- duties and floors -----------------------------------------------------------------------


def test_a_tariff_falls_on_all_foreign_goods_or_on_some() -> None:
    done = edits(Tariff(importer="EU27", materials=CO, rate=0.1, start="2025-12"))
    assert [duty.stage for duty in done.duties] == [MINE, REFINE]
    assert names(done.duties[0].origins) == set(PLACES) - {"DEU", "FRA"}
    assert names(done.duties[0].destinations) == {"DEU", "FRA"}
    assert done.duties[0].rate.tolist() == [0.0] * 11 + [0.1]
    assert done.suppliers == ()
    (some,) = edits(
        Tariff(
            importer="USA",
            materials=CO,
            rate=0.1,
            on=("CHN",),
            stages=("refine",),
            levy="ad_valorem",
        )
    ).duties
    assert (names(some.origins), some.levy) == ({"CHN"}, "ad_valorem")


def test_a_price_floor_holds_in_its_zone() -> None:
    floors = edits(
        PriceFloor(zone=("USA", "EU27"), materials=CO, price=1.2, form="levy", end="2025-01")
    ).floors
    assert [floor.stage for floor in floors] == [MINE, REFINE]
    assert names(floors[0].zone) == {"USA", "DEU", "FRA"}
    assert floors[0].price.tolist() == [1.2] + [0.0] * 11
    assert floors[0].form == "levy"


# --- capacity and use ------------------------------------------------------------------------


def test_an_outage_takes_a_share_of_capacity() -> None:
    done = edits(Outage(place="COD", materials=CO, share=0.3, start="2025-02", end="2025-03"))
    lost = np.ones_like(done.capacity)
    lost[1:3, MINE, PLACES.index("COD")] = 0.7
    np.testing.assert_allclose(done.capacity, lost)
    everywhere = edits(Outage(place="CHN", materials=CO, share=1.0))
    assert (everywhere.capacity[:, :, PLACES.index("CHN")] == 0.0).all()


def test_a_plant_rises_in_even_steps() -> None:
    plant = NewCapacity(
        place="USA", materials=CO, stages=("refine",), tonnes=12.0, ramp=4.0, start="2025-03"
    )
    (built,) = edits(plant).plants
    assert built.tonnes.tolist() == [0, 0, 3, 6, 9, 12, 12, 12, 12, 12, 12, 12]
    assert (built.stage, PLACES[built.place], built.from_scrap) == (REFINE, "USA", False)
    older = replace(plant, start="2024-11", end="2025-02")
    assert edits(older).plants[0].tonnes.tolist() == [9, 12] + [0] * 10
    (scrap,) = edits(
        Recycling(place="USA", materials=CO, stages=("refine",), tonnes=6.0, ramp=0.0)
    ).plants
    assert scrap.from_scrap
    assert scrap.tonnes.tolist() == [6.0] * 12


def test_changes_of_use_are_of_baseline_use_and_add_up() -> None:
    done = edits(
        DemandChange(place="USA", materials=CO, change=0.5),
        Substitution(place="ALLIANCE", materials=CO, share=0.4, ramp=2.0, start="2025-02"),
    )
    usa, jpn, chn = (done.demand[:, REFINE, PLACES.index(p)] for p in ("USA", "JPN", "CHN"))
    np.testing.assert_allclose(usa[:4], [1.5, 1.3, 1.1, 1.1])
    np.testing.assert_allclose(jpn[:4], [1.0, 0.8, 0.6, 0.6])
    assert (chn == 1.0).all()
    # Nobody uses ore: only the stage with use moves.
    assert (done.demand[:, MINE] == 1.0).all()


# --- stocks ----------------------------------------------------------------------------------


def test_a_stock_hands_out_its_tonnes_evenly_to_the_buyers_of_its_places() -> None:
    done = edits(
        StockBuild(place="USA", materials=CO, tonnes=6.0, end="2025-03"),
        StockRelease(place="EU27", materials=CO, tonnes=8.0, start="2025-05", end="2025-08"),
    )
    built = done.build[:, REFINE, PLACES.index("USA")]
    assert built.tolist() == [24.0] * 3 + [0.0] * 9
    assert done.build.sum() / 12 == pytest.approx(6.0)
    assert done.release.sum() / 12 == pytest.approx(8.0)
    # Germany keeps 12 of what it has, France 4.
    assert done.release[4, REFINE, PLACES.index("DEU")] == pytest.approx(18.0)
    assert done.release[4, REFINE, PLACES.index("FRA")] == pytest.approx(6.0)
    assert not done.release[:, MINE].any()


def test_of_a_stock_that_began_before_only_the_rest_is_left() -> None:
    done = edits(
        StockRelease(
            place="CHN", materials=CO, stages=("mine",), tonnes=4.0, start="2024-11", end="2025-02"
        )
    )
    assert done.release.sum() / 12 == pytest.approx(2.0)
    assert done.release[:, MINE].any()


# --- which chains ----------------------------------------------------------------------------


def rare_earths(*ids: str, unit: str = "t") -> list[SupplyChain]:
    return [
        SupplyChain(ident, 2024, PLACES, tuple(replace(s, unit=unit) for s in cobalt().stages))
        for ident in ids
    ]


def test_a_group_is_its_members_that_have_a_chain() -> None:
    held = world(rare_earths("dysprosium", "terbium", "neodymium", "rare_earths"))
    heavy = ExportBan(supplier="CHN", materials=("HREE",))
    assert list(apply(held, scenario(heavy))) == ["dysprosium", "terbium"]
    every = replace(heavy, materials=("REE",))
    expected = ["dysprosium", "neodymium", "rare_earths", "terbium"]
    assert list(apply(held, scenario(every))) == expected
    battery = replace(heavy, materials=("battery",))
    assert list(apply(world(), scenario(battery))) == ["cobalt"]


def test_tonnes_of_a_group_are_those_of_its_own_chain() -> None:
    held = world(rare_earths("dysprosium", "terbium", "rare_earths"))
    plant = NewCapacity(place="USA", materials=("REE",), stages=("mine",), tonnes=5.0)
    assert list(apply(held, scenario(plant))) == ["rare_earths"]
    (said,) = refusal(replace(plant, materials=("HREE",)), of=held)
    assert "HREE is a group of 2 materials, and tonnes are of one" in said
    battery = world([cobalt(), replace(cobalt(), material="nickel")])
    (said,) = refusal(replace(plant, materials=("battery",)), of=battery)
    assert "battery is a group of 2 materials" in said


def test_of_a_group_what_the_supplier_does_not_sell_is_left_out() -> None:
    one, other = rare_earths("dysprosium", "terbium")
    mine = replace(other.stages[MINE], flow=np.zeros((8, 8)))
    idle = replace(other, stages=(replace(mine, intake=mine.output),))
    ban = ExportBan(supplier="COD", materials=("HREE",))
    assert list(apply(world([one, idle]), scenario(ban))) == ["dysprosium"]
    (said,) = refusal(ban, of=world([idle]))
    assert "COD exports no terbium 2024 (mine)" in said
    (said,) = refusal(ban, of=world([idle, replace(idle, material="holmium")]))
    assert "none of the 2 chains of HREE: COD exports no holmium 2024 (mine)" in said


def test_a_material_named_twice_is_touched_once() -> None:
    assert len(edits(ExportBan(supplier="COD", materials=("Co", "cobalt"))).closed) == 1


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (
            ExportBan(supplier="CHN", materials=("tin",)),
            "field materials: tin has no balanced chain in 2024",
        ),
        (ExportBan(supplier="PER", materials=CO), "PER is not in the chain of cobalt 2024"),
        (
            ExportBan(supplier="Atlantis", materials=CO),
            "unknown place or bloc 'Atlantis'",
        ),
        (
            ExportBan(supplier="HKG", materials=CO),
            "HKG exports no cobalt 2024 (any stage) -> re-exports count for the place that made",
        ),
        (
            ExportBan(supplier="USA", materials=CO),
            "USA exports no cobalt 2024 (refine)",
        ),
        (
            ExportBan(supplier="COD", materials=CO, stages=("refine",)),
            "COD exports no cobalt 2024 (refine)",
        ),
        (
            ExportBan(supplier="CHN", materials=CO, stages=("product",)),
            "cobalt 2024 has no stage 'product' -> it has mine, refine",
        ),
        (
            ExportBan(supplier="CHN", materials=CO, to=("PER", "USA")),
            "field to: PER is not in the chain",
        ),
        (
            Outage(place="FRA", materials=CO, share=0.1),
            "FRA makes no cobalt 2024 (any stage)",
        ),
        (
            DemandChange(place="HKG", materials=CO, change=0.1),
            "HKG uses no cobalt 2024 (any stage)",
        ),
        (
            StockRelease(place="USA", materials=CO, tonnes=3.0, stages=("mine",)),
            "nobody in USA takes in cobalt 2024 (mine)",
        ),
        (
            Tariff(importer="PER", materials=CO, rate=0.1, on=("CHL",)),
            "field importer: PER is not in the chain of cobalt 2024",
        ),
        (
            PriceFloor(zone=("PER+CHL",), materials=CO, price=1.1),
            "none of the 2 places of PER+CHL is in the chain of cobalt 2024",
        ),
    ],
    ids=str,
)
def test_what_a_chain_has_not_is_said(measure: Measure, said: str) -> None:
    assert said in refusal(measure)[0]


def test_tonnes_need_a_chain_in_tonnes() -> None:
    held = world(rare_earths("dysprosium", unit="index"))
    dy: Any = ("dysprosium",)
    said = refusal(
        ExportQuota(supplier="COD", materials=dy, tonnes=3.0),
        StockBuild(place="USA", materials=dy, tonnes=3.0),
        NewCapacity(place="USA", materials=dy, stages=("refine",), tonnes=3.0),
        of=held,
    )
    assert len(said) == 3
    assert all("is counted as an index (world output is 100), not in tonnes" in p for p in said)


BAN = ExportBan(supplier="CHN", materials=CO)
QUOTA = ExportQuota(supplier="CHN", materials=CO, share=0.5)
LICENCE = ExportLicence(supplier="CHN", materials=CO)
OUTAGE = Outage(place="CHN", materials=CO, share=0.5)
TARIFF = Tariff(importer="USA", materials=CO, rate=0.1)
FLOOR = PriceFloor(zone=("USA",), materials=CO, price=1.1)
FILL = StockBuild(place="USA", materials=CO, tonnes=2.0)
EMPTY = StockRelease(place="USA", materials=CO, tonnes=2.0)
BUST = DemandChange(place="USA", materials=CO, change=-0.6)


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        (QUOTA, LICENCE, "both limit cobalt mine CHN > "),
        (LICENCE, replace(LICENCE, to=("JPN",), stages=("refine",)), "refine CHN > JPN in 2025-01"),
        (BAN, QUOTA, "a ban closes every link that the other limits: cobalt mine CHN > "),
        (BAN, replace(LICENCE, to=("JPN",)), "a ban closes every link"),
        (OUTAGE, replace(OUTAGE, stages=("refine",), share=0.1), "both take capacity from"),
        (TARIFF, replace(TARIFF, on=("CHN",)), "both levy a duty on cobalt mine CHN > USA"),
        (TARIFF, replace(TARIFF, importer="ALLIANCE"), "both levy a duty on"),
        (FLOOR, replace(FLOOR, zone=("ALLIANCE",)), "both set a floor for cobalt mine USA"),
        (FILL, EMPTY, "one fills and one empties the stock of cobalt refine USA in 2025-01"),
        (BUST, replace(BUST, change=-0.5), "together they take more than all use of cobalt"),
        (BUST, Substitution(place="USA", materials=CO, share=0.5, ramp=0.0), "more than all use"),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_measures_that_contradict_are_named(one: Measure, two: Measure, said: str) -> None:
    for first, second in ((one, two), (two, one)):
        (problem,) = refusal(first, second)
        assert said in problem
        assert "measure 1 (" in problem
        assert "measure 2 (" in problem
    # One after the other they are no contradiction.
    assert edits(replace(one, end="2025-05"), replace(two, start="2025-06"))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (BAN, replace(BAN, to=("USA",))),
        (LICENCE, replace(BAN, to=("USA", "JPN"))),
        (replace(OUTAGE, stages=("mine",)), replace(OUTAGE, stages=("refine",))),
        (replace(QUOTA, to=("USA",)), replace(QUOTA, to=("JPN",))),
        (QUOTA, replace(QUOTA, supplier="COD")),
        (OUTAGE, replace(OUTAGE, place="COD")),
        (TARIFF, replace(TARIFF, importer="JPN")),
        (replace(TARIFF, on=("COD",)), replace(TARIFF, on=("CHN",))),
        (FILL, replace(EMPTY, place="JPN")),
        (FILL, replace(FILL, tonnes=1.0)),
        (BUST, replace(BUST, change=0.5)),
        (BAN, TARIFF),
        (OUTAGE, QUOTA),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_measures_that_go_together_are_let(one: Measure, two: Measure) -> None:
    assert edits(one, two)


def test_a_contradiction_in_many_chains_is_told_once() -> None:
    held = world(rare_earths("dysprosium", "terbium", "holmium"))
    heavy: Any = ("HREE",)
    (said,) = refusal(replace(QUOTA, materials=heavy), replace(LICENCE, materials=heavy), of=held)
    assert "both limit dysprosium mine CHN > " in said
    assert said.endswith("(and 5 more) -> end the first quota or licence before the second starts")


def test_contradictions_are_told_together_with_everything_else() -> None:
    said = refusal(
        QUOTA,
        LICENCE,
        replace(BAN, supplier="PER"),
        replace(OUTAGE, share=3.0, stages=("product",)),
        months=500,
    )
    # Without sound months nobody can tell what overlaps.
    assert [line.split(":")[0] for line in said] == [
        "months",
        "measure 3 (export_ban), field supplier",
        "measure 4 (outage), field share",
        "measure 4 (outage), field stages",
    ]
    said = refusal(QUOTA, LICENCE, replace(BAN, supplier="PER"), replace(OUTAGE, share=3.0))
    assert len(said) == 3
    assert said[-1].startswith("measure 1 (export_quota) and measure 2 (export_licence): both")


def test_the_world_of_another_year_is_refused() -> None:
    other = replace(scenario(BAN), year=2020)
    with pytest.raises(RequestError, match="year: it starts from 2020 -> ask the world of 2020"):
        apply(world(), other)


def test_a_scenario_without_measures_touches_nothing() -> None:
    assert apply(world(), scenario()) == {}


# --- laws ------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    st.permutations([LICENCE, replace(BAN, to=("USA",), start="2025-04"), OUTAGE, TARIFF, FILL]),
    st.integers(1, 40),
)
def test_the_order_of_measures_changes_no_edit(order: list[Measure], length: int) -> None:
    done, straight = (
        apply(world(), scenario(*some, start="2025-04", months=length))["cobalt"]
        for some in (order, sorted(order, key=lambda m: m.kind))
    )
    for name in ("capacity", "demand", "build", "release"):
        np.testing.assert_array_equal(getattr(done, name), getattr(straight, name))
    assert {_words(limit) for limit in done.limits} == {_words(limit) for limit in straight.limits}
    assert {_words(links) for links in done.closed} == {_words(links) for links in straight.closed}


def _words(record: Any) -> str:
    """A record of arrays as text, whatever measure number it carries."""
    return repr({k: v for k, v in vars(record).items() if k != "measure"})


@pytest.mark.parametrize("material", ["gallium", "cobalt", "rare_earths", "tungsten"])
def test_the_quotas_of_a_real_supplier_are_its_exports(material: str) -> None:
    """A share of one at every stage is, in tonnes, what the traced links carry."""
    held = real_world(2024, material)
    quota = ExportQuota(supplier="CHN", materials=(material,), share=1.0)
    chain = held.chain(material)
    only = World(2024, {material: chain}, {}, (), held.distance_km)
    for limit in apply(only, scenario(quota))[material].limits:
        name = chain.stages[limit.stage].stage
        flow = traced_links(chain.stages[limit.stage])[limit.origin, limit.destinations].sum()
        tonnes = replace(quota, share=None, tonnes=float(flow), stages=(name,))
        (same,) = apply(only, scenario(tonnes))[material].limits
        assert same.tonnes is not None
        assert same.tonnes[0] == pytest.approx(flow)


def test_a_stage_of_zeros_is_no_trouble() -> None:
    empty = SupplyChain("cobalt", 2024, PLACES, (stage("mine", {}, {}, {}),))
    (said,) = refusal(BAN, of=world([empty]))
    assert "CHN exports no cobalt 2024" in said
