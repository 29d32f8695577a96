"""The balanced world of a year, as the desk hands it to the market: chains, prices, distances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from lodestone.desk.library import Library, library
from lodestone.terms import group_members, material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lodestone.chain.supply_chain import SupplyChain
    from lodestone.chain.world import Price, World

#: Customs rows that a unit value needs, to say something about a stage's price.
_FEWEST_ROWS = 10
#: Companionality of a material that its source calls a by-product without a figure.
_BYPRODUCT = 0.9


def world(year: int | None = None) -> World:
    """The balanced world of a year, ready to be shocked.

    Parameters
    ----------
    year : calendar year; the latest with data if left out

    Returns
    -------
    World
        Chains are read when first asked for. Base prices are the year's list prices (World Bank,
        USGS), else customs values over content; what has neither is absent.

    Raises
    ------
    RequestError
        A year without data; the nearest years are named.

    Examples
    --------
    >>> import lodestone as ls
    >>> "gallium" in ls.world(2024).chains
    True
    """
    books = library()
    return _world(books, _year(books, year))


@cache
def _year(books: Library, asked: int | None) -> int:
    """The year meant; a release never changes, and studies ask with every scenario."""
    return books.year(asked)


@cache
def _world(books: Library, year: int) -> World:
    from lodestone.chain.world import World

    places, distance = _distances(books)
    chains = _Chains(books, year)
    return World(
        year=year,
        chains=chains,
        prices=_prices(books, year),
        places=places,
        distance_km=distance,
        companionality=_companionality(books),
        hosts=_hosts(books),
        capacity=_capacity(books, year),
        volumes=_volumes(books, year),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


class _Chains(Mapping[str, "SupplyChain"]):
    """Chains of a year by material, read when first asked for."""

    def __init__(self, books: Library, year: int) -> None:
        self._books, self._year = books, year
        self._names = tuple(books.materials(year))
        self._read: dict[str, SupplyChain] = {}

    def __getitem__(self, name: str) -> SupplyChain:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._books.chain(name, self._year)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def _prices(books: Library, year: int) -> dict[tuple[str, str], Price]:
    """List prices of the year, else unit values of customs rows."""
    from lodestone.chain.world import Price
    from lodestone.desk.assess_prices import quotes

    found = {
        (r["material"], r["stage"]): Price(float(r["value"]), "inferred", str(r["source"]))
        for r in books.rows(
            "SELECT material, stage, max(source) AS source, "
            "sum(value_kusd) * 1000 / sum(content_t) AS value FROM trade "
            "WHERE year = ? AND flag = 'ok' AND content_t > 0 AND value_kusd > 0 "
            "AND material IS NOT NULL GROUP BY material, stage HAVING count(*) >= ?",
            [year, _FEWEST_ROWS],
        )
    }
    only = _one_stage(books, year)
    for q in quotes(books, year):
        if q.basis == material(q.material).basis:
            price = Price(q.value, "reported", q.source)
            found[q.material, q.stage] = price
            # A chain of one stage is sold as what its price list calls it.
            if q.material in only and (q.material, only[q.material]) not in found:
                found[q.material, only[q.material]] = price
    return found


def _one_stage(books: Library, year: int) -> dict[str, str]:
    """The stage of every chain that has only one."""
    stages: dict[str, list[str]] = {}
    for row in books.stages(year):
        stages.setdefault(row["material"], []).append(row["stage"])
    return {name: have[0] for name, have in stages.items() if len(have) == 1}


def _distances(books: Library) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    import numpy as np

    rows = books.rows("SELECT iso_o, iso_d, dist_km FROM distances WHERE dist_km IS NOT NULL")
    places = tuple(sorted({r["iso_o"] for r in rows} | {r["iso_d"] for r in rows}))
    at = {p: k for k, p in enumerate(places)}
    km = np.full((len(places), len(places)), np.nan)
    for r in rows:
        km[at[r["iso_o"]], at[r["iso_d"]]] = r["dist_km"]
    return places, km


def _companionality(books: Library) -> dict[str, float]:
    """Share of a material's output won beside a host; of rare earths for each of them."""
    found: dict[str, float] = {}
    for r in books.rows("SELECT material, companionality, class FROM byproducts ORDER BY row DESC"):
        known = r["companionality"]
        if known is None and r["class"] == "byproduct":
            found.setdefault(r["material"], _BYPRODUCT)
        elif known is not None:
            found[r["material"]] = float(known)
    if "rare_earths" in found:
        for name in group_members("REE"):
            found.setdefault(name, found["rare_earths"])
    return found


def _hosts(books: Library) -> dict[str, tuple[str, ...]]:
    rows = books.rows("SELECT material, hosts FROM byproducts WHERE hosts IS NOT NULL ORDER BY row")
    return {r["material"]: tuple(r["hosts"]) for r in rows[::-1]}


def _volumes(books: Library, year: int) -> dict[str, float]:
    """Tonnes of oxide of each rare earth mined in a year, by judged shares of the oxide of all."""
    from lodestone.atlas.recipe import oxide_shares

    whole = [
        float(s["world_output"])
        for s in books.stages(year)
        if (s["material"], s["stage"], s["unit"]) == ("rare_earths", "mine", "t")
    ]
    if not whole:
        return {}
    return {name: whole[0] * band.central for name, (band, _) in oxide_shares().items()}


def _capacity(books: Library, year: int) -> dict[tuple[str, str, str], float]:
    """Published capacity by material, stage and place: the latest edition that speaks of the year."""
    rows = books.rows(
        "SELECT material, stage, place, basis, value FROM facts WHERE quantity = 'capacity' "
        "AND year = ? AND value > 0 AND stage IS NOT NULL AND unit = 't' ORDER BY source",
        [year],
    )
    return {
        (r["material"], r["stage"], r["place"]): float(r["value"])
        for r in rows
        if r["basis"] == material(r["material"]).basis
    }
