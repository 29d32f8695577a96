"""From make and use to one table: worked by hand, and what may not be lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lodestone.economy.from_make_use import MakeUse, from_make_use
from lodestone.economy.spectral import spectral_radius
from lodestone.terms.errors import DataError


def farm_mill_power(**changes: Any) -> MakeUse:
    """Three industries; the mill burns its waste and sells electricity beside its paper.

    The same numbers are worked on the page `docs/methods/economy-tables.md`.
    """
    accounts = MakeUse(
        place="AAA",
        year=2020,
        source="by hand",
        scheme="three",
        products=("wood", "paper", "electricity", "scrap"),
        industries=("farm", "mill", "power"),
        names=("Farm", "Mill", "Power"),
        use=np.array(
            [[0.0, 30.0, 0.0], [10.0, 0.0, 10.0], [10.0, 20.0, 0.0], [0.0, 5.0, 0.0]],
        ),
        imports=np.array(
            [[0.0, 10.0, 0.0], [4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        ),
        make=np.array(
            [[50.0, 0.0, 0.0, 2.0], [0.0, 90.0, 10.0, 0.0], [0.0, 0.0, 40.0, 0.0]],
        ),
        not_made={"scrap": "scrap"},
    )
    return replace(accounts, **changes)


def test_three_industries_by_hand() -> None:
    table = from_make_use(farm_mill_power())
    # Electricity is 10 from the mill and 40 from the power plant: shares 0.2 and 0.8.
    expected = [[0.0, 20.0, 0.0], [6.0 + 2.0, 0.2 * 20.0, 8.0], [8.0, 16.0, 0.0]]
    np.testing.assert_allclose(table.flows, expected)
    np.testing.assert_allclose(table.output, [52.0, 100.0, 40.0])
    # Scrap sold by the farm is final use; scrap bought by the mill counts with what is imported.
    np.testing.assert_allclose(table.final_use, [30.0 + 2.0, 76.0 + 4.0, 16.0])
    np.testing.assert_allclose(table.imported, [4.0, 15.0, 2.0])
    np.testing.assert_allclose(table.value_added, [32.0, 45.0, 30.0])


def test_value_added_is_final_use_less_imports() -> None:
    table = from_make_use(farm_mill_power())
    assert table.gdp == pytest.approx(table.final_use.sum() - table.imported.sum())
    assert 0.0 < spectral_radius(table.coefficients) < 1.0


def test_an_import_above_its_use_is_cut_and_said() -> None:
    imports = farm_mill_power().imports.copy()
    imports[0, 1] = 37.0
    table = from_make_use(farm_mill_power(imports=imports))
    assert table.flows[0, 1] == 0.0
    assert table.imported[1] == 35.0
    assert any("1 cells, 7 million USD" in note for note in table.notes)


def test_negative_uses_and_imports_are_moved_and_said() -> None:
    use, imports = farm_mill_power().use.copy(), farm_mill_power().imports.copy()
    use[1, 1], imports[0, 2] = -3.0, -1.0
    table = from_make_use(farm_mill_power(use=use, imports=imports))
    assert (table.flows >= 0.0).all()
    assert table.gdp == pytest.approx(table.final_use.sum() - table.imported.sum())
    assert any("negative uses" in note and "3 million" in note for note in table.notes)
    assert any("negative imported" in note and "1 million" in note for note in table.notes)


def test_an_industry_that_buys_more_than_it_makes_keeps_no_negative_value_added() -> None:
    use = farm_mill_power().use.copy()
    use[2, 0] = 50.0  # the farm takes electricity for 50 and makes 52, paper for 10
    table = from_make_use(farm_mill_power(use=use))
    assert table.value_added[0] == 0.0
    costs = table.flows[:, 0].sum() + table.imported[0]
    assert costs == pytest.approx(table.output[0])
    assert any("farm (Farm) buys 60 for an output of 52" in note for note in table.notes)


def test_what_nobody_makes_is_refused_unless_it_is_said_so() -> None:
    with pytest.raises(DataError, match="scrap: 5 are taken of it at home"):
        from_make_use(farm_mill_power(not_made={}, make=_without_scrap()))


def test_all_that_is_wrong_with_the_tables_is_said_at_once() -> None:
    use = farm_mill_power().use.copy()
    use[0, 0] = np.nan
    with pytest.raises(DataError) as caught:
        farm_mill_power(use=use, make=np.zeros((2, 2)), not_made={"gold": "no product"})
    assert len(caught.value.problems) == 3


def test_coefficients_without_a_sum_are_refused() -> None:
    # Two industries that sell each other more than they make: no round of demand ends.
    with pytest.raises(DataError, match="spectral radius"):
        from_make_use(
            MakeUse(
                "AAA",
                2020,
                "by hand",
                "two",
                ("a", "b"),
                ("a", "b"),
                ("A", "B"),
                use=np.array([[0.0, 20.0], [10.0, 0.0]]),
                imports=np.zeros((2, 2)),
                make=np.array([[10.0, 0.0], [0.0, 20.0]]),
            )
        )


def _without_scrap() -> np.ndarray[Any, Any]:
    make = farm_mill_power().make.copy()
    make[0, 3] = 0.0
    return make


def test_negative_final_use_is_said() -> None:
    use = farm_mill_power().use.copy()
    use[2, 1] = 60.0  # the mill takes more electricity than is made: stocks must have fallen
    table = from_make_use(farm_mill_power(use=use))
    assert table.final_use[2] < 0.0
    assert any(note.startswith("final use is negative") and "power" in note for note in table.notes)
