"""How the answer of `alliance` is laid out for people."""

from __future__ import annotations

from lodestone.cli.layouts import OWN, Layout, Words
from lodestone.cli.layouts_losses import ASSUMPTIONS

_NO_FIGURE = "–"
_MONEY = "million USD"
_AGAINST = {"alone": "acting alone", "scramble": "a scramble"}


def _money(heading: str) -> Words:
    return Words(heading, _MONEY, absent=_NO_FIGURE, digits=3)


#: Kind of row (column `table`), of the verb `alliance`, -> layout.
ALLIANCE = {
    "worth": Layout(
        title="Worth of acting together, against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "coalition": Words("who"),
            "acting": Words("of them act", absent="nobody"),
            "value": Words("worth", _MONEY, digits=3),
            "loss_alone": _money("loss alone"),
            "loss_together": _money("loss together"),
            "part": Words("avoided", "share"),
            "note": Words("note", absent=""),
        },
        split=("against",),
        limit=20,
    ),
    "share": Layout(
        title="Who gets what, against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "member": Words("member"),
            "value": Words("Shapley share", _MONEY, digits=3),
            "own": _money("avoids itself"),
            "payment": _money("gets from others"),
            "nucleolus": _money("nucleolus"),
            "gdp": _money("by GDP"),
            "use": _money("by use"),
            "rule_for_oil": _money("rule for oil"),
            "outside": _money("gains outside"),
            "by_leaving": _money("gains by leaving"),
            "note": Words("note", absent=""),
        },
        split=("against",),
    ),
    "core": Layout(
        title="Is it stable, against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "what": Words("shares by", entries={"core": "any (is there a core?)"}),
            "inside": Words("in the core", absent="not known"),
            "value": Words("largest complaint", _MONEY, digits=3),
            "coalition": Words("of", absent=_NO_FIGURE),
            "in_low": Words("at the low end", absent=_NO_FIGURE),
            "in_high": Words("at the high end", absent=_NO_FIGURE),
            "in_draws": Words("in draws", "share", absent=_NO_FIGURE),
        },
        split=("against",),
    ),
    "invited": Layout(
        title="Who else: each invited alone, against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "member": Words("joins"),
            "value": Words("adds", _MONEY, digits=3),
            "founders_gain": _money("of it to the founders"),
            "share": _money("its Shapley share"),
            "own": _money("avoids itself"),
            "outside": _money("gains outside"),
            "by_staying_out": _money("gains by staying out"),
        },
        split=("against",),
    ),
    "material": Layout(
        title="Material by material, against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "material": Words(),
            "value": Words("worth", _MONEY, digits=3),
            "loss_alone": _money("loss alone"),
            "missing_alone": Words("missing alone", "share", absent=_NO_FIGURE, digits=2),
            "missing_together": Words("together", "share", absent=_NO_FIGURE, digits=2),
            "does": Words("they share stocks"),
            "note": Words("note"),
        },
        split=("against",),
        limit=20,
    ),
    "place": Layout(
        title="Who gains and loses by prices, together against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "place": Words(),
            "role": Words(),
            "value": Words("moved", _MONEY, digits=3),
            "users_moved": _money("users"),
            "makers_moved": _money("makers"),
            "treasury_moved": _money("treasury and stocks"),
            "mostly": Words("mostly"),
        },
        split=("against",),
        limit=16,
    ),
    "flow": Layout(
        title="Flows that moved most, together against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "material": Words(),
            "stage": Words(),
            "origin": Words("from"),
            "destination": Words("to"),
            "value": Words("moved", _MONEY, digits=3),
            "before": Words("before", "t a year", digits=3),
            "alone": Words("alone", "t a year", digits=3),
            "together": Words("together", "t a year", digits=3),
        },
        split=("against",),
        limit=12,
    ),
    "output": Layout(
        title="Where it is made, together against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "material": Words(),
            "stage": Words(),
            "place": Words(),
            "before": Words("before", OWN, digits=3),
            "alone": Words("alone", OWN, digits=3),
            "value": Words("together", OWN, digits=3),
        },
        split=("against",),
        apart="material",
        limit=12,
    ),
    "leverage": Layout(
        title="What {supplier} inflicts, and what its makers lose, against {against}",
        columns={
            "against": Words(entries=_AGAINST),
            "member": Words("on"),
            "inflicted_alone": _money("alone"),
            "value": Words("together", _MONEY, digits=3),
            "makers_loss_alone": _money("its makers lose, alone"),
            "makers_loss_together": _money("together"),
            "per_dollar_alone": Words("inflicted per dollar, alone", absent=_NO_FIGURE, digits=3),
            "per_dollar_together": Words("together", absent=_NO_FIGURE, digits=3),
        },
        split=("against",),
    ),
    "floor_price": Layout(
        title="{material} at {usd_per_kg} USD/kg: prices",
        columns={
            "instrument": Words(),
            "value": Words("inside", "USD/kg", digits=3),
            "outside": Words("outside", "USD/kg", absent=_NO_FIGURE, digits=3),
            "received": Words("makers inside receive", "USD/kg", digits=3),
            "made": Words("made inside", "t a year", digits=3),
            "used": Words("used inside", "t a year", digits=3),
            "imports": Words("imports", "t a year", digits=3),
        },
    ),
    "floor_payer": Layout(
        title="{material}: who pays and who earns, a year",
        columns={
            "instrument": Words(),
            "who": Words("who"),
            "users": _money("users"),
            "makers": _money("makers"),
            "treasury": _money("treasury"),
            "value": Words("together", _MONEY, digits=3),
        },
    ),
    "floor_viable": Layout(
        title="{material}: whether what makers receive carries a new plant",
        columns={
            "instrument": Words(),
            "side": Words("of the zone"),
            "value": Words("makers receive", "USD/kg", absent=_NO_FIGURE, digits=3),
            "break_even": Words("a plant breaks even at", "USD/kg", digits=3),
            "viable": Words("viable", absent=_NO_FIGURE),
            "kind": Words(),
        },
    ),
    "floor_capacity": Layout(
        title="{material}: named projects",
        columns={
            "project": Words(),
            "place": Words(),
            "side": Words("of the zone"),
            "value": Words("tonnes", "t a year", digits=3),
            "support": _money("contract pays a year"),
            "kind": Words(),
        },
    ),
    "floor_leak": Layout(
        title="{material}: leakage through non-members",
        columns={"what": Words(), "value": Words("value", OWN, digits=3)},
        apart="what",
    ),
    "joint_worth": Layout(
        title="Worth of planning together",
        columns={
            "coalition": Words("who"),
            "does": Words("does"),
            "value": Words("worth", _MONEY, digits=3),
            "saved": _money("of it plans and losses"),
            "missed_alone": _money("missed targets, alone"),
            "missed_together": _money("together"),
            "loss_alone": _money("loss and risk, alone"),
            "loss_together": _money("together"),
            "cost_alone": _money("plans cost, alone"),
            "cost_together": _money("together"),
            "left_open": _money("left open by gaps"),
            "part": Words("saved", "share", absent=_NO_FIGURE),
        },
    ),
    "joint_share": Layout(
        title="Who gets what of planning together",
        columns={
            "member": Words("member"),
            "value": Words("Shapley share", _MONEY, digits=3),
            "own": _money("saves itself"),
            "payment": _money("gets from others"),
            "nucleolus": _money("nucleolus"),
        },
    ),
    "joint_core": Layout(
        title="Is planning together stable",
        columns={
            "what": Words("shares by", entries={"core": "any (is there a core?)"}),
            "inside": Words("in the core"),
            "value": Words("largest complaint", _MONEY, digits=3),
            "coalition": Words("of", absent=_NO_FIGURE),
        },
    ),
    "investment": Layout(
        title="Where capital goes, not discounted: plans of each, and the joint plan",
        columns={
            "place": Words(),
            "capital_alone": _money("capital, alone"),
            "capital_together": _money("together"),
            "value": Words("moved", _MONEY, digits=3),
            "stocks_alone": _money("stocks, alone"),
            "stocks_together": _money("together"),
            "premiums_alone": _money("premiums a year, alone"),
            "premiums_together": _money("together"),
            "member": Words("of"),
        },
        limit=20,
    ),
    "investment_tonnes": Layout(
        title="What runs in the last year of the plans",
        columns={
            "material": Words(),
            "stage": Words(),
            "kind_of_option": Words("by"),
            "place": Words(),
            "alone": Words("alone", OWN, digits=3),
            "together": Words("together", OWN, digits=3),
            "value": Words("moved", OWN, digits=3),
        },
        apart="material",
        limit=20,
    ),
    "joint_choice": Layout(
        title="What the joint plan of all starts",
        columns={
            "year": Words("from"),
            "name": Words("what"),
            "place": Words(),
            "share": Words("part", "share", digits=2),
            "capital": _money("capital"),
            "alone": Words("alone", absent="nobody"),
        },
        limit=30,
    ),
    "joint_proof": Layout(
        title="Proof of the plans",
        columns={
            "plans": Words("plans"),
            "gap": Words("largest gap", "share", digits=2),
            "left_open": _money("all gaps"),
            "misfit": _money("largest misfit of curves"),
            "groupings": Words("groupings"),
            "scenarios": Words("scenarios"),
            "walks": Words("states walked"),
            "dropped": Words("not proved"),
        },
    ),
    "assumption": ASSUMPTIONS,
    "proof": Layout(
        title="Proof",
        columns={
            "coalitions": Words("coalitions"),
            "markets": Words("markets walked"),
            "residual": Words("largest residual"),
            "passed_over": Words("ways passed over, no proof"),
        },
    ),
}
