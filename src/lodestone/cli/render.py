"""An answer's envelope as a table for people, or as JSON or CSV for machines."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from lodestone.report.rows_text import as_csv, as_json
from lodestone.terms.errors import RequestError

Form = Literal["table", "json", "csv"]
FORMS: tuple[Form, ...] = get_args(Form)
Envelope = Mapping[str, Any]


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
        _to_screen(envelope, form)
        return
    try:
        output.write_text(_text(envelope, form), encoding="utf-8", newline="")
    except OSError as error:
        raise RequestError(f"cannot write {output}: {error.strerror}") from error


def _form_of(output: Path | None) -> Form:
    suffix = "" if output is None else output.suffix.lower()
    return "json" if suffix == ".json" else "csv" if suffix == ".csv" else "table"


def _text(envelope: Envelope, form: Form) -> str:
    """An answer as it is the same everywhere, whatever the screen."""
    if form == "json":
        return as_json(envelope)
    if form == "csv":
        return as_csv(envelope)
    from lodestone.cli.screen import as_table

    return as_table(envelope)


def _to_screen(envelope: Envelope, form: Form) -> None:
    """Write to the output of the process, at the width of the terminal if there is one."""
    out = sys.stdout
    if form == "table" and out.isatty():
        from lodestone.cli.screen import as_table

        plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        text = as_table(envelope, shutil.get_terminal_size().columns, styled=not plain)
    else:
        text = _text(envelope, form)
    if isinstance(out, io.TextIOWrapper):
        # Machines read UTF-8 whatever the locale; a terminal gets what it can show.
        if form == "table":
            out.reconfigure(errors="replace")
        else:
            out.reconfigure(encoding="utf-8")
    out.write(text)
    # A reader that went away is noticed here, not when the interpreter closes the stream.
    out.flush()
