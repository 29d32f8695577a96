"""The verb `shock`: what happens, month by month, when a supplier cuts off or a policy starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.chain.months import month_label
from lodestone.desk.answer import Answer, citations
from lodestone.desk.answer import known as _known
from lodestone.desk.chains import sources_of
from lodestone.desk.library import library
from lodestone.desk.shock_everywhere import MOST_MATERIALS, everywhere_rows
from lodestone.desk.shock_losses import loss_rows
from lodestone.desk.shock_reading import OUTSIDE, WHATS, ShockReading, place_groups
from lodestone.desk.worlds import world as load_world
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import polars as pl

    from lodestone.chain.edits import Edits
    from lodestone.chain.measure import Measure
    from lodestone.chain.scenario import Scenario
    from lodestone.chain.world import World
    from lodestone.market.band import Banded, BandedAnswer, Swing

#: Whose shortages are shown when nobody is named.
PLACES = ("EU27", "USA", "JPN")
#: Stands for every place of the chain among the places of a shock.
EVERY_PLACE = "ALL"
_NO_MONTHS = (
    f"The months of every place are left out: the scenario touches more than {MOST_MATERIALS} "
    "materials. Ask for fewer to see them."
)
#: From this part of the choke price on, a price outside is an assumption.
_NEAR_CHOKE = 0.8
#: Numbers whose sensitivity is shown, and how many assumptions of each.
_SWINGS, _MOST_SWINGS = ("price_outside_year", "use_lost_year"), 8


@dataclass(frozen=True)
class ShockAnswer(Answer):
    """The answer of `shock`.

    Attributes
    ----------
    scenario : what was asked
    answers : material -> central path with bands
    """

    scenario: Scenario
    answers: Mapping[str, BandedAnswer]

    def to_frame(self) -> pl.DataFrame:
        """All rows as a data frame; `table` tells the kinds apart."""
        import polars as pl

        return pl.DataFrame(self.to_rows(), infer_schema_length=None)


def shock(
    world: World | None,
    *what: Measure | Scenario,
    months: int = 24,
    places: Sequence[str] = PLACES,
    draws: int | None = None,
    seed: int = 0,
    sensitivity: bool = True,
) -> ShockAnswer:
    """Show what measures do to prices, use and stocks, month by month, with bands.

    Parameters
    ----------
    world : `ls.world(year)`; None for the year that the scenario names, else the latest
    what : one scenario, or measures that start in the first month after the world's year
    months : how many months to walk, where measures are given
    places : whose prices, shortages and losses to show: ISO3 codes, names, blocs; `ALL` adds a row
        `place_summary` for every place of the chain
    draws : sets of assumptions behind the bands; the attribute `market_draws` if left out, 0 for
        the central answer alone
    seed : of the draws
    sensitivity : whether to say which assumption moves the price and the shortage

    Returns
    -------
    ShockAnswer
        Rows told apart by the column `table`: `summary` (peak and mean prices, use lost, months to
        recover, losses), `market` (price outside and inside by month), `place` (use lost, price,
        stocks by month and place), `sensitivity`, `proof`; and for places with an input-output
        table `economy` (low, central, high loss of the first year and what they are made of),
        `sector` (who carries it) and `economy_month`. With `ALL` among the places also
        `place_summary`: for every place, without bands, the share of use lost over the path, the
        highest price paid, and the worst month; and for at most four materials `place_month`: its
        use lost and price by month.

    Raises
    ------
    RequestError
        A scenario that does not fit the world, with everything that is wrong with it.
    MarketError
        A month that cannot be proved.

    Examples
    --------
    >>> import lodestone as ls
    >>> ban = ls.ExportBan("CHN", materials=["gallium"])
    >>> answer = ls.shock(ls.world(2024), ban, months=3, draws=0, sensitivity=False)
    >>> answer.answers["gallium"].path.months
    3
    """
    from lodestone.chain.apply import apply
    from lodestone.market.hosts import with_byproducts

    there, scenario = _asked(world, what, months)
    count = int(attribute("market_draws").default) if draws is None else draws
    if count < 0 or seed < 0:
        raise RequestError("draws and seed are whole numbers, not negative")
    named = [p for p in places if p.strip().upper() != EVERY_PLACE]
    everywhere = len(named) < len(places)
    groups = place_groups(named, there.year)
    edits = with_byproducts(there, apply(there, scenario))
    answers: dict[str, BandedAnswer] = {}
    rows: list[dict[str, Any]] = []
    for name in edits:
        found, swings = _one(there, name, edits, groups, count, seed, sensitivity)
        answers[name] = found
        rows += _rows(found, swings, edits[name], groups)
        if everywhere:
            rows += everywhere_rows(found.path, monthly=len(edits) <= MOST_MATERIALS)
    paths = {name: found.path for name, found in answers.items()}
    lost, economies = loss_rows(paths, groups, there.year)
    rows += lost
    return ShockAnswer(
        query={
            "verb": "shock",
            "scenario": scenario.name,
            "digest": scenario.digest,
            **scenario.canonical(),
            "world": there.year,
            "places": [*groups, *([EVERY_PLACE] if everywhere else [])],
            "draws": count,
            "seed": seed,
        },
        results=tuple(rows),
        units={},
        sources=(*sources_of(list(edits), there.year), *citations(economies)),
        notes=(
            *_notes(scenario, answers, count),
            *([_NO_MONTHS] if everywhere and len(edits) > MOST_MATERIALS else []),
        ),
        data_release=there.data_release,
        content_hash=there.content_hash,
        scenario=scenario,
        answers=answers,
    )


def shock_charts(answer: ShockAnswer, folder: Path) -> ShockAnswer:
    """Write a picture for each material of a shock, as SVG and PNG; the answer names them.

    Parameters
    ----------
    folder : made if it is not there
    """
    from lodestone.desk.brief_cutoffs import cut_off_of
    from lodestone.report.shock_pictures import write_cutoffs

    written = write_cutoffs([cut_off_of(answer, name) for name in answer.answers], folder)
    return replace(answer, notes=(*(f"Chart: {path}" for path in written.values()), *answer.notes))


def scenarios() -> Answer:
    """List the ready scenarios: what each is about, when it starts, and what to check.

    Returns
    -------
    Answer
        One row a scenario: `scenario` (its name, for `shock`), `title`, `start`, `world`,
        `measures`, `checks`, `source`.
    """
    from lodestone.chain.scenario_library import ready_scenario, scenario_names

    books = library()
    rows = []
    for name in scenario_names():
        s = ready_scenario(name)
        rows.append(
            {
                "scenario": name,
                "title": s.title,
                "start": s.start,
                "world": s.year,
                "measures": len(s.measures),
                "checks": "; ".join(s.checks) or None,
                "source": " ".join(s.source.split()),
            }
        )
    return Answer(
        query={"verb": "shock", "list": True},
        results=tuple(rows),
        units={},
        sources=(),
        notes=("`lodestone shock NAME` runs one; a copy of its file is a form for your own.",),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _asked(
    world: World | None, what: Sequence[Measure | Scenario], months: int
) -> tuple[World, Scenario]:
    """The world and the scenario that are meant."""
    from lodestone.chain.scenario import Scenario

    if not what:
        raise RequestError("nothing happens: name a scenario, or at least one measure")
    given = [w for w in what if isinstance(w, Scenario)]
    if given and len(what) > 1:
        raise RequestError(
            "one scenario at a time; measures belong into it: "
            "dataclasses.replace(scenario, measures=...)"
        )
    if given:
        there = world or load_world(given[0].year)
        return there, given[0]
    there = world or load_world(None)
    measures = tuple(w for w in what if not isinstance(w, Scenario))
    return there, Scenario("question", measures, f"{there.year + 1}-01", months, there.year)


def _one(
    world: World,
    name: str,
    edits: Mapping[str, Edits],
    groups: Mapping[str, Sequence[str]],
    count: int,
    seed: int,
    sensitivity: bool,
) -> tuple[BandedAnswer, Mapping[str, list[Swing]]]:
    """One material: its banded path, and what moves it."""
    from lodestone.market.band import banded_walk, swings
    from lodestone.market.hosts import host_capacity

    read = reading(edits[name], groups)

    def follow(assumed: Any) -> Any:
        return host_capacity(world, name, edits, assumed)

    found = banded_walk(world, edits[name], read, count=count, seed=seed, follow=follow)
    if not sensitivity:
        return found, {}

    def few(path: Any) -> dict[str, float]:
        numbers = read(path)
        wanted = [n for n in numbers if n.split("|")[0] in _SWINGS]
        return {n: float(numbers[n][0]) for n in wanted}

    return found, swings(world, edits[name], few, follow=follow)


def reading(edits: Edits, groups: Mapping[str, Sequence[str]]) -> ShockReading:
    """What is read off paths of one material: who the suppliers are, and when it begins."""
    import numpy as np

    acts = (edits.capacity != 1.0).any(axis=(1, 2)) | (edits.demand != 1.0).any(axis=(1, 2))
    acts |= edits.build.any(axis=(1, 2)) | edits.release.any(axis=(1, 2))
    for active in (*(c.active for c in edits.closed), *(x.active for x in edits.limits)):
        acts |= active
    for rate in (*(d.rate for d in edits.duties), *(f.price for f in edits.floors)):
        acts |= rate != 0.0
    for plant in edits.plants:
        acts |= plant.tonnes > 0.0
    first = int(np.argmax(acts)) if acts.any() else 0
    return ShockReading(dict(groups), edits.suppliers, first)


def _rows(
    found: BandedAnswer,
    swings: Mapping[str, list[Swing]],
    edits: Edits,
    groups: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    from lodestone.chain.from_account import stage_grade
    from lodestone.market.outcome import headline_stage

    path = found.path
    stage = path.market.stages[headline_stage(path)]
    chain = path.world.chain(edits.material)
    label = {"material": edits.material, "stage": stage}
    tail = {"grade": stage_grade(chain.stage(stage)), "kind": "modelled"}
    unit = "t" if chain.stage(stage).unit == "t" else "index"
    rows = [{**r, **tail} for r in _summary_rows(found, label, unit)]
    rows += [{**r, **tail} for r in _market_rows(found, label, edits)]
    for code in groups:
        rows += [{**r, **tail} for r in _place_rows(found, label, edits, code)]
    rows += _swing_rows(swings, label)
    rows.append(
        {
            "table": "proof",
            **label,
            "residual": path.residual,
            "imbalance": path.imbalance,
            "gap": None if path.gap != path.gap else path.gap,
            "months": path.months,
            "drawn": found.drawn,
            "failed": found.failed,
            "prior_moved": path.market.moved,
        }
    )
    return rows


def _summary_rows(found: BandedAnswer, label: Mapping[str, Any], unit: str) -> list[dict[str, Any]]:
    rows = []
    walked = found.path.months
    for name, series in found.series.items():
        what, _, code = name.partition("|")
        if what not in WHATS:
            continue
        numbers = {k: _known(getattr(series, k)[0]) for k in ("value", "low", "high")}
        row = {"table": "summary", **label, "place": code or OUTSIDE, "what": what, **numbers}
        row["unit"] = unit if WHATS[what][0] == "stage" else WHATS[what][0]
        if what == "recovery":
            late = [k for k, v in numbers.items() if v is not None and v > walked - 1]
            row |= dict.fromkeys(late)
            row["note"] = f"unknown: not within the {walked} months walked" if late else None
        else:
            row["note"] = None
        rows.append(row)
    return rows


def _market_rows(
    found: BandedAnswer, label: Mapping[str, Any], edits: Edits
) -> list[dict[str, Any]]:
    outside, inside = found.series["price_outside"], found.series["price_inside"]
    return [
        {
            "table": "market",
            **label,
            "month": t,
            "date": month_label(edits.first, t),
            **_at(outside, t, "value"),
            **_at(inside, t, "inside"),
            "unit": "base prices",
        }
        for t in range(edits.months)
    ]


def _place_rows(
    found: BandedAnswer, label: Mapping[str, Any], edits: Edits, code: str
) -> list[dict[str, Any]]:
    if f"use_lost|{code}" not in found.series:
        return []
    columns = {"use_lost": "value", "price": "price", "stock": "stock"}
    columns["from_suppliers"] = "from_suppliers"
    return [
        {
            "table": "place",
            **label,
            "place": code,
            "month": t,
            "date": month_label(edits.first, t),
            **{
                key: number
                for what, column in columns.items()
                for key, number in _at(found.series[f"{what}|{code}"], t, column).items()
            },
            "unit": "share",
        }
        for t in range(edits.months)
    ]


def _at(series: Banded, t: int, column: str) -> dict[str, float | None]:
    """One month of a series as value and bounds."""
    low, high = ("low", "high") if column == "value" else (f"{column}_low", f"{column}_high")
    return {
        column: _known(series.value[t]),
        low: _known(series.low[t]),
        high: _known(series.high[t]),
    }


def _swing_rows(
    swings: Mapping[str, list[Swing]], label: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        {
            "table": "sensitivity",
            **label,
            "place": name.partition("|")[2] or OUTSIDE,
            "what": name.partition("|")[0],
            "assumption": swing.assumption,
            "from": swing.low,
            "to": swing.high,
            "at_low": _known(swing.at_low),
            "value": _known(swing.central),
            "at_high": _known(swing.at_high),
            "unit": WHATS[name.partition("|")[0]][0],
        }
        for name, found in swings.items()
        for swing in found[:_MOST_SWINGS]
        if swing.width > 0
    ]


def _notes(scenario: Scenario, answers: Mapping[str, BandedAnswer], count: int) -> tuple[str, ...]:
    notes = [
        "Prices are in base prices: 1 is the mean price of the world's year. `value` of `market` "
        "is the price outside the restricting suppliers, `inside` theirs at home.",
        "Use lost is use at base prices less use: what users go without, by choice or by force.",
        f"Bands are the 5th to 95th percentile of {count} draws of the assumptions; which of them "
        "moves an answer stands under `sensitivity`. None was fitted to an event."
        if count
        else "No bands were asked for: these are the central assumptions alone.",
    ]
    choke = attribute("choke").default
    bare = [
        name
        for name, answer in answers.items()
        if float(answer.series["price_outside_peak"].value[0]) >= _NEAR_CHOKE * choke
    ]
    if bare:
        notes.append(
            f"The price outside reaches the choke ({choke:g} base prices) for {', '.join(bare)}: "
            "there it is an assumption, so read the shortage. In past stops of that size buyers "
            "lived on stocks and prices rose two to eight times (see Ready scenarios)."
        )
    shaky = [name for name, answer in answers.items() if answer.failed]
    if shaky:
        notes.append(f"Some draws had no proved answer and were left out: {', '.join(shaky)}.")
    notes += [f"Check: {text}" for text in scenario.checks]
    if scenario.about:
        notes.append(" ".join(scenario.about.split()))
    return tuple(notes)


def with_months(scenario: Scenario, months: int | None) -> Scenario:
    """The scenario over another number of months."""
    return scenario if months is None else replace(scenario, months=months)
