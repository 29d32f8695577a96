"""The verb `brief`: one decision brief for one place, about its dependence on one supplier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lodestone import __version__
from lodestone.desk.answer import Answer, run_id
from lodestone.desk.brief_alliance import AlliancePart, alliance_part
from lodestone.desk.brief_cutoffs import MARKET_SOURCES_KEY, CutOffs, cutoffs
from lodestone.desk.brief_labels import (
    at_start,
    material_label,
    place_label,
    stage_label,
    with_article,
)
from lodestone.desk.brief_losses import LOSSES_SOURCES_KEY, EconomyPart, economy_part
from lodestone.desk.brief_plan import PlanPart, plan_part
from lodestone.desk.brief_rows import (
    CHAIN_SOURCES_KEY,
    BuyerView,
    Exposure,
    chain_flow,
    official_list,
    short_name,
)
from lodestone.desk.brief_vault import VaultPart, vault_part
from lodestone.desk.graded_shares import graded_shares
from lodestone.desk.inferred_output import INFERRED_NOTE
from lodestone.desk.library import Library, library
from lodestone.report.brief import BriefFiles, write_brief
from lodestone.report.brief_content import (
    MOST_FINDINGS,
    BriefContent,
    Comparison,
    Dependence,
    Figure,
    Finding,
    Headline,
    LedgerRow,
    MaterialRow,
    Meta,
    Rival,
    ScoreboardRow,
    SourceRow,
    TopOrigin,
    TrendSeries,
    Weighing,
)
from lodestone.terms import (
    attribute,
    find_bloc,
    group_members,
    material,
    members,
    place,
)
from lodestone.terms.errors import RequestError

_WORST, _TRENDS, _RIVALS, _LEDGER = 10, 6, 10, 20
#: Above this share one supplier counts as dominant (the ceiling of the CRM Act).
_CEILING = 0.65


@dataclass(frozen=True)
class BriefAnswer(Answer):
    """The answer of `brief`: the ten worst dependences as rows, and the files written."""

    files: BriefFiles
    content: BriefContent


@dataclass(frozen=True)
class Case:
    """Who asks about whom: codes and the names that are printed."""

    books: Library
    view: BuyerView
    buyer: str
    buyer_name: str
    against: str
    against_name: str
    second: str
    year: int
    list_name: str
    critical: tuple[str, ...]


def brief(
    place_name: str, against: str, year: int | None = None, out: Path = Path("out")
) -> BriefAnswer:
    """Write the decision brief of a place: two pages, an annex, and the figures behind them.

    Parameters
    ----------
    place_name : ISO3 code, country name or bloc (EU27, ALLIANCE)
    against : the supplier whose hold on the place is asked about
    year : year of the data; the latest if left out
    out : folder for brief.pdf, brief.html, brief.json and figures/

    Returns
    -------
    BriefAnswer
        Rows are the ten worst dependences; `files` says where the brief lies.

    Raises
    ------
    RequestError
        Unknown place or year, a supplier that is the place itself, or a place that uses nothing
        that the release can show.
    """
    case = _case(place_name, against, year)
    content = brief_content(case)
    files = write_brief(content, out)
    return BriefAnswer(
        query=_query(case),
        results=tuple(_result(d) for d in content.dependences),
        units={"direct": "share", "value": "share", "low": "share", "high": "share"},
        sources=tuple(f"{s.citation} [{s.licence}]" for s in content.sources),
        notes=(
            f"Brief: {files.pdf}",
            f"Page: {files.html}",
            f"Data: {files.json}",
            "`value` looks through hubs to where the work was done; `direct` is the last shipper.",
        ),
        data_release=case.books.release.version,
        content_hash=case.books.release.content_hash,
        files=files,
        content=content,
    )


def _case(place_name: str, against: str, year: int | None) -> Case:
    books = library()
    when = books.year(year)
    buyer, buyer_name = _buyer(place_name, when)
    supplier = place(against)
    if supplier.iso3 in members(buyer, when):
        raise RequestError(f"{against} is part of {place_name}; name a supplier outside it")
    if buyer not in books.buyers():
        have = ", ".join(sorted(b for b in books.buyers() if find_bloc(b)))
        raise RequestError(
            f"{place_name} has no balanced dependences; every country that uses a material has, "
            f"and the blocs {have}"
        )
    view = BuyerView(books, buyer, when)
    list_name, critical = official_list(buyer, when)
    return Case(
        books=books,
        view=view,
        buyer=buyer,
        buyer_name=buyer_name,
        against=supplier.iso3,
        against_name=with_article(supplier.name),
        second=_second_supplier(buyer, supplier.iso3, when),
        year=when,
        list_name=list_name,
        critical=critical,
    )


def _buyer(name: str, year: int) -> tuple[str, str]:
    """Code and printed name of a buyer, bloc or country."""
    found = find_bloc(name)
    if found is not None:
        return found.id, with_article(place_label(found.id))
    country = place(name)
    return country.iso3, with_article(country.name)


def _second_supplier(buyer: str, against: str, year: int) -> str:
    """Whom to set beside the feared supplier: the USA, or China, or Russia for the rest."""
    inside = set(members(buyer, year)) | {against}
    return next(c for c in ("USA", "CHN", "RUS") if c not in inside)


def _query(case: Case) -> dict[str, Any]:
    return {"verb": "brief", "place": case.buyer, "against": case.against, "year": case.year}


def brief_content(case: Case) -> BriefContent:
    """Everything the brief prints, worst first."""
    exposures = case.view.exposures(case.against)
    listed = [e for e in exposures if e.material in case.critical]
    families = _one_per_family(listed)
    worst = families[:_WORST]
    scores = _scores(case)
    board = _scoreboard(case)
    cut = cutoffs(case, families)
    part = economy_part(case)
    joint = alliance_part(case) if part.losses else AlliancePart()
    first = plan_part(case) if part.losses else PlanPart()
    stock = vault_part(case) if part.losses else VaultPart()
    further = (*first.findings, *joint.findings, *stock.findings)
    return BriefContent(
        meta=_meta(case),
        headlines=_headlines(case, listed, families, board),
        findings=_findings(case, families, worst, cut, part, further),
        dependences=tuple(_dependence(case, e) for e in worst),
        scoreboard=board,
        chains=_chains(case, worst),
        trends=tuple(_trend(case, e) for e in worst[:_TRENDS]),
        comparison=_comparison(case, exposures),
        unknowns=(*_unknowns(case, cut, part, joint), *first.unknown),
        materials=tuple(_material_row(case, m, scores) for m in case.books.materials(case.year)),
        ledger=_ledger(case),
        sources=_sources(case, cut, part),
        notes=(
            f"Worst dependences are ranked among {case.list_name} by the share of what the place "
            f"uses that was worked in {case.against_name}, at the stage where that share is "
            "largest; rare earths that share one source of figures stand once.",
        ),
        cutoffs=cut.shown,
        losses=part.losses,
        risks=part.risks,
        alliance=joint.rows,
        plan=first.rows,
        vault=stock.rows,
    )


def _meta(case: Case) -> Meta:
    release = case.books.release
    return Meta(
        place=case.buyer_name,
        place_code=case.buyer,
        against=case.against_name,
        against_code=case.against,
        year=case.year,
        data_release=release.version,
        run_id=run_id(_query(case), release.content_hash),
        version=__version__,
        command=f"lodestone brief --place {case.buyer} --against {case.against} --year {case.year}",
        issued=RELEASE_DATE,
    )


#: Day the embedded data were last revised; printed, so that the same data give the same bytes.
RELEASE_DATE = "2026-11-23"


def _one_per_family(exposures: Sequence[Exposure]) -> list[Exposure]:
    """Rare earths whose shares come from one row of a source stand for each other."""
    seen: set[str] = set()
    kept = []
    for e in exposures:
        family = next((g for g in ("HREE", "LREE") if e.material in group_members(g)), e.material)
        if family not in seen:
            seen.add(family)
            kept.append(e)
    return kept


def _dependence(case: Case, e: Exposure) -> Dependence:
    labels = (e.material, e.stage, case.against)
    return Dependence(
        material=material_label(e.material),
        stage=stage_label(e.material, e.stage),
        origin=case.against_name,
        direct=_share(case, "direct", *labels),
        look_through=_share(case, "look_through", *labels),
    )


def _share(case: Case, lens: str, name: str, stage: str, origin: str) -> Figure:
    row = case.view.row(name, lens, stage, origin)
    return case.view.figure(row, of=(name, lens, stage, origin))


def _result(d: Dependence) -> dict[str, Any]:
    through = d.look_through
    return {
        "material": d.material,
        "stage": d.stage,
        "origin": d.origin,
        "direct": d.direct.value,
        "value": through.value,
        "low": through.low,
        "high": through.high,
        "unit": "share",
        "year": through.year,
        "grade": through.grade,
        "kind": through.kind,
        "id": through.id,
        "note": through.note or None,
    }


def _count(id: str, value: int, case: Case, note: str = "") -> Figure:
    return Figure(
        id=id,
        value=float(value),
        unit="count",
        year=case.year,
        kind="modelled",
        sources=(CHAIN_SOURCES_KEY,),
        note=note,
    )


def _headlines(
    case: Case,
    listed: Sequence[Exposure],
    families: Sequence[Exposure],
    board: Sequence[ScoreboardRow],
) -> tuple[Headline, ...]:
    over = [e for e in listed if e.share > _CEILING]
    known = [e for e in case.critical if any(k[0] == e for k in case.view.stages)]
    worst = listed[0].material if listed else "gallium"
    rows = [
        Headline(
            f"of {len(known)} critical materials with data come more than 65 % from "
            f"{case.against_name} at some stage, looking through hubs",
            _count(f"chain:{worst}:{case.year}", len(over), case),
        )
    ]
    if listed:
        held = [e for e in families if e.share >= 0.5] or families
        hidden = max(held, key=lambda e: e.share - _direct_share(e))
        rows.append(
            Headline(
                f"of {material_label(hidden.material).lower()} {stage_label(hidden.material, hidden.stage)}"
                f" in {case.against_name}; customs show {_percent(_direct_share(hidden))}",
                _share(case, "look_through", hidden.material, hidden.stage, case.against),
            )
        )
    for row in board:
        if row.benchmark.startswith("Processing") and row.values:
            rows.append(
                Headline(
                    f"of the strategic materials it uses are processed at home "
                    f"({row.values[-1].basis}); the EU's benchmark is 40 %",
                    row.values[-1].figure,
                )
            )
    return tuple(rows)


def _direct_share(e: Exposure) -> float:
    return float(e.direct["share"]) if e.direct else 0.0


def _percent(share: float) -> str:
    return "less than 2 %" if share < 0.02 else f"{100 * share:.0f} %"


def _findings(
    case: Case,
    listed: Sequence[Exposure],
    worst: Sequence[Exposure],
    cut: CutOffs,
    part: EconomyPart,
    further: Sequence[Finding],
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if len(worst) >= 3:
        a, b, c = worst[:3]
        found.append(
            Finding(
                f"{at_start(case.buyer_name)} gets {{0}} of its {material_label(a.material).lower()}, {{1}} of its "
                f"{material_label(b.material).lower()} and {{2}} of its {material_label(c.material).lower()} from "
                f"{case.against_name}, wherever they are shipped from.",
                tuple(
                    _share(case, "look_through", e.material, e.stage, case.against)
                    for e in (a, b, c)
                ),
            )
        )
    found += [cut.finding] if cut.finding else []
    found += part.findings
    found += further
    found += _hidden(case, listed)
    found += _moved(case, listed)
    found += _second(case)
    found += _mined_elsewhere(case)
    inferred = sum(1 for e in worst if e.grade == "C")
    found = found[: MOST_FINDINGS - 1]  # how much of it is inferred is always said
    if worst:
        found.append(
            Finding(
                f"{{0}} of the {len(worst)} worst dependences rest on inferred trade or on shares "
                "of another year (grade C): read them with their band.",
                (_count(f"chain:{worst[0].material}:{case.year}", inferred, case),),
            )
        )
    return tuple(found)


def _hidden(case: Case, listed: Sequence[Exposure]) -> list[Finding]:
    """Where customs hide the supplier behind a hub."""
    gap = [e for e in listed if e.share >= 0.5 and e.share - _direct_share(e) > 0.05]
    if not gap:
        return []
    e = max(gap, key=lambda x: x.share - _direct_share(x))
    labels = (e.material, e.stage, case.against)
    return [
        Finding(
            f"Customs show {{0}} of {material_label(e.material).lower()} arriving from "
            f"{case.against_name}; looked through hubs and refiners it is {{1}}.",
            (_share(case, "direct", *labels), _share(case, "look_through", *labels)),
        )
    ]


def _moved(case: Case, listed: Sequence[Exposure]) -> list[Finding]:
    """The largest change of dependence since the first year of the release."""
    first = case.books.years()[0]
    before = {
        (r["material"], r["stage"]): r
        for r in graded_shares(
            case.books, case.books.dependence(case.buyer, year=first, lens="look_through")
        )
        if r["origin"] == case.against
    }
    measured = [
        e
        for e in listed
        if (e.material, e.stage) in before and e.grade != "C" and first != case.year
    ]
    if not measured:
        return []
    e = max(measured, key=lambda x: abs(x.share - before[x.material, x.stage]["share"]))
    old = before[e.material, e.stage]
    labels = (e.material, "look_through", e.stage, case.against)
    then = Figure(
        id=f"dependence:{e.material}:{first}:{case.buyer}:look_through:{e.stage}:{case.against}",
        value=float(old["share"]),
        low=float(old["low"]),
        high=float(old["high"]),
        unit="share",
        year=first,
        kind="modelled",
        grade=old["grade"],
        sources=(CHAIN_SOURCES_KEY,),
        note=INFERRED_NOTE if old["inferred"] else "",
    )
    return [
        Finding(
            f"Largest measured move since {first}: {material_label(e.material).lower()} from "
            f"{case.against_name}, {{0}} then, {{1}} now.",
            (then, case.view.figure(e.look_through, of=labels)),
        )
    ]


def _second(case: Case) -> list[Finding]:
    """The largest dependence on the second supplier."""
    name = short_name(case.second)
    rows = [e for e in case.view.exposures(case.second) if e.material in case.critical]
    if not rows:
        return []
    e = rows[0]
    return [
        Finding(
            f"The largest dependence on {with_article(name)} among critical materials is "
            f"{material_label(e.material).lower()}: {{0}}.",
            (_share(case, "look_through", e.material, e.stage, case.second),),
        )
    ]


def _mined_elsewhere(case: Case) -> list[Finding]:
    """A material refined by the supplier from ore of somebody else: two chokepoints."""
    for name in ("cobalt", "lithium", "copper", "nickel"):
        if (name, "refine") not in case.view.stages:
            continue
        refined = case.view.row(name, "look_through", "refine", case.against)
        mined = case.view.top(name, "look_through", "mine")
        if refined and mined and mined["origin"] != case.against:
            origin = str(mined["origin"])
            return [
                Finding(
                    f"{material(name).name} has two chokepoints: {{0}} is mined in "
                    f"{short_name(origin)} and {{1}} refined in {case.against_name}.",
                    (
                        case.view.figure(mined, of=(name, "look_through", "mine", origin)),
                        _share(case, "look_through", name, "refine", case.against),
                    ),
                )
            ]
    return []


_BENCHMARKS = {
    "extraction": ("Extraction over use", "crma_extraction"),
    "processing": ("Processing over use", "crma_processing"),
    "recycling": ("Recycling over use", "crma_recycling"),
}
_WAYS = {"mass": "by mass", "value": "by value", "mean": "mean of materials"}


def _scoreboard(case: Case) -> tuple[ScoreboardRow, ...]:
    """The CRM Act benchmarks for the EU, and the same lens for anybody else."""
    from lodestone.desk.assess_scoreboard import scoreboard

    rows = scoreboard(case.buyer, case.year)
    board = [
        _aggregate(case, [r for r in rows if r["benchmark"] == name], *labels)
        for name, labels in _BENCHMARKS.items()
    ]
    return (*board, _ceiling(case, [r for r in rows if r["benchmark"] == "diversification"]))


def _target(id: str) -> Figure:
    return Figure(
        id=f"assumption:{id}",
        value=attribute(id).default,
        unit="share",
        year=None,
        kind="reported",
        sources=("eu_crma_2024",),
    )


def _aggregate(
    case: Case, rows: Sequence[Mapping[str, Any]], label: str, target: str
) -> ScoreboardRow:
    """One benchmark added up three ways; it is met or missed only if all three say so."""
    said = {r["status"] for r in rows}
    return ScoreboardRow(
        benchmark=label,
        target=_target(target),
        sense="at least",
        values=tuple(Weighing(_WAYS[str(r["weighting"])], _board_figure(case, r)) for r in rows),
        status=said.pop() if len(said) == 1 else "unknown",
    )


def _ceiling(case: Case, rows: Sequence[Mapping[str, Any]]) -> ScoreboardRow:
    """No third country above 65 % of any strategic material at any stage: the worst cases."""
    known = [r for r in rows if r["value"] is not None]
    through = [r for r in known if r["basis"] == "look_through"]
    shipped = [r for r in known if r["basis"] == "direct"]
    worst = _largest(through) if through else None
    over = sum(1 for r in through if r["status"] == "missed")
    return ScoreboardRow(
        benchmark="Largest share of one third country",
        target=_target("crma_single_country"),
        sense="at most",
        values=tuple(
            Weighing(words, _board_figure(case, _largest(found)))
            for words, found in (("looked through", through), ("as shipped", shipped))
            if found
        ),
        status="unknown" if worst is None else ("missed" if over else "met"),
        worst_case=""
        if worst is None
        else f"{material_label(worst['material'])} {stage_label(worst['material'], worst['stage'])}, "
        f"{short_name(str(worst['supplier']))}; {over} of {len(through)} cases above",
        worst=None if worst is None else _board_figure(case, worst),
    )


def _largest(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(rows, key=lambda r: float(r["value"]))


def _board_figure(case: Case, row: Mapping[str, Any]) -> Figure:
    return Figure(
        id=str(row["id"]),
        value=row["value"],
        low=row["low"],
        high=row["high"],
        unit="share",
        year=case.year,
        kind="modelled",
        grade=row["grade"] or "",
        sources=(CHAIN_SOURCES_KEY,),
        note=str(row["note"] or ""),
    )


def _chains(case: Case, worst: Sequence[Exposure]) -> tuple[Any, ...]:
    """Pictures of the worst chains that have tonnes; those of two stages or more first."""
    tonnes = [e.material for e in worst if case.view.stages[e.material, e.stage]["unit"] == "t"]
    count = {m: sum(1 for name, _ in case.view.stages if name == m) for m in tonnes}
    order = sorted(tonnes, key=lambda m: (-count[m], tonnes.index(m)))[:2]
    return tuple(
        chain_flow(case.books, m, case.year, case.buyer, place_label(case.buyer), case.against)
        for m in order
    )


def _trend(case: Case, e: Exposure) -> TrendSeries:
    points = []
    rows = {
        r["year"]: r
        for r in graded_shares(
            case.books,
            case.books.dependence(
                case.buyer, material=e.material, lens="look_through", stage=e.stage
            ),
        )
        if r["origin"] == case.against
    }
    for year in case.books.years(e.material):
        row = rows.get(year)
        points.append(
            Figure(
                id=f"dependence:{e.material}:{year}:{case.buyer}:look_through:{e.stage}:"
                f"{case.against}",
                value=float(row["share"]) if row else None,
                low=float(row["low"]) if row else None,
                high=float(row["high"]) if row else None,
                unit="share",
                year=year,
                kind="modelled",
                grade=row["grade"] if row else "",
                sources=(CHAIN_SOURCES_KEY,),
                note=INFERRED_NOTE if row and row["inferred"] else "",
            )
        )
    return TrendSeries(material_label(e.material), stage_label(e.material, e.stage), tuple(points))


def _comparison(case: Case, exposures: Sequence[Exposure]) -> Comparison:
    """Dependence on two suppliers side by side: where each is largest."""
    first = _one_per_family([e for e in exposures if e.material in case.critical])
    second = _one_per_family(
        [e for e in case.view.exposures(case.second) if e.material in case.critical]
    )
    half = _RIVALS // 2
    chosen: dict[str, Exposure] = {e.material: e for e in first[:half]}
    for e in second:
        if len(chosen) >= _RIVALS:
            break
        chosen.setdefault(e.material, e)
    rows = tuple(
        Rival(
            material=material_label(e.material),
            stage=stage_label(e.material, e.stage),
            first=_share(case, "look_through", e.material, e.stage, case.against),
            second=_share(case, "look_through", e.material, e.stage, case.second),
        )
        for e in chosen.values()
    )
    return Comparison(short_name(case.against), short_name(case.second), rows)


def _unknowns(case: Case, cut: CutOffs, part: EconomyPart, joint: AlliancePart) -> tuple[str, ...]:
    """What the open files cannot show, worst gaps first."""
    unseen = sum(1 for s in case.view.stages.values() if s["seen_share"] < 0.3)
    known = {m for m, _ in case.view.stages}
    without = [material(m).name for m in case.critical if m not in known and not material(m).energy]
    said = [
        f"Trade of {unseen} of {len(case.view.stages)} material stages is in no open customs file; "
        "those flows are inferred and graded C.",
        "Materials inside finished goods (batteries, motors, chips) are not counted: dependence "
        "is that of a place's own industry.",
        "Individual rare earths are known by world shares of 2016-20 only, not by tonnes or year.",
        "Capacity by country is not published for most refining; output stands in for it.",
        "Use by place is published for the United States only; elsewhere it is balanced from "
        "trade and the size of manufacturing, with an error of 100 % before balancing.",
    ]
    if cut.shown:
        said.insert(
            2,
            "What a cut-off would do follows from assumed behaviour of users and makers, fitted to "
            "no past event; in most past controls prices outside rose less.",
        )
    if part.losses:
        said.insert(
            3,
            "Which part of an industry needs a material is printed nowhere: losses rest on judged "
            "exposures, and elsewhere than in the United States on 35 sectors of 2011.",
        )
    if joint.rows:
        said.append(
            "How far allies would hold goods back from each other in a crisis is judged; it carries "
            "nearly all of what acting together is worth against a scramble."
        )
    if cut.unproved:
        said.append(f"No proved answer for a cut-off of {', '.join(cut.unproved)}.")
    if without:
        said.insert(1, f"No country data at all: {', '.join(without[:6])}.")
    return tuple(said)


def _scores(case: Case) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Scores of published methods by (material, method); the worst stage where there are several."""
    from lodestone.desk.assessing import assess

    wanted = ("ec_supply_risk", "ec_economic_importance", "net_import_reliance")
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    official: dict[tuple[str, str], Any] = {}
    for row in assess((), case.buyer, case.year, wanted).to_rows():
        key = (row["material"], row["method"])
        old = found.get(key)
        if old is None or (row["value"] or -1.0) > (old["value"] or -1.0):
            found[key] = row
        if row["official"] is not None:
            official[key] = row["official"]
    return {key: {**row, "official": official.get(key)} for key, row in found.items()}


def _material_row(
    case: Case, name: str, scores: Mapping[tuple[str, str], Mapping[str, Any]]
) -> MaterialRow:
    stages = [s for m, s in case.view.stages if m == name]
    last = sorted(stages, key=["mine", "refine", "product"].index)[-1]
    grade = case.view.grade(name, "look_through", last)
    refine = "refine" if "refine" in stages else last
    sr = scores.get((name, "ec_supply_risk"))
    ei = scores.get((name, "ec_economic_importance"))
    return MaterialRow(
        material=material(name).name,
        stages=tuple(stages),
        year=case.year,
        grade=grade,  # type: ignore[arg-type]
        direct=_top(case, name, "direct", last),
        mined=_top(case, name, "look_through", "mine") if "mine" in stages else None,
        refined=_top(case, name, "look_through", refine) if refine != "mine" else None,
        on_first=_share(case, "look_through", name, last, case.against),
        on_second=_share(case, "look_through", name, last, case.second),
        net_import_reliance=_score(scores.get((name, "net_import_reliance")), "share"),
        supply_risk=_score(sr, "index"),
        supply_risk_official=_official(sr, "index"),
        importance=_score(ei, "index"),
        importance_official=_official(ei, "index"),
    )


def _top(case: Case, name: str, lens: str, stage: str) -> TopOrigin | None:
    row = case.view.top(name, lens, stage)
    if row is None:
        return None
    origin = str(row["origin"])
    return TopOrigin(short_name(origin), case.view.figure(row, of=(name, lens, stage, origin)))


def _score(row: Mapping[str, Any] | None, unit: str) -> Figure | None:
    if row is None:
        return None
    return Figure(
        id=str(row["id"]),
        value=row["value"],
        low=row.get("low"),
        high=row.get("high"),
        unit=unit,
        year=int(row["year"]),
        kind="modelled",
        grade=row.get("grade") or "",
        sources=(CHAIN_SOURCES_KEY,),
        note=str(row.get("note") or ""),
    )


def _official(row: Mapping[str, Any] | None, unit: str) -> Figure | None:
    if row is None or row.get("official") is None:
        return None
    return Figure(
        id=str(row["id"]),
        value=float(row["official"]),
        unit=unit,
        year=2023,
        kind="reported",
        sources=("ec_crm2023",),
    )


def _ledger(case: Case) -> tuple[LedgerRow, ...]:
    """The largest adjustments of the year, whoever they concern."""
    unit = {k: s["unit"] for k, s in case.view.stages.items()}
    grade = {k: s["grade"] for k, s in case.view.stages.items()}
    missing = {k: s["missing_codes"] for k, s in case.view.stages.items()}
    rows = case.books.rows(
        f"SELECT * FROM ledger WHERE year = ? ORDER BY world_share DESC LIMIT {_LEDGER}",
        [case.year],
    )
    return tuple(
        _ledger_row(
            r,
            unit[r["material"], r["stage"]],
            grade[r["material"], r["stage"]],
            missing[r["material"], r["stage"]],
        )
        for r in rows
    )


def _ledger_row(row: Mapping[str, Any], unit: str, grade: str, missing: str) -> LedgerRow:
    flow = bool(row["other"])
    ends = f"{row['place']}>{row['other']}" if flow else str(row["place"])
    head = f"{row['material']}:{row['year']}:{row['stage']}"
    id = f"link:{head}:{ends}" if flow else f"cell:{head}:{row['place']}:{row['entry']}"
    words = ends.replace(">", " to ") if flow else f"{row['entry'].replace('_', ' ')} of {ends}"
    printed = "t" if unit == "t" else "index"

    def figure(value: float) -> Figure:
        return Figure(
            id=id,
            value=float(value),
            unit=printed,
            year=int(row["year"]),
            kind="modelled",
            grade=grade,  # type: ignore[arg-type]
            sources=(CHAIN_SOURCES_KEY,),
        )

    reason = row["accepted"] or (f"missing codes: {missing}" if missing else "sources disagree")
    return LedgerRow(
        material=material(str(row["material"])).name,
        stage=str(row["stage"]),
        flow=words,
        before=figure(row["before"]),
        after=figure(row["after"]),
        errors=float(row["adjustment"]),
        reason=str(reason),
    )


def _sources(case: Case, cut: CutOffs, part: EconomyPart) -> tuple[SourceRow, ...]:
    from lodestone.atlas.source import sources

    release = case.books.release
    used = set(release.package.resources["chain_cells"].sources) | {"ec_crm2023", "eu_crma_2024"}
    if part.table_source:
        used |= {part.table_source, "wdi_gdp", "controls", "wgi"}
    rows = [SourceRow(s.id, s.citation, s.licence, s.page) for s in sources() if s.id in used]
    own = SourceRow(
        CHAIN_SOURCES_KEY,
        f"Lodestone {__version__}, balanced supply chains, data release {release.version} "
        f"(content {release.content_hash[:12]})",
        "CC BY 4.0",
    )
    market = SourceRow(
        MARKET_SOURCES_KEY,
        f"Lodestone {__version__}, market model: the chains cleared month by month under judged "
        "assumptions (lodestone explain assumption:NAME), fitted to no event",
        "CC BY 4.0",
    )
    losses = SourceRow(
        LOSSES_SOURCES_KEY,
        f"Lodestone {__version__}, losses and risk: input-output table, judged exposures of "
        "industries, hazards counted from the catalogue of export controls (lodestone explain ID)",
        "CC BY 4.0",
    )
    return (
        own,
        *((market,) if cut.shown else ()),
        *((losses,) if part.losses else ()),
        *rows,
    )
