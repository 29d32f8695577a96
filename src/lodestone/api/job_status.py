"""How a job stands, in the words of OGC API Processes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from lodestone.api.answering import Link
from lodestone.api.problems import ProblemDetails
from lodestone.api.store import Job


class StatusInfo(BaseModel):
    """How a job stands."""

    jobID: str  # noqa: N815
    processID: str  # noqa: N815
    type: Literal["process"] = "process"
    status: Literal["accepted", "running", "successful", "failed", "dismissed"]
    message: str = ""
    progress: int = Field(ge=0, le=100, description="Per cent.")
    created: str
    started: str | None = None
    finished: str | None = None
    run_id: str | None = Field(None, description="Of the answer; see /v1/runs.")
    inputs: dict[str, Any] = Field(description="The words it was asked with.")
    problem: ProblemDetails | None = Field(None, description="Why it failed.")
    links: list[Link]


class JobList(BaseModel):
    """A page of jobs, the newest first."""

    jobs: list[StatusInfo]
    total: int
    limit: int
    offset: int
    links: list[Link]


def job_path(id: str) -> str:
    """Where a job stands."""
    return f"/v1/jobs/{id}"


def status_of(job: Job) -> StatusInfo:
    """What is said of a job."""
    links = [Link(href=job_path(job.id), rel="self", title="this job")]
    if job.status == "successful":
        links.append(
            Link(
                href=f"{job_path(job.id)}/results",
                rel="http://www.opengis.net/def/rel/ogc/1.0/results",
                title="its results",
            )
        )
    return StatusInfo(
        jobID=job.id,
        processID=job.verb,
        status=job.status,
        message=job.message,
        progress=job.progress,
        created=job.created,
        started=job.started,
        finished=job.finished,
        run_id=job.run_id,
        inputs=dict(job.words),
        problem=ProblemDetails.model_validate(job.problem) if job.problem else None,
        links=links,
    )
