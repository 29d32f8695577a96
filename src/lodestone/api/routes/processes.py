"""Long work as OGC API Processes names it: what can be run, and how to run it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from lodestone import __version__
from lodestone.api.answering import Link
from lodestone.api.asking import WORK, needs, work
from lodestone.api.problems import ProblemError
from lodestone.api.words import PROCESSES, Words

router = APIRouter(tags=["processes"])


class ProcessSummary(BaseModel):
    """One kind of long work."""

    id: str
    title: str
    version: str
    jobControlOptions: list[Literal["async-execute", "dismiss"]]  # noqa: N815
    links: list[Link]


class Process(ProcessSummary):
    """One kind of long work, with what it takes."""

    inputs: dict[str, Any] = Field(description="Name -> title, schema and minOccurs.")
    outputs: dict[str, Any]


class ProcessList(BaseModel):
    """What can be run."""

    processes: list[ProcessSummary]
    links: list[Link]


class Execution(BaseModel):
    """What to run with: the words of the verb."""

    model_config = ConfigDict(extra="forbid")

    inputs: dict[str, Any] = Field({}, description="As /v1/processes/{verb} describes them.")


@router.get("/processes")
async def processes() -> ProcessList:
    """List the kinds of long work."""
    return ProcessList(
        processes=[ProcessSummary(**_summary(verb)) for verb in PROCESSES],
        links=[Link(href="/v1/processes", rel="self")],
    )


@router.get("/processes/{verb}")
async def process(verb: str) -> Process:
    """Describe one kind of long work: its inputs, each with a schema."""
    schema = _words(verb).model_json_schema()
    needed = schema.get("required", [])
    parts = schema.get("$defs", {})
    inputs = {
        name: {
            "title": name,
            "description": found.get("description", ""),
            "minOccurs": int(name in needed),
            "schema": _whole(found, parts),
        }
        for name, found in schema["properties"].items()
    }
    output = {"title": "The envelope", "schema": {"type": "object"}}
    return Process(**_summary(verb), inputs=inputs, outputs={"envelope": output})


@router.post(
    "/processes/{verb}/execution",
    **WORK,
    dependencies=[needs("analyst")],
)
async def execute(verb: str, request: Request, execution: Annotated[Execution, Body()]) -> Response:
    """Begin long work: a job, or its answer where `Prefer: wait=SECONDS` was long enough."""
    kind = _words(verb)
    try:
        words = kind.model_validate(execution.inputs)
    except ValidationError as error:
        raise InputsError(error) from None
    return await work(request, verb, words)


class InputsError(Exception):
    """Inputs of a process that do not fit it."""

    def __init__(self, error: ValidationError) -> None:
        self.errors = cast("list[dict[str, Any]]", error.errors(include_url=False))
        super().__init__(str(error))


def _words(verb: str) -> type[Words]:
    if verb not in PROCESSES:
        raise ProblemError(404, f"no process {verb!r}: one of {', '.join(PROCESSES)}")
    return PROCESSES[verb]


def _whole(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """A schema that stands alone: what it refers to is put in its place."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return {**parts[name], **{k: v for k, v in schema.items() if k != "$ref"}} if name else schema


def _summary(verb: str) -> dict[str, Any]:
    path = f"/v1/processes/{verb}"
    return {
        "id": verb,
        "title": (PROCESSES[verb].__doc__ or verb).splitlines()[0],
        "version": __version__,
        "jobControlOptions": ["async-execute", "dismiss"],
        "links": [
            Link(href=path, rel="self"),
            Link(href=f"{path}/execution", rel="http://www.opengis.net/def/rel/ogc/1.0/execute"),
        ],
    }
