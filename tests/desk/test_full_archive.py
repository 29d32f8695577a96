"""A full customs archive lifts the stages it brings new codes for, and no others."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lodestone.atlas.facts import TRADE_SCHEMA
from lodestone.atlas.trade import LEDGER_SCHEMA, ClassifiedTrade
from lodestone.desk.building import _recipes


def _trade() -> ClassifiedTrade:
    """Alumina is only in the archive; aluminium is in both; copper has no tonnes in the extract."""
    rows = [
        ("baci_full_hs92", "281820", "aluminium", "refine", 10.0),
        ("baci_full_hs92", "760110", "aluminium", "product", 10.0),
        ("baci_hs92", "760110", None, None, 10.0),
        ("baci_full_hs92", "740311", "copper", "refine", 10.0),
        ("baci_top6", "740311", None, None, None),
    ]
    names = ("source", "code", "material", "stage", "gross_t")
    columns = {n: [dict(zip(names, r, strict=True)).get(n) for r in rows] for n in TRADE_SCHEMA}
    return ClassifiedTrade(
        pl.DataFrame(columns, schema=TRADE_SCHEMA), pl.DataFrame(schema=LEDGER_SCHEMA), {}
    )


def test_only_new_codes_lift_a_stage() -> None:
    found = {r.material: r for r in _recipes(_trade(), Path("archive.zip"))}
    seen = {
        (m, s.stage): s.seen_share(2024) for m in ("aluminium", "copper") for s in found[m].stages
    }
    before = {
        (m, s.stage): s.seen_share(2024)
        for r in _recipes(_trade(), None)
        for m in [r.material]
        if m in ("aluminium", "copper")
        for s in r.stages
    }
    assert seen["aluminium", "refine"] == 0.95
    assert before["aluminium", "refine"] == 0.0
    assert seen["copper", "refine"] == 0.95
    for same in (("aluminium", "mine"), ("aluminium", "product"), ("copper", "mine")):
        assert seen[same] == before[same]
