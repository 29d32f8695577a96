"""How the rows of `exposure`, `profile` and `compare` are laid out for people."""

from __future__ import annotations

from lodestone.cli.layouts import OWN, WHAT, Layout, Words

_FEW, _MORE = 8, 12
_NO_FIGURE = "–"
_GRADE = Words("grade")
_NOTE = Words("note", absent=_NO_FIGURE)
_LENS = Words("lens", entries={"direct": "as shipped", "look_through": "as made"})
_ON = {
    "value": Words("share", OWN, digits=3),
    "origin": Words("on", absent=_NO_FIGURE),
    "own": Words("own supply", "share", absent=_NO_FIGURE, digits=3),
    "grade": _GRADE,
    "note": _NOTE,
}

#: Kind of row of the verb `exposure` -> layout.
EXPOSURE = {
    "origin": Layout(
        title="{material}, {stage}, {lens}: where {place}'s supply comes from",
        columns={
            "origin": Words("from"),
            "origin_name": Words("name"),
            "relation": Words("is"),
            "value": Words("share", OWN, digits=3),
            "grade": _GRADE,
            "note": _NOTE,
        },
        split=("stage", "lens"),
        size=("value",),
        limit=_MORE,
    ),
    "buyer": Layout(
        title="{material}, {stage}, {lens}: who leans most",
        columns={"place": Words("who"), "place_name": Words("name"), **_ON},
        split=("stage", "lens"),
        size=("value",),
        limit=_MORE,
    ),
    "material": Layout(
        title="{place}, {stage}, {lens}",
        columns={"material": Words(), **_ON},
        split=("stage", "lens"),
        size=("value",),
        limit=30,
    ),
}

#: Kind of row of the verb `profile` -> layout.
PROFILE = {
    "maker": Layout(
        title="Makers, stage {stage}, the largest figures of all years",
        columns={
            "place": Words("who"),
            "year": Words(),
            "value": Words("output", OWN),
            "share": Words("of the world's", "share", digits=3),
            "grade": _GRADE,
            "kind": Words(),
        },
        split=("stage",),
        size=("value",),
        limit=_FEW,
    ),
    "concentration": Layout(
        title="Concentration of output (Herfindahl index, 0 to 1)",
        columns={
            "stage": Words(),
            "year": Words(),
            "value": Words("index", OWN, digits=3),
            "largest": Words("largest", absent=_NO_FIGURE),
            "largest_share": Words("its share", "share", digits=3),
            "grade": _GRADE,
        },
    ),
    "trend": Layout(
        title="{place}, {stage}, {lens}: largest suppliers over the years",
        columns={
            "origin": Words("on"),
            "year": Words(),
            "value": Words("share", OWN, digits=3),
            "grade": _GRADE,
            "note": _NOTE,
        },
        split=("stage", "lens"),
        limit=35,
    ),
    "price": Layout(
        title="Prices, stage {stage}",
        columns={
            "series": Words(),
            "year": Words(),
            "value": Words("price", OWN),
            "basis": Words("a tonne of"),
            "kind": Words(),
            "note": _NOTE,
        },
        split=("stage",),
        limit=24,
    ),
    "official": Layout(
        title="{publisher}, {place}, beside ours",
        columns={
            "stage": Words(absent=_NO_FIGURE),
            "series": Words("as printed", absent=_NO_FIGURE),
            "years": Words(absent=_NO_FIGURE),
            "origin": Words("from", absent=_NO_FIGURE),
            "official": Words("official", "share", absent=_NO_FIGURE, digits=3),
            "ours_direct": Words("ours, as shipped", "share", absent=_NO_FIGURE, digits=3),
            "ours_look_through": Words("as made", "share", absent=_NO_FIGURE, digits=3),
            "note": _NOTE,
        },
        split=("publisher",),
        limit=30,
    ),
    "control": Layout(
        title="Export controls",
        columns={
            "country_name": Words("who"),
            "target": Words("against"),
            "kind": Words("what"),
            "start": Words("since", absent=_NO_FIGURE),
            "end": Words("until", absent=_NO_FIGURE),
            "status": Words(),
            "goods": Words(),
        },
    ),
    "use": Layout(
        title="Uses, shares of {place}",
        columns={
            "application": Words("use"),
            "stage": Words(absent=_NO_FIGURE),
            "share": Words("share", OWN, digits=3),
            "industries": Words(),
            "grade": _GRADE,
            "kind": Words(),
        },
        split=("place",),
    ),
    "criticality": Layout(
        title="Lists and scores: {what}",
        columns={
            "name": Words("list or method"),
            "stage": Words(absent=_NO_FIGURE),
            "year": Words(absent=_NO_FIGURE),
            "value": Words("ours", OWN, absent=_NO_FIGURE, digits=3),
            "official": Words("official", OWN, absent=_NO_FIGURE, digits=3),
            "grade": _GRADE,
            "unit": Words(),
        },
        split=("what",),
        apart="name",
    ),
}

_ECONOMY = {
    "gdp_loss": "loss of GDP, first year",
    "gdp_loss_as_judged": "loss of GDP, as judged",
    "price_cost": "dearer purchases",
    "output_exposed": "output that needs it",
    "output_economy": "with suppliers",
}

#: Kind of row of the verb `compare` -> layout.
COMPARE = {
    "side": Layout(
        title="What is compared",
        columns={
            "side": Words(),
            "scenario": Words(),
            "title": Words(absent=_NO_FIGURE),
            "start": Words(),
            "months": Words(),
            "run_id": Words("run of its shock"),
        },
    ),
    "measure": Layout(
        title="Measures",
        columns={
            "in": Words(),
            "kind": Words("what"),
            "who": Words(),
            "materials": Words(),
            "to": Words("against", absent="everybody"),
            "start": Words("from", absent=_NO_FIGURE),
            "end": Words("until", absent=_NO_FIGURE),
            "size": Words(absent=_NO_FIGURE),
        },
    ),
    "compared": Layout(
        title="{material}: the second less the first",
        columns={
            "place": Words("where"),
            "what": Words(entries={**WHAT, **_ECONOMY}),
            "first": Words("first", OWN, digits=3),
            "second": Words("second", OWN, digits=3),
            "value": Words("difference", OWN, digits=3),
            "grade": _GRADE,
            "note": _NOTE,
        },
        split=("material",),
        apart="what",
    ),
    "compared_month": Layout(
        title="{material}, {place}: month by month",
        columns={
            "date": Words("month"),
            "price_first": Words("price, first", "base prices", digits=3),
            "price_second": Words("second", "base prices", digits=3),
            "lost_first": Words("use lost, first", "share", absent=_NO_FIGURE, digits=3),
            "lost_second": Words("second", "share", absent=_NO_FIGURE, digits=3),
        },
        split=("material", "place"),
        limit=24,
    ),
    "compared_place": Layout(
        title="{material}: every place, the largest differences",
        columns={
            "place": Words("where"),
            "first": Words("use lost, first", "share", digits=3),
            "second": Words("second", "share", digits=3),
            "value": Words("difference", OWN, digits=3),
            "grade": _GRADE,
        },
        split=("material",),
        size=("value",),
        limit=_MORE,
    ),
}
