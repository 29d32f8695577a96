"""The verb `data_unseen`: what the open files cannot show of each chain, and how well each year is known."""

from __future__ import annotations

import re
from typing import Any

from lodestone.desk.answer import Answer
from lodestone.desk.library import library
from lodestone.terms import material

#: A customs code or a range of headings; a year that follows `before` or `after` is none.
_CODE = re.compile(r"(?<!before )(?<!after )\b\d{4}(?:\d{2})?(?:-\d{4})?\b")
#: Words of a gap -> why it is one, the first that fits.
_WHY = (
    (("before 2024", "after 2017"), "years are missing: modelled there"),
    (("no code", "own code absent"), "customs give it no code of its own"),
    (("shared", "inside", "folded"), "its code also holds other goods"),
    (("smelted at the mine",), "little is traded before the next stage"),
)
_ABSENT = "the code is not in the open file"


def data_unseen() -> Answer:
    """List what the open files cannot show: trade without customs codes, and grades by year.

    Returns
    -------
    Answer
        Rows of two kinds, told apart by the column `table`. `unseen`: one row a gap of a material's
        stage: `codes`, what is `missing` and `why`; `value` is the share of the stage's trade that
        the codes at hand show in the latest year, a judgement, `least_seen` and `most_seen` over the
        years. `grade`: one row a material, stage and year, with its grade and the share seen.

    Examples
    --------
    >>> rows = [r for r in data_unseen().results if r["table"] == "unseen"]
    >>> next((r["codes"], r["why"]) for r in rows if r["material"] == "tin")
    (['800110'], 'the code is not in the open file')
    """
    books = library()
    stages = books.rows(
        'SELECT material, stage, "order", year, seen_share, grade, missing_codes FROM chain_stages '
        'ORDER BY material, "order", year'
    )
    return Answer(
        query={"verb": "data unseen"},
        results=(*_gaps(stages), *(_grade(row) for row in stages)),
        units={"least_seen": "share", "most_seen": "share"},
        sources=(),
        notes=(
            "Trade that is not seen is inferred, and says so; it is never a fact. The share seen is a "
            "judgement, by stage, in chains.csv.",
            "Stocks, smuggling, scrap by country and capacities are unseen too, and have no codes: see "
            "the page of the documentation on what the open files cannot show.",
        ),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _gaps(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each gap of each stage, as of the latest year."""
    held: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in stages:
        if row["missing_codes"]:
            held.setdefault((row["material"], row["stage"]), []).append(row)
    rows = []
    for (name, stage), years in held.items():
        last, seen = years[-1], [row["seen_share"] for row in years]
        for part in last["missing_codes"].split(";"):
            missing = part.strip()
            rows.append(
                {
                    "table": "unseen",
                    "material": name,
                    "stage": stage,
                    "what": _what(name, stage),
                    "codes": _CODE.findall(missing),
                    "missing": missing,
                    "why": _why(missing),
                    "year": int(last["year"]),
                    "value": last["seen_share"],
                    "least_seen": min(seen),
                    "most_seen": max(seen),
                    "unit": "share",
                    "grade": last["grade"],
                    "kind": "judged",
                    "source": "chains.csv",
                }
            )
    return rows


def _grade(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "table": "grade",
        "material": row["material"],
        "stage": row["stage"],
        "what": _what(row["material"], row["stage"]),
        "year": int(row["year"]),
        "value": row["seen_share"],
        "unit": "share",
        "grade": row["grade"],
        "kind": "judged",
        "source": "chains.csv",
    }


def _what(name: str, stage: str) -> str:
    labels = {found.value: words for found, words in material(name).stage_labels.items()}
    return labels.get(stage, stage)


def _why(missing: str) -> str:
    return next((why for words, why in _WHY if any(word in missing for word in words)), _ABSENT)
