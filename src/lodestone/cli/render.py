"""An answer's envelope as a table for people, or as JSON or CSV for machines."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from lodestone.terms.errors import RequestError

Form = Literal["table", "json", "csv"]
FORMS: tuple[Form, ...] = get_args(Form)
Envelope = Mapping[str, Any]

# Wide enough for every column when nobody looks at a screen.
_PIPE_WIDTH = 200
# A spreadsheet runs a cell that starts with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")


class Answer(Protocol):
    """What every verb of the desk returns: a result that can state itself as an envelope."""

    def envelope(self) -> Envelope:
        """Give query, run id, data release, results, units, sources and notes."""
        ...


def show(envelope: Envelope, form: Form | None = None, output: Path | None = None) -> None:
    """Write an envelope to `output`, or to the screen.

    Parameters
    ----------
    envelope
        What a verb answered: `query`, `run_id`, `data_release`, `results` (rows), `units`,
        `sources`, `notes`.
    form
        `table`, `json` or `csv`; by the ending of `output` when left out, else a table.
    output
        File to write; its folder must exist.

    Raises
    ------
    RequestError
        The file cannot be written.
    """
    form = form or _form_of(output)
    if output is None:
        sys.stdout.write(_text(envelope, form, colour=sys.stdout.isatty()))
        return
    try:
        output.write_text(_text(envelope, form, colour=False), encoding="utf-8", newline="")
    except OSError as error:
        raise RequestError(f"cannot write {output}: {error.strerror}") from error


def as_json(envelope: Envelope) -> str:
    """Give the envelope itself; an unknown value is null, and a NaN is refused as a defect."""
    return json.dumps(envelope, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(envelope: Envelope) -> str:
    """Give the rows, one a line, unknown values empty, safe to open in a spreadsheet."""
    rows = envelope["results"]
    columns = _columns(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_cell(column) for column in columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def as_table(envelope: Envelope, width: int | None = None, colour: bool = False) -> str:
    """Give rows, then notes, sources and what identifies the run.

    A column with one and the same entry in every row is said once, above the table.
    """
    from rich.console import Console

    text = io.StringIO()
    console = Console(
        file=text,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        markup=False,
    )
    units = envelope.get("units") or {}
    rows = [_with_band(row, row.get("unit", units.get("value"))) for row in envelope["results"]]
    _print_rows(console, rows, units)
    for note in envelope.get("notes") or ():
        console.print(f"note: {note}", soft_wrap=True)
    for source in envelope.get("sources") or ():
        console.print(f"source: {_source_line(source)}", soft_wrap=True)
    identity = [f"{k} {envelope[k]}" for k in ("data_release", "run_id") if envelope.get(k)]
    if identity:
        console.print(", ".join(identity), soft_wrap=True)
    return text.getvalue()


def _form_of(output: Path | None) -> Form:
    suffix = "" if output is None else output.suffix.lower()
    return "json" if suffix == ".json" else "csv" if suffix == ".csv" else "table"


def _text(envelope: Envelope, form: Form, colour: bool) -> str:
    if form == "json":
        return as_json(envelope)
    if form == "csv":
        return as_csv(envelope)
    return as_table(envelope, None if colour else _PIPE_WIDTH, colour)


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every key of any row, in the order first met."""
    return list(dict.fromkeys(key for row in rows for key in row))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Python's writer leaves a lone carriage return unquoted, which splits the row.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    risky = text.startswith(_FORMULA_STARTS) and not _is_number(text)
    return f"'{text}" if risky else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _with_band(row: Mapping[str, Any], unit: str | None) -> dict[str, Any]:
    """Fold `low` and `high` into one column `band`, which is how people read them."""
    out: dict[str, Any] = {}
    for key, value in row.items():
        if key in ("low", "high"):
            out["band"] = _band(row.get("low"), row.get("high"), unit)
        elif key == "value":
            out[key] = _number(value, unit)
        else:
            out[key] = value
    return out


def _band(low: object, high: object, unit: str | None) -> str | None:
    if low is None and high is None:
        return None
    return f"{_number(low, unit)} to {_number(high, unit)}"


def _number(value: object, unit: str | None) -> str:
    """Print a number as people write it; an unknown one is never shown as 0 or left blank."""
    if value is None:
        return "unknown"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "share":
        return f"{100 * value:.3g} %"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _print_rows(console: Any, rows: Sequence[Mapping[str, Any]], units: Mapping[str, str]) -> None:
    from rich import box
    from rich.table import Table

    columns = [c for c in _columns(rows) if any(row.get(c) is not None for row in rows)]
    labels = [c for c in columns if c not in ("value", "band")]
    common = [c for c in labels if len(rows) > 1 and _is_constant(rows, c)]
    if common:
        console.print(
            "; ".join(f"{c}: {_plain(rows[0][c])}" for c in common), style="bold", soft_wrap=True
        )
    shown = [c for c in columns if c not in common]
    if not shown:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in shown:
        said_in_cell = column == "value" and ("unit" in columns or units.get(column) == "share")
        unit = None if said_in_cell else units.get(column)
        heading = f"{column} [{unit}]" if unit else column
        right = column in ("value", "band") or _is_numeric(rows, column)
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_plain(row.get(column)) for column in shown))
    console.print(table)


def _is_constant(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return all(column in row and row[column] == rows[0].get(column) for row in rows)


def _is_numeric(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return all(isinstance(row.get(column), int | float | None) for row in rows)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return _number(value, None)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _source_line(source: object) -> str:
    """State a source as given: a line, or a record with publisher, title, year and licence."""
    if not isinstance(source, Mapping):
        return str(source)
    parts = [source.get(key) for key in ("id", "publisher", "title", "year", "licence")]
    return ", ".join(str(part) for part in parts if part)
