"""Technology position: a made-up technology of three stages by hand, and the laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.assess.technology_bands import ALIKE, NOTHING, ShareBand, weighted_mean
from lodestone.assess.technology_position import (
    SECURED,
    Item,
    StageSupply,
    concentration,
    eased,
    made_abroad,
    made_by_supplier,
    stages_held,
    technology_position,
)
from lodestone.terms.errors import DataError

exactly = ShareBand.exactly


def item(name: str, controlled: float, china: float, usa: float, **more: object) -> Item:
    on = {"CHN": exactly(china), "USA": exactly(usa)}
    return Item(name, exactly(controlled), on, abroad=china + usa, **more)  # type: ignore[arg-type]


def lamp() -> list[StageSupply]:
    """Lamps: two ores, a bulb that nobody counts, and the lamp itself."""
    ore = (
        item("tungsten", 0.1, 0.8, 0.0, weight=exactly(0.75)),
        item("sand", 0.5, 0.0, 0.4, weight=exactly(0.25), extra={"alliance": exactly(0.2)}),
    )
    product = item("lamp", 0.3, 0.4, 0.4, extra={"alliance": exactly(0.2)})
    return [
        StageSupply("ore", 1, "material", ore),
        StageSupply("bulb", 2, "component", (), unknown="nobody counts bulbs"),
        StageSupply("lamp", 3, "product", (product,)),
    ]


def position(supplies: list[StageSupply]):  # type: ignore[no-untyped-def]
    return technology_position(
        "lamps", "EU27", supplies, suppliers=("CHN", "USA"), against="CHN", levers=("alliance",)
    )


def test_a_technology_of_three_stages_by_hand() -> None:
    found = position(lamp())
    ore, bulb, _ = found.stages
    assert ore.controlled == exactly(0.75 * 0.1 + 0.25 * 0.5)
    assert ore.on["CHN"] is not None
    assert ore.on["CHN"].value == pytest.approx(0.6)
    assert ore.worst == {"CHN": "tungsten", "USA": "sand"}
    assert bulb.controlled is None
    assert bulb.on == {"CHN": None, "USA": None}
    # (0.6 + 0.4) / 2 known stages; the unknown one counts from nothing to all of three
    china = found.on["CHN"]
    assert china is not None
    assert (china.low, china.value, china.high) == pytest.approx((1 / 3, 0.5, 2 / 3))
    assert found.weakest["CHN"].supply.name == "ore"
    assert found.weakest["USA"].supply.name == "lamp"
    # one of two known stages above 25 %; low and high of three
    assert found.held is not None
    assert (found.held.low, found.held.value, found.held.high) == pytest.approx((1 / 3, 0.5, 2 / 3))


def test_levers_by_hand() -> None:
    alliance, secured = position(lamp()).levers
    # lamp: 0.4 x (1 - 0.2 / 0.8) = 0.3; ore: tungsten is untouched, sand has nothing of China
    assert alliance.after.value == pytest.approx((0.6 + 0.3) / 2)
    assert alliance.reduction == pytest.approx(0.05)
    assert (alliance.stage, alliance.stage_effect) == ("lamp", pytest.approx(0.05))
    assert secured.lever == SECURED
    assert secured.stage == "ore"
    assert secured.after.value == pytest.approx(0.2)


def test_part_bought_abroad_by_hand() -> None:
    own, use, china = exactly(0.1), exactly(0.2), exactly(0.45)
    # half is covered at home; China makes 45 of the 90 made elsewhere
    assert made_by_supplier(own, use, china) == exactly(0.25)
    assert made_abroad(own, use) == pytest.approx(0.5)
    # goods that cannot stand in for each other are bought as the world buys
    assert made_by_supplier(own, use, china, NOTHING) == exactly(0.45)
    half = made_by_supplier(own, use, china, exactly(0.5))
    assert half is not None
    assert half.value == pytest.approx(0.35)


def test_unknown_use_takes_the_world_as_proxy_with_a_wide_band() -> None:
    found = made_by_supplier(exactly(0.1), None, exactly(0.45))
    assert found == ShareBand(0.0, 0.45, 0.5)
    assert made_abroad(exactly(0.1), None) == pytest.approx(0.9)


def test_unknown_stays_unknown() -> None:
    third = exactly(1 / 3)
    assert made_by_supplier(None, third, third) is None
    assert made_by_supplier(third, third, None) is None
    assert eased(None, 0.5, third) is None
    assert weighted_mean([None, None], [ALIKE, ALIKE]) is None
    assert stages_held([None]) is None
    found = position([StageSupply("bulb", 1, "component", ())])
    assert found.on == {"CHN": None, "USA": None}
    assert found.held is None
    assert found.levers == ()
    assert found.weakest == {}


def test_a_lever_that_cannot_be_computed_changes_nothing_and_is_counted() -> None:
    one = item("lamp", 0.3, 0.4, 0.4, extra={"alliance": None})
    found = position([StageSupply("lamp", 1, "product", (one,))])
    alliance = found.levers[0]
    assert alliance.not_computed == 1
    assert alliance.after == alliance.before
    assert alliance.stage is None
    assert found.best is None


def test_concentration_counts_the_rest_as_many_or_as_one() -> None:
    found = concentration([exactly(0.5), exactly(0.3)])
    assert found.value == pytest.approx(0.34)
    assert found.high == pytest.approx(0.34 + 0.04)


def test_a_band_out_of_order_is_refused() -> None:
    with pytest.raises(DataError, match="no share"):
        ShareBand(0.5, 0.4, 0.6)


# --- laws ----------------------------------------------------------------------------------

shares = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).map(lambda x: ShareBand(*sorted(x)))


@given(st.lists(st.tuples(st.none() | shares, shares), min_size=1, max_size=5))
def test_a_mean_lies_within_its_band_and_within_zero_and_one(
    rows: list[tuple[ShareBand | None, ShareBand]],
) -> None:
    found = weighted_mean([x for x, _ in rows], [w for _, w in rows])
    if found is not None:
        assert 0.0 <= found.low <= found.value <= found.high <= 1.0


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=4), st.data())
def test_no_weights_within_their_bands_leave_the_band_of_the_mean(
    rows: list[tuple[ShareBand, ShareBand]], data: st.DataObject
) -> None:
    found = weighted_mean([x for x, _ in rows], [w for _, w in rows])
    weights = [data.draw(st.floats(w.low, w.high)) for _, w in rows]
    values = [data.draw(st.floats(x.low, x.high)) for x, _ in rows]
    if found is not None and sum(weights) > 1e-6:
        mean = sum(w * x for w, x in zip(weights, values, strict=True)) / sum(weights)
        assert found.low - 1e-9 <= mean <= found.high + 1e-9


@given(shares, st.none() | shares, shares, shares)
def test_dependence_is_a_share(
    own: ShareBand, use: ShareBand | None, supplier: ShareBand, alike: ShareBand
) -> None:
    found = made_by_supplier(own, use, supplier, alike)
    assert found is not None
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


@given(
    st.floats(0.0, 0.6),
    st.floats(0.01, 1.0),
    st.floats(0.0, 0.4),
    st.floats(0.0, 1.0),
    st.floats(0, 2),
)
def test_own_capacity_never_raises_dependence(
    own: float, use: float, supplier: float, alike: float, added: float
) -> None:
    """New plants at home make the world larger: every share of output shrinks, their own grows."""
    more, less = (own + added) / (1.0 + added), supplier / (1.0 + added)
    before = made_by_supplier(exactly(own), exactly(use), exactly(supplier), exactly(alike))
    after = made_by_supplier(exactly(more), exactly(use), exactly(less), exactly(alike))
    assert before is not None
    assert after is not None
    assert after.value <= before.value + 1e-9


@given(shares, st.floats(0.0, 1.0), shares)
def test_safe_supply_never_raises_dependence(on: ShareBand, rest: float, extra: ShareBand) -> None:
    abroad = on.value + rest * (1.0 - on.value)
    after = eased(on, abroad, extra)
    assert after is not None
    assert after.low <= on.low + 1e-12
    assert after.value <= on.value + 1e-12
    assert after.high <= on.high + 1e-12


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=4))
def test_allies_never_raise_the_dependence_of_a_technology(
    rows: list[tuple[ShareBand, ShareBand]],
) -> None:
    stages = [
        StageSupply(
            f"s{n}",
            n,
            "product",
            (Item("x", on, {"CHN": on}, abroad=on.value, extra={"alliance": extra}),),
        )
        for n, (on, extra) in enumerate(rows)
    ]
    for effect in position(stages).levers:
        assert effect.after.value <= effect.before.value + 1e-12
        assert effect.after.high <= effect.before.high + 1e-12
