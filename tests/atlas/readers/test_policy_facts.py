"""Policy facts: bounds stay bounds, words stay words, and "same" is written out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import policy
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]
HEADERS = {
    policy.BENCHMARKS: "benchmark,article,percent,sense,definition (paraphrase),denominator,deadline",
    policy.ELASTICITIES: "parameter,material_or_case,horizon,value,status,source,note",
    policy.EVENTS: "date,actor,event,status(V read; S secondary; R recalled; - not found)",
    policy.VAULT: "item,value,unit,detail,status,source",
    policy.STOCKPILES: (
        "country,scheme,material,metric,value,unit,as_of,"
        "source_publisher,source_title,source_url,confidence,note"
    ),
}


def _read(put: Put, file: str = "", lines: str = "", header: str = "") -> Reading:
    folder = Path()
    for name, columns in HEADERS.items():
        own = name == file
        folder = put(name, (header if own and header else columns) + "\n" + (lines if own else ""))
    return policy.read(folder)


def test_benchmarks_become_shares(put: Put) -> None:
    line = 'extraction,Art 5(1)(a)(i),10,min,"capacity",consumption,by 2030\n'
    frame = _read(put, policy.BENCHMARKS, line).tables["crma_benchmarks"]
    assert frame.select("benchmark", "share", "sense").rows() == [("extraction", 0.1, "min")]


def test_elasticities_keep_bounds_and_the_source_above(put: Put) -> None:
    lines = (
        "supply,Cu,1 year,0.35,recalled,IMF WP/21/243,\n"
        "supply,mining,long run,0.0-0.2,recalled,same,\n"
        'demand,many,survey,"0.1-0.8, centre 0.35",band,ours,\n'
    )
    frame = _read(put, policy.ELASTICITIES, lines).tables["elasticities"]
    assert frame.select("material", "value", "low", "high", "evidence").rows() == [
        ("copper", 0.35, None, None, "IMF WP/21/243"),
        (None, None, 0.0, 0.2, "IMF WP/21/243"),
        (None, 0.35, 0.1, 0.8, "ours"),
    ]


def test_events_name_places_and_blocs(put: Put) -> None:
    lines = "2026-02-04,US/EU/JP,statement,V\n2026-06,G7,summit,S\n2026-07-16,IEA,report,V/R\n"
    frame = _read(put, policy.EVENTS, lines).tables["policy_events"]
    assert frame["actors"].to_list() == [["USA", "EU27", "JPN"], ["G7"], []]
    assert frame["precision"].to_list() == ["day", "month", "day"]
    assert frame["status"].to_list() == ["read", "secondary", "read"]


def test_money_and_weights_are_converted_once(put: Put) -> None:
    lines = (
        "US,NDS,chromium,request,4500,short tons,2026-03-04,p,t,u,medium,\n"
        "US,NDS,all,assets,1.3,billion USD,2023-03,p,t,u,high,\n"
    )
    frame = _read(put, policy.STOCKPILES, lines).tables["stockpile_facts"]
    tonnes, money = frame.iter_rows(named=True)
    assert tonnes["value"] == pytest.approx(4082.3, abs=0.1)  # 0.907 t a short ton
    assert (tonnes["unit"], tonnes["raw_value"], tonnes["raw_unit"]) == ("t", "4500", "short tons")
    assert (money["value"], money["unit"], money["materials"]) == (1.3e9, "USD", [])


def test_none_held_is_zero_but_a_secret_is_unknown(put: Put) -> None:
    lines = (
        "US,NDS,heavy rare earths,Government stockpile,None,,2026-02,p,t,u,high,\n"
        "China,NFSRA,all,official size,state secret,,2024,p,t,u,low,\n"
        "US,NDS,all,stock changes,not available,,2023 onward,p,t,u,high,\n"
    )
    frame = _read(put, policy.STOCKPILES, lines).tables["stockpile_facts"]
    assert frame["value"].to_list() == [0.0, None, None]
    assert frame["flag"].to_list() == ["reported", "text", "text"]
    assert frame["materials"].to_list()[0] == ["HREE"]


def test_up_to_is_a_bound_and_no_value(put: Put) -> None:
    line = "EXIM direct loan,up to 10,bn USD,approved,verified,EXIM\n"
    row = _read(put, policy.VAULT, line).tables["vault_facts"].row(0, named=True)
    assert (row["value"], row["high"], row["unit"]) == (None, 10e9, "USD")


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        (policy.BENCHMARKS, "x,a,ten,min,d,c,b\n", "'ten' is not a number"),
        (policy.BENCHMARKS, "x,a,10,about,d,c,b\n", "unknown sense 'about'"),
        (policy.EVENTS, "soon,CN,e,V\n", "'soon' is not a date"),
        (policy.EVENTS, "2026-01-01,Mordor,e,V\n", "unknown actor 'Mordor'"),
        (policy.EVENTS, "2026-01-01,CN,e,Q\n", "unknown status 'Q'"),
        (policy.VAULT, "i,10,bushels,d,s,e\n", "unknown unit 'bushels'"),
        (policy.STOCKPILES, "Mordor,s,all,m,1,,2024,p,t,u,low,\n", "unknown country 'Mordor'"),
        (policy.STOCKPILES, "US,s,mithril,m,1,,2024,p,t,u,low,\n", "unknown material 'mithril'"),
    ],
)
def test_what_the_reader_does_not_know_is_refused(
    put: Put, file: str, line: str, told: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, file, line)
    assert told in str(caught.value)
    assert f"{file}, row 1" in str(caught.value)


@pytest.mark.parametrize("file", list(HEADERS))
def test_a_renamed_column_says_its_new_name(put: Put, file: str) -> None:
    last = HEADERS[file].rsplit(",", 1)[1]
    with pytest.raises(DataError) as caught:
        _read(put, file, header=HEADERS[file].removesuffix(last) + last + "_new")
    assert f"column {last!r} is missing" in str(caught.value)
    assert f"is it now called '{last}_new'" in str(caught.value)


@pytest.mark.raw
def test_benchmarks_of_the_regulation(raw: Path) -> None:
    """Regulation (EU) 2024/1252, Article 5(1): 10, 40 and 25 %, and no third country above 65 %."""
    frame = policy.read(raw).tables["crma_benchmarks"]
    assert dict(frame.select("benchmark", "share").rows()) == {
        "extraction": 0.10,
        "processing": 0.40,
        "recycling": 0.25,
        "diversification": 0.65,
    }
    assert frame.filter(pl.col("sense") == "max")["benchmark"].to_list() == ["diversification"]


@pytest.mark.raw
def test_the_two_tables_on_project_vault_agree(raw: Path) -> None:
    tables = policy.read(raw).tables
    vault = {row["item"]: row for row in tables["vault_facts"].iter_rows(named=True)}
    stock = tables["stockpile_facts"].filter(pl.col("scheme") == "Project Vault")
    published = {row["metric"]: row["value"] for row in stock.iter_rows(named=True)}
    assert published["EXIM loan"] == vault["EXIM direct loan"]["high"] == 10e9
    assert published["private capital"] == vault["private capital"]["value"] == 1.67e9
    assert vault["target cover"]["value"] == 60.0


@pytest.mark.raw
def test_no_value_without_its_printed_text(raw: Path) -> None:
    tables = policy.read(raw).tables
    for name in ("elasticities", "vault_facts", "stockpile_facts"):
        frame = tables[name]
        assert frame.filter(pl.col("raw_value") == "").is_empty()
        worded = frame.filter(pl.col("flag") == "text")
        assert worded.select("value", "low", "high").null_count().row(0) == (worded.height,) * 3
