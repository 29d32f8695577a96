"""Where a client begins: what there is, which version and data, and how the service is."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from lodestone import __version__
from lodestone.api.answering import Link
from lodestone.api.asking import service_of

router = APIRouter(tags=["landing"])

_OGC = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"


class Landing(BaseModel):
    """What there is."""

    title: str
    version: str
    data_release: str
    content_hash: str
    links: list[Link]


class Conformance(BaseModel):
    """Which parts of OGC API Processes are spoken here."""

    conformsTo: list[str]  # noqa: N815


class Health(BaseModel):
    """How the service is."""

    status: str


@router.get("")
async def landing(request: Request) -> Landing:
    """Say what there is, on which data."""
    release = service_of(request).release
    paths = {
        "service-desc": "/v1/openapi.json",
        "conformance": "/v1/conformance",
        "http://www.opengis.net/def/rel/ogc/1.0/processes": "/v1/processes",
        "http://www.opengis.net/def/rel/ogc/1.0/job-list": "/v1/jobs",
    }
    return Landing(
        title="Lodestone",
        version=__version__,
        data_release=release.version,
        content_hash=release.content_hash,
        links=[Link(href=path, rel=rel) for rel, path in paths.items()],
    )


@router.get("/conformance")
async def conformance() -> Conformance:
    """Say which parts of OGC API Processes are spoken here."""
    return Conformance(
        conformsTo=[f"{_OGC}/{part}" for part in ("core", "json", "job-list", "dismiss")]
    )


@router.get("/health")
async def health() -> Health:
    """Say that the service answers."""
    return Health(status="ok")
