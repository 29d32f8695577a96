"""How the rows of each verb are laid out for people: which columns, in what order and words.

Rows without a layout are shown with all their columns, in the order in which they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Stands for the unit that each row names itself.
OWN = "(unit of the row)"


@dataclass(frozen=True)
class Words:
    """What stands above a column, the unit of its numbers, and what an absent one means."""

    heading: str = ""
    unit: str | None = None
    absent: str = ""


@dataclass(frozen=True)
class Layout:
    """How rows of one kind are shown.

    Attributes
    ----------
    title : heading; `{stage}` and other columns that are the same in all rows may be named
    columns : column -> its words, in order of importance; empty for all columns as they come
    split : column by whose entries rows are shown in separate tables
    size : columns by whose largest entry rows are ordered; the given order if empty
    limit : how many rows are shown
    hint : what may be asked next
    """

    title: str = ""
    columns: Mapping[str, Words] = field(default_factory=dict)
    split: str = ""
    size: tuple[str, ...] = ()
    limit: int | None = None
    hint: str = ""


_LARGEST = 12
_GRADE = Words("grade")

#: Kind of row (column `table`), of the verb `chain`, -> layout.
CHAIN = {
    "stage": Layout(
        title="Stages of {material}, {year}",
        columns={
            "stage": Words(),
            "what": Words("what it is"),
            "value": Words("world output", OWN),
            "grade": _GRADE,
            "seen_share": Words("trade that customs show", "share"),
            "moved_share": Words("moved by balancing, of output", "share"),
            "missing_codes": Words("customs codes without data", absent="none"),
            "residual": Words("balance open"),
            "gap": Words("duality gap"),
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
        split="stage",
        size=("output", "imports", "exports", "intake", "use", "stock_change"),
        limit=_LARGEST,
        hint="lodestone explain cell:{material}:{year}:{stage}:PLACE:output",
    ),
    "flow": Layout(
        title="Flows, stage {stage}: from whom to whom",
        columns={
            "origin": Words("from"),
            "destination": Words("to"),
            "value": Words("balanced", OWN),
            "customs": Words("customs say", OWN, absent="unknown"),
            "unseen": Words("not in customs", OWN),
            "adjustment": Words("moved", "errors"),
            "codes": Words("customs code"),
            "kind": Words(),
            "customs_error": Words("error of customs", OWN, absent="unknown"),
        },
        split="stage",
        size=("value",),
        limit=_LARGEST,
    ),
    "adjustment": Layout(
        title="Published figures that balancing moved far",
        columns={
            "stage": Words(),
            "entry": Words("figure"),
            "place": Words("of, or from"),
            "other": Words("to"),
            "before": Words("published"),
            "after": Words("balanced"),
            "adjustment": Words("moved", "errors"),
            "world_share": Words("of world output", "share"),
            "accepted": Words("why it is accepted", absent=""),
        },
        size=("adjustment",),
        limit=_LARGEST,
    ),
}

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
            "publisher": Words(),
            "year": Words(),
            "licence": Words(),
            "ships": Words(),
        },
    ),
}
