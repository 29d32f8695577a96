"""What the desk reads off a path: the series and numbers of a shock, under fixed names.

A name is `what` of the market, or `what|place`. Series have one number a month; numbers of the
whole path are series of one. Names, units and meanings stand in `WHATS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lodestone.terms import members

if TYPE_CHECKING:
    from lodestone.market.arrays import Floats
    from lodestone.market.outcome import PlaceMonths
    from lodestone.market.path import Path

#: Number of the whole path -> (unit, words).
WHATS = {
    "price_outside_peak": ("base prices", "price outside, highest month"),
    "price_outside_year": ("base prices", "price outside, mean of the first year"),
    "price_outside_later": ("base prices", "price outside, a year on"),
    "price_inside_lowest": ("base prices", "price inside, lowest month"),
    "use_lost_worst": ("share", "use lost, worst month"),
    "use_lost_year": ("share", "use lost, first year"),
    "missing_year": ("stage", "use missing in the first year"),
    "recovery": ("months", "months until recovered"),
    "loss": ("USD", "loss (minus: gain), all months"),
    "users_loss": ("USD", "of which users and stock holders"),
    "makers_loss": ("USD", "of which makers and refiners"),
    "treasury_loss": ("USD", "of which treasuries and licence rents"),
}
OUTSIDE = "outside"


@dataclass(frozen=True)
class ShockReading:
    """Reads a path for a set of places.

    Attributes
    ----------
    places : code -> ISO3 members
    suppliers : places whose exports are restricted or whose output is lost
    first : month in which the first measure acts
    """

    places: Mapping[str, Sequence[str]]
    suppliers: tuple[str, ...]
    first: int

    def __call__(self, path: Path) -> dict[str, Floats]:
        """Every series and number of a path, by name."""
        from lodestone.market.outcome import (
            headline_stage,
            place_months,
            price_inside,
            price_outside,
        )

        s = headline_stage(path)
        outside = price_outside(path, s, self.suppliers)
        inside = price_inside(path, s, self.suppliers)
        found = {"price_outside": outside, "price_inside": inside, **self._prices(outside, inside)}
        for code, group in self.places.items():
            months = place_months(path, s, group, self.suppliers)
            if months is not None:
                found |= {f"{k}|{code}": v for k, v in self._place(path, months, group).items()}
        return found

    def _prices(self, outside: Floats, inside: Floats) -> dict[str, Floats]:
        year = outside[self.first : self.first + 12]
        later = outside[self.first + 12 : self.first + 13]
        quiet = np.isnan(inside).all()
        return {
            "price_outside_peak": np.array([outside[self.first :].max()]),
            "price_outside_year": np.array([year.mean()]),
            "price_outside_later": later if later.size else np.array([np.nan]),
            "price_inside_lowest": np.array([np.nan if quiet else np.nanmin(inside)]),
        }

    def _place(self, path: Path, m: PlaceMonths, group: Sequence[str]) -> dict[str, Floats]:
        from lodestone.market.outcome import gains, months_to_recover

        year = slice(self.first, self.first + 12)
        short, wanted = m.shortage[year].sum(), m.wanted[year].sum()
        back = months_to_recover(m.price[self.first :], m.short_share[self.first :])
        gain = gains(path, group)
        with np.errstate(invalid="ignore", divide="ignore"):
            supplied = np.where(m.bought > 0, m.from_suppliers / m.bought, np.nan)
        return {
            "price": m.price,
            "use_lost": m.short_share,
            "stock": m.stock,
            "from_suppliers": supplied,
            "bought": m.bought,
            "use_lost_worst": np.array([m.short_share[self.first :].max()]),
            "use_lost_year": np.array([short / wanted if wanted > 0 else np.nan]),
            "missing_year": np.array([short / 12.0]),
            # a path that has not recovered counts as one month more than was walked
            "recovery": np.array([float(path.months - self.first + 1 if back is None else back)]),
            "loss": np.array([-gain.total]),
            "users_loss": np.array([-gain.users]),
            "makers_loss": np.array([-gain.makers]),
            "treasury_loss": np.array([-gain.treasury - gain.rents]),
        }


def place_groups(codes: Sequence[str], year: int) -> dict[str, tuple[str, ...]]:
    """Codes of places and blocs with their ISO3 members; RequestError for unknown ones."""
    from lodestone.terms import find_bloc, place

    found = {}
    for code in codes:
        bloc = find_bloc(code)
        name = bloc.id if bloc else place(code).iso3
        found[name] = members(name, year)
    return found
