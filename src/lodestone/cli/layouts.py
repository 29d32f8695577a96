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
    limit : how many rows are shown
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
