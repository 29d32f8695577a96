"""European Commission studies: traps on small hand-made files, figures of the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodestone import terms
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import ec
from lodestone.terms.errors import DataError

SHARES = "material,stage,country,share_raw,t_trade_variable,share,censored_lt"
WORLD = "ec_crm2023_global_supply_shares.csv"
EU = "ec_crm2023_eu_sourcing_shares.csv"
USES = "ec_crm2023_end_use_shares.csv"
SCORES = "ec_crm_sr_ei_2011_2023.csv"
RESULTS = "ec_crm2017_results.csv"
HEADERS = {
    WORLD: SHARES,
    EU: SHARES,
    USES: "material,application,share_raw,nace_sector,va_mn_eur,share,nace2",
    SCORES: "material,year,SR_raw,EI_raw,SR,EI",
    RESULTS: "material,stage,SR,EI,import_reliance_pct,eol_rir_pct,supply_used,SI_EI,SI_SR,"
    "HHI_WGI_t_global,HHI_WGI_t_eu28,SR_global_only,SR_eu_only,SR_both",
    "crma_lists.csv": "list,material,basis,url",
    "ec_crm2023_material_groupings.csv": "screened_material,perm_noXREE_noPGM,perm_noXREE_PGM,"
    "perm_XREE_noPGM,perm_XREE_PGM",
}


def make(raw: Path, files: dict[str, list[str]]) -> Path:
    """All seven files with their header and the given rows."""
    (raw / "ec").mkdir(parents=True)
    for name, header in HEADERS.items():
        lines = [header, *files.get(name, [])]
        (raw / "ec" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return raw


def rows(reading: Reading, quantity: str = "supply_share") -> list[dict[str, Any]]:
    return reading.tables["facts"].filter(pl.col("quantity") == quantity).to_dicts()


@pytest.mark.parametrize(
    ("printed", "beside", "value", "low", "high", "flag"),
    [
        ("28.4%", "0.284", 0.284, 0.2835, 0.2845, "reported"),
        ("4%", "0.04", 0.04, 0.035, 0.045, "reported"),
        ("<0.1%", "0.0005", 0.0005, 0.0, 0.001, "less_than"),
        ("100.0%", "1.0", 1.0, 0.9995, 1.0, "reported"),
        ("0%", "0.0", 0.0, 0.0, 0.005, "reported"),
    ],
)
def test_a_printed_per_cent_keeps_its_rounding(
    tmp_path: Path, printed: str, beside: str, value: float, low: float, high: float, flag: str
) -> None:
    raw = make(tmp_path, {WORLD: [f"Cobalt,E,Chile,{printed},1.0,{beside},False"]})
    (row,) = rows(ec.read(raw))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((value, low, high))
    assert (row["flag"], row["raw_value"], row["unit"]) == (flag, printed, "share")
    assert (row["year"], row["year_to"]) == (2016, 2020)


def test_a_lost_per_cent_sign_is_mended_only_if_the_number_beside_agrees(tmp_path: Path) -> None:
    raw = make(tmp_path / "a", {EU: ["Silicon metal,P,Germany,60,0.8,0.6,False"]})
    (row,) = rows(ec.read(raw), "sourcing_share")
    assert row["value"] == pytest.approx(0.6)
    assert "without the per cent sign" in row["note"]
    for beside in ("60", ""):
        raw = make(
            tmp_path / f"b{beside}", {EU: [f"Silicon metal,P,Germany,60,0.8,{beside},False"]}
        )
        with pytest.raises(DataError, match=r"row 1, column share_raw: '60'"):
            ec.read(raw)


@pytest.mark.parametrize(
    ("name", "letter", "stage"),
    [
        ("Cobalt", "E", "mine"),
        ("Cobalt", "P", "refine"),
        ("Aluminium", "E", "mine"),
        ("Aluminium", "P", "product"),
        ("Iron ore", "P", "product"),
        ("Titanium", "P", None),
        ("Titanium metal", "P", "refine"),
        ("Titanium metal", "E", None),
        ("Coking coal", "P", None),
    ],
)
def test_what_extraction_and_processing_are(
    tmp_path: Path, name: str, letter: str, stage: str | None
) -> None:
    raw = make(tmp_path, {WORLD: [f"{name},{letter},China,50%,1.0,0.5,False"]})
    (row,) = rows(ec.read(raw))
    assert row["stage"] == stage
    assert row["material"] == terms.material(name).id


def test_materials_out_of_scope_give_no_facts_but_are_told(tmp_path: Path) -> None:
    reading = ec.read(make(tmp_path, {EU: ["Sapele wood,E,Cameroon,25%,1.0,0.25,False"]}))
    assert reading.tables["facts"].is_empty()
    assert any("out of scope: Sapele wood" in note for note in reading.notes)


def test_origins_that_cover_almost_nothing_are_unusable(tmp_path: Path) -> None:
    files = {
        EU: [
            "Chromium,E,South Africa,7%,1.0,0.07,False",
            "Chromium,E,Türkiye,2%,1.0,0.02,False",
            "Tungsten,E,China,77%,1.0,0.77,False",
        ]
    }
    reading = ec.read(make(tmp_path, files))
    first, second, tungsten = rows(reading, "sourcing_share")
    assert (first["place"], first["partner"]) == ("EU27", "ZAF")
    assert (first["value"], first["low"], first["raw_value"]) == (None, None, "7%")
    assert first["flag"] == second["flag"] == "reported;suspect"
    assert "cover 9%" in first["note"]
    assert (tungsten["value"], tungsten["flag"]) == (pytest.approx(0.77), "reported")
    assert any("Tungsten, extraction: the listed origins cover 77%" in n for n in reading.notes)


def test_eu_rows_that_repeat_the_world_are_suspect(tmp_path: Path) -> None:
    world = ["China,83.1%,1.0,0.831", "Russia,5.0%,1.0,0.05", "Belgium,4.5%,0.8,0.045"]
    copied = ["China,83%,1.0,0.83", "Russia,5%,1.0,0.05", "Belgium,4%,1.0,0.04"]
    own = ["China,60%,1.0,0.6", "Russia,5%,1.0,0.05", "Belgium,35%,1.0,0.35"]
    files = {
        WORLD: [f"{m},P,{row},False" for m in ("Germanium", "Indium") for row in world],
        EU: [
            *(f"Germanium,P,{row},False" for row in copied),
            *(f"Indium,P,{row},False" for row in own),
        ],
    }
    found = rows(ec.read(make(tmp_path, files)), "sourcing_share")
    flags = {row["material"]: row["flag"] for row in found}
    assert flags == {"germanium": "reported;suspect", "indium": "reported"}
    assert all(row["value"] is not None for row in found)


def test_trade_parameter_keeps_stage_place_and_scope(tmp_path: Path) -> None:
    files = {
        WORLD: ["Cobalt,E,Chile,50%,1.1,0.5,False"],
        EU: ["Cobalt,P,Finland,50%,0.8,0.5,False"],
    }
    table = ec.read(make(tmp_path, files)).tables["ec_trade_parameter"]
    assert table.select("material", "stage", "place", "scope", "t").rows() == [
        ("cobalt", "mine", "CHL", "world", 1.1),
        ("cobalt", "refine", "FIN", "EU27", 0.8),
    ]


C24 = "C24 - Manufacture of basic metals,64561.0"
C25 = "C25 - Manufacture of fabricated metal products,163568.0"


def test_a_use_printed_twice_is_kept_once(tmp_path: Path) -> None:
    files = {
        USES: [
            f"Magnesium,Steel,12%,{C24},0.12,C24",
            f"Magnesium,Construction,44%,{C25},0.44,C25",
            f"Magnesium,Construction,44%,{C25},0.44,C25",
            f"Magnesium,Cans,44%,{C25},0.44,C25",
        ]
    }
    reading = ec.read(make(tmp_path, files))
    table = reading.tables["ec_end_uses"]
    assert table["share"].sum() == pytest.approx(1.0)
    assert table["flag"].unique().to_list() == ["reported"]
    assert any("row 3 repeats row 2" in note for note in reading.notes)


def test_a_repeated_use_within_a_full_sum_is_refused(tmp_path: Path) -> None:
    files = {USES: [f"Tin,Solder,50%,{C24},0.5,C24", f"Tin,Solder,50%,{C24},0.5,C24"]}
    with pytest.raises(DataError, match="stands twice though the shares do not exceed one"):
        ec.read(make(tmp_path, files))


def test_a_use_under_the_wrong_sector_moves_to_the_one_of_its_value_added(tmp_path: Path) -> None:
    files = {
        USES: [
            f"Tin,Solder,50%,{C24},0.5,C24",
            f"Zinc,Coating,90%,{C25},0.9,C25",
            f"Zinc,Tools,10%,{C25},0.1,C25",
            "Tin,Metalware,50%,C24 - Manufacture of basic metals,163568.0,0.5,C24",
        ]
    }
    reading = ec.read(make(tmp_path, files))
    row = reading.tables["ec_end_uses"].filter(pl.col("application") == "Metalware").to_dicts()[0]
    assert (row["nace2"], row["va_mn_eur"]) == ("C25", 163568.0)
    assert row["note"] == "printed under C24, with the value added of C25"


def test_uses_that_do_not_sum_to_one_are_suspect_and_unknown_sectors_null(tmp_path: Path) -> None:
    files = {
        USES: [
            f"Indium,Alloys,80%,{C24},0.8,C24",
            "Indium,Others,10%,,,0.1,",
            f"Copper,Plant,>0%,{C25},,C25",
        ]
    }
    table = ec.read(make(tmp_path, files)).tables["ec_end_uses"]
    alloys, others, plant = table.to_dicts()
    assert alloys["flag"] == others["flag"] == "reported;suspect"
    assert (others["nace2"], others["sector"], others["va_mn_eur"]) == (None, None, None)
    assert (plant["share"], plant["low"], plant["high"]) == pytest.approx((0.0025, 0.0, 0.005))
    assert plant["flag"].startswith("more_than;small")


def test_scores_keep_names_without_a_material_and_not_assessed_is_null(tmp_path: Path) -> None:
    files = {SCORES: ['"Natural Teak\nwood",2011,-,-,,', "Cobalt,2023,2.8,6.8,2.8,6.8"]}
    table = ec.read(make(tmp_path, files)).tables["ec_scores"]
    assert table.select("material", "detail", "supply_risk").rows() == [
        (None, "Natural Teak wood", None),
        ("cobalt", "Cobalt", 2.8),
    ]


def test_results_of_2017_null_what_the_study_set_aside(tmp_path: Path) -> None:
    files = {
        RESULTS: [
            "Antimony,Processing,4.3,4.3,100,28,GS + EUS,0.9,0.9,7.1,5.7,4.8,3.9,4.3",
            "Beryllium,,,,,,,1.0,1.0,2.4,N/A,2.4,N/A,N/A",
        ]
    }
    antimony, beryllium = ec.read(make(tmp_path, files)).tables["ec_crm2017"].to_dicts()
    assert (antimony["stage"], antimony["supply_used"]) == ("refine", "both")
    assert (beryllium["stage"], beryllium["hhi_wgi_t_eu"]) == (None, None)
    assert beryllium["hhi_wgi_t_world"] == 2.4


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    files = {
        WORLD: [
            "Unobtainium,E,Chile,50%,1.0,0.5,False",
            "Cobalt,E,Atlantis,50%,1.0,0.5,False",
            "Cobalt,X,Chile,50%,1.0,0.5,False",
            "Cobalt,E,Peru,half,1.0,0.5,False",
            "Cobalt,E,Cuba,50%,2.0,0.5,False",
            "Cobalt,E,Brazil,50%,1.0,0.6,False",
            "Cobalt,E,China,50%,1.0,0.5,False",
            "Cobalt,E,China,49%,1.0,0.49,False",
            "Gallium,E,China,49%,1.0,0.49,False",
        ],
        SCORES: ["Cobalt,2023,high,6.8,2.8,6.8"],
        "crma_lists.csv": ["CRM (Annex IX),cobalt,a,b"],
    }
    with pytest.raises(DataError) as caught:
        ec.read(make(tmp_path, files))
    message = str(caught.value)
    for fault in (
        "row 1, column material: unknown material 'Unobtainium'",
        "row 2, column country: unknown country 'Atlantis'",
        "row 3, column stage: unknown stage 'X'",
        "row 4, column share_raw: 'half' is not a per cent",
        "row 5, column t_trade_variable: t = 2.0 is outside 0.8-1.5",
        "row 6, column share_raw: '50%' stands beside the share 0.6",
        "row 8, column country: Cobalt, extraction lists CHN a second time (first in row 7)",
        "row 9, column stage: gallium has no stage 'mine'",
        "row 1, column SR_raw: 'high' is not a number",
        "row 1, column list: unknown list 'CRM (Annex IX)'",
    ):
        assert fault in message


@pytest.fixture(scope="module")
def real(raw: Path) -> Reading:
    return ec.read(raw)


def share(reading: Reading, detail: str, origin: str, quantity: str) -> float | None:
    column = "place" if quantity == "supply_share" else "partner"
    found = [r for r in rows(reading, quantity) if r["detail"] == detail and r[column] == origin]
    value: float | None = found[0]["value"]
    return value


@pytest.mark.raw
@pytest.mark.parametrize(
    ("detail", "origin", "quantity", "value"),
    [
        ("Cobalt, extraction", "COD", "supply_share", 0.628),
        ("Lithium, processing", "CHL", "supply_share", 0.321),
        ("Niobium, processing", "BRA", "sourcing_share", 0.82),
        ("Vanadium, processing", "KOR", "sourcing_share", 0.17),
        ("Dysprosium, processing", "CHN", "supply_share", 1.0),
        ("Gold, extraction", "GUF", "supply_share", 0.0005),
        ("Silicon metal, processing", "DEU", "sourcing_share", 0.06),
        ("Chromium, extraction", "ZAF", "sourcing_share", None),
    ],
)
def test_figures_read_off_the_files(
    real: Reading, detail: str, origin: str, quantity: str, value: float | None
) -> None:
    assert share(real, detail, origin, quantity) == (
        None if value is None else pytest.approx(value)
    )


@pytest.mark.raw
def test_aluminium_and_steel_shares_are_those_of_the_last_stage(raw: Path, real: Reading) -> None:
    """Evidence for stages.csv: the EC's processing shares follow another publisher's metal."""
    from lodestone.atlas.readers import wmd

    metal = (
        wmd.read(raw)
        .tables["facts"]
        .filter((pl.col("detail") == "Aluminium") & (pl.col("year") <= 2020))
    )
    mean = metal.group_by("place").agg(pl.col("value").sum() / metal["value"].sum())
    for place, value in mean.sort("value", descending=True).head(5).iter_rows():
        assert share(real, "Aluminium, processing", place, "supply_share") == pytest.approx(
            value, abs=0.02
        )


@pytest.mark.raw
def test_world_shares_add_up(real: Reading) -> None:
    sums = (
        pl.DataFrame(rows(real))
        .group_by("detail")
        .agg(pl.col("low").sum(), pl.col("value").sum(), pl.col("high").sum())
    )
    off = sums.filter((pl.col("value") - 1).abs() > 0.05)
    assert sorted(off["detail"].to_list()) == [
        "Nickel, extraction",
        "Titanium, processing",
        "Vanadium, processing",
    ]
    assert sums.height > 100


@pytest.mark.raw
def test_one_series_a_stage_and_origin(real: Reading) -> None:
    """No material and stage is fed by two printed series: shares can be summed safely."""
    staged = real.tables["facts"].filter(pl.col("stage").is_not_null())
    key = ["quantity", "material", "stage", "place", "partner"]
    assert staged.select(key).is_duplicated().sum() == 0


@pytest.mark.raw
def test_suspects_of_the_real_files(real: Reading) -> None:
    suspect = {
        (row["material"], row["stage"])
        for row in rows(real, "sourcing_share")
        if "suspect" in row["flag"]
    }
    light = ("cerium", "lanthanum", "neodymium", "praseodymium", "samarium")
    assert suspect == {
        ("chromium", "mine"),
        ("germanium", "refine"),
        *((material, "refine") for material in light),
    }
    uses = real.tables["ec_end_uses"]
    assert uses.filter(pl.col("flag").str.contains("suspect"))["material"].unique().to_list() == [
        "indium"
    ]
    magnesium = uses.filter(pl.col("material") == "magnesium")
    assert magnesium["share"].sum() == pytest.approx(1.0)
    assert uses.filter(pl.col("note").is_not_null())["material"].unique().to_list() == ["manganese"]


@pytest.mark.raw
def test_thresholds_of_2023_give_the_published_list(real: Reading) -> None:
    """SR >= 1 and EI >= 2.8 give 32 entries; copper and nickel make the 34 of Annex II."""
    passed = real.tables["ec_scores"].filter(
        (pl.col("year") == 2023)
        & (pl.col("supply_risk") >= 1.0)
        & (pl.col("economic_importance") >= 2.8)
    )
    assert passed.height == 32
    named = {*passed["material"].to_list(), "copper", "nickel"}
    lists = real.tables["ec_lists"]
    critical = lists.filter(pl.col("list") == "EU_CRM_2024")["material"].to_list()
    assert (len(critical), named) == (34, set(critical))
    assert set(critical) == {m.id for m in terms.materials("EU_CRM_2024")}
    strategic = lists.filter(pl.col("list") == "EU_SRM_2024")["material"].to_list()
    assert set(strategic) == {m.id for m in terms.materials("EU_SRM_2024")}


@pytest.mark.raw
def test_counts(real: Reading) -> None:
    heights = {name: table.height for name, table in real.tables.items()}
    assert heights["ec_scores"] == 355
    assert heights["ec_crm2017"] == 80
    assert heights["ec_groupings"] == 90
    assert heights["facts"] == heights["ec_trade_parameter"]
