"""Fills the coverage page from the embedded data release: what is known of every stage and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from lodestone.atlas.release import Release, load_release
from lodestone.terms import material
from lodestone.terms.stage import Stage

#: Letters that stand for the publishers in the table.
LETTERS = {
    "usgs_mcs": "u",
    "wmd": "w",
    "iea": "i",
    "ec_crm": "e",
    "bgs": "g",
    "judged_shares.csv": "j",
}
_CUSTOMS = "b"
_OTHER_YEAR = "*"

Key = tuple[str, str]


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the coverage tables where a page asks for them."""
    if "<!-- coverage -->" not in markdown:
        return markdown
    release = load_release()
    filled = markdown.replace("<!-- coverage -->", _coverage(release))
    filled = filled.replace("<!-- missing codes -->", _missing(release))
    return filled.replace("<!-- release -->", f"{release.version} (`{release.content_hash[:16]}`)")


def _coverage(release: Release) -> str:
    years = sorted(
        {int(y) for y in release.query("SELECT DISTINCT year FROM chain_stages")["year"]}
    )
    sources = _sources(release)
    cells: dict[Key, dict[int, str]] = defaultdict(dict)
    order: dict[Key, int] = {}
    for row in _rows(release, 'SELECT material, stage, year, grade, "order" FROM chain_stages'):
        key = (str(row["material"]), str(row["stage"]))
        order[key] = int(row["order"])
        cells[key][int(row["year"])] = f"{row['grade']} {sources[(*key, int(row['year']))]}"
    head = ["material", "stage", *map(str, years)]
    body = [
        [name, _what(name, stage), *(by_year.get(y, "") for y in years)]
        for (name, stage), by_year in sorted(cells.items(), key=lambda c: (c[0][0], order[c[0]]))
    ]
    return _table(head, body)


def _sources(release: Release) -> Mapping[tuple[str, str, int], str]:
    """Letters of the publishers behind the output of a stage and year, and of its trade."""
    found: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    output = (
        "SELECT material, stage, year, kind, coalesce(facts, '') AS facts FROM chain_cells "
        "WHERE entry = 'output' AND value > 0"
    )
    for row in _rows(release, output):
        key = (str(row["material"]), str(row["stage"]), int(row["year"]))
        for fact in filter(None, str(row["facts"]).split(";")):
            found[key] |= {letter for name, letter in LETTERS.items() if fact.startswith(name)}
        if row["kind"] == "other_year":
            found[key].add(_OTHER_YEAR)
    trade = "SELECT DISTINCT material, stage, year FROM chain_links WHERE customs IS NOT NULL"
    for row in _rows(release, trade):
        found[str(row["material"]), str(row["stage"]), int(row["year"])].add(_CUSTOMS)
    return defaultdict(str, {key: "".join(sorted(letters)) for key, letters in found.items()})


def _missing(release: Release) -> str:
    rows = _rows(
        release,
        'SELECT material, stage, "order", min(seen_share) AS low, max(seen_share) AS high, '
        "any_value(missing_codes) AS codes FROM chain_stages "
        "WHERE missing_codes <> '' GROUP BY ALL ORDER BY material, \"order\"",
    )
    head = ["material", "stage", "share of trade seen", "codes that are missing"]
    return _table(head, ([r["material"], r["stage"], _span(r), r["codes"]] for r in rows))


def _span(row: Mapping[str, Any]) -> str:
    low, high = (round(100 * float(row[k])) for k in ("low", "high"))
    return f"{low} %" if low == high else f"{low}-{high} %"


def _what(name: str, stage: str) -> str:
    return f"{stage}: {material(name).stage_labels.get(Stage(stage), stage)}"


def _rows(release: Release, sql: str) -> list[dict[str, Any]]:
    columns = release.query(sql)
    names = list(columns)
    return [dict(zip(names, r, strict=True)) for r in zip(*columns.values(), strict=True)]


def _table(head: list[str], body: Iterable[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(str(c).replace('|', '/') for c in row)} |" for row in lines)
