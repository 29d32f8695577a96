"""How the rows of each verb are laid out for people: which columns, in what order and words.

Rows without a layout are shown with all their columns, in the order in which they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

#: Stands for the unit that each row names itself.
OWN = "(unit of the row)"


@dataclass(frozen=True)
class Words:
    """How one column is shown.

    Attributes
    ----------
    heading : what stands above it; the name of the column in words if empty
    unit : unit of its numbers; that of the envelope if left out
    absent : what an absent number is called; `unknown` if empty
    digits : significant digits of its largest number
    entries : entry -> words, where the entry alone is not clear
    aside : said above the table where it is the same in all rows, even if there is but one
    """

    heading: str = ""
    unit: str | None = None
    absent: str = ""
    digits: int = 4
    entries: Mapping[str, str] = field(default_factory=dict)
    aside: bool = False


@dataclass(frozen=True)
class Layout:
    """How rows of one kind are shown.

    Attributes
    ----------
    title : heading; `{stage}` and other columns that are the same in all rows may be named
    columns : column -> its words, in order of importance; empty for all columns as they come
    split : columns by whose entries rows are shown in separate tables
    apart : column whose entries cannot be compared, so that each has digits of its own
    size : columns by whose largest entry rows are ordered; the given order if empty
    limit : how many rows are shown; none at all of a kind with 0
    hint : ids of the numbers, where the rows do not carry them
    """

    title: str = ""
    columns: Mapping[str, Words] = field(default_factory=dict)
    split: tuple[str, ...] = ()
    apart: str = ""
    size: tuple[str, ...] = ()
    limit: int | None = None
    hint: str = ""


_LARGEST = 12
_GRADE = Words("grade")
_NO_FIGURE = "–"
_MOVED = Words("moved", "errors", absent=_NO_FIGURE, digits=2)

#: Kind of row (column `table`), of the verb `chain`, -> layout.
CHAIN = {
    "stage": Layout(
        title="Stages",
        columns={
            "stage": Words(),
            "what": Words("what it is"),
            "value": Words("world output", OWN),
            "grade": _GRADE,
            "seen_share": Words("trade that customs show", "share"),
            "moved_share": Words("moved by balancing, of output", "share"),
            "missing_codes": Words("customs codes without data", absent="none"),
            "residual": Words("balance open", aside=True),
            "gap": Words("duality gap", aside=True),
        },
    ),
    "ledger": Layout(
        title="Ledger, stage {stage}: who makes, ships and uses",
        columns={
            "place": Words(),
            "output": Words("output", OWN),
            "imports": Words("imports", OWN),
            "exports": Words("exports", OWN),
            "intake": Words("into next stage", OWN),
            "use": Words("use", OWN),
            "stock_change": Words("to stocks", OWN),
            "grade": _GRADE,
            "from_scrap": Words("output from scrap", OWN),
        },
        split=("stage",),
        size=("output", "imports", "exports", "intake", "use", "stock_change"),
        limit=_LARGEST,
        hint="cell:{material}:{year}:{stage}:PLACE:output",
    ),
    "flow": Layout(
        title="Flows, stage {stage}: from whom to whom",
        columns={
            "origin": Words("from"),
            "destination": Words("to"),
            "value": Words("balanced", OWN),
            "customs": Words("customs say", OWN),
            "unseen": Words("not in customs", OWN),
            "adjustment": _MOVED,
            "codes": Words("customs code"),
            "kind": Words(),
            "customs_error": Words("error of customs", OWN, absent=_NO_FIGURE),
        },
        split=("stage",),
        size=("value",),
        limit=_LARGEST,
    ),
    "adjustment": Layout(
        title="Published figures that balancing moved far",
        columns={
            "stage": Words(),
            "entry": Words(
                "figure", entries={"seen": "customs flow", "scrap": "output from scrap"}
            ),
            "place": Words("of, or from"),
            "other": Words("to"),
            "before": Words("published", OWN),
            "after": Words("balanced", OWN),
            "adjustment": _MOVED,
            "world_share": Words("of world output", "share"),
            "accepted": Words("why it is accepted"),
        },
        size=("adjustment",),
        limit=_LARGEST,
    ),
}

WHAT = {
    "price_outside_peak": "price outside, highest month",
    "price_outside_year": "price outside, mean of first year",
    "price_outside_later": "price outside, a year on",
    "price_inside_lowest": "price inside, lowest month",
    "use_lost_worst": "use lost, worst month",
    "use_lost_year": "use lost, first year",
    "missing_year": "use missing, first year",
    "recovery": "months until recovered",
    "loss": "loss, all months (minus: gain)",
    "users_loss": "- of users and stock holders",
    "makers_loss": "- of makers and refiners",
    "treasury_loss": "- of treasuries and licence rents",
}

#: Kind of row (column `table`), of the verb `shock`, -> layout.
SHOCK = {
    "summary": Layout(
        title="{material}, {stage}: what it does",
        columns={
            "place": Words("where"),
            "what": Words(entries=WHAT),
            "value": Words("value", OWN, digits=3),
            "grade": _GRADE,
            "kind": Words(),
        },
        split=("material", "stage"),
        apart="what",
    ),
    "market": Layout(
        title="{material}, {stage}: price by month, in base prices",
        columns={
            "date": Words("month"),
            "value": Words("outside", digits=3),
            "inside": Words("inside", absent=_NO_FIGURE, digits=3),
        },
        split=("material", "stage"),
    ),
    "place": Layout(
        title="{material}, {stage}: who is short, the worst months",
        columns={
            "place": Words("where"),
            "date": Words("month"),
            "value": Words("use lost", OWN),
            "price": Words("price paid", "base prices", digits=3),
            "stock": Words("stock", "months of use", digits=2),
            "from_suppliers": Words("from the suppliers", "share", absent=_NO_FIGURE),
        },
        split=("material", "stage"),
        size=("value",),
        limit=6,
    ),
    "place_month": Layout(
        title="{material}, {stage}: every place by month",
        columns={
            "place": Words("where"),
            "date": Words("month"),
            "value": Words("use lost", OWN),
            "price": Words("price paid", "base prices", digits=3),
            "grade": _GRADE,
        },
        split=("material", "stage"),
        size=("value",),
        limit=6,
    ),
    "place_summary": Layout(
        title="{material}, {stage}: every place, the worst",
        columns={
            "place": Words("where"),
            "value": Words("use lost, all months", OWN),
            "peak": Words("highest price", "base prices", digits=3),
            "worst": Words("worst month", "share"),
            "worst_date": Words("which"),
            "grade": _GRADE,
        },
        split=("material", "stage"),
        size=("value",),
        limit=_LARGEST,
    ),
    "sensitivity": Layout(
        title="{material}, {stage}: what moves it, one assumption at a time",
        columns={
            "place": Words("where"),
            "what": Words(entries=WHAT),
            "assumption": Words(),
            "from": Words("low"),
            "at_low": Words("answer at low", digits=3),
            "value": Words("central", OWN, digits=3),
            "at_high": Words("answer at high", digits=3),
            "to": Words("high"),
        },
        split=("material", "stage"),
        limit=16,
        hint="assumption:NAME",
    ),
    "proof": Layout(
        title="Proof",
        columns={
            "material": Words(),
            "residual": Words("largest residual"),
            "imbalance": Words(),
            "gap": Words("duality gap", absent="no program"),
            "months": Words(),
            "drawn": Words("draws"),
            "failed": Words("without answer"),
        },
    ),
}

_LEVERS = {
    "alliance": "allies' surplus safe",
    "projects": "known projects run",
    "recycling": "25 % from scrap",
    "secured_stage": "this stage secured",
}

#: Kind of row (column `table`), of the verb `technology`, -> layout.
TECHNOLOGY = {
    "position": Layout(
        title="{place}: share of what it uses that was made there, mean of stages",
        columns={
            "technology": Words(),
            "supplier": Words("made in"),
            "value": Words("share", OWN, digits=2),
            "weakest_stage": Words("weakest stage", absent=_NO_FIGURE),
            "weakest": Words("there", digits=2),
            "known": Words("stages known"),
            "stages": Words("of"),
            "grade": _GRADE,
        },
        split=("place",),
    ),
    "held": Layout(
        title="{place}: stages with more than 25 % of world output",
        columns={
            "technology": Words(),
            "value": Words("share of stages", OWN, digits=2),
            "held_stages": Words("which"),
            "grade": _GRADE,
        },
        split=("place",),
    ),
    "stage": Layout(
        title="{place}, {technology}: stage by stage",
        columns={
            "stage": Words(),
            "measure": Words("what"),
            "supplier": Words("made in", absent=_NO_FIGURE),
            "value": Words("value", OWN, digits=2),
            "worst_material": Words("most of", absent=_NO_FIGURE),
            "grade": _GRADE,
            "kind": Words(),
        },
        split=("place", "technology"),
    ),
    "change": Layout(
        title="{place}: what changes it",
        columns={
            "technology": Words(),
            "supplier": Words("made in"),
            "lever": Words("if", entries=_LEVERS),
            "before": Words("now", digits=2),
            "value": Words("then", OWN, digits=2),
            "stage": Words("helps most at", absent=_NO_FIGURE),
        },
        split=("place",),
    ),
}

#: Scores of many materials: with notes and ids beneath, since an analyst must know how each was made.
ASSESS = Layout(
    title="Stage {stage}",
    columns={
        "material": Words(),
        "method": Words(),
        "value": Words("score", OWN, digits=3),
        "unit": Words(entries={"score 0-10": "0-10"}),
        "grade": _GRADE,
        "official": Words("official", OWN, absent=_NO_FIGURE, digits=3),
        "supplier": Words("largest supplier", absent=_NO_FIGURE),
        "status": Words("target is", absent=_NO_FIGURE),
        "target": Words("target", "share", absent=_NO_FIGURE),
        "place": Words("of"),
        "kind": Words(),
        "year": Words(),
        "official_source": Words("official source"),
    },
    split=("stage",),
    apart="method",
)

#: Scores of a few materials.
ASSESS_FEW = replace(
    ASSESS, title="{material}, stage {stage}, {place}", split=("material", "stage", "place")
)

#: Verb -> layout of its rows.
VERBS = {
    "brief": Layout(
        title="The {count} worst dependences of {place} on {against}, {year}",
        columns={
            "material": Words(),
            "stage": Words(),
            "origin": Words("from"),
            "direct": Words("as shipped"),
            "value": Words("looking through", OWN),
            "band": Words(),
            "grade": _GRADE,
            "kind": Words(),
        },
    ),
    "shock": Layout(
        title="Ready scenarios",
        columns={
            "scenario": Words("name"),
            "title": Words("what"),
            "start": Words(),
            "world": Words("world of"),
            "checks": Words("check", absent=_NO_FIGURE),
        },
    ),
    "study run": Layout(
        title="The {count} worst rows",
        columns={
            "material": Words(),
            "stage": Words(),
            "supplier": Words("stops"),
            "supply_share": Words("its share", "share"),
            "place": Words("who loses"),
            "use_lost": Words("use lost", "share"),
            "price_outside": Words("price outside", "base prices", digits=3),
            "price_inside": Words("price inside", "base prices", digits=3),
            "missing": Words("missing a year", digits=3),
            "unit": Words("unit"),
            "sample": Words(),
            "severity": Words(),
            "lasts": Words("months"),
        },
    ),
    "data sources": Layout(
        title="Sources",
        columns={
            "source": Words("id"),
            "title": Words(),
            "year": Words(),
            "licence": Words(),
            "ships": Words(),
        },
    ),
}
