"""The dossier on paper: its view handed to a typst template, tagged PDF bytes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

from lodestone.report.paper import typeset
from lodestone.report.pictures import Picture


def dossier_pdf(view: Mapping[str, Any], pictures: Mapping[str, Picture], day: str) -> bytes:
    """Set a dossier as tagged PDF (PDF/UA-1); the same view gives the same bytes.

    Parameters
    ----------
    day : ISO date stamped into the file
    """
    template = (resources.files("lodestone.report") / "dossier.typ").read_bytes()
    when = date.fromisoformat(day)
    shown = {**view, "issued": [when.year, when.month, when.day]}
    files = {"main.typ": template, "dossier.json": json.dumps(shown, ensure_ascii=False).encode()}
    files |= {f"{name}.svg": picture.svg.encode() for name, picture in pictures.items()}
    return typeset(
        files,
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=datetime(when.year, when.month, when.day, tzinfo=UTC),
    )
