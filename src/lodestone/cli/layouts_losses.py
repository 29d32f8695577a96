"""How losses to sectors and GDP, and risk, are laid out for people."""

from __future__ import annotations

from lodestone.cli.layouts import OWN, Layout, Words

_NO_FIGURE = "–"
#: Assumptions behind losses, wherever they are shown.
ASSUMPTIONS = Layout(
    title="Assumptions",
    columns={
        "assumption": Words(),
        "value": Words("central", OWN, digits=2),
        "unit": Words("unit"),
        "what": Words("what it is"),
    },
    apart="assumption",
)

_ECONOMY_WHAT = {
    "loss": "loss: price cost, central, high",
    "price_cost": "- price cost",
    "output_exposed": "- value added of what cannot be made",
    "output_economy": "- the same with suppliers who lose orders",
    "loss_as_judged": "central loss, as exposures are judged",
    "largest_gdp_at_0.002": "high figure, inputs critical from 0.2 %",
    "largest_gdp_at_0.01": "high figure, inputs critical from 1 %",
    "largest_gdp_at_0.02": "high figure, inputs critical from 2 %",
}
_SECTOR = Layout(
    title="{material} from {supplier}: the sectors that carry it",
    columns={
        "name": Words("sector"),
        "value": Words("value added lost", OWN, digits=3),
        "own": Words("of it its own", OWN, digits=3),
        "share": Words("of the loss", "share"),
        "kept": Words("output that can be made", "share"),
    },
    split=("material", "supplier"),
    limit=5,
)
_ECONOMY = Layout(
    title="{place}: what it costs the economy in {months} months",
    columns={
        "what": Words(entries=_ECONOMY_WHAT),
        "value": Words("value", OWN, digits=3),
        "share_of_gdp": Words("of GDP", "share"),
    },
    split=("place",),
)
_PLACE_SECTOR = Layout(
    title="{place}: the sectors that carry it",
    columns=_SECTOR.columns,
    split=("place",),
    limit=6,
)
_ECONOMY_MONTH = Layout(
    title="{place}: output lost by month",
    columns={"date": Words("month"), "value": Words("value added lost", OWN, digits=3)},
    split=("place",),
)

#: Kinds of row that `shock` has for the economy of a place.
ECONOMY = {"economy": _ECONOMY, "sector": _PLACE_SECTOR, "economy_month": _ECONOMY_MONTH}

_CHANCE = Words("chance a year", "share", digits=2)
#: Kind of row (column `table`), of the verb `losses`, -> layout.
LOSSES = {
    "loss": Layout(
        title="{place}: what each stop of {months} months costs, the worst",
        columns={
            "rank": Words(""),
            "material": Words(),
            "supplier": Words("stops"),
            "low": Words("low", "million USD", digits=3),
            "central": Words("central", "million USD", digits=3),
            "high": Words("high", "million USD", absent="beyond", digits=3),
            "share_of_gdp": Words("central, of GDP", "share", digits=2),
            "missing": Words("missing", "share", digits=2),
            "price_outside": Words("price outside", "base prices", digits=3),
            "sector": Words("mostly", absent="prices alone"),
        },
        limit=20,
    ),
    "sector": _SECTOR,
    "assumption": ASSUMPTIONS,
    "proof": Layout(
        title="Proof",
        columns={
            "cuts": Words("cuts walked"),
            "residual": Words("largest residual"),
            "programs": Words("programs solved"),
            "gap": Words("largest gap"),
        },
    ),
}
_RISK_GROUP = {
    "rank": Words(""),
    "value": Words("expected loss", "million USD a year", digits=3),
    "probability": _CHANCE,
    "in_bad_years": Words("in the worst 5 % of years", "million USD", digits=3),
    "mostly": Words("mostly"),
}
#: Kind of row (column `table`), of the verb `risk`, -> layout.
RISK = {
    "material": Layout(
        title="{place}: materials by expected loss",
        columns={"rank": Words(""), "material": Words(), **_RISK_GROUP},
        limit=20,
    ),
    "supplier": Layout(
        title="{place}: suppliers by expected loss",
        columns={"rank": Words(""), "supplier": Words(), **_RISK_GROUP},
        limit=10,
    ),
    "pair": Layout(
        title="{place}: supplier and material, likelihood times loss",
        columns={
            "rank": Words(""),
            "supplier": Words(),
            "material": Words(),
            "value": Words("expected loss", "million USD a year", digits=3),
            "probability": _CHANCE,
            "full_stop": Words("a year's full stop", "million USD", digits=3),
            "evidence": Words(),
        },
        limit=20,
    ),
    "tail": Layout(
        title="How bad a year can be",
        columns={
            "figure": Words(),
            "what": Words(),
            "quantile": Words("level", "share", absent=_NO_FIGURE),
            "value": Words("loss", "million USD", digits=3),
            "error": Words("standard error", "million USD", absent=_NO_FIGURE, digits=2),
            "exact": Words("by quadrature", "million USD", absent=_NO_FIGURE, digits=3),
            "share_of_gdp": Words("of GDP", "share", digits=2),
        },
    ),
    "exceedance": Layout(
        title="Loss reached or passed once in so many years",
        columns={
            "once_in_years": Words("years"),
            "price_cost": Words("price cost", "million USD", digits=3),
            "value": Words("central", "million USD", digits=3),
            "high": Words("high", "million USD", digits=3),
        },
    ),
    "sensitivity": Layout(
        title="How the ranking of materials changes with each assumption",
        columns={
            "assumption": Words(),
            "setting": Words(),
            "value": Words("expected loss", "million USD a year", digits=3),
            "rank_correlation": Words("rank correlation", "", digits=3),
            "same_in_top_ten": Words("same in first ten"),
            "first": Words("first"),
            "enters": Words("enters", absent=_NO_FIGURE),
            "leaves": Words("leaves", absent=_NO_FIGURE),
        },
    ),
    "reverse_stress": Layout(
        title="What it would take: full stops that reach a threshold, likeliest to begin",
        columns={
            "threshold": Words(),
            "cuts": Words("full stops of"),
            "probability": Words("chance that they begin, at any depth", "share", digits=2),
            "reaches": Words("and are deep and long enough", "share", digits=2),
            "proved": Words("proved likeliest"),
        },
    ),
    "rate": Layout(
        title="What the chances are counted from",
        columns={
            "evidence": Words("state of the pair"),
            "begun": Words("begun in 5 years"),
            "pair_years": Words("pair-years"),
            "all_begun": Words("since 2010"),
            "all_pair_years": Words("pair-years since"),
            "value": Words("rate", OWN, digits=2),
        },
        apart="evidence",
    ),
    "unknown": Layout(
        title="Not counted",
        columns={"supplier": Words(), "material": Words(), "note": Words("why")},
        limit=5,
    ),
    "convergence": Layout(
        title="Mean loss by number of years drawn",
        columns={
            "years": Words(),
            "value": Words("mean", "million USD a year", digits=3),
            "error": Words("standard error", "million USD a year", digits=2),
        },
    ),
}
