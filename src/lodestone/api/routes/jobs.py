"""Jobs: how long work stands, what it gave, and how to stop it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.answering import Link, file_answered
from lodestone.api.asking import READ, caller_of, needs, results, service_of
from lodestone.api.job_status import JobList, StatusInfo, status_of
from lodestone.api.problems import ProblemError
from lodestone.api.store import Job
from lodestone.api.words import Paging

router = APIRouter(tags=["jobs"])

JobId = Annotated[str, InPath(pattern="^[A-Za-z0-9_-]{10,40}$")]
#: A file of a result is a page of its own: it may style itself and show its own pictures.
_FILE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
)


class Part(BaseModel):
    """Which part of a list is wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=2**31 - 1)

    def links(self, path: str, total: int) -> list[Link]:
        """This part of the list, and the next one."""
        found = [Link(href=f"{path}?limit={self.limit}&offset={self.offset}", rel="self")]
        after = self.offset + self.limit
        if after < total:
            found.append(Link(href=f"{path}?limit={self.limit}&offset={after}", rel="next"))
        return found


class FileList(BaseModel):
    """The files of a result."""

    files: list[Link]


@router.get("/jobs")
async def jobs(request: Request, part: Annotated[Part, Query()]) -> JobList:
    """List your jobs, the newest first; an admin sees everybody's."""
    caller = caller_of(request)
    owner = None if caller.role == "admin" else caller.name
    service = service_of(request)
    found, total = await service.aside(service.store.jobs, owner, part.limit, part.offset)
    return JobList(
        jobs=[status_of(job) for job in found],
        total=total,
        limit=part.limit,
        offset=part.offset,
        links=part.links("/v1/jobs", total),
    )


@router.get("/jobs/{id}")
async def job(id: JobId, request: Request) -> StatusInfo:
    """Say how a job stands."""
    return status_of(await _job(id, request))


@router.delete("/jobs/{id}", dependencies=[needs("analyst")])
async def dismiss(id: JobId, request: Request) -> StatusInfo:
    """Stop a job; one that has ended is forgotten, with its results."""
    service = service_of(request)
    return status_of(await service.aside(service.dismiss, id, caller_of(request)))


@router.get("/jobs/{id}/results", **READ)
async def job_results(id: JobId, request: Request, page: Annotated[Paging, Query()]) -> Response:
    """The envelope that a job gave; 404 until it is there, the job's own problem if it failed."""
    return await results(request, await _job(id, request), page)


@router.get("/jobs/{id}/files")
async def files(id: JobId, request: Request) -> FileList:
    """List the files of a result: `brief.pdf`, `brief.html`, `brief.json` of a brief."""
    service = service_of(request)
    found = await _job(id, request)
    listed = await service.aside(service.store.files, found.id)
    return FileList(
        files=[
            Link(href=f"/v1/jobs/{id}/files/{name}", rel="item", type=media, title=name)
            for name, media in listed
        ]
    )


@router.get(
    "/jobs/{id}/files/{name}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}},
        304: {"description": "The client has it already (`If-None-Match`)."},
    },
)
async def file(
    id: JobId, name: Annotated[str, InPath(pattern="^[A-Za-z0-9_.-]{1,80}$")], request: Request
) -> Response:
    """One file of a result."""
    service = service_of(request)
    held = await _job(id, request)
    found = await service.aside(service.store.file, held.id, name)
    if found is None:
        raise ProblemError(404, f"no file {name}: see /v1/jobs/{id}/files")
    return await file_answered(request, found, id, _FILE_POLICY)


@router.get("/runs/{run_id}", **READ)
async def run(
    run_id: Annotated[str, InPath(pattern="^[0-9a-f]{12}$")],
    request: Request,
    page: Annotated[Paging, Query()],
) -> Response:
    """The envelope of a run that is kept here, by its run id."""
    caller = caller_of(request)
    owner = None if caller.role == "admin" else caller.name
    service = service_of(request)
    found = await service.aside(service.store.job_of_run, run_id, owner)
    if found is None:
        raise ProblemError(404, f"no run {run_id} is kept here: see /v1/jobs")
    return await results(request, found, page)


async def _job(id: str, request: Request) -> Job:
    service = service_of(request)
    return await service.aside(service.job, id, caller_of(request))
