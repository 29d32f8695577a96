"""Errors as RFC 9457 says them: `application/problem+json`, teaching, and giving nothing away."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response

from lodestone.api.pool import Failure
from lodestone.terms.errors import StoreError

MEDIA = "application/problem+json"

#: Titles of what can be wrong with a question or its answer, by the class of the error.
TITLES = {
    "LodestoneError": "The answer could not be given",
    "DataError": "A source, table or data release is damaged or inconsistent",
    "ChainError": "A supply chain could not be built, balanced or proved",
    "MarketError": "A market answer could not be proved",
    "PlanError": "The plan is infeasible, or its gap could not be proved",
    "RequestError": "The question cannot be answered as asked",
    "StoreError": "The store of jobs and results cannot be reached",
    "TooSlow": "The answer takes too long",
    "WorkerLost": "The calculation ended early",
    "Defect": "The service failed",
}
# An absolute path of this machine; a path inside an address or a ratio is none.
_PATH = re.compile(r"(?<![\w.:/<-])(?:/[\w.@%+~-]+){2,}/?|(?<!\w)[A-Za-z]:\\[\w.\\ -]+")
#: More problems than anybody mends at once.
_MOST_PROBLEMS = 50
_CODE = re.compile(r"(?<=[a-z])(?=[A-Z])")


class OneProblem(BaseModel):
    """One thing that is wrong: what, where, and how to mend it."""

    what: str
    where: str = ""
    mend: str = ""


class ProblemDetails(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Names the kind of problem.")
    title: str
    status: int
    detail: str = ""
    problems: list[OneProblem] = Field(default=[], description="Everything that is wrong at once.")


class ProblemError(Exception):
    """A request that is refused, by the service itself."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        self.body = plain(status, detail)
        self.status, self.headers = status, {k.replace("_", "-"): v for k, v in headers.items()}
        super().__init__(detail)


def plain(status: int, detail: str, problems: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """A problem that has no class of its own: the status says what it is."""
    return _body("about:blank", HTTPStatus(status).phrase, status, detail, problems)


def of_validation(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The problem of words that do not fit, everything that is wrong with them at once."""
    problems = [
        {
            "what": str(error.get("msg", "not valid")),
            "where": ".".join(str(part) for part in error.get("loc", ())),
            "mend": "",
        }
        for error in errors[:_MOST_PROBLEMS]
    ]
    count = len(errors)
    return plain(422, f"the request has {count} problem{'s' if count > 1 else ''}", problems)


def of_failure(failure: Failure) -> dict[str, Any]:
    """The problem of an error of ours."""
    kind = _CODE.sub("-", failure.name).lower()
    title = TITLES.get(failure.name, TITLES["LodestoneError"])
    return _body(
        f"urn:lodestone:problem:{kind}", title, failure.status, failure.message, failure.problems
    )


def store_away(error: StoreError) -> ProblemError:
    """The problem of a store that cannot be reached; where it is, the log alone is told."""
    logging.getLogger("lodestone.api").warning("%s", error)
    detail = "the store of jobs and results cannot be reached now: try again in a moment"
    away = ProblemError(error.http_status, detail, Retry_After="5")
    away.body = of_failure(Failure("StoreError", error.http_status, detail))
    return away


def response(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A problem as an answer."""
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(
        text,
        body["status"],
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA,
    )


def without_paths(text: str) -> str:
    """A message without the folders of this machine; the name of the file stays.

    Examples
    --------
    >>> without_paths("/srv/data/hazards.csv: row 3: not a number")
    'hazards.csv: row 3: not a number'
    """
    return _PATH.sub(lambda found: re.split(r"[/\\]", found.group().rstrip("/"))[-1], text)


def _body(
    type: str, title: str, status: int, detail: str, problems: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    cleaned = [{k: without_paths(v) for k, v in problem.items()} for problem in problems]
    return {
        "type": type,
        "title": title,
        "status": status,
        "detail": without_paths(detail),
        "problems": cleaned,
    }
