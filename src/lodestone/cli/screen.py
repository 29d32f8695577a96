"""An answer for people: its rows laid out by kind, then notes, sources and what identifies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lodestone.cli.layouts import ASSESS, ASSESS_FEW, CHAIN, SHOCK, TECHNOLOGY, VERBS, Layout
from lodestone.cli.layouts_alliance import ALLIANCE
from lodestone.cli.layouts_dossier import DOSSIER
from lodestone.cli.layouts_losses import ECONOMY, LOSSES, RISK
from lodestone.cli.layouts_plan import PLAN
from lodestone.cli.layouts_reads import COMPARE, EXPOSURE, PROFILE
from lodestone.cli.layouts_unseen import UNSEEN
from lodestone.cli.layouts_vault import VAULT_FINANCE, VAULT_RUN, VAULT_SIZE
from lodestone.cli.matrix import FEW, matrix_rows, print_matrix
from lodestone.cli.rows_table import Setting, print_rows
from lodestone.cli.sheet import Sheet
from lodestone.cli.trail import print_trail
from lodestone.cli.wording import Row, cell, common_entries, heading, one_line

Envelope = Mapping[str, Any]

#: Width where nobody looks at a terminal, and the least that is of use.
PIPE_WIDTH, _LEAST_WIDTH = 100, 40
_MOST_SOURCES = 8
#: Technologies times places whose stages are shown one by one.
_MOST_STAGE_TABLES = 8
_LONGEST_NOTE = 400
#: Verbs whose rows are laid out by kind, even where there is one kind only.
_ALWAYS_KINDS = ("exposure", "profile", "compare")
#: Verb -> layout of each kind of its rows.
_KINDS = {
    "shock": {**SHOCK, **ECONOMY},
    "alliance": ALLIANCE,
    "losses": LOSSES,
    "risk": RISK,
    "vault_size": VAULT_SIZE,
    "vault_run": VAULT_RUN,
    "vault_finance": VAULT_FINANCE,
    "plan": PLAN,
    "technology": TECHNOLOGY,
    "dossier": DOSSIER,
    "exposure": EXPOSURE,
    "profile": PROFILE,
    "compare": COMPARE,
    "data unseen": UNSEEN,
}


def as_table(envelope: Envelope, width: int = PIPE_WIDTH, *, styled: bool = False) -> str:
    """Give an answer as people read it.

    Parameters
    ----------
    envelope : what a verb answered
    width : characters a line; only an id, path or word that is longer makes a longer line
    styled : whether headings are bold
    """
    sheet = Sheet(max(width, _LEAST_WIDTH), styled=styled)
    _print_results(sheet, envelope)
    _print_notes(sheet, envelope.get("notes") or ())
    _print_sources(sheet, envelope.get("sources") or ())
    names = {"data_release": "data release", "run_id": "run"}
    identity = [f"{words} {envelope[key]}" for key, words in names.items() if envelope.get(key)]
    if identity:
        sheet.paragraph(", ".join(identity))
    return sheet.text()


def _print_results(sheet: Sheet, envelope: Envelope) -> None:
    rows: Sequence[Row] = envelope["results"]
    units, query = envelope.get("units") or {}, envelope.get("query") or {}
    layout = _layout(str(query.get("verb")), rows)
    if not rows:
        sheet.paragraph("no rows")
    elif any("level" in row for row in rows):
        print_trail(sheet, rows, units, query)
    elif _of_several_kinds(rows) or query.get("verb") in _ALWAYS_KINDS:
        _print_kinds(sheet, rows, Setting(units, query=query))
    elif scored := matrix_rows(rows):
        print_matrix(sheet, scored)
        rest = [row for row in rows if row not in scored]
        if rest:
            print_rows(sheet, rest, Setting(units, layout, query))
    else:
        print_rows(sheet, rows, Setting(units, layout, query))


def _layout(verb: str, rows: Sequence[Row]) -> Layout:
    if verb == "assess":
        return ASSESS_FEW if len({row.get("material") for row in rows}) <= FEW else ASSESS
    return VERBS.get(verb, Layout())


def _print_kinds(sheet: Sheet, rows: Sequence[Row], setting: Setting) -> None:
    """Print each kind of rows under its own heading; what all rows say alike comes first."""
    common = common_entries(rows)
    said = {name: entry for name, entry in common.items() if name != "unit"}
    sheet.paragraph("; ".join(f"{heading(name)}: {cell(name, said[name])}" for name in said))
    kinds = _KINDS.get(str(setting.query.get("verb")), CHAIN)
    for kind in dict.fromkeys(str(row["table"]) for row in rows):
        layout = kinds.get(kind, Layout(title=kind))
        if layout.limit == 0:
            continue
        chosen = [row for row in rows if str(row["table"]) == kind]
        if kind == "stage" and kinds is TECHNOLOGY and _too_many(chosen):
            sheet.blank()
            sheet.paragraph("Stage by stage: ask for one --place or --technology, or --format csv.")
            continue
        print_rows(sheet, chosen, replace(setting, layout=layout, said=common))


def _too_many(rows: Sequence[Row]) -> bool:
    """Whether the stages of so many technologies and places would hide everything else."""
    return len({(row["place"], row["technology"]) for row in rows}) > _MOST_STAGE_TABLES


def _of_several_kinds(rows: Sequence[Row]) -> bool:
    """Whether the column `table` tells apart rows that have different columns."""
    return all("table" in row for row in rows) and len({frozenset(row) for row in rows}) > 1


def _print_notes(sheet: Sheet, notes: Sequence[object]) -> None:
    """Files that were written first, each on a line of its own; then what must be known."""
    texts = [one_line(str(note)) for note in notes]
    files = [text for text in texts if _names_a_file(text)]
    for block in (files, [t for t in texts if t not in files]):
        if block:
            sheet.blank()
        for text in block:
            if text in files:
                sheet.line(text)
            else:
                sheet.paragraph(f"note: {_shortened(text)}")


def _shortened(text: str) -> str:
    """A note of a few lines; the whole is in the JSON."""
    if len(text) <= _LONGEST_NOTE:
        return text
    return f"{text[:_LONGEST_NOTE].rsplit(' ', 1)[0]} ... (all of it with --format json)"


def _names_a_file(text: str) -> bool:
    """Whether a note is of the form `Brief: out/brief.pdf`."""
    label, _, path = text.partition(": ")
    try:
        return label.isalpha() and bool(path) and Path(path).exists()
    except OSError:  # a sentence can be longer than any name of a file
        return False


def _print_sources(sheet: Sheet, sources: Sequence[object]) -> None:
    lines = list(dict.fromkeys(map(_source_line, sources)))
    if lines:
        sheet.blank()
    if len(lines) > _MOST_SOURCES:
        sheet.paragraph(f"{len(lines)} sources: --format json lists them with their licences")
        return
    for line in lines:
        sheet.paragraph(f"source: {line}")


def _source_line(source: object) -> str:
    """State a source as given: a line, or a record with publisher, title, year and licence."""
    if not isinstance(source, Mapping):
        return one_line(str(source))
    parts = [source.get(key) for key in ("id", "publisher", "title", "year", "licence")]
    return one_line(", ".join(str(part) for part in parts if part))
