"""Numbers as people read them: few digits, one scale a column, and never a false zero."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

#: Unit of a number between 0 and 1, which people read in percent.
SHARE = "share"
UNKNOWN = "unknown"
#: More decimals than this are written as a power of ten.
_MOST_DECIMALS, _LONG = 9, 5


@dataclass(frozen=True)
class Scale:
    """How the numbers of one column are written, so that digits stand under digits.

    Attributes
    ----------
    decimals : digits after the point; what is smaller is written `< 0.01`, not 0
    percent : numbers are shares, written in percent
    digits : significant digits that are kept; None keeps whole numbers whole
    """

    decimals: int
    percent: bool = False
    digits: int | None = None

    @classmethod
    def of(cls, numbers: Iterable[object], unit: str | None = None, digits: int = 4) -> Scale:
        """The scale on which the largest number has `digits` digits; entries that are none pass.

        Examples
        --------
        >>> scale = Scale.of([189587.7, 12.3, 3e-6], "t")
        >>> [scale.text(x) for x in (189587.7, 12.3, 3e-6, 0, None)]
        ['189,600', '12', '< 1', '0', 'unknown']
        >>> shares = Scale.of([0.5, 0.9999], "share")
        >>> shares.text(0.9999), shares.band(0.25, 0.75)
        ('> 99.9 %', '25.0–75.0 %')
        """
        percent = unit == SHARE
        factor = 100.0 if percent else 1.0
        known = [n for n in map(_known, numbers) if n is not None]
        if not percent and all(isinstance(n, int) for n in known):
            return cls(0)
        sizes = [abs(n) * factor for n in known if n != 0]
        if not sizes:
            return cls(0, percent)
        largest = math.floor(math.log10(max(sizes)))
        wanted = (1 if largest >= 0 else 1 - largest) if percent else digits - 1 - largest
        decimals = min(max(wanted, 0), _MOST_DECIMALS)
        kept = None if percent else digits
        # 99.98 % is not 100 %: the decimal that tells them apart stays.
        almost_all = percent and any(n < 100 <= round(n, decimals) for n in sizes)
        if not almost_all:
            decimals = _without_common_zeros(sizes, decimals)
        return cls(decimals, percent, kept)

    def text(self, value: object) -> str:
        """The number in words; None is `unknown`, and what is no number stays as it is."""
        number = _known(value)
        if number is None:
            return UNKNOWN if value is None or value != value else str(value)
        return self._digits(number * (100 if self.percent else 1)) + (" %" if self.percent else "")

    def band(self, low: object, high: object) -> str:
        """`25–75`, or `≥ 25` where one bound is unknown, or nothing where both are."""
        if low is None and high is None:
            return ""
        if low is None or high is None:
            return f"≤ {self.text(high)}" if low is None else f"≥ {self.text(low)}"
        ends = self.text(low).removesuffix(" %"), self.text(high)
        if ends[0][:1] in "<>" and f"{ends[0]} %" == ends[1]:
            return ends[1]
        signed = any(end[:1] in "-<>" for end in ends)
        return (" to " if signed else "–").join(ends)

    def _digits(self, number: float) -> str:
        smallest = 10.0**-self.decimals
        if number == 0 or (self.percent and number == 100):
            return f"{number:.0f}"
        if round(number, self.decimals) == 0:
            return f"< {self._step()}" if number > 0 else f"> -{self._step()}"
        if self.percent and number < 100 and round(number, self.decimals) >= 100:
            return f"> {100 - smallest:.{self.decimals}f}"
        if self.digits is not None:
            number = round(number, self.digits - 1 - math.floor(math.log10(abs(number))))
        return f"{number:,.{self.decimals}f}"

    def _step(self) -> str:
        long = self.decimals > _LONG
        return f"1e-{self.decimals}" if long else f"{10.0**-self.decimals:.{self.decimals}f}"


def _known(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return value


def _without_common_zeros(sizes: list[float], decimals: int) -> int:
    """Fewer decimals where all the last ones would be zeros."""
    rounded = [round(size, decimals) for size in sizes]
    if 0 in rounded:
        return decimals
    while decimals and all(round(r, decimals - 1) == r for r in rounded):
        decimals -= 1
    return decimals
