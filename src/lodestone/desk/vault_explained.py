"""Where a number of a ready vault comes from: `vault:material:year:vault:what`.

`material` may be `all` (the whole vault) or `finance`. What is `avoided`, `cost`, `days` or `abroad` for
contents, and a key of `vault_finance` (`fee`, `failing_fall`, ...) for finance. Hazards are as of the day
of the data release.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lodestone.desk.answer import Answer
from lodestone.terms.errors import RequestError

FINANCE = "finance"
_WHATS = {
    "avoided": ("expected yearly loss avoided", "million USD a year"),
    "cost": ("what buying it costs, with the rise of prices", "million USD"),
    "days": ("days of use held", "days"),
    "abroad": ("expected yearly loss avoided elsewhere, price cost alone", "million USD a year"),
}
_PARTS = {
    "at_base": ("the same metal at base prices", "million USD"),
    "impact": ("rise of prices by buying it, of the cost at base prices", "share"),
    "per_dollar": ("avoided a year for each dollar", "1/year"),
    "next_day": ("what the next day would avoid", "million USD a year"),
    "next_day_cost": ("what the next day would cost", "million USD"),
    "own_cost": ("what the place loses by the purchase", "million USD"),
}
_ASSUMED = (
    "vault_fill_months",
    "vault_plan_months",
    "cut_severity",
    "cut_months",
    "sigma",
    "eta_S",
    "theta",
)
_TERMS = (
    "vault_interest",
    "vault_cash_yield",
    "vault_storage",
    "vault_entry_fee",
    "vault_committed",
    "vault_walk_away",
    "vault_sale_discount",
    "vault_draw_months",
    "vault_equity_return",
)


def vault_explained(labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows behind an id: the number, what it is made of, the assumptions.

    Raises
    ------
    RequestError
        Labels without a number, saying which there are.
    """
    from lodestone.vault.vault_file import preset_names

    name, year, vault, what = labels
    if not year.isdecimal():
        raise RequestError(f"{year!r} is not a year")
    if vault not in preset_names():
        return _of_a_brief(labels)
    if name == FINANCE:
        return _of_finance(vault, int(year), what)
    if what not in _WHATS:
        raise RequestError(f"unknown number {what!r}: one of {', '.join(_WHATS)}")
    return _of_contents(name, vault, int(year), what)


def _of_a_brief(labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """A number of the small vault in the brief of a place."""
    from lodestone.desk.brief_vault import explained
    from lodestone.terms import members
    from lodestone.vault.vault_file import preset_names

    try:
        members(labels[2])
    except RequestError:
        raise RequestError(
            f"no ready vault or place {labels[2]!r}: one of {', '.join(preset_names())}, or the "
            "place of a brief"
        ) from None
    return explained(*labels)


@lru_cache(maxsize=4)
def _sized(vault: str, year: int) -> Answer:
    from lodestone.desk.vault_sizing import vault_size

    return vault_size(vault, year=year)


def _of_contents(name: str, vault: str, year: int, what: str) -> list[dict[str, Any]]:
    answer = _sized(vault, year)
    shown = {str(r["id"]).rpartition(":")[0]: r for r in answer.results if r.get("id")}
    row = shown.get(f"vault:{name}:{year}:{vault}")
    if row is None:
        raise RequestError(
            f"{vault} holds no {name}: one of what `lodestone vault size` lists, or all"
        )
    return [_number(row, name, vault, what), *_parts(row), *_assumptions(_ASSUMED)]


def _number(row: Mapping[str, Any], name: str, vault: str, what: str) -> dict[str, Any]:
    words, unit = _WHATS[what]
    value = row.get("value" if what == "avoided" else what)
    banded = what == "avoided"
    return {
        "level": "number",
        "what": f"{words}: {name} in {vault}",
        "value": value,
        "low": row["low"] if banded else None,
        "high": row["high"] if banded else None,
        "unit": unit,
        "kind": "modelled",
        "note": f"release rule {row['rule']}; {row['forms']}" if row.get("rule") else None,
    }


def _parts(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    every = {**{k: v for k, v in _WHATS.items() if k != "avoided"}, **_PARTS}
    return [
        {
            "level": "part",
            "what": words,
            "value": row[key],
            "unit": unit,
            "kind": "modelled",
        }
        for key, (words, unit) in every.items()
        if row.get(key) is not None
    ]


@lru_cache(maxsize=4)
def _financed(vault: str, year: int) -> Answer:
    from lodestone.desk.vault_financing import vault_finance

    return vault_finance(vault, year=year)


def _of_finance(vault: str, year: int, what: str) -> list[dict[str, Any]]:
    keys = {str(r["key"]): r for r in _financed(vault, year).results if r["table"] == "key"}
    if what not in keys:
        raise RequestError(f"unknown number {what!r}: one of {', '.join(keys)}")
    row = keys[what]
    number = {
        "level": "number",
        "what": f"{row['what']}: {vault}",
        "value": row["value"],
        "unit": row["unit"],
        "kind": "modelled",
        "note": row["note"],
    }
    other = [
        {
            "level": "part",
            "what": keys[k]["what"],
            "value": keys[k]["value"],
            "unit": keys[k]["unit"],
            "kind": "modelled",
        }
        for k in ("contents", "debt", "fee", "fee_usual")
        if k != what
    ]
    return [number, *other, *_assumptions(_TERMS)]


def _assumptions(names: tuple[str, ...]) -> list[dict[str, Any]]:
    from lodestone.terms import attribute

    return [
        {
            "level": "part",
            "id": f"assumption:{name}",
            "what": a.description,
            "value": float(a.default),
            "low": float(a.low),
            "high": float(a.high),
            "unit": a.unit,
            "kind": "judged",
            "note": a.source,
        }
        for name in names
        for a in (attribute(name),)
    ]
