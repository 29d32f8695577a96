"""A market of two places, one banned from the other, solved by hand and asserted to 1e-9.

Places A and B, one stage, everything in base prices. At rest each place makes 1 and uses 1, and
buys half of what it uses at home and half from the other place:

    w = [[1/2, 1/2], [1/2, 1/2]],   theta = ln 2,   supply v^(1/2),   use V^(-1/2)   in each place.

*At rest.* v = (1, 1) clears it: V = 1 - (1/theta) ln(1/2 + 1/2) = 1, use 1, sales 1 each.

*The ban.* A may no longer sell to B: the link A -> B goes, and weights are not renormalised. A still
sells at home, B sells to both.

1. *B buys from B alone*: Phi_B = 1/2 exp(-theta (v_B - 1)), so
   V_B = 1 - (1/theta) ln Phi_B = v_B + ln 2 / theta = v_B + 1. It pays v_B; to lose half of its
   habits costs it one base price.
2. *A buys from both*: Phi_A = 1/2 2^(1 - v_A) + 1/2 2^(1 - v_B) = 2^-v_A + 2^-v_B and
   V_A = 1 - log2(Phi_A). It buys from A the share s = 2^-v_A / (2^-v_A + 2^-v_B).
3. *Clearing of A*: v_A^(1/2) = s V_A^(-1/2);
   *of B*: v_B^(1/2) = (1 - s) V_A^(-1/2) + V_B^(-1/2).

With the levels of supply left free, choose the answer and read off the levels that bring it about.
Take v_A = 1 and v_B = 2 (B is dear, as it serves both). Then

    V_B = 3,   Phi_A = 1/2 + 1/4 = 3/4,   V_A = 1 - log2(3/4) = 3 - log2(3) = 1.41503749927884,
    s = (1/2) / (3/4) = 2/3.

Use: D_A = d_A V_A^(-1/2), D_B = d_B V_B^(-1/2). Let d_A = 3 V_A^(1/2) and d_B = 3^(1/2) (levels of use
at the base price), so D_A = 3 and D_B = 1. Flows: A -> A 2, B -> A 1, B -> B 1. Sales: A 2, B 2.
Supply: y_A v_A^(1/2) = 2 gives y_A = 2; y_B 2^(1/2) = 2 gives y_B = 2^(1/2).

*A ceiling.* The same answer with B held by its ceiling: y_B = 1.9 would supply 1.9 * 2^(1/2) = 2.69
at v_B = 2, but its ceiling is 2: sales of 2, and the price is set by users alone.

*A licence instead of the ban.* A may sell x = 1/2 to B. Its shadow price mu adds to the cost of the
link. Take mu = 1, v_A = 1, v_B = 2: both origins then cost B the same 2, so
    Phi_B = 1/2 2^-1 + 1/2 2^-1 = 1/2,   V_B = 2,   shares 1/2 and 1/2;
with d_B = 2^(1/2), D_B = 1 and A -> B is 1/2, as licensed. A as before: D_A = 3, A -> A 2, B -> A 1.
Sales: A 2.5, B 1.5; y_A = 2.5, y_B = 1.5 / 2^(1/2). The rent is mu x = 1/2.

*A duty and a refiner.* See the last test.
"""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.market.arrays import Demand, Floats, Layout, Links, Supply
from lodestone.market.kernel import solve

_LN2 = float(np.log(2.0))
_V_A = 3.0 - float(np.log2(3.0))
_NONE = np.zeros(0)


def _layout() -> Layout:
    return Layout(
        ns=np.array([0, 2], dtype=np.int64),
        ms=np.array([0, 2], dtype=np.int64),
        wo=np.array([0, 4], dtype=np.int64),
        feed=np.full(2, -1, dtype=np.int64),
        cost=np.zeros(2),
        rptr=np.zeros(3, dtype=np.int64),
        ridx=np.zeros(0, dtype=np.int64),
        scale=np.ones(2),
    )


def _supply(y: list[float], cap: list[float]) -> Supply:
    return Supply(
        y=np.array(y),
        eps=np.full(2, 0.5),
        cap=np.array(cap),
        ry=np.zeros(2),
        reps=np.zeros(2),
        rcap=np.zeros(2),
        margin=np.ones(2),
        credit=np.zeros(2),
        given=np.zeros(2),
        tail=0.3,
        floor=np.zeros(2),
    )


def _demand(use: list[float]) -> Demand:
    return Demand(
        use=np.array(use),
        eta=0.5,
        fixed=np.zeros(2),
        choke=50.0,
        kappa=0.1,
        months=np.zeros(2),
        stock=np.zeros(2),
        target=np.zeros(2),
        expected=np.ones(2),
        handed=np.zeros(2),
        rules=np.zeros(6),
    )


def _links(weight: list[float], limit: list[float] | None = None) -> Links:
    counted = np.array([-1, 0, -1, -1] if limit else [], dtype=np.int32)
    return Links(
        weight=np.array(weight),
        theta=np.array([_LN2]),
        tax=_NONE,
        rate=_NONE,
        floor=_NONE,
        limit_of=counted,
        limit_node=np.zeros(len(limit or []), dtype=np.int64),
        limit=np.array(limit or []),
        general=False,
    )


def _cleared(supply: Supply, use: list[float], links: Links) -> tuple[Floats, ...]:
    rent = np.zeros(links.limit.size)
    found = solve(_layout(), supply, _demand(use), links, np.ones(2), rent, 1e-13, 400)
    assert found.steps >= 0
    return found.v, found.effective, found.bought, found.made, found.rent


def test_at_rest() -> None:
    links = _links([0.5, 0.5, 0.5, 0.5])
    v, effective, bought, made, _ = _cleared(_supply([1.0, 1.0], [9.0, 9.0]), [1.0, 1.0], links)
    for values in (v, effective, bought, made):
        assert values == pytest.approx([1.0, 1.0], abs=1e-9)


@pytest.mark.parametrize(
    ("y_b", "cap_b"), [(2.0**0.5, 9.0), (1.9, 2.0)], ids=["on its curve", "at its ceiling"]
)
def test_a_is_banned_from_b(y_b: float, cap_b: float) -> None:
    links = _links([0.5, 0.0, 0.5, 0.5])
    v, effective, bought, made, _ = _cleared(
        _supply([2.0, y_b], [9.0, cap_b]), [3.0 * _V_A**0.5, 3.0**0.5], links
    )
    assert v == pytest.approx([1.0, 2.0], abs=1e-9)
    assert effective == pytest.approx([_V_A, 3.0], abs=1e-9)
    assert bought == pytest.approx([3.0, 1.0], abs=1e-9)
    assert made == pytest.approx([2.0, 2.0], abs=1e-9)


def test_a_needs_a_licence_for_b() -> None:
    links = _links([0.5, 0.5, 0.5, 0.5], [0.5])
    v, effective, bought, made, rent = _cleared(
        _supply([2.5, 1.5 / 2.0**0.5], [9.0, 9.0]), [3.0 * _V_A**0.5, 2.0**0.5], links
    )
    assert v == pytest.approx([1.0, 2.0], abs=1e-9)
    assert rent == pytest.approx([1.0], abs=1e-9)
    assert effective == pytest.approx([_V_A, 2.0], abs=1e-9)
    assert bought == pytest.approx([3.0, 1.0], abs=1e-9)
    assert made == pytest.approx([2.5, 1.5], abs=1e-9)


def test_b_taxes_what_comes_from_a_and_refines() -> None:
    """A duty, and a second stage in B.

    *Ore.* A mines, B buys from A only (w = 1) under a duty of 1/2: V_B1 = v_A + 1/2. A uses no ore.
    *Metal.* B refines, with 1/2 of feed per metal (cost 1/2), so a margin of 1/2 at rest, no
    credits, elasticity 1/2; it sells to its own users (w = 1).
    Take v_A = 1: V_B1 = 3/2, and a metal price of v = 11/4: margin 11/4 - 3/4 = 2, that is 4 times
    that of rest: output r (4)^(1/2) = 2 r. Users: d v^(-1/2). Let output be 1: r = 1/2,
    d = (11/4)^(1/2), ore bought 1/2, y_A = 1/2.
    """
    layout = Layout(
        ns=np.array([0, 1, 2], dtype=np.int64),
        ms=np.array([0, 1, 2], dtype=np.int64),
        wo=np.array([0, 1, 2], dtype=np.int64),
        feed=np.array([-1, 0], dtype=np.int64),
        cost=np.array([0.0, 0.5]),
        rptr=np.array([0, 1, 1], dtype=np.int64),
        ridx=np.array([1], dtype=np.int64),
        scale=np.ones(2),
    )
    supply = _supply([0.5, 0.0], [9.0, 9.0])._replace(
        ry=np.array([0.0, 0.5]),
        reps=np.full(2, 0.5),
        rcap=np.array([0.0, 9.0]),
        margin=np.array([1.0, 0.5]),
    )
    links = _links([1.0, 1.0])._replace(theta=np.full(2, _LN2), tax=np.array([0.5, 0.0]))
    found = solve(layout, supply, _demand([0.0, 2.75**0.5]), links, np.ones(2), _NONE, 1e-13, 400)
    assert found.v == pytest.approx([1.0, 2.75], abs=1e-9)
    assert found.effective == pytest.approx([1.5, 2.75], abs=1e-9)
    assert found.bought == pytest.approx([0.5, 1.0], abs=1e-9)
    assert found.refined == pytest.approx([0.0, 1.0], abs=1e-9)


def test_a_good_that_a_levy_floor_makes_free() -> None:
    """B has a constant tenth and sells it only at home, where a levy makes it cost 1.3.

    At rest B's users take 0.9 from A and 0.1 from B. The levy makes them take less than that tenth
    whatever B asks, so its good is free: v_B = 0, and what is not taken is left.
    """
    supply = _supply([1.9, 0.0], [9.0, 9.0])._replace(given=np.array([0.0, 0.1]))
    links = _links([1.0, 0.9, 0.0, 0.1])._replace(
        theta=np.array([3.0]), rate=np.zeros(4), floor=np.array([0.0, 0.0, 0.0, 1.3]), general=True
    )
    found = solve(_layout(), supply, _demand([1.0, 1.0]), links, np.ones(2), _NONE, 1e-11, 100)
    assert found.steps >= 0
    assert found.v[1] == 0.0
