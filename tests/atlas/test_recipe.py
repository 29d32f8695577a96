"""The chain recipes: every row means something, and a bad table says all that is wrong."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from lodestone.atlas import recipe as module
from lodestone.atlas.recipe import (
    Band,
    Recipe,
    judged_routes,
    judged_shares,
    misdeclared,
    recipe,
    recipes,
    reworkers,
)
from lodestone.terms import material, place
from lodestone.terms.errors import DataError, RequestError

_TEXT = (files("lodestone.atlas") / "rules" / "chains.csv").read_text(encoding="utf-8")


def _table(*changes: tuple[str, str, str, str]) -> str:
    """The shipped table with cells (material, stage, column) replaced."""
    rows = list(csv.DictReader(_TEXT.splitlines()))
    for name, stage, column, cell in changes:
        hit = [r for r in rows if (r["material"], r["stage"]) == (name, stage)]
        hit[0][column] = cell
    out = [",".join(rows[0])]
    out += [",".join(f'"{v}"' for v in row.values()) for row in rows]
    return "\n".join(out)


@pytest.mark.parametrize("chain", recipes().values(), ids=lambda r: r.material)
def test_every_chain_is_of_a_known_material_and_its_stages(chain: Recipe) -> None:
    known = material(chain.material)
    assert known.id == chain.material
    assert not known.energy
    for stage in chain.stages:
        assert stage.stage in known.stages
        assert 0 <= stage.home <= 1
        assert all(0 <= s <= 1 for s in stage.seen)
        assert stage.unit in ("t", "index")
        assert stage.reason
        for band in (stage.scrap, stage.direct):
            assert 0 <= band.low <= band.central <= band.high <= 1
        if stage.process_yield is not None:
            assert 0 < stage.process_yield.low <= stage.process_yield.high <= 1
    assert len({s.unit for s in chain.stages}) == 1
    assert chain.stages[-1].direct.central >= 0.7, "the last stage is used, not fed on"


def test_a_stage_that_codes_do_not_show_names_the_codes() -> None:
    for chain in recipes().values():
        for stage in chain.stages:
            if min(stage.seen) < 0.5 and chain.material != "silica_sand":
                assert stage.missing_codes, (chain.material, stage.stage)


def test_side_tables_speak_of_known_materials_stages_and_places() -> None:
    chains = recipes()

    def known(name: str, stage: str, *places: str) -> None:
        assert stage in {s.stage for s in chains[name].stages}, (name, stage)
        for code in places:
            assert place(code).iso3 == code

    for route in judged_routes():
        known(route.material, route.stage, route.origin, route.destination)
        assert 0 <= route.share.low <= route.share.high <= 1
        assert route.source
    for share in judged_shares():
        known(share.material, share.stage, share.place)
        assert share.source
    for (name, stage), places in reworkers().items():
        known(name, stage, *places)
    for (name, stage), pairs in misdeclared().items():
        known(name, stage, *pairs, *pairs.values())


def test_routes_of_one_origin_and_judged_shares_stay_below_one() -> None:
    sums: dict[tuple[str, str, str], float] = {}
    for route in judged_routes():
        key = (route.material, route.stage, route.origin)
        sums[key] = sums.get(key, 0.0) + route.share.central
    assert max(sums.values()) <= 1.0
    assert 0.97 <= sum(s.band.central for s in judged_shares()) <= 1.0


def test_a_judged_last_stage_exists_from_2024_only() -> None:
    chain = recipe("rare_earths")
    assert [s.stage for s in chain.stages_in(2023)] == ["mine", "refine"]
    assert [s.stage for s in chain.stages_in(2024)] == ["mine", "refine", "product"]


def test_seen_share_by_period() -> None:
    copper = recipe("copper").stages[1]
    assert [copper.seen_share(y) for y in (2018, 2021, 2022, 2023, 2024)] == [
        copper.seen[0],
        copper.seen[0],
        copper.seen[1],
        copper.seen[1],
        copper.seen[2],
    ]


def test_a_full_customs_archive_lifts_what_it_shows_and_nothing_else() -> None:
    lithium = recipe("lithium")
    lifted = lithium.with_full_customs({("lithium", "mine")})
    assert lifted.stages[0].seen_share(2018) > 0.9
    assert lifted.stages[0].missing_codes == ""
    assert lifted.stages[1] == lithium.stages[1]


def test_width_of_a_band_as_error() -> None:
    assert Band(0.8, 0.9, 1.0).relative_error == pytest.approx(0.1 / 0.9)
    assert Band(0, 0, 0).relative_error == 0.0


def test_a_bad_table_names_every_bad_row() -> None:
    bad = _table(
        ("copper", "refine", "yield", "0.5"),
        ("tin", "mine", "method", "guessing"),
        ("zinc", "mine", "seen_2024", "most"),
        ("lead", "mine", "stage", "smelt"),
    )
    with pytest.raises(DataError) as caught:
        module._parse(bad)
    said = str(caught.value)
    assert "0.94 <= 0.5 <= 1.0 does not hold" in said
    assert "guessing" in said
    assert "most" in said
    assert "unknown stage 'smelt'" in said
    assert all("line" in p.where for p in caught.value.problems[:4])


def test_stages_out_of_order_or_without_a_yield_are_refused() -> None:
    with pytest.raises(DataError, match="repeat or are out of order"):
        module._parse(_table(("copper", "refine", "stage", "mine")))
    with pytest.raises(DataError, match="a yield is needed"):
        module._parse(_table(("copper", "refine", "yield", "")))


def test_a_missing_column_is_said() -> None:
    with pytest.raises(DataError, match="rest_like"):
        module._parse(_TEXT.replace("rest_like", "like_rest", 1))


def test_no_chain_is_a_request_error_with_the_way_on() -> None:
    with pytest.raises(RequestError, match="data sources"):
        recipe("caesium")
