"""How far balancing moved the published figures, where, and which missing codes explain it.

Run: python evaluation/adjustments.py
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from page import percent, run, table

from lodestone.desk.library import Library

YEAR = 2024
#: Refiners whose balanced output is below this share of the estimate are listed.
SCALED_BELOW = 0.7
_LARGEST = 20
#: Entries whose estimate somebody published; the others (use by size, unseen trade) are priors.
_PRIORS = ("judged", "inferred", "")


def report(books: Library) -> list[str]:
    """The page: by material and year, world output, the largest moves, refiners scaled down."""
    return [
        "A balance moves every figure a little, and priors (use by the size of manufacturing, "
        "trade without codes) a lot: that is what they are for. What counts is how far "
        "*published* figures moved: output that somebody reported, and trade that customs show.",
        f"## Total adjustment of published figures, {YEAR}",
        "Sum of absolute moves as per cent of the stage's world output. *Output* is production; "
        "*trade* are customs flows; *priors* are judged use, intake, scrap and stock change.",
        _totals(books, YEAR),
        "## Published output and trade moved, by material and year",
        "As above, output and trade together, each stage in per cent of its own world output and "
        "the stages of a chain added up.",
        _by_year(books),
        f"## World output beside the totals that publishers print, {YEAR}",
        "Where our estimate lies outside the totals of every publisher, pooling place by place "
        "did that; where the balanced figure does, the balance did.",
        _world_totals(books, YEAR),
        f"## The {_LARGEST} largest adjustments of {YEAR}",
        "From the ledger (moves above two errors), by share of world output.",
        _largest(books, YEAR),
        "## Refiners scaled down by more than 30 %",
        f"Output entries after the mine with a balanced value below {SCALED_BELOW} of the "
        f"estimate, {YEAR}, above 0.1 % of world output, with the customs codes that are missing.",
        _scaled_down(books, YEAR),
    ]


def _moves(books: Library, where: str, key: list[object]) -> list[dict[str, Any]]:
    """Sum of |value - estimate| by (material, year, stage) and group, over world output."""
    priors = ", ".join(f"'{k}'" for k in _PRIORS)
    return books.rows(
        f"""
        WITH moves AS (
            SELECT material, year, stage, abs(value - estimate) AS moved,
                   CASE WHEN kind IN ({priors}) THEN 'priors'
                        WHEN entry = 'output' THEN 'output' ELSE 'use' END AS what
            FROM chain_cells
            UNION ALL
            -- what customs showed of a flow against what the balance kept of it
            SELECT material, year, stage, abs((value - unseen) - customs), 'trade'
            FROM chain_links WHERE customs IS NOT NULL
        )
        SELECT m.material, m.year, m.stage, m.what, sum(m.moved) / any_value(s.world_output) AS share,
               any_value(s."order") AS step, any_value(s.grade) AS grade
        FROM moves m JOIN chain_stages s USING (material, year, stage)
        {where} GROUP BY m.material, m.year, m.stage, m.what
        """,
        key,
    )


def _totals(books: Library, year: int) -> str:
    found: dict[tuple[str, int, str, str], dict[str, float]] = defaultdict(dict)
    for row in _moves(books, "WHERE year = ?", [year]):
        key = (str(row["material"]), int(row["step"]), str(row["stage"]), str(row["grade"]))
        found[key][str(row["what"])] = float(row["share"])
    heads = ("material", "stage", "grade", "output %", "published use %", "trade %", "priors %")
    return table(
        heads,
        (
            (
                m,
                stage,
                grade,
                *(percent(f.get(w, 0.0)) for w in ("output", "use", "trade", "priors")),
            )
            for (m, _, stage, grade), f in sorted(found.items())
        ),
    )


def _by_year(books: Library) -> str:
    found: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in _moves(books, "", []):
        if row["what"] in ("output", "trade"):
            found[str(row["material"])][int(row["year"])] += float(row["share"])
    years = books.years()
    return table(
        ("material", *map(str, years)),
        (
            (m, *(percent(by_year[y]) if y in by_year else None for y in years))
            for m, by_year in sorted(found.items())
        ),
    )


def _world_totals(books: Library, year: int) -> str:
    """Stages whose world output lies outside every publisher's total, before or after."""
    rows = books.rows(
        """
        WITH stated AS (
            SELECT material, stage, source, sum(value) AS total
            FROM facts
            WHERE quantity = 'production' AND year = $1 AND year_to = $1 AND unit = 't'
                  AND place <> 'WLD' AND value IS NOT NULL AND source NOT LIKE 'iea%'
                  AND NOT (source LIKE 'usgs_mcs%' AND source <> 'usgs_mcs2026')
            GROUP BY material, stage, source
        ),
        ours AS (
            SELECT material, stage, sum(value) AS after FROM chain_cells
            WHERE year = $1 AND entry = 'output' GROUP BY material, stage
        )
        SELECT c.material, c.stage, min(total) AS low, max(total) AS high,
               any_value(c.world_output) AS before, any_value(o.after) AS after,
               string_agg(DISTINCT source, ', ' ORDER BY source) AS sources
        FROM chain_stages c JOIN stated s USING (material, stage) JOIN ours o USING (material, stage)
        WHERE c.year = $1 AND c.unit = 't'
        GROUP BY c.material, c.stage HAVING max(total) < 3 * min(total)
        ORDER BY c.material, c.stage
        """,
        [year],
    )
    outside = [
        r
        for r in rows
        if not r["low"] * 0.99 <= r["before"] <= r["high"] * 1.01
        or not r["low"] * 0.99 <= r["after"] <= r["high"] * 1.01
    ]
    heads = ("material", "stage", "lowest total", "highest total", "estimate", "balanced", "from")
    return f"{len(outside)} of {len(rows)} stages with published totals.\n\n" + table(
        heads,
        (
            (
                r["material"],
                r["stage"],
                *(f"{r[k]:,.4g}" for k in ("low", "high", "before", "after")),
                r["sources"],
            )
            for r in outside
        ),
    )


def _largest(books: Library, year: int) -> str:
    rows = books.rows(
        "SELECT * FROM ledger WHERE year = ? ORDER BY world_share DESC LIMIT ?", [year, _LARGEST]
    )
    heads = ("material", "stage", "entry", "where", "before", "after", "errors", "world output %")
    return table(
        heads,
        (
            (
                r["material"],
                r["stage"],
                r["entry"],
                r["place"] + (f" to {r['other']}" if r["other"] else ""),
                f"{r['before']:,.4g}",
                f"{r['after']:,.4g}",
                f"{r['adjustment']:+.1f}",
                percent(r["world_share"]),
            )
            for r in rows
        ),
    )


def _scaled_down(books: Library, year: int) -> str:
    rows = books.rows(
        """
        SELECT c.*, s.missing_codes, s.seen_share, s.world_output
        FROM chain_cells c JOIN chain_stages s USING (material, year, stage)
        WHERE c.year = ? AND c.entry = 'output' AND c.stage <> 'mine'
              AND c.value < ? * c.estimate AND c.estimate > 0.001 * s.world_output
        ORDER BY (c.estimate - c.value) / s.world_output DESC
        """,
        [year, SCALED_BELOW],
    )
    heads = (
        "material", "stage", "place", "estimate", "balanced", "kept %", "kind",
        "trade seen %", "missing codes",
    )  # fmt: skip
    return table(
        heads,
        (
            (
                r["material"],
                r["stage"],
                r["place"],
                f"{r['estimate']:,.4g}",
                f"{r['value']:,.4g}",
                percent(r["value"] / r["estimate"]),
                r["kind"],
                percent(r["seen_share"]),
                r["missing_codes"] or "none: see the ledger",
            )
            for r in rows
        ),
    )


if __name__ == "__main__":
    run("adjustments", "How far balancing moved published figures", report)
