"""From the printed unit of a series to the unit and content basis of the facts table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.atlas.readers.usgs.series import Series
from lodestone.terms import material
from lodestone.terms.content import bases, contained
from lodestone.terms.errors import RequestError
from lodestone.terms.units import to_tonnes, to_usd_per_tonne

SHARES = frozenset({"import_share", "supply_share"})


@dataclass(frozen=True)
class Conversion:
    """How to turn printed numbers of one series into facts.

    Attributes
    ----------
    low, central, high : factors from the printed unit; they differ only where the content of the
        printed tonnes is a band (iron in pig iron)
    unit, basis : of the result; no basis for shares and percentages
    ceiling : the largest value that makes sense, None if there is none
    tonnes : printed tonnes in one printed unit, whatever they hold; None if it is not a mass
    """

    low: float
    central: float
    high: float
    unit: str
    basis: str | None
    ceiling: float | None = None
    tonnes: float | None = None


def conversion(series: Series, printed_unit: str) -> Conversion:
    """Conversion of one series from the unit its row prints.

    Raises
    ------
    RequestError
        If the unit is unknown or does not fit the quantity; a factor is never guessed.
    """
    unit = (series.unit or printed_unit).strip()
    if series.quantity in SHARES:
        _must_be_percent(unit)
        return Conversion(0.01, 0.01, 0.01, "share", None, ceiling=1.0)
    if series.quantity == "net_import_reliance":
        _must_be_percent(unit)
        return Conversion(1.0, 1.0, 1.0, "percent", None, ceiling=100.0)
    basis, low, central, high = _content(series)
    if series.quantity == "price":
        money = to_usd_per_tonne(1.0, unit)
        # USD a tonne of oxide buys less than a tonne of metal: the dearer bound comes from `low`.
        return Conversion(money / high, money / central, money / low, "USD/t", basis)
    tonnes = to_tonnes(1.0, unit, series.material)
    return Conversion(tonnes * low, tonnes * central, tonnes * high, "t", basis, tonnes=tonnes)


def _must_be_percent(unit: str) -> None:
    if unit != "percent":
        raise RequestError(f"unit {unit!r} is not percent")


def _content(series: Series) -> tuple[str, float, float, float]:
    """Basis of the result and tonnes of it in one printed tonne: low, central, high.

    Where the printed basis does not lead to the material's own (celestite is counted gross, its
    compounds by strontium), the printed basis stays and the row says so.
    """
    reference = material(series.material).basis
    if series.basis in _judged_contents():
        return (reference, *_judged_contents()[series.basis])
    if series.basis not in bases():
        raise RequestError(f"unknown basis {series.basis!r} in the reviewed list of series")
    try:
        factor = contained(1.0, series.basis, reference)
    except RequestError:
        return series.basis, 1.0, 1.0, 1.0
    return reference, factor, factor, factor


@cache
def _judged_contents() -> dict[str, tuple[float, float, float]]:
    """Content of what has no formula (dry bauxite, pig iron), with its source in the table."""
    return {
        row["basis"]: (float(row["low"]), float(row["content"]), float(row["high"]))
        for row in reviewed("contents")
    }
