"""How a plan is laid out for people."""

from __future__ import annotations

from lodestone.cli.layouts import OWN, Layout, Words

_SUMMARY = {
    "objective": "objective: cost, losses, weighed tail, missed targets",
    "cost": "cost of the plan alone (below zero: it pays for itself)",
    "spending": "spent on building and stocks, not discounted",
    "loss_without": "expected loss with nothing built",
    "loss_with": "expected loss with the plan, predicted",
    "loss_walked": "expected loss with the plan, by the market",
    "cvar_without": "worst scenarios with nothing built",
    "cvar_with": "worst scenarios with the plan, predicted",
}
#: Kind of row (column `table`) -> layout.
PLAN = {
    "summary": Layout(
        title="{place}: the plan",
        columns={
            "what": Words(entries=_SUMMARY),
            "value": Words("million USD", "million USD", digits=4),
        },
    ),
    "target": Layout(
        title="Targets",
        columns={
            "target": Words(),
            "asked": Words("asked", OWN, digits=3),
            "before": Words("without", OWN, digits=3),
            "after": Words("with the plan", OWN, digits=3),
            "walked": Words("walked", OWN, absent="–", digits=3),
            "status": Words("met?"),
            "worst": Words("worst at", absent="–"),
            "last_per_cent": Words(
                "last per cent, million USD", "million USD", absent="–", digits=3
            ),
        },
        apart="target",
    ),
    "aggregate": Layout(
        title="The benchmarks three ways",
        columns={
            "benchmark": Words(),
            "year": Words(),
            "weighting": Words("weighed by"),
            "before": Words("without", "share", digits=3),
            "after": Words("with the plan", "share", digits=3),
            "asked": Words("asked", "share", digits=3),
        },
    ),
    "choice": Layout(
        title="What to start, and when",
        columns={
            "year": Words("runs from"),
            "name": Words("what"),
            "share": Words("part of it", "share", digits=2),
            "capital": Words("capital", "million USD", digits=3),
            "public": Words("of it public", "million USD", digits=3),
            "kind": Words("numbers"),
        },
        limit=40,
    ),
    "cost": Layout(
        title="Cost by part; the parts sum to the objective",
        columns={"part": Words(), "value": Words("million USD", "million USD", digits=4)},
    ),
    "transfer": Layout(
        title="Transfers; they net to zero",
        columns={"part": Words(), "value": Words("million USD", "million USD", digits=4)},
    ),
    "money": Layout(
        title="Spending by year, not discounted",
        columns={
            "year": Words(),
            "public": Words("public", "million USD", digits=3),
            "private": Words("private", "million USD", digits=3),
        },
    ),
    "judge": Layout(
        title="The market as judge",
        columns={
            "figure": Words(),
            "predicted": Words("predicted", "million USD", digits=4),
            "walked": Words("walked", "million USD", digits=4),
            "difference": Words("difference", "share", digits=2),
            "fresh": Words("on fresh scenarios", "million USD", digits=4),
            "fresh_before": Words("there, nothing built", "million USD", digits=4),
            "rounds": Words("rounds"),
        },
    ),
    "frontier": Layout(
        title="Cost against risk (the surrogate's first curves, not walked)",
        columns={
            "risk_weight": Words("weight of risk"),
            "cost": Words("cost", "million USD", digits=4),
            "expected": Words("expected loss", "million USD", digits=4),
            "cvar": Words("worst scenarios", "million USD", digits=4),
        },
    ),
    "supplier_share": Layout(
        title="Suppliers above the cap, without or with the plan",
        columns={
            "material": Words(),
            "stage": Words(),
            "supplier": Words(),
            "before": Words("without", "share", digits=3),
            "after": Words("predicted", "share", digits=3),
            "walked": Words("by the market", "share", digits=3),
            "asked": Words("at most", "share", digits=3),
        },
        limit=30,
    ),
    "conflict": Layout(title="What cannot be met, and why", columns={"sentence": Words("")}),
    "held": Layout(
        title="Tonnes by year",
        columns={
            "material": Words(),
            "stage": Words(),
            "channel": Words(),
            "year": Words(),
            "value": Words("tonnes", OWN, digits=3),
            "of_use": Words("of use", "share", digits=2),
        },
        size=("year",),
        limit=20,
    ),
    "option": Layout(
        title="The menu",
        columns={
            "name": Words("what"),
            "earliest": Words("from"),
            "tonnes": Words("tonnes", "t", digits=3),
            "capital": Words("capital", "million USD", digits=3),
            "running": Words("running a year", "million USD", digits=3),
            "avoided": Words("purchases avoided a year", "million USD", digits=3),
            "kind": Words("numbers"),
        },
        size=("chosen",),
        limit=15,
    ),
    "material": Layout(
        title="What is needed, and from whom",
        columns={
            "material": Words(),
            "use": Words("use", "t a year", digits=3),
            "extraction": Words("mined at home", "share", digits=2),
            "processing": Words("processed at home", "share", digits=2),
            "recycling": Words("recycled", "share", digits=2),
            "supplier": Words("largest supplier", absent="–"),
            "supplier_stage": Words("at", absent="–"),
            "supplier_share": Words("share", "share", digits=2),
        },
    ),
    "unknown": Layout(title="Left out", columns={"material": Words(), "note": Words("why")}),
    "proof": Layout(
        title="Proof (of the surrogate)",
        columns={
            "objective": Words("objective", digits=6),
            "bound": Words("bound", digits=6),
            "gap": Words("gap"),
            "within": Words("of"),
            "rounds": Words("rounds"),
            "cuts": Words("cuts"),
            "scenarios": Words("scenarios"),
            "states": Words("states"),
            "walks": Words("walks", absent="–"),
        },
    ),
}
