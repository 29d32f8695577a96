"""What acting together is worth: a full Chinese stop, invitations, a price floor, third countries.

Run: python evaluation/alliance.py (about ten minutes the first time)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from page import percent, run, table

import lodestone as ls
from lodestone.desk.library import Library
from lodestone.desk.price_floor import OFFTAKE, price_floor

FOUNDERS = ("EU27", "USA", "JPN")
INVITED = ("KOR", "AUS", "CAN", "GBR")
DRAWS = 4
#: Holdings as far as they are published or planned, days of use: JOGMEC 60, Project Vault 60.
HELD = {"EU27": 0.0, "USA": 60.0, "JPN": 60.0}
WORDS = {"alone": "each acting alone", "scramble": "a scramble"}
RULES = ("value", "nucleolus", "gdp", "use", "own", "rule_for_oil", "outside")
#: Assumptions moved one at a time: word, low, high.
MOVED = (("hoarding", 0.0, 0.5), ("scramble_days", 0.0, 60.0), ("cover_days", 30.0, 180.0))


def report(books: Library) -> Iterable[str]:
    """Blocks of the page."""
    three = ls.alliance(FOUNDERS, draws=DRAWS, workers=2)
    rows = three.to_rows()
    yield (
        "China withholds all exports of the EU's strategic raw materials (and of all rare earths) from everybody "
        f"for a year; world of {three.query['year']}. Bands hold the judged ends of exposures and substitution and the "
        f"5th to 95th percentile of {DRAWS} draws of the market's assumptions. Billion USD unless said."
    )
    yield from _worth(rows)
    yield from _shares(rows)
    yield from _materials(rows)
    yield from _moved(rows)
    yield from _held(rows)
    yield from _invited()
    yield from _places(rows)
    yield from _floor(FOUNDERS, "the EU, the US and Japan")
    yield from _floor((*FOUNDERS, "AUS", "MYS", "CAN"), "with Australia, Malaysia and Canada")


def _of(rows: list[dict[str, Any]], name: str, mode: str) -> list[dict[str, Any]]:
    return [r for r in rows if r["table"] == name and r.get("against") == mode]


def _worth(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Worth of every coalition"
    heads = ("against", "who", "worth", "band", "loss alone", "loss together", "avoided, %", "act")
    yield table(
        heads,
        [
            (
                WORDS[mode],
                r["coalition"],
                _bn(r["value"]),
                f"{_bn(r['low'])} to {_bn(r['high'])}",
                _bn(r["loss_alone"]),
                _bn(r["loss_together"]),
                percent(r["part"]),
                "all" if r["acting"] == r["coalition"] else r["acting"] or "nobody",
            )
            for mode in WORDS
            for r in _of(rows, "worth", mode)
        ],
    )
    calm, dark = (_of(rows, "worth", mode)[-1]["value"] for mode in WORDS)
    yield (
        "Against members who simply act alone, acting together is worth little: use of most materials is spread by the "
        "size of manufacturing, so all are short alike, and equal stocks have little to move. Against a scramble it is worth "
        f"{dark / calm:.0f} times as much; that rests on how far allies would keep goods back from each other, which is judged."
    )


def _shares(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Who gets what, and is it stable"
    heads = ("against", "member", "Shapley", "band", *RULES[1:], "by leaving")
    yield table(
        heads,
        [
            (
                WORDS[mode],
                r["member"],
                _bn(r["value"]),
                f"{_bn(r['low'])} to {_bn(r['high'])}",
                *(_bn(r[rule]) for rule in RULES[1:]),
                _bn(r["by_leaving"]),
            )
            for mode in WORDS
            for r in _of(rows, "share", mode)
        ],
    )
    yield (
        "*own* is what a member avoids itself without payments, *rule_for_oil* what it avoids when stocks go by the "
        "rule for oil, *outside* what it gains when the others act without it."
    )
    heads = ("against", "shares by", "in the core", "largest complaint", "of", "core in draws, %")
    yield table(
        heads,
        [
            (
                WORDS[mode],
                "any" if r["what"] == "core" else r["what"],
                "yes" if r["inside"] else "no",
                _bn(r["value"]),
                r["coalition"],
                percent(r["in_draws"]),
            )
            for mode in WORDS
            for r in _of(rows, "core", mode)
        ],
    )
    yield _oil(rows)


def _oil(rows: list[dict[str, Any]]) -> str:
    shared = [r for mode in WORDS for r in _of(rows, "share", mode)]
    if any(r["rule_for_oil"] is None for r in shared):
        return f"The rule for oil: {next(r['note'] for r in shared if r['rule_for_oil'] is None)}."
    total = {mode: sum(r["rule_for_oil"] for r in _of(rows, "share", mode)) for mode in WORDS}
    worth = {mode: _of(rows, "worth", mode)[-1]["value"] for mode in WORDS}
    return (
        f"Stocks shared by the rule for oil avoid {_bn(total['alone'])} against acting alone and "
        f"{_bn(total['scramble'])} against a scramble, where sharing by what helps most avoids {_bn(worth['alone'])} and "
        f"{_bn(worth['scramble'])}: obligations in proportion to net imports take from those who import most."
    )


def _materials(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Material by material"
    for mode, words in WORDS.items():
        found = [r for r in _of(rows, "material", mode) if r["value"] is not None]
        shown = [r for r in found if r["value"] >= 1.0 and "counted" not in (r["note"] or "")]
        yield f"Against {words}, million USD:"
        yield table(
            (
                "material",
                "worth",
                "band",
                "loss alone",
                "missing alone, %",
                "together, %",
                "stocks",
            ),
            [
                (
                    r["material"],
                    f"{r['value']:,.0f}",
                    f"{r['low']:,.0f} to {r['high']:,.0f}",
                    f"{r['loss_alone']:,.0f}",
                    percent(r["missing_alone"]),
                    percent(r["missing_together"]),
                    r["does"],
                )
                for r in shown
            ],
        )
        nothing = sorted(
            r["material"] for r in found if r["value"] < 1.0 and "counted" not in (r["note"] or "")
        )
        yield f"Worth nothing (below a million): {', '.join(nothing) or 'none'}."


def _moved(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Worth of the three when one assumption goes to either end."""
    yield "## What moves it"
    lines = []
    base = {mode: _of(rows, "worth", mode)[-1]["value"] for mode in WORDS}
    for word, low, high in MOVED:
        for end in (low, high):
            other = ls.alliance(FOUNDERS, terms={word: end}, shifts=False, workers=2).to_rows()
            lines.append(
                (word, f"{end:g}", *(_bn(_of(other, "worth", m)[-1]["value"]) for m in WORDS))
            )
    yield table(("assumption", "at", *(f"against {w}" for w in WORDS.values())), lines)
    yield f"Central: {_bn(base['alone'])} and {_bn(base['scramble'])}."


def _held(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Stocks as they are held or planned, not sixty days for all."""
    yield "## With stocks as they are held or planned"
    other = ls.alliance(FOUNDERS, cover=HELD, shifts=False, workers=2).to_rows()
    held = ", ".join(f"{m} {d:g}" for m, d in HELD.items())
    yield (
        f"Days of use: {held}. JOGMEC aims at 60 days (180 for high risk), Project Vault at 60; the EU has a pilot. "
        f"Worth against each acting alone: {_bn(_of(other, 'worth', 'alone')[-1]['value'])} (with 60 days for all: "
        f"{_bn(_of(rows, 'worth', 'alone')[-1]['value'])}); against a scramble "
        f"{_bn(_of(other, 'worth', 'scramble')[-1]['value'])}."
    )
    yield table(
        ("member", "loss alone", "avoids itself", "Shapley", "gets from others"),
        [
            (r["member"], *(_bn(r[k]) for k in ("loss_alone", "own", "value", "payment")))
            for r in _of(other, "share", "alone")
        ],
    )


def _invited() -> Iterator[str]:
    yield "## Who else"
    wider = ls.alliance(FOUNDERS, INVITED, shifts=False, workers=2).to_rows()
    yield (
        "Each joins the three alone; those not in a coalition act alone beside it, and scramble too. *founders* is "
        "what the three gain by it, *outside* what it gains for nothing while the three act together."
    )
    heads = (
        "against",
        "joins",
        "adds",
        "band",
        "founders",
        "its share",
        "outside",
        "by staying out",
    )
    yield table(
        heads,
        [
            (
                WORDS[mode],
                r["member"],
                _bn(r["value"]),
                f"{_bn(r['low'])} to {_bn(r['high'])}",
                *(_bn(r[k]) for k in ("founders_gain", "share", "outside", "by_staying_out")),
            )
            for mode in WORDS
            for r in _of(wider, "invited", mode)
        ],
    )
    for mode, words in WORDS.items():
        whole = _of(wider, "worth", mode)[-1]
        shares = ", ".join(f"{r['member']} {_bn(r['value'])}" for r in _of(wider, "share", mode))
        core = next(r for r in _of(wider, "core", mode) if r["what"] == "core")
        yield (
            f"All seven against {words}: {_bn(whole['value'])} of {_bn(whole['loss_alone'])}; Shapley shares {shares}; the "
            f"core is {'not empty' if core['inside'] else 'empty'}."
        )


def _places(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Who gains and loses outside"
    yield (
        "Price effects alone (users, makers, treasuries and stocks), million USD in the year, against the market at rest: "
        "members each alone, together, and the difference."
    )
    for mode, words in WORDS.items():
        found = [r for r in _of(rows, "place", mode) if r["role"] != "member"][:16]
        yield f"Against {words}:"
        yield table(
            ("place", "alone", "together", "moved", "of users", "of makers", "mostly"),
            [
                (
                    r["place"],
                    *(
                        f"{r[k]:,.0f}"
                        for k in (
                            "gain_alone",
                            "gain_together",
                            "value",
                            "users_moved",
                            "makers_moved",
                        )
                    ),
                    r["mostly"],
                )
                for r in found
            ],
        )
    heads = (
        "against",
        "on",
        "inflicted alone",
        "together",
        "its makers lose",
        "together",
        "per dollar",
        "together",
    )
    yield "Leverage: what China inflicts on members beside what its own makers lose."
    yield table(
        heads,
        [
            (
                WORDS[mode],
                r["member"],
                _bn(r["inflicted_alone"]),
                _bn(r["value"]),
                _bn(r["makers_loss_alone"]),
                _bn(r["makers_loss_together"]),
                _ratio(r["per_dollar_alone"]),
                _ratio(r["per_dollar_together"]),
            )
            for mode in WORDS
            for r in _of(rows, "leverage", mode)
        ],
    )
    net = {m: next(iter(_of(rows, "leverage", m))) for m in WORDS}
    yield (
        f"China as a whole: {_bn(-net['alone']['net_loss_alone'])} against the market at rest when members act alone (its users "
        "gain by cheap goods at home, and what it refines no more leaves ores abroad cheaper)."
    )


def _floor(members: tuple[str, ...], words: str) -> Iterator[str]:
    yield f"## NdPr at 110 USD/kg: {words}"
    rows = price_floor(members, "NdPr", 110.0).to_rows()
    priced = [r for r in rows if r["table"] == "floor_price"]
    yield table(
        (
            "instrument",
            "inside, USD/kg",
            "outside",
            "makers get",
            "made inside, t",
            "used, t",
            "imports, t",
        ),
        [
            (
                r["instrument"],
                *(f"{r[k]:.1f}" for k in ("value", "outside", "received")),
                *(f"{r[k]:,.0f}" for k in ("made", "used", "imports")),
            )
            for r in priced
        ],
    )
    if not any(r["instrument"] == "tariff" for r in priced):
        yield "No tariff makes makers inside produce as much as the contract does."
    paid = [r for r in rows if r["table"] == "floor_payer" and r["instrument"] != OFFTAKE]
    yield "Million USD a year (makers hold mines, separation and magnets):"
    yield table(
        ("instrument", "who", "users", "makers", "treasury", "together"),
        [
            (
                r["instrument"],
                r["who"],
                *(f"{r[k]:,.1f}" for k in ("users", "makers", "treasury", "value")),
            )
            for r in paid
        ],
    )
    if members == FOUNDERS:
        yield from _new_capacity(rows)
    yield "Leakage: " + "; ".join(
        f"{r['what']}: {percent(r['value'])} %"
        if r["unit"] == "share"
        else f"{r['what']}: {r['value']:,.0f} t"
        for r in rows
        if r["table"] == "floor_leak"
    )
    if members == FOUNDERS:
        yield (
            "Beside what is known: MP Materials reported 42.3 million USD of price protection in the first quarter of 2026, "
            "at a higher output than that of 2024 which stands here."
        )


def _new_capacity(rows: list[dict[str, Any]]) -> Iterator[str]:
    seen = [r for r in rows if r["table"] == "floor_viable"]
    one = seen[0]
    yield (
        f"New capacity: a plant of separated NdPr outside China breaks even at {one['break_even']:.0f} "
        f"USD/kg ({one['break_even_low']:.0f} to {one['break_even_high']:.0f}; judged, the same for all):"
    )
    yield table(
        ("instrument", "plant", "receives, USD/kg", "viable"),
        [
            (
                r["instrument"],
                r["side"],
                None if r["value"] is None else f"{r['value']:.1f}",
                r["viable"],
            )
            for r in seen
        ],
    )
    yield "Named projects; the floor reaches those inside alone:"
    yield table(
        ("project", "place", "of the zone", "t a year", "contract pays, million USD a year"),
        [
            (
                r["project"],
                r["place"],
                r["side"],
                None if r["value"] is None else f"{r['value']:,.0f}",
                None if r["support"] is None else f"{r['support']:.0f}",
            )
            for r in rows
            if r["table"] == "floor_capacity"
        ],
    )


def _bn(million: float | None) -> str | None:
    return None if million is None else f"{million / 1000.0:.2f}"


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


if __name__ == "__main__":
    run("alliance", "What acting together is worth", report)
