"""Edits: what measures do to one material's chain, month by month, in arrays.

`apply` writes them, engines read them. An engine never asks why capacity fell: it finds a factor
below one. All arrays follow `SupplyChain.places` (n) and its stages (S); T is the number of months.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ClosedLinks:
    """Links that carry nothing while active: from origins to destinations.

    Attributes
    ----------
    stage : index of the stage
    origins, destinations : (n,) which places; the links are all their pairs
    active : (T,)
    """

    stage: int
    origins: Mask
    destinations: Mask
    active: Mask


@dataclass(frozen=True)
class LinkLimit:
    """A ceiling on what one origin sends to some destinations, together.

    The ceiling is `share` of the baseline flow over these links, or `tonnes` a year. A licence
    gives `age` instead: months since it began; its course follows from delay, share and ramp,
    where None stands for the attribute of that name.

    Attributes
    ----------
    stage, origin : indices
    destinations : (n,)
    active : (T,)
    share, tonnes : (T,) or None
    age : (T,) months since the licence began (0 in its first month), or None
    delay, granted, ramp : of a licence
    measure : index of the scenario's measure it comes from
    """

    stage: int
    origin: int
    destinations: Mask
    active: Mask
    share: Floats | None = None
    tonnes: Floats | None = None
    age: Floats | None = None
    delay: float | None = None
    granted: float | None = None
    ramp: float | None = None
    measure: int = 0


@dataclass(frozen=True)
class Duty:
    """A duty on links, in base prices of the stage (specific) or of the price (ad valorem).

    Attributes
    ----------
    origins, destinations : (n,); the duty goes to the destination's treasury
    rate : (T,) 0 where it does not act
    """

    stage: int
    origins: Mask
    destinations: Mask
    rate: Floats
    levy: Literal["specific", "ad_valorem"]


@dataclass(frozen=True)
class Floor:
    """A price floor of a zone, in base prices.

    Attributes
    ----------
    zone : (n,)
    price : (T,) 0 where it does not act
    """

    stage: int
    zone: Mask
    price: Floats
    form: Literal["contract", "levy"]


@dataclass(frozen=True)
class Plant:
    """New output at a place.

    Attributes
    ----------
    stage, place : indices
    tonnes : (T,) a year; 0 before it runs
    from_scrap : True if it needs no feed from the stage before
    """

    stage: int
    place: int
    tonnes: Floats
    from_scrap: bool


@dataclass(frozen=True)
class Rush:
    """Buyers who know that an origin will be restricted want more stock until it is.

    Attributes
    ----------
    origins, destinations : (n,) whose goods, and which buyers
    announced, start : month indices (announced < start)
    """

    stage: int
    origins: Mask
    destinations: Mask
    announced: int
    start: int


@dataclass(frozen=True)
class Edits:
    """Everything a scenario does to one material's chain.

    Attributes
    ----------
    material : id
    months : T
    first : month 0, `YYYY-MM`
    capacity, demand : (T, S, n) factors on capacity and on use; 1 where nothing happens
    build, release : (T, S, n) tonnes a year into and out of strategic stocks
    """

    material: str
    months: int
    first: str
    capacity: Floats
    demand: Floats
    build: Floats
    release: Floats
    closed: tuple[ClosedLinks, ...] = ()
    limits: tuple[LinkLimit, ...] = ()
    duties: tuple[Duty, ...] = ()
    floors: tuple[Floor, ...] = ()
    plants: tuple[Plant, ...] = ()
    rushes: tuple[Rush, ...] = ()
    suppliers: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """True where nothing at all happens to this material."""
        return not (
            self.closed or self.limits or self.duties or self.floors or self.plants or self.rushes
        ) and bool(
            (self.capacity == 1.0).all()
            and (self.demand == 1.0).all()
            and not self.build.any()
            and not self.release.any()
        )


def no_edits(material: str, stages: int, places: int, months: int, first: str) -> Edits:
    """Edits that change nothing."""
    shape = (months, stages, places)
    return Edits(
        material, months, first, np.ones(shape), np.ones(shape), np.zeros(shape), np.zeros(shape)
    )
