"""Measures: what somebody does to a market for a while. A scenario is a world plus measures.

A mine floods, a ministry asks for licences, an ally builds a refinery: threats and policies are
the same thing, frozen records that edit the balanced picture between two dates. They hold the
words of the question only; what they do to capacities and links is written in `apply`.

Dates are months, written `2023-08`. A measure without `start` acts from the first month of the
scenario, without `end` for good. `announced` lets buyers rush in the months before the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

Words = tuple[str, ...]
_WORD_FIELDS = {"materials", "stages", "to", "on", "zone"}


@dataclass(frozen=True, kw_only=True)
class _Dated:
    """What every measure has: the materials and stages it is about, and when it acts.

    Attributes
    ----------
    materials : names, symbols or aliases
    stages : 'mine', 'refine', 'product'; empty for every stage of the chain
    start, end : first and last month it acts, `YYYY-MM`; empty for from the outset, for good
    """

    materials: Words
    stages: Words = ()
    start: str = ""
    end: str = ""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Accept one word, or a list, where words are expected: both become a tuple."""
        for name in _WORD_FIELDS & set(vars(self)):
            value = getattr(self, name)
            words = (value,) if isinstance(value, str) else tuple(value)
            object.__setattr__(self, name, words)


@dataclass(frozen=True)
class ExportBan(_Dated):
    """A supplier's exports stop: links from its places to those outside are removed.

    Attributes
    ----------
    supplier : place or bloc whose exports stop; trade inside it goes on
    to : places that get nothing any more; empty for everybody
    announced : month from which buyers know and rush
    """

    supplier: str
    to: Words = ()
    announced: str = ""
    kind: Literal["export_ban"] = "export_ban"


@dataclass(frozen=True)
class ExportQuota(_Dated):
    """A ceiling on a supplier's exports, each of its places by its own baseline share.

    Attributes
    ----------
    share : of baseline exports to the targets; or
    tonnes : a year, of the stage's reference content (give one of the two)
    """

    supplier: str
    share: float | None = None
    tonnes: float | None = None
    to: Words = ()
    announced: str = ""
    kind: Literal["export_quota"] = "export_quota"


@dataclass(frozen=True)
class ExportLicence(_Dated):
    """Exports need a licence: nothing for a while, then a part of them comes back.

    After `delay` months the ceiling is `baseline * share * (1 - exp(-(t - delay)/ramp))`.

    Attributes
    ----------
    delay, ramp : months; left out, the attributes `licence_delay` and `licence_ramp`
    share : granted in the end, of baseline exports; left out, the attribute `licence_share`
    """

    supplier: str
    delay: float | None = None
    share: float | None = None
    ramp: float | None = None
    to: Words = ()
    announced: str = ""
    kind: Literal["export_licence"] = "export_licence"


@dataclass(frozen=True)
class Tariff(_Dated):
    """A duty that an importer levies.

    Attributes
    ----------
    importer : place or bloc that levies it
    rate : share of the stage's base price (`specific`, the default) or of the price itself
        (`ad_valorem`, whose answer is proved by its residual only)
    on : suppliers it falls on; empty for all foreign ones
    """

    importer: str
    rate: float
    on: Words = ()
    levy: Literal["specific", "ad_valorem"] = "specific"
    kind: Literal["tariff"] = "tariff"


@dataclass(frozen=True)
class PriceFloor(_Dated):
    """A zone keeps the price of a stage from falling below a floor.

    Attributes
    ----------
    zone : places of the zone
    price : floor in base prices of the stage
    form : 'contract' pays the zone's makers the difference (contract for difference), 'levy'
        charges imports from outside up to the floor
    """

    zone: Words
    price: float
    form: Literal["contract", "levy"] = "contract"
    kind: Literal["price_floor"] = "price_floor"


@dataclass(frozen=True)
class Outage(_Dated):
    """A part of a place's capacity is lost: war, flood, power cut.

    Attributes
    ----------
    share : of capacity that is lost, 0 to 1
    """

    place: str
    share: float
    kind: Literal["outage"] = "outage"


@dataclass(frozen=True)
class NewCapacity(_Dated):
    """A new mine or refinery: one material, one stage, with a supply curve and offtake of its own.

    Attributes
    ----------
    tonnes : a year of the stage's reference content, at full run
    ramp : months from `start` to full run
    """

    place: str
    tonnes: float
    ramp: float = 12.0
    kind: Literal["new_capacity"] = "new_capacity"


@dataclass(frozen=True)
class Recycling(_Dated):
    """New output from scrap: one material, one stage; it follows capacity, not price.

    Attributes
    ----------
    tonnes : a year, at full run
    ramp : months from `start` to full run
    """

    place: str
    tonnes: float
    ramp: float = 12.0
    kind: Literal["recycling"] = "recycling"


@dataclass(frozen=True)
class Substitution(_Dated):
    """Users of a place learn to do without a part of what they use.

    Attributes
    ----------
    share : of baseline use that is no longer needed, 0 to 1
    ramp : months from `start` until they can
    """

    place: str
    share: float
    ramp: float = 12.0
    kind: Literal["substitution"] = "substitution"


@dataclass(frozen=True)
class StockRelease(_Dated):
    """A strategic stock hands out tonnes to the buyers of its place, evenly from start to end.

    Attributes
    ----------
    tonnes : in total
    """

    place: str
    tonnes: float
    kind: Literal["stock_release"] = "stock_release"


@dataclass(frozen=True)
class StockBuild(_Dated):
    """A strategic stock buys tonnes in its place, evenly from start to end; that moves prices.

    Attributes
    ----------
    tonnes : in total
    """

    place: str
    tonnes: float
    kind: Literal["stock_build"] = "stock_build"


@dataclass(frozen=True)
class DemandChange(_Dated):
    """Use of a place moves: a boom, a recession.

    Attributes
    ----------
    change : of baseline use; 0.1 is ten per cent more
    """

    place: str
    change: float
    kind: Literal["demand_change"] = "demand_change"


Measure = (
    ExportBan
    | ExportQuota
    | ExportLicence
    | Tariff
    | PriceFloor
    | Outage
    | NewCapacity
    | Recycling
    | Substitution
    | StockRelease
    | StockBuild
    | DemandChange
)

#: Measures by the name a scenario file calls them.
KINDS: dict[str, type[Measure]] = {cls.kind: cls for cls in get_args(Measure)}
#: Measures that keep a supplier's goods from leaving.
Restriction = ExportBan | ExportQuota | ExportLicence
