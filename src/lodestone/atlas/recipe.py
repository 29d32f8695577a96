"""How each supply chain is put together: its stages, where output figures come from, yields.

The recipe table `rules/chains.csv` has one row a (material, stage). Figures in it are judged,
carry low-central-high, and say why. Nothing about a chain is decided anywhere else.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from lodestone.terms.errors import DataError, Problems, RequestError

STAGES = ("mine", "refine", "product")
#: Share of trade that a full customs archive shows; smuggling and misdeclared codes remain.
_FULL = 0.95
METHODS = ("production", "shares_iea_2024", "shares_ec", "judged")


@dataclass(frozen=True)
class Band:
    """A figure known only within bounds: low <= central <= high."""

    low: float
    central: float
    high: float

    @property
    def relative_error(self) -> float:
        """Half the width over the centre: a rough standard error of a judged band."""
        return (self.high - self.low) / (2.0 * self.central) if self.central else 0.0


@dataclass(frozen=True)
class StageRecipe:
    """One stage of one chain.

    Attributes
    ----------
    stage : mine, refine or product
    production_stages : stages of the facts whose `production` counts as output here
    rest_like : stages whose EC shares split "other countries" of a source that names only some
    trade_stages : stages of the trade rules whose rows count as trade here
    methods : where output comes from, in order of preference
    process_yield : tonnes out a tonne of the stage before taken in; None at the first stage
    scrap : share of world output made from scrap, not from the stage before
    direct : share of world output used as it is, not fed to the next stage (1 at the last)
    home : share of output that is used where it is made, before trade (bulk minerals, steel);
        the rest is used by the size of manufacturing
    seen : share of world trade at this stage that the open customs codes show, in
        2018-21, 2022-23 and from 2024; `seen_share(year)` picks
    unit : 't' (reference tonnes) or 'index' (world output = 100; shares only)
    missing_codes : customs codes whose absence makes trade unseen
    reason : what the stage is and why the figures
    """

    stage: str
    production_stages: tuple[str, ...]
    rest_like: tuple[str, ...]
    trade_stages: tuple[str, ...]
    methods: tuple[str, ...]
    process_yield: Band | None
    scrap: Band
    direct: Band
    home: float
    seen: tuple[float, float, float]
    unit: str
    missing_codes: str
    reason: str

    def seen_share(self, year: int) -> float:
        """Share of world trade at this stage that the open codes show in `year`."""
        return self.seen[0 if year < 2022 else 1 if year < 2024 else 2]


@dataclass(frozen=True)
class Recipe:
    """The stages of one material's chain, first to last."""

    material: str
    stages: tuple[StageRecipe, ...]

    @property
    def is_index(self) -> bool:
        """True where tonnes are not published and flows are in units of world output = 100."""
        return self.stages[0].unit == "index"

    def with_full_customs(self, shown: Collection[tuple[str, str]]) -> Recipe:
        """The recipe where a full customs archive shows the (material, stage) pairs in `shown`."""
        stages = tuple(
            replace(s, seen=(_FULL, _FULL, _FULL), missing_codes="")
            if s.unit == "t" and any((self.material, t) in shown for t in s.trade_stages)
            else s
            for s in self.stages
        )
        return replace(self, stages=stages)

    def stages_in(self, year: int) -> tuple[StageRecipe, ...]:
        """Stages that exist in `year`: a judged last stage exists only from 2024."""
        return tuple(s for s in self.stages if s.methods != ("judged",) or year >= 2024)


@dataclass(frozen=True)
class JudgedShare:
    """A share of world output that no table publishes: a band, and who says so."""

    material: str
    stage: str
    place: str
    band: Band
    source: str
    row: int


@cache
def judged_shares() -> tuple[JudgedShare, ...]:
    """All judged output shares, `rules/judged_shares.csv`."""
    text = (files("lodestone.atlas") / "rules" / "judged_shares.csv").read_text(encoding="utf-8")
    return tuple(
        JudgedShare(
            r["material"],
            r["stage"],
            r["place"],
            _band(r, "low", "central", "high"),
            r["source"],
            n,
        )
        for n, r in enumerate(csv.DictReader(text.splitlines()), start=1)
    )


@cache
def oxide_shares() -> dict[str, tuple[Band, str]]:
    """Share of each element in the world's rare-earth oxide, judged, and who says so.

    Chains of single elements have no tonnes; this gives them a size where one is needed (what a
    place spends). `rules/oxide_shares.csv`.
    """
    text = (files("lodestone.atlas") / "rules" / "oxide_shares.csv").read_text(encoding="utf-8")
    return {
        r["material"]: (_band(r, "low", "central", "high"), r["source"])
        for r in csv.DictReader(text.splitlines())
    }


@dataclass(frozen=True)
class JudgedRoute:
    """Where a maker's unseen exports go, known from the trade though from no open customs code."""

    material: str
    stage: str
    origin: str
    destination: str
    share: Band
    source: str


@cache
def judged_routes() -> tuple[JudgedRoute, ...]:
    """All judged routes, `rules/judged_routes.csv`: shares of what customs do not show."""
    text = (files("lodestone.atlas") / "rules" / "judged_routes.csv").read_text(encoding="utf-8")
    return tuple(
        JudgedRoute(
            r["material"],
            r["stage"],
            r["origin"],
            r["destination"],
            _band(r, "low", "central", "high"),
            r["source"],
        )
        for r in csv.DictReader(text.splitlines())
    )


@cache
def misdeclared() -> dict[tuple[str, str], dict[str, str]]:
    """(material, stage) -> exporter as declared -> where the cargo is really from."""
    text = (files("lodestone.atlas") / "rules" / "misdeclared.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault((row["material"], row["stage"]), {})[row["declared"]] = row["true"]
    return found


@cache
def reworkers() -> dict[tuple[str, str], frozenset[str]]:
    """Places that a source lists as makers at a stage but that work what others made there."""
    text = (files("lodestone.atlas") / "rules" / "reworkers.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault((row["material"], row["stage"]), set()).add(row["place"])
    return {key: frozenset(places) for key, places in found.items()}


def recipes() -> dict[str, Recipe]:
    """All chain recipes by material id.

    Raises
    ------
    DataError
        Listing every bad row of the table.
    """
    text = (files("lodestone.atlas") / "rules" / "chains.csv").read_text(encoding="utf-8")
    return dict(_parse(text))


def recipe(material: str) -> Recipe:
    """The recipe of one material id; RequestError if it has no chain."""
    found = recipes().get(material)
    if found is None:
        raise RequestError(
            f"{material} has no supply chain: the open files hold no country data for it. "
            "`lodestone data sources` lists what there is."
        )
    return found


@cache
def _parse(text: str) -> tuple[tuple[str, Recipe], ...]:
    problems = Problems("rules/chains.csv")
    stages: dict[str, list[StageRecipe]] = {}
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        try:
            stages.setdefault(row["material"], []).append(_stage(row))
        except (KeyError, ValueError) as err:
            problems.add(str(err), f"line {number}", "give numbers with low <= central <= high")
    for material, items in stages.items():
        order = [STAGES.index(s.stage) for s in items]
        if order != sorted(set(order)):
            problems.add("stages repeat or are out of order", material)
        if any((s.process_yield is None) != (k == 0) for k, s in enumerate(items)):
            problems.add("a yield is needed at every stage but the first", material)
    problems.raise_if_any(DataError)
    return tuple((m, Recipe(m, tuple(s))) for m, s in sorted(stages.items()))


def _band(row: dict[str, str], low: str, central: str, high: str) -> Band:
    band = Band(float(row[low]), float(row[central]), float(row[high]))
    if not band.low <= band.central <= band.high:
        raise ValueError(f"{central}: {band.low} <= {band.central} <= {band.high} does not hold")
    return band


def _stage(row: dict[str, str]) -> StageRecipe:
    if row["stage"] not in STAGES:
        raise ValueError(f"unknown stage {row['stage']!r}")
    methods = tuple(row["method"].split(";"))
    if not set(methods) <= set(METHODS):
        raise ValueError(f"unknown method in {row['method']!r}")
    seen = (float(row["seen_2018"]), float(row["seen_2022"]), float(row["seen_2024"]))
    return StageRecipe(
        stage=row["stage"],
        production_stages=tuple(row["production_stage"].split("|")),
        rest_like=tuple(row["rest_like"].split("|")),
        trade_stages=tuple(row["trade_stage"].split("|")),
        methods=methods,
        process_yield=_band(row, "yield_low", "yield", "yield_high") if row["yield"] else None,
        scrap=_band(row, "scrap_low", "scrap", "scrap_high"),
        direct=_band(row, "direct_low", "direct", "direct_high"),
        home=float(row["home"]),
        seen=seen,
        unit=row["unit"],
        missing_codes=row["missing_codes"],
        reason=row["reason"],
    )
