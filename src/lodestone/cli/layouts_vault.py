"""How vaults are laid out for people: contents, runs, cash."""

from __future__ import annotations

from lodestone.cli.layouts import OWN, Layout, Words

_NO_FIGURE = "–"
_M, _MA = "million USD", "million USD a year"

_CONTENT = {
    "rank": Words(""),
    "material": Words(),
    "days": Words("days of use", "", digits=3),
    "forms": Words("tonnes and stage"),
    "cost": Words("cost", _M, digits=3),
    "impact": Words("of it market impact", "share", digits=2),
    "value": Words("avoids", _MA, digits=3),
    "low": Words("low", _MA, digits=3),
    "high": Words("high", _MA, digits=3),
    "per_dollar": Words("a year, of each dollar", "share", digits=2),
    "next_day": Words("the next day avoids", _MA, absent=_NO_FIGURE, digits=2),
    "abroad": Words("saves others", _MA, digits=3),
    "rule": Words("release"),
}
#: Kind of row (column `table`), of the verb `vault_size`, -> layout.
VAULT_SIZE = {
    "total": Layout(
        title="The vault",
        columns={
            "what": Words("filled by"),
            "materials": Words(),
            "cost": Words("cost", _M, digits=4),
            "impact": Words("of it market impact", "share", digits=2),
            "value": Words("avoids", _MA, digits=3),
            "low": Words("low", _MA, digits=3),
            "high": Words("high", _MA, digits=3),
            "share": Words("of all expected loss", "share", digits=2),
            "abroad": Words("saves others", _MA, digits=3),
            "carry": Words("costs to carry", _MA, digits=3),
            "next_day": Words("one day more avoids", _MA, digits=2),
            "next_day_cost": Words("and costs", _M, digits=2),
        },
    ),
    "content": Layout(title="What the budget buys, in order", columns=_CONTENT, limit=30),
    "cover": Layout(title="The days asked for", columns=_CONTENT, limit=40),
    "curve": Layout(
        title="Avoided by size, {material}",
        columns={
            "material": Words(),
            "days": Words("days of use", "", digits=3),
            "cost": Words("cost", _M, digits=3),
            "value": Words("avoids", _MA, digits=3),
        },
        limit=0,
    ),
    "step": Layout(
        title="Order of buying",
        columns={
            "rank": Words(""),
            "material": Words(),
            "from_days": Words("from day", "", digits=3),
            "to_days": Words("to day", "", digits=3),
            "cost": Words("cost", _M, digits=3),
            "spent": Words("spent so far", _M, digits=4),
            "per_dollar": Words("avoids a year, of each dollar", "share", digits=2),
        },
        limit=15,
    ),
    "trade_off": Layout(
        title="Three aims: share of its own best that each reaches",
        columns={
            "weight_emergency": Words("weight: emergency", "", digits=2),
            "weight_market_making": Words("market making", "", digits=2),
            "weight_demand": Words("demand", "", digits=2),
            "emergency": Words("emergency cover", "share", digits=2),
            "market_making": Words("spread earned", "share", digits=2),
            "demand": Words("offtake of others", "share", digits=2),
        },
    ),
    "stated": Layout(
        title="Bought on a stated supply curve (grade C)",
        columns={
            "material": Words(),
            "tonnes": Words("tonnes", "t"),
            "cost": Words("cost", _M, digits=3),
            "low": Words("low", _M, digits=3),
            "high": Words("high", _M, digits=3),
        },
    ),
    "unknown": Layout(
        title="Not weighed", columns={"material": Words(), "note": Words("why")}, limit=12
    ),
    "unproved": Layout(
        title="Left out: a market that could not be proved",
        columns={"supplier": Words(), "material": Words(), "note": Words("why")},
    ),
    "proof": Layout(
        title="Proof",
        columns={
            "pairs": Words("suppliers and materials walked"),
            "walks": Words("walks"),
            "covered": Words("of the expected loss", "share"),
            "residual": Words("largest residual"),
            "bound": Words("a better split gains at most", _MA, absent=_NO_FIGURE, digits=2),
        },
    ),
}
#: Kind of row, of the verb `vault_run`, -> layout.
VAULT_RUN = {
    "rule": Layout(
        title="Release rules over the same sampled years",
        columns={
            "rule": Words(),
            "value": Words("avoids", _MA, digits=3),
            "error": Words("standard error", _MA, digits=2),
            "in_bad_years": Words("in the worst 5 % of paths", _MA, digits=3),
            "loss_without": Words("loss without a vault", _MA, digits=3),
            "spent": Words("spent on metal", _M, digits=3),
            "received": Words("received for it", _M, digits=3),
            "empty": Words("cut months met empty", "share", digits=2),
        },
    ),
    "month": Layout(
        title="In the vault",
        columns={
            "month": Words(),
            "value": Words("mean", "share", digits=2),
            "low": Words("5th percentile", "share", digits=2),
        },
        limit=24,
    ),
    "policy": Layout(
        title="{material}: rules against the best policy",
        columns={
            "policy": Words(),
            "value": Words("costs", _MA, digits=3),
            "above_best": Words("more than the best", _MA, digits=2),
            "target": Words("days held in normal months", "", digits=3),
        },
        split=("material",),
    ),
    "path_total": Layout(
        title="{material}: what each rule does in this scenario",
        columns={
            "rule": Words(),
            "released_days": Words("released, days of use", "", digits=3),
            "loss": Words("loss of the first year", _M, digits=3),
            "value": Words("avoided", _M, digits=3),
            "price_gain": Words("gained in prices", _M, digits=3),
            "abroad": Words("gained by others", _M, digits=3),
        },
        split=("material",),
    ),
    "path": Layout(
        title="{material}, rule {rule}",
        columns={
            "date": Words("month"),
            "released_days": Words("released, days", "", digits=3),
            "stock_days": Words("left, days", "", digits=3),
            "missing_without": Words("missing without", "share", digits=2),
            "missing": Words("missing", "share", digits=2),
            "price_inside": Words("price at home", "base prices", digits=3),
            "price_outside_without": Words("price abroad without", "base prices", digits=3),
            "price_outside": Words("price abroad", "base prices", digits=3),
        },
        split=("material", "rule"),
        limit=24,
    ),
    "allocation": Layout(
        title="{material}: who gets what in the month of most release",
        columns={
            "participant": Words(),
            "use": Words("normal use", _M, digits=3),
            "need": Words("missing", _M, digits=3),
            "by_pro_rata": Words("by use", _M, digits=3),
            "by_need": Words("by need", _M, digits=3),
        },
        split=("material",),
    ),
}
#: Kind of row, of the verb `vault_finance`, -> layout.
VAULT_FINANCE = {
    "key": Layout(
        title="The vault's money",
        columns={
            "what": Words(),
            "value": Words("value", OWN, absent="none", digits=3),
            "note": Words("", absent=""),
        },
        apart="key",
    ),
    "year": Layout(
        title="Cash flow by year",
        columns={
            "year": Words(),
            "purchases": Words("metal bought", _M, digits=4),
            "borrowed": Words("borrowed", _M, digits=4),
            "interest": Words("interest", _M, digits=4),
            "storage": Words("storage", _M, digits=4),
            "entry_fees": Words("entry fees", _M, digits=4),
            "carrying_fees": Words("carrying fees", _M, digits=4),
            "cash": Words("cash", _M, digits=4),
            "debt": Words("debt", _M, digits=4),
            "cover": Words("cover", "", absent=_NO_FIGURE, digits=3),
            "loan_to_value": Words("loan to value", "share", absent=_NO_FIGURE, digits=2),
        },
    ),
    "stress": Layout(
        title="What would break it",
        columns={
            "what": Words(),
            "fall": Words("fall", "share", absent=_NO_FIGURE, digits=2),
            "ban_months": Words("months", absent=_NO_FIGURE),
            "solvent": Words("bears it"),
            "month": Words("fails in month", absent=_NO_FIGURE),
            "value": Words("left for equity", _M, digits=4),
        },
    ),
    "sensitivity": Layout(
        title="What moves it",
        columns={
            "assumption": Words(),
            "low": Words("from", OWN, digits=2),
            "high": Words("to", OWN, digits=2),
            "fee_low": Words("fee at low", "1/year", digits=3),
            "fee_high": Words("fee at high", "1/year", digits=3),
            "fall_low": Words("fails at fall, low", "share", absent="never", digits=2),
            "fall_high": Words("fails at fall, high", "share", absent="never", digits=2),
        },
        apart="assumption",
    ),
    "participant": Layout(
        title="{place}: what participants pay and gain",
        columns={
            "name": Words("sector"),
            "metal": Words("its metal", _M, digits=3),
            "fees": Words("pays", _MA, digits=3),
            "value": Words("keeps away", _MA, digits=3),
            "ratio": Words("gain over fees", "", absent=_NO_FIGURE, digits=3),
        },
        split=("place",),
        limit=12,
    ),
    "term": Layout(
        title="Terms",
        columns={
            "term": Words(),
            "value": Words("value", OWN, digits=3),
            "unit": Words("unit"),
            "kind": Words("kind"),
            "source": Words("source"),
        },
        apart="term",
    ),
}
