"""Uses and exposures: complete, consistent with the EC study, honest in size; bad tables say all."""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from lodestone.atlas import applications as module
from lodestone.atlas.applications import LENSES, OTHER, WORLD, Application, applications
from lodestone.atlas.recipe import recipes
from lodestone.atlas.release import load_release
from lodestone.terms import group_members, listings
from lodestone.terms.errors import DataError

_FOLDER = files("lodestone.atlas") / "rules"
_USES = (_FOLDER / "applications.csv").read_text(encoding="utf-8")
_NEEDS = (_FOLDER / "application_industries.csv").read_text(encoding="utf-8")

#: BEA industries in which a division of NACE is found; what lies outside says why in its basis.
_DIVISION = {
    "B06": ("211", "213", "221"),
    "B09": ("213", "333130"),
    "C10": ("311",),
    "C11": ("311", "312"),
    "C17": ("322",),
    "C19": ("324",),
    "C20": ("325",),
    "C21": ("325",),
    "C22": ("326",),
    "C23": ("327",),
    "C24": ("331",),
    "C25": ("332",),
    "C26": ("334", "333314", "333242"),
    "C27": ("335", "333415"),
    "C28": ("333", "332"),
    "C29": ("3361", "3362", "3363"),
    "C30": ("3364", "3365", "3366", "3369"),
    "C32": ("339",),
}

#: US use 2024 in tonnes and price in USD a tonne where the USGS withholds use or prices another
#: form: orders of magnitude, only to see that exposures are not too small for the money spent.
_ORDER = {
    "aluminium": (5.83e6, 2855.0),
    "iron": (91.1e6, 900.0),
    "tungsten": (11e3, 32e3),
    "magnesium": (60e3, 7760.0),
    "silicon_metal": (300e3, 3755.0),
    "lithium": (5e3, 63e3),
    "titanium": (40e3, 13300.0),
    "manganese": (670e3, 1500.0),
    "germanium": (30.0, 2e6),
    "rhodium": (10.0, 150e6),
    "rare_earths": (14e3, 20e3),
    "neodymium": (2500.0, 65e3),
    "salt": (51.3e6, 60.0),
    "gypsum": (44.9e6, 25.0),
    "baryte": (2.5e6, 210.0),
    "boron": (600e3, 574.0),
    "fluorspar": (390e3, 464.0),
    "chromium": (442e3, 3880.0),
    "graphite": (65e3, 1500.0),
}

#: Groups on the strategic list; their members have the chains.
_GROUPS = frozenset({"PGM", "magnet_REE_EU"})


@cache
def _in_use(place: str) -> tuple[Application, ...]:
    return applications(place)


def _table(text: str, **changes: str) -> str:
    """The table with cells of its first data row replaced."""
    rows = list(csv.DictReader(text.splitlines()))
    rows[0].update(changes)
    return _text(rows)


def _text(rows: list[dict[str, str]]) -> str:
    quoted = [",".join('"' + v.replace('"', '""') + '"' for v in row.values()) for row in rows]
    return "\n".join([",".join(rows[0]), *quoted])


def _complaint(uses: str = _USES, needs: str = _NEEDS) -> str:
    with pytest.raises(DataError) as caught:
        module._parse(uses, needs, module._industries(), module._ec_rows())
    return str(caught.value)


def test_every_material_with_a_chain_has_its_uses() -> None:
    assert {a.material for a in applications()} == set(recipes())


def test_strategic_materials_are_described_and_not_left_to_other() -> None:
    listed = {e.material for e in listings("EU_SRM_2024")}
    strategic = listed | {m for group in _GROUPS & listed for m in group_members(group)}
    for name in strategic & set(recipes()):
        told = sum(a.share.central for a in applications("USA") if a.material == name and a.needs)
        assert told > 0.6, name


def test_shares_sum_to_one_in_every_place() -> None:
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for a in applications():
        totals[a.material, a.place] += a.share.central
    assert totals
    for key, total in totals.items():
        assert abs(total - 1) <= module.TOLERANCE + 1e-9, key


def test_weights_sum_to_one_and_other_has_no_industries() -> None:
    for a in applications():
        if a.id == OTHER:
            assert a.needs == ()
        else:
            assert math.isclose(sum(n.weight for n in a.needs), 1.0, abs_tol=1e-6), a
            assert all(0 < n.phi.low <= n.phi.central <= n.phi.high <= 1 for n in a.needs), a


def test_every_row_of_the_ec_study_stands_exactly_once() -> None:
    named = [(a.material, a.ec_application, a.nace2) for a in applications() if a.ec_application]
    assert len(named) == len(set(named))
    assert set(named) == set(module._ec_rows())
    assert len(named) > 300


def test_shares_of_the_ec_study_carry_over_unless_flagged() -> None:
    printed = module._ec_rows()
    moved = [
        a
        for a in applications()
        if a.ec_application
        and abs(a.share.central - printed[a.material, a.ec_application, a.nace2]) > 1e-9
    ]
    assert all(a.flag.startswith("odd: ") for a in moved)
    assert {(a.material, a.id) for a in moved} == {("indium", "other")}


@pytest.mark.parametrize(
    ("name", "use", "mineral", "sector"),
    [
        ("lithium", "batteries_ev", "lithium", "Electric vehicles"),
        ("lithium", "batteries_storage", "lithium", "Grid battery storage"),
        ("cobalt", "batteries_ev", "cobalt", "Electric vehicles"),
        ("cobalt", "batteries_storage", "cobalt", "Grid battery storage"),
        ("nickel", "batteries_ev", "nickel", "Electric vehicles"),
        ("nickel", "batteries_storage", "nickel", "Grid battery storage"),
        ("neodymium", "magnets_ev", "rare_earths", "Electric vehicles"),
        ("praseodymium", "magnets_wind", "rare_earths", "Wind"),
    ],
)
def test_shares_of_the_iea_are_its_tonnes_of_2024(
    name: str, use: str, mineral: str, sector: str
) -> None:
    (row,) = (a for a in applications(WORLD) if (a.material, a.id) == (name, use))
    assert row.source.startswith("iea_cm2025: ")
    of_all = _iea_tonnes(mineral, sector) / _iea_tonnes(mineral, "total demand")
    assert abs(row.share.central - of_all) < 0.005


def _iea_tonnes(mineral: str, sector: str) -> float:
    where = "series = 'total_demand' and scenario = 'base' and year = 2024 and material = ? and sector = ?"
    table = load_release().table("iea_demand")
    (tonnes,) = table.columns("tonnes", where=where, parameters=[mineral, sector])["tonnes"]
    return float(tonnes)


def test_industries_agree_with_the_division_or_say_that_they_do_not() -> None:
    for a in applications():
        for n in a.needs:
            if a.nace2 and not n.industry.startswith(_DIVISION[a.nace2]):
                assert f"outside {a.nace2}" in n.basis, (a.material, a.id, n.industry)


def test_lenses_show_defence_chips_and_magnets() -> None:
    seen = {lens for a in applications() for lens in a.lens}
    assert seen == set(LENSES)
    magnets = {a.material for a in applications() if "magnets" in a.lens}
    assert {"neodymium", "praseodymium", "dysprosium", "terbium", "samarium"} <= magnets
    chips = {a.material for a in applications() if "semiconductors" in a.lens}
    assert {"gallium", "germanium", "silicon_metal", "tantalum", "neon"} <= chips
    arms = {a.material for a in applications() if "defence" in a.lens}
    assert {"antimony", "beryllium", "titanium", "tungsten", "samarium"} <= arms


def test_a_place_uses_its_own_rows_and_else_those_of_the_world() -> None:
    cobalt = {a.place for a in applications("USA") if a.material == "cobalt"}
    assert cobalt == {"USA"}
    assert {a.place for a in applications("USA") if a.material == "neon"} == {WORLD}
    # the EC counts titanium metal only: pigment stays with the world's row
    titanium = {(a.stage, a.place) for a in applications("EU27") if a.material == "titanium"}
    assert titanium == {("refine", "EU27"), ("mine", WORLD)}
    assert {a.place for a in applications("JPN")} == {WORLD}


def test_exposures_of_one_industry_to_one_stage_of_a_material_are_parts_of_its_output() -> None:
    for place in (WORLD, "EU27", "USA"):
        parts: dict[tuple[str, str, str], float] = defaultdict(float)
        for a in _in_use(place):
            for n in a.needs:
                parts[a.material, a.stage, n.industry] += n.phi.central
        over = {key: part for key, part in parts.items() if part > 1 + 1e-9}
        assert not over, over


def test_gallium_and_germanium_do_not_stop_the_chip_industry() -> None:
    for name, low, high in (("gallium", 0.05, 0.2), ("germanium", 0.01, 0.08)):
        part = sum(
            n.phi.central
            for a in applications("USA")
            if a.material == name
            for n in a.needs
            if n.industry == "334413"
        )
        assert low <= part <= high, name


def test_spending_is_well_below_the_output_that_it_is_said_to_hold_up() -> None:
    """alpha = spend / (phi * output) in the loss formula must stay below one half."""
    output, money = _gross_output(), _us_spend()
    checked = 0
    for a in _in_use("USA"):
        spend = money.get(a.material, 0.0) * a.share.central
        if (a.material, a.stage) == ("aluminium", "mine"):
            spend *= 124 / 2855  # bauxite, not metal
        for n in a.needs:
            alpha = spend * n.weight / (n.phi.central * output[n.industry])
            assert alpha < 0.5, (a.material, a.id, n.industry, alpha)
            checked += spend > 0
    assert checked > 500


def _gross_output() -> dict[str, float]:
    table = load_release().table("bea_gross_output")
    rows = table.columns("industry", "value", where="year = 2023")
    return {str(i): float(v) * 1e6 for i, v in zip(rows["industry"], rows["value"], strict=True)}


def _us_spend() -> dict[str, float]:
    """Use times price in USD, USGS 2024 where it prints both in the same basis."""
    where = "source = 'usgs_mcs2026' and year = 2024 and value is not null and quantity = ?"
    facts = load_release().table("facts")
    found: dict[str, dict[str, float]] = {"use": {}, "price": {}}
    for quantity, of in found.items():
        rows = facts.columns("material", "value", where=where, parameters=[quantity])
        for name, value in zip(rows["material"], rows["value"], strict=True):
            known = of.get(str(name), math.inf)
            of[str(name)] = min(known, float(value)) if quantity == "price" else float(value)
    both = found["use"].keys() & found["price"].keys()
    spend = {name: found["use"][name] * found["price"][name] for name in both}
    return spend | {name: tonnes * price for name, (tonnes, price) in _ORDER.items()}


def _ceiling(material_id: str) -> tuple[float, float, float]:
    """US value added, USD, that would go if all exposed output stood still for a year."""
    output = _gross_output()
    sums = {kind: _sums(kind) for kind in ("make", "value_added")}
    found = [0.0, 0.0, 0.0]
    for a in _in_use("USA"):
        for n in a.needs if a.material == material_id else ():
            part = sums["value_added"][n.industry] / sums["make"][n.industry]
            for k, phi in enumerate((n.phi.low, n.phi.central, n.phi.high)):
                found[k] += phi * part * output[n.industry]
    return found[0], found[1], found[2]


def _sums(kind: str) -> dict[str, float]:
    """Output (make) or value added of each industry in 2017, million USD."""
    table, key = ("bea2017_make", "row") if kind == "make" else ("bea2017_use", "col")
    rows = load_release().table(table).columns(key, "value", where="kind = ?", parameters=[kind])
    found: dict[str, float] = defaultdict(float)
    for industry, value in zip(rows[key], rows["value"], strict=True):
        found[str(industry)] += float(value)
    return found


@pytest.mark.parametrize(
    ("name", "loss"), [("gallium", (1.7, 3.1, 8.2)), ("germanium", (0.01, 0.4, 1.1))]
)
def test_what_is_exposed_covers_the_loss_that_the_usgs_publishes(
    name: str, loss: tuple[float, float, float]
) -> None:
    """Nassar et al. (2024), doi:10.3133/ofr20241057: billion USD, a stop of China's net exports."""
    low, central, high = (v / 1e9 for v in _ceiling(name))
    assert low > loss[1], "even the low exposure must be able to lose what the USGS expects"
    assert high > loss[2]
    assert central < 30, "and it must not be the whole of electronics"


def _page() -> str:
    root = Path(__file__).resolve().parents[2]
    return (root / "docs" / "methods" / "applications.md").read_text(encoding="utf-8")


def test_the_page_prints_the_exposures_of_the_table() -> None:
    needs = {(a.material, a.id, n.industry): n.phi for a in applications() for n in a.needs}
    rows = re.findall(
        r"^\| (\w+) \| `(\w+)` \| `(\w+)` [^|]+\| (.+) \| (.+) \| (.+) \|$", _page(), re.MULTILINE
    )
    assert len(rows) > 40
    for material_id, use, industry, *printed in rows:
        phi = needs[material_id, use, industry]
        assert [float(x) for x in printed] == [phi.low, phi.central, phi.high], (material_id, use)


def test_the_page_counts_right() -> None:
    uses = {(a.material, a.id) for a in applications()}
    industries = {n.industry for a in applications() for n in a.needs}
    page = _page()
    assert f"{len(recipes())} materials, {len(uses)} uses, {len(industries)} industries" in page
    assert f"All {len(module._ec_rows())} rows of the EC study" in page
    for name in ("gallium", "germanium"):
        low, central, high = (v / 1e9 for v in _ceiling(name))
        assert f"{central:.1f}" in page, central
        assert f"{low:.1f}-{high:.1f}" in page, (low, high)
    for lens in ("semiconductors", "defence", "magnets"):
        count = len({a.material for a in applications() if lens in a.lens})
        assert re.search(rf"\b{count}\b", page), (lens, count)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"material": "unobtainium"}, "applications.csv row 1, column material: 'unobtainium'"),
        ({"share": "0.9"}, "row 1, column share: '0.015 0.9 0.025' is not allowed"),
        ({"share_low": "little"}, "column share_low: 'little' is no number"),
        ({"lens": "toys"}, "column lens: 'toys'"),
        ({"place": "Atlantis"}, "column place: 'Atlantis'"),
        ({"stage": "smelt"}, "column stage: 'smelt'"),
        ({"stage": ""}, "some rows of aluminium name a stage and some do not"),
        ({"source": ""}, "column source: '(empty)'"),
        ({"flag": "strange"}, "column flag: 'strange'"),
        ({"application": "two words"}, "column application: 'two words'"),
        ({"application": "cement"}, "aluminium cement WLD is given twice"),
        ({"label": "Grit"}, "aluminium abrasives is described in two ways"),
        ({"ec_application": ""}, "EC row aluminium | Abrasives | C23 is named 0 times"),
        ({"ec_application": "Magic"}, "no EC row aluminium | Magic | C23"),
        ({"share": "0.024"}, "share 0.024 where the EC prints 0.02"),
        (
            {"share_low": "0.5", "share": "0.6", "share_high": "0.7"},
            "shares of aluminium in WLD sum to 1.58",
        ),
    ],
)
def test_a_bad_use_is_named_with_file_row_and_column(cells: dict[str, str], said: str) -> None:
    assert said in _complaint(uses=_table(_USES, **cells))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"industry": "999999"}, "row 1, column industry: unknown industry '999999'"),
        ({"weight": "0.5"}, "weights of aluminium abrasives sum to 0.5"),
        ({"weight": "2"}, "column weight: '2'"),
        ({"phi": "0.1"}, "column phi: '0.3 0.1 0.6'"),
        ({"phi_low": "0"}, "column phi_low: '0'"),
        ({"phi_high": "1.2"}, "column phi: '0.3 0.45 1.2'"),
        ({"basis": "judged:"}, "column basis: 'judged:'"),
        ({"application": "nothing"}, "no application aluminium nothing"),
        ({"application": OTHER}, f"no application aluminium {OTHER}"),
    ],
)
def test_a_bad_need_is_named_with_file_row_and_column(cells: dict[str, str], said: str) -> None:
    assert said in _complaint(needs=_table(_NEEDS, **cells))


def test_all_problems_are_listed_at_once() -> None:
    told = _complaint(_table(_USES, lens="toys"), _table(_NEEDS, industry="999999"))
    assert "column lens" in told
    assert "unknown industry" in told
    rows = list(csv.DictReader(_NEEDS.splitlines()))
    told = _complaint(needs=_text([*rows[1:], rows[1], rows[1]]))
    assert "aluminium abrasives has no industries" in told
    assert "aluminium cement 327310 is given twice" in told


def test_a_material_needs_rows_of_the_world() -> None:
    rows = [r for r in csv.DictReader(_USES.splitlines()) if r["material"] != "gallium"]
    rows += [
        r | {"place": "EU27"}
        for r in csv.DictReader(_USES.splitlines())
        if r["material"] == "gallium" and r["place"] == WORLD
    ]
    assert "gallium has no row for WLD" in _complaint(uses=_text(rows))
