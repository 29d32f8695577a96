"""What routes share: who asks, what a read answers, and how long work begins."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.api.answering import PAGE, Asked, EnvelopePage, answered
from lodestone.api.job_status import StatusInfo, job_path, status_of
from lodestone.api.keys import Caller, Role
from lodestone.api.pool import DismissedError, FailedError, Ticket
from lodestone.api.problems import ProblemError
from lodestone.api.service import Envelope, Service
from lodestone.api.store import Job
from lodestone.api.words import Paging, Words

#: How a route that answers with an envelope is documented.
READ: dict[str, Any] = {"response_model": EnvelopePage, "responses": PAGE}
#: How a route is documented that answers at once if it can, and with a job otherwise.
WORK: dict[str, Any] = {
    "response_model": EnvelopePage,
    "responses": {
        200: {"description": "The answer, where `Prefer: wait=SECONDS` was long enough."},
        201: {"model": StatusInfo, "description": "A job; `Location` says where it stands."},
    },
}
_LONGEST_WAIT = 60.0
_FIRST_PAGE = Paging.model_validate({})


def service_of(request: Request) -> Service:
    """The service behind a request."""
    service: Service = request.app.state.service
    return service


def caller_of(request: Request) -> Caller:
    """Who asks, as the guard found out."""
    caller: Caller = request.state.caller
    return caller


def needs(role: Role) -> Any:
    """A dependency that lets only callers of a role pass."""

    def check(request: Request) -> None:
        caller = caller_of(request)
        if not caller.may(role):
            raise ProblemError(403, f"your key is a {caller.role}'s; this wants an {role}'s")

    return Depends(check)


async def read(request: Request, verb: str, words: Words, *, dated: bool = False) -> Response:
    """Answer a quick read.

    Parameters
    ----------
    words : of the verb and of paging
    dated : whether the answer depends on the day
    """
    plain = words.plain()
    service = service_of(request)

    async def envelope() -> Envelope:
        return await service.read(verb, plain)

    today = date.today().isoformat() if dated else ""
    return await answered(request, Asked(request.url.path, plain, today), paging(words), envelope)


def paging(words: Words) -> Paging:
    """The words that say which page is wanted."""
    return Paging(**{k: v for k, v in words.model_dump().items() if k in Paging.model_fields})


async def work(request: Request, verb: str, words: Words, wait: float = 0.0) -> Response:
    """Begin long work, and answer with a job, or with its results if they come soon enough.

    Parameters
    ----------
    wait : seconds to wait for them, unless the client says how long (`Prefer: wait=SECONDS`)
    """
    service, caller = service_of(request), caller_of(request)
    seconds = _preferred(request, wait)
    found: tuple[Job, Ticket | None] | None = None
    if _reuses(request):
        found = await service.aside(service.same, verb, words.plain(), caller)
    ticket: Ticket | None
    if found is None:
        job, ticket = await service.aside(service.begin, verb, words.plain(), caller)
    else:
        job, ticket = found
    if seconds > 0 and ticket is not None:
        await _ended_or(ticket.future, seconds)
        job = await service.aside(service.job, job.id, caller)
    if seconds > 0 and job.status in ("successful", "failed"):
        return await results(request, job, _FIRST_PAGE)
    return _told(job, reused=found is not None)


def _told(job: Job, *, reused: bool) -> Response:
    headers = {"Location": job_path(job.id), "Cache-Control": "no-store"}
    if reused:
        headers["Preference-Applied"] = "reuse"
    return JSONResponse(status_of(job).model_dump(mode="json"), 201, headers)


def _reuses(request: Request) -> bool:
    """Whether the client takes a job of the same question that there is."""
    return "reuse" in (
        part.strip() for part in request.headers.get("prefer", "").lower().split(",")
    )


async def results(request: Request, job: Job, page: Paging) -> Response:
    """A page of the results of a job."""
    service = service_of(request)
    found = await service.aside(service.results, job)

    async def envelope() -> Envelope:
        return found

    asked = Asked(f"{job_path(job.id)}/results", {})
    response = await answered(request, asked, page, envelope)
    response.headers["Content-Location"] = asked.path
    # They are one user's, and may be forgotten: asked for each time, sent again only if changed.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


async def _ended_or(future: Any, seconds: float) -> None:
    """Wait until work has ended, however it ended, or so many seconds."""
    waited = asyncio.wrap_future(future)
    try:
        await asyncio.wait_for(asyncio.shield(waited), seconds)
    except (TimeoutError, FailedError, DismissedError):
        # Looked at, so that nobody is told of an error that the job itself will tell.
        waited.add_done_callback(_looked_at)


def _looked_at(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def _preferred(request: Request, otherwise: float) -> float:
    """Seconds that the client wants to wait (RFC 7240)."""
    for part in request.headers.get("prefer", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        if name == "respond-async":
            return 0.0
        if name == "wait" and value.strip().isdecimal() and len(value) < 6:
            return min(float(value), _LONGEST_WAIT)
    return otherwise
