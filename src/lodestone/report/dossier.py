"""A company's dossier: one content in; a PDF, a JSON file and its pictures out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lodestone.report.brief import write_whole
from lodestone.report.brief_content import Figure
from lodestone.report.dossier_content import (
    BillMaterial,
    DossierContent,
    Options,
    OriginShare,
    Stop,
    check_dossier,
)
from lodestone.report.dossier_page import dossier_page
from lodestone.report.dossier_paper import dossier_pdf
from lodestone.report.dossier_view import dossier_pictures, dossier_view
from lodestone.report.number_text import figure_text
from lodestone.report.rows_text import as_json
from lodestone.report.texts import load_texts


@dataclass(frozen=True)
class DossierFiles:
    """Where the parts of a dossier lie."""

    pdf: Path
    html: Path
    json: Path


def write_dossier(
    content: DossierContent, envelope: Mapping[str, Any], out: Path, language: str = "en"
) -> DossierFiles:
    """Write `dossier.pdf`, `dossier.html` and `dossier.json` into `out`.

    The same content gives the same bytes in every file.

    Parameters
    ----------
    envelope : of the verb; the JSON file is that, with the content beside it

    Raises
    ------
    DataError
        If the content could not be printed truthfully (see `check_dossier`).
    RequestError
        If there is no catalogue in `language`.
    """
    check_dossier(content)
    texts = load_texts(language, "dossier")
    pictures = dossier_pictures(content, texts)
    view = dossier_view(content, pictures, texts)
    out.mkdir(parents=True, exist_ok=True)
    whole = {**envelope, "content": asdict(content)}
    return DossierFiles(
        pdf=write_whole(out / "dossier.pdf", dossier_pdf(view, pictures, content.meta.as_of)),
        html=write_whole(out / "dossier.html", dossier_page(view, pictures).encode()),
        json=write_whole(out / "dossier.json", as_json(whole).encode()),
    )


def dossier_rows(content: DossierContent) -> Iterator[dict[str, Any]]:
    """Every number of a dossier with its labels, in the order of printing; told apart by `table`.

    Rows of the table `summary` hold one stop each, for people; all others hold one number. A line of
    the bill is `material` and `stage`, ids, in every table that is about lines; `origin_stage` is the
    stage at which what the line is made of was worked.
    """
    yield from (_summary(s) for s in content.stops)
    for k, finding in enumerate(content.findings):
        for figure in finding.figures:
            yield _row("finding", f"sentence {k + 1}", figure)
    yield _row("bill", "value", content.bill_value)
    for m in content.materials:
        yield from _material_rows(m)
    for c in content.controls:
        said = {"since": c.since, "status": c.status, "target": c.target, "event": c.source}
        row = _row("control", c.measure, c.touches, c.material, c.stage, supplier=c.code)
        yield {**row, **said}
    for s in content.stops:
        for field in fields(s):
            figure = getattr(s, field.name)
            if isinstance(figure, Figure):
                row = _row(
                    "stop", field.name, figure, s.material, s.stage, supplier=s.supplier_code
                )
                yield {**row, "evidence": s.why}
    for r in content.scenarios:
        for name, figure in (("peak", r.peak), ("cost", r.cost), ("short", r.short)):
            yield {**_row("scenario", name, figure, r.material, r.stage), "scenario": r.name}
    for o in content.options:
        yield from _option_rows(o)


def _summary(s: Stop) -> dict[str, Any]:
    return {
        "table": "summary",
        "material": s.material,
        "stage": s.stage,
        "supplier": s.supplier_code,
        "hit": s.hit.value,
        "peak": s.peak.value,
        "cost": s.cost.value,
        "short": s.short.value,
        "lasts": s.lasts.value,
        "chance": s.chance.value,
        "value": s.expected.value,
        "low": s.expected.low,
        "high": s.expected.high,
        "unit": "USD",
        "grade": s.expected.grade or None,
        "kind": s.expected.kind,
        "evidence": s.why,
        "note": s.note or None,
    }


def _material_rows(m: BillMaterial) -> Iterator[dict[str, Any]]:
    for name in ("tonnes", "value", "price", "stock", "cover", "declared"):
        yield _row("bill", name, getattr(m, name), m.material, m.stage)
    for supplier in m.suppliers:
        yield _row("supplier", "share", supplier.share, m.material, m.stage, supplier=supplier.code)
        for one in supplier.feed:
            row = _origin("supplier", "feed", one, m, supplier.feed_key)
            yield {**row, "supplier": supplier.code}
    for s in m.stages:
        for whose, origins in (("company", s.company), ("place", s.around), ("world", s.world)):
            for one in origins:
                yield _origin("mapping", whose, one, m, s.key)
        for name, figure in (("hhi", s.hhi), ("hhi_world", s.hhi_world), ("left", s.left)):
            yield _row("concentration", name, figure, m.material, m.stage, worked=s.key)
    for name in ("risk_score", "importance", "byproduct"):
        yield _row("score", name, getattr(m, name), m.material, m.stage)


def _option_rows(o: Options) -> Iterator[dict[str, Any]]:
    for other in o.others:
        for name, figure in (
            ("output", other.output),
            ("share", other.share),
            ("idle", other.idle),
        ):
            yield {
                **_row("option", name, figure, o.material, o.stage, supplier=other.code),
                "control": other.controlled or None,
            }
    for name in ("recycled", "scrap", "stock", "stock_cost", "stock_days"):
        yield _row("option", name, getattr(o, name), o.material, o.stage)


def _origin(
    table: str, what: str, one: OriginShare, m: BillMaterial, worked: str
) -> dict[str, Any]:
    return _row(table, what, one.share, m.material, m.stage, worked=worked, origin=one.code)


def _row(
    table: str,
    what: str,
    figure: Figure,
    material: str | None = None,
    stage: str | None = None,
    *,
    worked: str | None = None,
    origin: str | None = None,
    supplier: str | None = None,
) -> dict[str, Any]:
    return {
        "table": table,
        "what": what,
        "material": material,
        "stage": stage,
        "supplier": supplier,
        "origin_stage": worked,
        "origin": origin,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "year": figure.year,
        "grade": figure.grade or None,
        "kind": figure.kind,
        "text": str(figure_text(figure)),
        "id": figure.id,
        "note": figure.note or None,
    }
