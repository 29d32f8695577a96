"""The verb `assess`: how critical are materials to a place, by every published method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lodestone.desk.answer import Answer, Row, citations
from lodestone.desk.assess_baseline import BAND_NOTE, baseline
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.assess_dependence import dependence_rows, sources_of
from lodestone.desk.assess_ec import EU, ec_rows
from lodestone.desk.assess_governance import ec_weight
from lodestone.desk.assess_live import Question, live_rows
from lodestone.desk.assess_materials import Wanted, chained, materials_asked
from lodestone.desk.assess_methods import GROUPS, methods_asked, rank, split_suffix
from lodestone.desk.assess_official import beside_official
from lodestone.desk.assess_published import PublishedQuestion, published_rows
from lodestone.desk.assess_rows import ScoreRow, said_once
from lodestone.desk.assess_scoreboard import diversification_rows, home_rows, scoreboard
from lodestone.desk.library import Library, library
from lodestone.terms.errors import RequestError

__all__ = ["assess", "scoreboard"]

LIVE, PUBLISHED = "live", "published"
_STAGES = ("mine", "refine", "product", "bottleneck", "use")
_AGGREGATES = frozenset(("crm_act_mass", "crm_act_value", "crm_act_mean"))
_WITH_GOVERNANCE = frozenset(("hhi_wgi", *GROUPS["ec_criticality"]))
_GRADES_NOTE = (
    "Grades: A production and trade reported; B one of them inferred; C shares of another year, or "
    "inferred trade. A score has the worst grade of what it is made of."
)
_PUBLISHED_NOTE = (
    "Published inputs: GeoPolRisk by year from World Mining Data, BACI and WGI; EC supply risk of "
    "the study of 2017, of EU28 (ask for 2017, or no year); net import reliance of the USA as the "
    "USGS prints it; N-1 from the IEA's data set. A gap is unknown, never 0."
)
_PUBLISHED_SOURCES = {
    "geopolrisk": ("wmd_2026", "baci_hs92", "wgi"),
    "geopolrisk_extra_region": ("wmd_2026", "baci_hs92", "wgi"),
    "ec_supply_risk": ("ec_crm2017",),
    "net_import_reliance": ("usgs_mcs2023", "usgs_mcs2024", "usgs_mcs2026"),
    "n_minus_1_rest_of_world_demand": ("iea_cm2025",),
    "n_minus_1_all_demand": ("iea_cm2025",),
}


def assess(
    materials: Sequence[str] = (),
    place: str = "EU27",
    year: int | None = None,
    methods: Sequence[str] = (),
    inputs: str = LIVE,
    *,
    seed: int = 0,
) -> Answer:
    """Score how critical materials are to a place.

    Parameters
    ----------
    materials : ids, names, symbols or aliases; groups (`PGM`, `battery`) and official lists
        (`EU_CRM_2024`, `strategic_raw_materials`) stand for their members. All when empty
    place : ISO3 code, country name, bloc, or sum such as `EU27+USA`; `WLD` for what holds worldwide
    year : calendar year; the latest with data if left out
    methods : names as in `assess_methods.METHODS`, or of a group of them; all when empty
    inputs : `live` for our balanced chains, `published` for what the methods' authors put in
    seed : of the sampling behind the bands

    Returns
    -------
    Answer
        One row a method, material and stage: `value` (None where it is unknown, and `note` says
        why), its band, `grade` and `kind`, `supplier` where a score points at one, and the
        official figure beside it where its publisher prints one. Answers about world supply
        have the place `WLD`.

    Raises
    ------
    RequestError
        Unknown material, place or method (the nearest names are given), or a year without data
        (the nearest years are given).

    Examples
    --------
    >>> answer = assess(["gallium"], "EU27", 2024, ["geopolrisk"])
    >>> [(row["stage"], row["grade"]) for row in answer.results]
    [('refine', 'C')]
    """
    plain, suffixed = split_suffix(methods)
    source = PUBLISHED if suffixed else inputs
    if source not in (LIVE, PUBLISHED):
        raise RequestError(f"unknown inputs {inputs!r}: one of {LIVE}, {PUBLISHED}")
    asked = methods_asked(plain, source)
    books = library()
    if source == PUBLISHED:
        return _published(books, materials, place, year, asked)
    return _live(books, materials, place, year, asked, seed)


def _live(
    books: Library,
    names: Sequence[str],
    place: str,
    year: int | None,
    methods: frozenset[str],
    seed: int,
) -> Answer:
    wanted = materials_asked(names)
    chains = chained(books, wanted, year)
    who = buyer(place, chains.year)
    base = baseline(books, chains.materials, [chains.year], who.members)
    asked = Question(books, base, who, methods, seed)
    rows = [*live_rows(asked), *ec_rows(asked), *_dependences(asked)]
    rows += [r for r in home_rows(asked, whole=wanted.strategic) if r["method"] in methods]
    query = {
        "verb": "assess",
        "materials": list(wanted.ids),
        "place": who.id,
        "year": chains.year,
        "methods": sorted(methods, key=rank),
        "inputs": LIVE,
        "seed": seed,
    }
    notes = (*chains.notes, *_live_notes(asked, wanted))
    return _answer(books, query, beside_official(books, rows), notes, _live_sources(asked))


def _published(
    books: Library,
    names: Sequence[str],
    place: str,
    year: int | None,
    methods: frozenset[str],
) -> Answer:
    wanted = materials_asked(names)
    who = buyer(place, year)
    rows = published_rows(PublishedQuestion(books, frozenset(wanted.ids), who, year, methods))
    query = {
        "verb": "assess",
        "materials": list(wanted.ids),
        "place": who.id,
        "year": year,
        "methods": sorted(methods, key=rank),
        "inputs": PUBLISHED,
    }
    have = {row["material"] for row in rows}
    used = {source for row in rows for source in _PUBLISHED_SOURCES[row["method"]]}
    missing = sorted(set(wanted.ids) - have)
    notes = (_PUBLISHED_NOTE, *(f"{m}: no published inputs of these methods" for m in missing))
    return _answer(books, query, rows, notes, used)


def _dependences(asked: Question) -> list[ScoreRow]:
    """Dependence and the 65 % rule, which read the same shares."""
    wanted = asked.methods & {*GROUPS["look_through_dependence"], *GROUPS["crm_act"]}
    if asked.buyer.is_world or not wanted:
        return []
    sources = sources_of(asked.books, asked.base, asked.buyer)
    strategic = diversification_rows(asked, sources)
    rows = [*dependence_rows(asked, sources), *strategic]
    return [row for row in rows if row["method"] in asked.methods]


def _answer(
    books: Library,
    query: dict[str, Any],
    rows: Iterable[ScoreRow],
    notes: Iterable[str],
    sources: Iterable[str],
) -> Answer:
    bare, said = said_once(rows)
    return Answer(
        query=query,
        results=tuple(sorted(bare, key=_position)),
        units={"target": "share"},
        sources=citations(sources),
        notes=(*notes, *said),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _position(row: Row) -> tuple[str, int, int, str]:
    stage = row["stage"]
    at = _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
    return row["material"], at, rank(row["method"]), row["place"]


def _live_notes(asked: Question, wanted: Wanted) -> list[str]:
    notes = [_GRADES_NOTE, BAND_NOTE]
    if asked.methods & _WITH_GOVERNANCE:
        stand_ins = _governance_stand_ins(asked)
        if stand_ins:
            notes.append(
                "No mean of the six governance indicators for "
                f"{', '.join(stand_ins)}: political stability, or the middle of the scale, stands "
                "for it."
            )
    if not asked.buyer.is_world and asked.buyer.id != EU and asked.methods & {"ec_criticality"}:
        notes.append("Economic importance is known for EU27 only: no end uses of other places.")
    if asked.methods & _AGGREGATES and not wanted.strategic:
        notes.append(
            "The CRM Act's aggregate benchmarks are about all strategic materials: leave the "
            "materials out, or ask for strategic_raw_materials."
        )
    if any(unit == "index" for unit in asked.base.units.values()):
        notes.append("Where tonnes are not published, scores rest on shares of world output.")
    return notes


def _governance_stand_ins(asked: Question) -> list[str]:
    """Producers without the mean of six indicators."""
    base = asked.base
    makes = base.production.value[:, :, 0].max(axis=0, initial=0.0) > 0
    missing = ec_weight(asked.books, base.places, base.years).stand_ins
    return [p for p, m in zip(base.places, makes, strict=True) if m and p in missing]


def _live_sources(asked: Question) -> set[str]:
    """Sources of the chains, and of what the methods add to them."""
    from lodestone.desk.provenance import fact_source

    materials = sorted({node.material for node in asked.base.nodes})
    marks = ", ".join("?" for _ in materials)
    where = f"material IN ({marks}) AND year = ?"
    key = [*materials, *asked.base.years]
    facts = asked.books.rows(
        "SELECT DISTINCT split_part(fact, ':', 1) || ':' AS source FROM ("
        f"SELECT unnest(string_split(facts, ';')) AS fact FROM chain_cells WHERE {where})",
        key,
    )
    traded = asked.books.rows(f"SELECT DISTINCT source FROM trade WHERE {where}", key)
    used = {fact_source(r["source"]) for r in facts} | {r["source"] for r in traded}
    if asked.methods & {"geopolrisk", "geopolrisk_extra_region", *_WITH_GOVERNANCE}:
        used.add("wgi")
    if asked.methods & {*GROUPS["ec_criticality"], *_AGGREGATES}:
        used |= {"ec_crm2017", "ec_crm2023", "recycling"}
    return used
