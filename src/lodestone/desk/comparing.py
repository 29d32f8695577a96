"""The verb `compare`: two shocks side by side, under the same draws of the assumptions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lodestone.chain.months import month_label
from lodestone.desk.answer import Answer
from lodestone.desk.answer import known as _known
from lodestone.desk.asking import scenario_of_text, split_words
from lodestone.desk.shock_reading import OUTSIDE
from lodestone.desk.shocking import PLACES, ShockAnswer, reading, shock, with_months
from lodestone.desk.worlds import world
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.chain.measure import Measure
    from lodestone.chain.scenario import Scenario

    Side = Scenario | Measure | Sequence[Measure] | str

FIRST, SECOND, BOTH = "first", "second", "both"
#: Numbers of a market at rest; of everything else, nothing happens: 0.
_AT_REST = {"price_outside_peak": 1.0, "price_outside_year": 1.0, "price_outside_later": 1.0}
#: Numbers that mean nothing where no supplier restricts.
_NEEDS_SUPPLIER = ("price_inside_lowest",)
#: What the rows of an economy are called here, where `loss` is one of a market.
_GDP = {"loss": "gdp_loss", "loss_as_judged": "gdp_loss_as_judged"}
#: Fields of a measure that say who it is about, in the order in which they are looked at.
_WHO = ("supplier", "importer", "place", "zone")
_SAID = ("kind", *_WHO, "materials", "stages", "to", "on", "start", "end", "announced")
#: Beginnings of notes of the shocks that must be read here too.
_KEPT = ("Check: ", "The price outside reaches", "Some draws")
_NO_BAND = "no paired band: sectors and GDP are not drawn draw by draw"
_UNTOUCHED = "{} leaves this market at rest"


@dataclass(frozen=True)
class CompareAnswer(Answer):
    """The answer of `compare`; `first` and `second` are the two shocks."""

    first: ShockAnswer
    second: ShockAnswer


def compare(
    first: Side,
    second: Side,
    *,
    places: Sequence[str] = (),
    months: int | None = None,
    year: int | None = None,
    draws: int | None = None,
    seed: int = 0,
) -> CompareAnswer:
    """Lay two shocks side by side: what the second does that the first does not.

    Parameters
    ----------
    first, second : a scenario, a measure or several, the name of a ready scenario, the path of a
        TOML file, or words such as `ban=CHN:gallium;to=USA,JPN`
    places : whose prices, shortages and losses to show, EU27, USA and JPN if left out; `ALL` adds
        a row for every place
    months : how many months both are walked; the longer of the two if left out
    year : of the world that both start from; that of the scenarios if left out
    draws : sets of assumptions, the same for both; the attribute `market_draws` if left out
    seed : of the draws

    Returns
    -------
    CompareAnswer
        Rows told apart by `table`: `side` (what is compared, with the run id of its shock),
        `measure` (`in`: first, second or both), `compared` (every number of a summary: first,
        second, and `value`, their difference, with a band of paired draws) and `compared_month`
        (price and use lost by month); with `ALL` among the places also `compared_place`.

    Raises
    ------
    RequestError
        Words that cannot be read, or two scenarios of different worlds.
    MarketError
        A month that cannot be proved.

    Examples
    --------
    >>> answer = compare("ban=CHN:gallium", "quota=CHN:gallium:0.5", months=2, draws=0)
    >>> [row["in"] for row in answer.results if row["table"] == "measure"]
    ['first', 'second']
    """
    sides = [_scenario(side, year) for side in (first, second)]
    when = _same_year(sides, year)
    walked = max(s.months for s in sides) if months is None else months
    sides = [replace(with_months(s, walked), year=when) for s in sides]
    asked = split_words(places) or PLACES
    a, b = (
        shock(world(when), s, places=asked, draws=draws, seed=seed, sensitivity=False)
        for s in sides
    )
    count = int(a.query["draws"])
    return CompareAnswer(
        query={
            "verb": "compare",
            **{
                name: {"scenario": s.name, "digest": s.digest, **s.canonical()}
                for name, s in zip((FIRST, SECOND), sides, strict=True)
            },
            "world": a.query["world"],
            "months": walked,
            "places": a.query["places"],
            "draws": count,
            "seed": seed,
        },
        results=tuple(_rows(a, b)),
        units={},
        sources=tuple(dict.fromkeys((*a.sources, *b.sources))),
        notes=_notes(a, b, count),
        data_release=a.data_release,
        content_hash=a.content_hash,
        first=a,
        second=b,
    )


def _scenario(side: Side, year: int | None) -> Scenario:
    """What one side means."""
    from lodestone.chain.scenario import Scenario

    if isinstance(side, str):
        return scenario_of_text(side, year=year)
    if isinstance(side, Scenario):
        return side if year is None else replace(side, year=year)
    measures = tuple(side) if isinstance(side, list | tuple) else (cast("Measure", side),)
    if not measures:
        raise RequestError("nothing happens: name a scenario, or at least one measure")
    there = world(year)
    return Scenario("question", measures, f"{there.year + 1}-01", 24, there.year)


def _same_year(sides: Sequence[Scenario], year: int | None) -> int:
    """The one world that both start from."""
    years = [world(year or s.year).year for s in sides]
    if years[0] != years[1]:
        raise RequestError(
            f"the first starts from the world of {years[0]}, the second from that of {years[1]}: "
            "say which year both start from"
        )
    return years[0]


def _rows(a: ShockAnswer, b: ShockAnswer) -> list[dict[str, Any]]:
    return [
        *(_side(name, answer) for name, answer in ((FIRST, a), (SECOND, b))),
        *_measures(a.scenario, b.scenario),
        *_compared(a, b),
        *_economies(a, b),
        *_months(a, b),
        *_everywhere(a, b),
    ]


def _side(name: str, answer: ShockAnswer) -> dict[str, Any]:
    s = answer.scenario
    return {
        "table": "side",
        "side": name,
        "scenario": s.name,
        "title": s.title or None,
        "start": s.start,
        "months": s.months,
        "year": answer.query["world"],
        "materials": ", ".join(sorted(answer.answers)),
        "run_id": answer.run_id,
    }


def _measures(a: Scenario, b: Scenario) -> list[dict[str, Any]]:
    """Every measure of the two, and in which of them it is."""
    keys = [{json.dumps(m, sort_keys=True): m for m in s.canonical()["measures"]} for s in (a, b)]
    rows = []
    for key, m in {**keys[0], **keys[1]}.items():
        where = BOTH if key in keys[0] and key in keys[1] else FIRST if key in keys[0] else SECOND
        rows.append({"table": "measure", "in": where, "kind": m["kind"], **_words_of(m)})
    order = {FIRST: 0, SECOND: 1, BOTH: 2}
    return sorted(rows, key=lambda r: order[r["in"]])


def _words_of(m: Mapping[str, Any]) -> dict[str, Any]:
    """A measure in columns, and in one line: `CHN: gallium > USA, JPN; share 0.5`."""
    who = next((m[f] for f in _WHO if m.get(f)), "")
    sizes = {k: v for k, v in m.items() if k not in _SAID and v is not None}
    row = {
        "who": who if isinstance(who, str) else ", ".join(who),
        "materials": ", ".join(m["materials"]),
        "stages": ", ".join(m["stages"]) or None,
        "to": ", ".join(m.get("to") or m.get("on") or ()) or None,
        "start": m["start"] or None,
        "end": m["end"] or None,
        "size": ", ".join(f"{k} {_said(v)}" for k, v in sizes.items()) or None,
    }
    line = f"{row['who']}: {row['materials']}" + (f" > {row['to']}" if row["to"] else "")
    ends = [f"{w} {row[c]}" for w, c in (("from", "start"), ("until", "end")) if row[c]]
    said = [line, row["stages"], row["size"], " ".join(ends)]
    return {"measure": "; ".join(x for x in said if x), **row}


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _names(a: ShockAnswer, b: ShockAnswer) -> list[str]:
    return list(dict.fromkeys((*a.answers, *b.answers)))


def _compared(a: ShockAnswer, b: ShockAnswer) -> list[dict[str, Any]]:
    """Every number of a summary on both sides, and the difference with its paired band."""
    from lodestone.market.paired import difference

    sides = [{_key(r): r for r in _of(x, "summary")} for x in (a, b)]
    rows = []
    for key in dict.fromkeys((*sides[0], *sides[1])):
        one, two = (side.get(key) for side in sides)
        row = one or two
        assert row is not None
        what, code = row["what"], row["place"]
        name = what if code == OUTSIDE else f"{what}|{code}"
        answers = [x.answers.get(row["material"]) for x in (a, b)]
        rest = float("nan") if what in _NEEDS_SUPPLIER else _AT_REST.get(what, 0.0)
        gap = difference(answers[0], answers[1], name, rest)
        first, second = (_known(rest) if r is None else r["value"] for r in (one, two))
        unknown = first is None or second is None
        value, low, high = (_known(x[0]) for x in (gap.value, gap.low, gap.high))
        rows.append(
            {
                "table": "compared",
                "material": row["material"],
                "stage": row["stage"],
                "place": code,
                "what": what,
                "first": first,
                "second": second,
                "value": None if unknown else value,
                "low": None if unknown or not _drawn(answers) else low,
                "high": None if unknown or not _drawn(answers) else high,
                "unit": row["unit"],
                "grade": row["grade"],
                "kind": "modelled",
                "note": _note(one, two),
            }
        )
    return rows


def _drawn(answers: Iterable[Any]) -> bool:
    """Whether there are draws to make a band of."""
    return any(x is not None and x.drawn for x in answers)


def _note(one: Mapping[str, Any] | None, two: Mapping[str, Any] | None) -> str | None:
    words = [
        _UNTOUCHED.format(f"the {name}")
        for name, row in ((FIRST, one), (SECOND, two))
        if row is None
    ]
    words += [str(r["note"]) for r in (one, two) if r is not None and r["note"]]
    return "; ".join(dict.fromkeys(words)) or None


def _economies(a: ShockAnswer, b: ShockAnswer) -> list[dict[str, Any]]:
    """What both cost sectors and GDP, all materials together."""
    sides = [{(r["place"], r["what"]): r for r in _of(x, "economy")} for x in (a, b)]
    rows = []
    for place, what in dict.fromkeys((*sides[0], *sides[1])):
        one, two = (side.get((place, what)) for side in sides)
        first, second = (None if r is None else r["value"] for r in (one, two))
        some = one or two
        assert some is not None
        rows.append(
            {
                "table": "compared",
                "material": None,
                "stage": None,
                "place": place,
                "what": _GDP.get(what, what),
                "first": first,
                "second": second,
                "value": None if first is None or second is None else second - first,
                "low": None,
                "high": None,
                "unit": some["unit"],
                "grade": None,
                "kind": "modelled",
                "note": _NO_BAND,
            }
        )
    return rows


def _months(a: ShockAnswer, b: ShockAnswer) -> list[dict[str, Any]]:
    """Price paid and use lost by month on both sides: outside the suppliers, and by place."""
    rows = []
    for name in _names(a, b):
        answers = [x.answers.get(name) for x in (a, b)]
        some = answers[0] or answers[1]
        assert some is not None
        stage = next(r["stage"] for x in (a, b) for r in _of(x, "market") if r["material"] == name)
        codes = [n.partition("|")[2] for n in some.series if n.startswith("use_lost|")]
        for code in (OUTSIDE, *codes):
            priced = "price_outside" if code == OUTSIDE else f"price|{code}"
            lost = None if code == OUTSIDE else f"use_lost|{code}"
            prices = [_series(x, priced, 1.0, some.path.months) for x in answers]
            losses = [_series(x, lost, 0.0, some.path.months) for x in answers]
            for t in range(some.path.months):
                rows.append(
                    {
                        "table": "compared_month",
                        "material": name,
                        "stage": stage,
                        "place": code,
                        "month": t,
                        "date": month_label(a.scenario.start, t),
                        "price_first": _known(prices[0][t]),
                        "price_second": _known(prices[1][t]),
                        "lost_first": _known(losses[0][t]),
                        "lost_second": _known(losses[1][t]),
                    }
                )
    return rows


def _series(answer: Any, name: str | None, at_rest: float, months: int) -> Any:
    """A series of one side; that of a market at rest where nothing happens to it."""
    if name is None:
        return np.full(months, np.nan)
    return np.full(months, at_rest) if answer is None else answer.series[name].value


def _everywhere(a: ShockAnswer, b: ShockAnswer) -> list[dict[str, Any]]:
    """Use lost of every place on both sides, where every place was asked for."""
    sides = [
        {(r["material"], r["stage"], r["place"]): r for r in _of(x, "place_summary")}
        for x in (a, b)
    ]
    rest = {"value": 0.0, "peak": 1.0, "worst": 0.0}
    rows = []
    for key in dict.fromkeys((*sides[0], *sides[1])):
        one, two = (side.get(key, rest) for side in sides)
        some = sides[0].get(key) or sides[1][key]
        known = one["value"] is not None and two["value"] is not None
        rows.append(
            {
                "table": "compared_place",
                "material": key[0],
                "stage": key[1],
                "place": key[2],
                "first": one["value"],
                "second": two["value"],
                "value": two["value"] - one["value"] if known else None,
                "peak_first": one["peak"],
                "peak_second": two["peak"],
                "unit": "share",
                "grade": some["grade"],
                "kind": "modelled",
            }
        )
    return rows


def _key(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return row["material"], row["stage"], row["place"], row["what"]


def _of(answer: ShockAnswer, table: str) -> list[Mapping[str, Any]]:
    return [r for r in answer.results if r["table"] == table]


def _notes(a: ShockAnswer, b: ShockAnswer, count: int) -> tuple[str, ...]:
    notes = [
        "`value` is the second minus the first. A number of `compared` is the same as in the two "
        "shocks alone; what each means stands there.",
        f"Bands of differences are the 5th to 95th percentile over {count} draws of the "
        "assumptions, each used for both: what a draw does to both falls out."
        if count
        else "No bands were asked for: these are the central assumptions alone.",
    ]
    if a.scenario.start != b.scenario.start:
        notes.append(
            f"The first starts in {a.scenario.start}, the second in {b.scenario.start}: months are "
            "counted from each one's own start, dates are those of the first."
        )
    for name in sorted(a.answers.keys() & b.answers.keys()):
        one, two = (x.answers[name].path.edits for x in (a, b))
        if set(one.suppliers) != set(two.suppliers):
            notes.append(
                f"{name}: the two restrict different suppliers, so the price outside is that of "
                "different buyers. Compare places."
            )
        begin = [reading(edits, {}).first for edits in (one, two)]
        if begin[0] != begin[1]:
            notes.append(
                f"{name}: the first measure acts in month {begin[0]} of the first, {begin[1]} of the "
                "second; numbers of the first year are counted from there."
            )
    return (*notes, *dict.fromkeys(n for x in (a, b) for n in x.notes if n.startswith(_KEPT)))
