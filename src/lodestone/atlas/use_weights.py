"""Where materials are probably used where nobody says so: by the size of manufacturing.

The weight of a place is its share of world manufacturing output: gross output of manufacturing
in the World Input-Output Database 2011 for forty economies, moved to the year with GDP; other
economies get their GDP times the median ratio of the emerging economies in that table. It is a
prior with an error of 100 %, never a finding.

Source: Timmer et al. (2015), Rev. Int. Econ. 23:575 (WIOD 2013 release); World Bank GDP.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lodestone.terms.errors import DataError

#: WIOD 2013 sectors c3 (food) to c16 (recycling) are manufacturing.
MANUFACTURING = tuple(f"c{k}" for k in range(3, 17))
_EMERGING = ("BRA", "IND", "IDN", "MEX", "TUR", "RUS", "BGR", "ROU")
_TABLE_YEAR = 2011
_NOT_PLACES = frozenset({"WLD", "XOT"})


def use_weights(
    manufacturing_2011: Mapping[str, float],
    gdp: Mapping[tuple[str, int], float],
    year: int,
) -> dict[str, float]:
    """Share of world manufacturing by place in `year`; sums to 1.

    Parameters
    ----------
    manufacturing_2011 : gross output of manufacturing by ISO3, million USD
    gdp : (ISO3, year) -> current USD

    Raises
    ------
    DataError
        If GDP is missing for the table year of any economy in the table.
    """
    # The World Bank does not publish Taiwan: it is moved with the Republic of Korea's GDP.
    needed = {"KOR" if p == "TWN" else p for p in manufacturing_2011}
    missing = sorted(p for p in needed if (p, _TABLE_YEAR) not in gdp)
    if missing:
        raise DataError(f"use weights: no GDP {_TABLE_YEAR} for {missing}")
    ratio = {
        p: v / gdp[p, _TABLE_YEAR] for p, v in manufacturing_2011.items() if (p, _TABLE_YEAR) in gdp
    }
    other = float(np.median([ratio[p] for p in _EMERGING if p in ratio]))
    gdp = {k: v for k, v in gdp.items() if k[0] not in _NOT_PLACES}
    size = {p: ratio.get(p, other) * g for p, g in _gdp_near(gdp, year).items()}
    if "TWN" in manufacturing_2011 and "TWN" not in size:
        growth = _gdp_near(gdp, year)["KOR"] / gdp["KOR", _TABLE_YEAR]
        size["TWN"] = manufacturing_2011["TWN"] * growth
    total = sum(size.values())
    return {p: v / total for p, v in sorted(size.items())}


def _gdp_near(gdp: Mapping[tuple[str, int], float], year: int) -> dict[str, float]:
    """GDP of each place in the latest year not after `year` (and not before 2010)."""
    latest: dict[str, tuple[int, float]] = {}
    for (place, y), value in gdp.items():
        if 2010 <= y <= year and y > latest.get(place, (0, 0.0))[0]:
            latest[place] = (y, value)
    return {p: v for p, (_, v) in latest.items()}
