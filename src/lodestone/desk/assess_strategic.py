"""Strategic raw materials as the CRM Act counts them: what a buyer makes, recycles and uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lodestone.assess.crm_act_scoreboard import Benchmark
from lodestone.assess.panel import WORLD, FloatArray, Node, Panel
from lodestone.desk.assess_baseline import Baseline
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.assess_ec_inputs import EcInputs, Rate
from lodestone.desk.assess_prices import prices
from lodestone.desk.library import Library
from lodestone.terms import Listing, group_members, listings, material

#: The Union's list of strategic raw materials.
STRATEGIC_LIST = "EU_SRM_2024"
_METAL, _MINE = "metal", "mine"
_PROCESSING = ("refine", "product")
#: Magnets are goods made from processed rare earths, not a step of processing them.
_GOODS = {Node("rare_earths", "product")}

#: Value, low and high.
Band = FloatArray


@dataclass(frozen=True)
class Entry:
    """One entry of the strategic list, and the chains whose tonnes stand for it.

    `proxy` says what stands for what; it is empty where the chain is the entry itself.
    """

    name: str
    chains: tuple[str, ...]
    metal_only: bool
    proxy: str


@dataclass(frozen=True, eq=False)
class StrategicAccount:
    """Panels of one buyer and year with an entry of the list as node; see `crm_act_scoreboard`."""

    capacity: dict[Benchmark, Panel]
    consumption: Panel
    price: Panel


def strategic_entries(books: Library, year: int) -> tuple[Entry, ...]:
    """The list with the chains that have tonnes; all rare earths stand for those of magnets."""
    in_tonnes = {r["material"] for r in books.stages(year) if r["unit"] == "t"}
    return tuple(_entry(listed, in_tonnes) for listed in listings(STRATEGIC_LIST))


def strategic_chains(books: Library, year: int) -> tuple[str, ...]:
    """Every material with a chain that the list reaches: entries, members and stand-ins."""
    have = set(books.materials(year))
    stand_ins = [c for entry in strategic_entries(books, year) for c in entry.chains]
    named = [m for listed in listings(STRATEGIC_LIST) for m in _members(listed.material)]
    return tuple(dict.fromkeys(m for m in (*stand_ins, *named) if m in have))


def strategic_account(
    books: Library, base: Baseline, buyer: Buyer, listed: Sequence[Entry]
) -> StrategicAccount:
    """What a buyer mines, processes, recycles and uses of every entry, and its price.

    Output of the year stands for capacity. Extraction is output of mines; processing that of the
    processing step that makes least; recycling the EOL-RIR of the EU studies times use, or
    scrap-fed output where no rate is published; use is that at all stages, of an entry that
    names the metal that after the mine. A figure that is not known for one of an entry's chains
    is unknown for the entry.
    """
    (year,) = base.years
    reader = _Reader(base, buyer, EcInputs(books).recycling)
    quoted = prices(books, year)

    def panel(place: str, stage: str, bands: Sequence[Band], unit: str) -> Panel:
        nodes = tuple(Node(entry.name, stage) for entry in listed)
        value, low, high = np.array(bands).T[:, :, None, None]
        return Panel(nodes, (place,), base.years, value, low, high, unit)

    capacity = {
        Benchmark.EXTRACTION: [reader.extraction(e) for e in listed],
        Benchmark.PROCESSING: [reader.processing(e) for e in listed],
        Benchmark.RECYCLING: [reader.recycling(e) for e in listed],
    }
    used = [reader.consumption(e) for e in listed]
    return StrategicAccount(
        {b: panel(buyer.id, b, bands, "t") for b, bands in capacity.items()},
        panel(buyer.id, "use", used, "t"),
        panel(WORLD, "price", [reader.price(e, quoted) for e in listed], "USD/t"),
    )


class _Reader:
    """One buyer's tonnes by entry: value, low and high; errors of parts add as independent."""

    def __init__(self, base: Baseline, buyer: Buyer, rates: Mapping[str, Rate]) -> None:
        self._base, self._rates = base, rates
        self._inside = np.isin(base.places, buyer.members)
        at = -1 if buyer.blocs else base.places.index(buyer.id)
        spreads = [
            (panel.bounds[1] - panel.value)[:, at, 0]
            for panel in (base.imports(buyer), base.exports(buyer))
        ]
        self._trade_spread = np.hypot(*spreads)

    def extraction(self, entry: Entry) -> Band:
        """Output of mines; unknown where a chain has no mine of its own, as by-products have."""
        return _added([self._made(c, [_MINE])[0] for c in entry.chains])

    def processing(self, entry: Entry) -> Band:
        """Output of the processing step that makes least."""
        steps = [self._made(c, _PROCESSING) for c in entry.chains]
        return _added([min(bands, key=lambda band: float(band[0])) for bands in steps])

    def recycling(self, entry: Entry) -> Band:
        """EOL-RIR times use, with the range of the rate; or scrap-fed output."""
        return _added([self._recycled(chain, entry) for chain in entry.chains])

    def consumption(self, entry: Entry) -> Band:
        """Use at all stages that count; its error is that of output and trade."""
        return _added([self._used(chain, entry) for chain in entry.chains])

    def price(self, entry: Entry, quoted: Mapping[str, float]) -> Band:
        """Mean price of the entry's chains, weighted by use."""
        each = np.array([quoted.get(chain, np.nan) for chain in entry.chains])
        used = np.array([self._used(chain, entry)[0] for chain in entry.chains])
        total = used.sum()
        return np.full(3, (each * used).sum() / total if total > 0 else np.nan)

    def _nodes(self, chain: str, stages: Sequence[str]) -> list[int]:
        return [
            n
            for n, node in enumerate(self._base.nodes)
            if node.material == chain and node.stage in stages and node not in _GOODS
        ]

    def _made(self, chain: str, stages: Sequence[str]) -> list[Band]:
        """Output of each of the stages that the chain has; one unknown band if it has none."""
        low, high = self._base.production.bounds
        bands = []
        for n in self._nodes(chain, stages):
            value = self._base.production.value[n, self._inside, 0]
            half = float(np.hypot.reduce((high - low)[n, self._inside, 0] / 2.0))
            bands.append(_band(float(value.sum()), half))
        return bands or [np.full(3, np.nan)]

    def _used(self, chain: str, entry: Entry) -> Band:
        stages = _PROCESSING if entry.metal_only else (_MINE, *_PROCESSING)
        nodes = [n for n, node in enumerate(self._base.nodes) if node.material == chain]
        counted = [n for n in nodes if self._base.nodes[n].stage in stages]
        used = float(self._base.use.value[counted][:, self._inside, 0].sum())
        made = self._base.production.bounds[1] - self._base.production.value
        spread = np.hypot.reduce(made[counted][:, self._inside, 0].ravel(), initial=0.0)
        traded = np.hypot.reduce(self._trade_spread[counted], initial=0.0)
        return _band(used, float(np.hypot(spread, traded)))

    def _recycled(self, chain: str, entry: Entry) -> Band:
        rate = self._rates.get(chain)
        if rate is not None:
            # the error of use is that of the denominator already
            used = float(self._used(chain, entry)[0])
            return np.array([rate.value * used, rate.low * used, rate.high * used])
        scrap = self._base.scrap.value[self._nodes(chain, _PROCESSING)][:, self._inside, 0]
        return _band(float(scrap.sum()) if scrap.size else np.nan, 0.0)


def _band(value: float, half: float) -> Band:
    half = min(half, value)
    return np.array([value, value - half, value + half])


def _added(bands: Sequence[Band]) -> Band:
    """Sum of bands with independent errors; unknown if one is, or if there is none."""
    if not bands:
        return np.full(3, np.nan)
    value, low, high = np.array(bands).T
    below, above = np.hypot.reduce(value - low), np.hypot.reduce(high - value)
    return np.array([value.sum(), value.sum() - below, value.sum() + above])


def _entry(listed: Listing, in_tonnes: set[str]) -> Entry:
    members = _members(listed.material)
    chains = tuple(m for m in members if m in in_tonnes)
    proxy = ""
    if not chains and set(members) <= set(group_members("rare_earths")):
        chains, proxy = ("rare_earths",), f"{listed.entry}: all rare earths stand for it"
    elif chains != members:
        missing = ", ".join(m for m in members if m not in in_tonnes)
        proxy = f"{listed.entry}: without {missing}, whose tonnes are not published"
    elif listed.grade and listed.grade != _METAL:
        proxy = f"{listed.entry}: all grades stand for it"
    return Entry(listed.material, chains, listed.grade == _METAL, proxy)


def _members(name: str) -> tuple[str, ...]:
    return group_members(name) if material(name).members else (name,)
