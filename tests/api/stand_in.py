"""Stands in for the verbs in worker processes: says, fails, sleeps or ends as its word asks."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from lodestone.api.store import File
from lodestone.api.work import Answered, Task, Tell
from lodestone.terms import errors

ROWS = 23


def answer(task: Task, tell: Tell) -> Answered:
    """Do what the first word of the task that tells something asks for."""
    word = str(task.words.get("id") or task.words.get("place") or "")
    what, _, which = word.partition(":")
    match what:
        case "raise":
            problem = errors.Problem("wrong", "/srv/secret/table.csv: row 3", "mend it")
            raise getattr(errors, which)("/srv/secret/table.csv is bad", [problem])
        case "crash":
            os._exit(3)
        case "defect":
            raise ValueError("/srv/secret/table.csv")
        case "sleep":
            tell(1, 4)
            time.sleep(600)
        case "write":
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "mine.txt").write_text("a user's own", encoding="utf-8")
                time.sleep(600)
        case "pid":
            return Answered(envelope(task, [{"value": os.getpid()}]))
    file = File("brief.html", "text/html; charset=utf-8", b"<p>brief</p>")
    return Answered(envelope(task, rows()), (file,))


def rows() -> list[dict[str, Any]]:
    """Rows with everything that is hard to write down."""
    texts = ["=1+1", "@x", "a,b", 'say "x"', "two\nlines", "", "ü"]
    made = [{"n": n, "value": n / 7, "note": texts[n % 7]} for n in range(ROWS)]
    return [*made[:-1], {**made[-1], "value": None, "late": ["a", "b"]}]


def envelope(task: Task, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """An envelope with these rows."""
    return {
        "query": {"verb": task.verb, **task.words},
        "run_id": "0123456789ab",
        "data_release": "2026.1",
        "results": rows,
        "units": {"value": "share"},
        "sources": ["a source"],
        "notes": [task.text or "a note"],
    }
