"""Who gets the tonnes of a common stock, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.alliance.relief import by_need, by_worth


def test_by_need() -> None:
    assert by_need(6.0, np.array([2.0, 4.0, 0.0])).tolist() == [2.0, 4.0, 0.0]
    assert by_need(3.0, np.array([2.0, 4.0])).tolist() == [1.0, 2.0]
    assert by_need(3.0, np.zeros(2)).tolist() == [0.0, 0.0]


def test_by_worth_the_dearest_tonnes_first() -> None:
    """C saves 2 a tonne on 3, then B 1 a tonne on 6: of 6 tonnes C gets 3 and B 3 (the vault)."""
    relief = np.array([[0.0, 3.0, 6.0], [0.0, 1.5, 3.0]])
    loss = np.array([[6.0, 3.0, 0.0], [6.0, 3.0, 0.0]])
    assert by_worth(6.0, relief, loss) == pytest.approx([3.0, 3.0])
    assert by_worth(2.0, relief, loss) == pytest.approx([0.0, 2.0])
    # more than anybody needs: shared in proportion to need
    assert by_worth(18.0, relief, loss) == pytest.approx([12.0, 6.0])


def test_by_worth_is_best_of_all_shares_drawn_by_lot() -> None:
    draw = np.random.default_rng(1)
    need = np.array([4.0, 2.0, 5.0])
    relief = np.linspace(0.0, 1.0, 21)[None, :] * need[:, None]
    loss = np.array([3.0, 8.0, 2.0])[:, None] * (1.0 - relief / need[:, None]) ** 2
    best = by_worth(5.0, relief, loss)

    def total(shares: np.ndarray) -> float:
        return sum(float(np.interp(x, r, y)) for x, r, y in zip(shares, relief, loss, strict=True))

    assert best.sum() == pytest.approx(5.0)
    for _ in range(200):
        other = draw.dirichlet(np.ones(3)) * 5.0
        assert total(best) <= total(other) + 1e-9
