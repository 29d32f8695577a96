"""What users save: scenarios, tables of hazards, bills of materials, plans, vaults and alliances of their own."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.api.answering import Link
from lodestone.api.asking import caller_of, needs, service_of
from lodestone.api.problems import ProblemError
from lodestone.api.routes.jobs import Part
from lodestone.api.sandbox import check
from lodestone.api.store import Kind, Saved

router = APIRouter(tags=["saved"])

SavedPath = Annotated[str, InPath(pattern="^[A-Za-z0-9_-]{10,40}$")]
#: Uploads read at once: each costs a process.
_READING = 2


class SavedInfo(BaseModel):
    """A scenario, a table of hazards, a bill of materials, a plan, a vault or an alliance that is kept here."""

    id: str
    kind: Kind
    name: str
    created: str
    digest: str
    links: list[Link]


class SavedList(BaseModel):
    """A page of what is saved, the newest first."""

    saved: list[SavedInfo]
    total: int
    limit: int
    offset: int
    links: list[Link]


def _takes(media: str) -> dict[str, Any]:
    """How an upload is documented: its body is the file itself."""
    content = {media: {"schema": {"type": "string"}}}
    return {
        "status_code": 201,
        "response_model": SavedInfo,
        "dependencies": [needs("analyst")],
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
    }


@router.post("/saved/scenarios", **_takes("application/toml"))
async def save_scenario(request: Request) -> Response:
    """Save a scenario of your own (TOML); `POST /v1/shock` takes its id as `saved`."""
    return await _save(request, "scenario", "application/toml")


@router.post("/saved/hazards", **_takes("text/csv"))
async def save_hazards(request: Request) -> Response:
    """Save a table of hazards of your own (CSV); `POST /v1/risk` takes its id as `saved`."""
    return await _save(request, "hazards", "text/csv")


@router.post("/saved/bills", **_takes("text/csv"))
async def save_bill(request: Request) -> Response:
    """Save a bill of materials (CSV); `POST /v1/dossier` takes its id as `saved`."""
    return await _save(request, "bill", "text/csv")


@router.post("/saved/plans", **_takes("application/toml"))
async def save_plan(request: Request) -> Response:
    """Save a plan of your own (TOML); `POST /v1/plan` takes its id as `saved`."""
    return await _save(request, "plan", "application/toml")


@router.post("/saved/vaults", **_takes("application/toml"))
async def save_vault(request: Request) -> Response:
    """Save a vault of your own (TOML); `POST /v1/vault` takes its id as `saved`."""
    return await _save(request, "vault", "application/toml")


@router.post("/saved/alliances", **_takes("application/toml"))
async def save_alliance(request: Request) -> Response:
    """Save an alliance of your own (TOML); `POST /v1/alliance` takes its id as `saved`."""
    return await _save(request, "alliance", "application/toml")


@router.get("/saved")
async def all_saved(request: Request, part: Annotated[Part, Query()]) -> SavedList:
    """List what you saved, the newest first; an admin sees everybody's."""
    caller = caller_of(request)
    owner = None if caller.role == "admin" else caller.name
    service = service_of(request)
    found, total = await service.aside(service.store.all_saved, owner, part.limit, part.offset)
    return SavedList(
        saved=[_info(saved) for saved in found],
        total=total,
        limit=part.limit,
        offset=part.offset,
        links=part.links("/v1/saved", total),
    )


@router.get(
    "/saved/{id}",
    response_class=Response,
    responses={200: {"content": {"application/toml": {}, "text/csv": {}}}},
)
async def one_saved(id: SavedPath, request: Request) -> Response:
    """The text that was saved, as it was sent."""
    found = await _saved(id, request)
    media = "text/csv" if found.kind in ("hazards", "bill") else "application/toml"
    headers = {"Content-Disposition": f'attachment; filename="{found.kind}-{found.id}"'}
    return Response(found.text.encode(), headers=headers, media_type=f"{media}; charset=utf-8")


@router.delete("/saved/{id}", status_code=204, dependencies=[needs("analyst")])
async def forget(id: SavedPath, request: Request) -> Response:
    """Forget something saved."""
    service = service_of(request)
    found = await _saved(id, request)
    await service.aside(service.store.delete_saved, found.id)
    return Response(status_code=204)


async def _save(request: Request, kind: Kind, media: str) -> Response:
    sent = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if sent != media:
        raise ProblemError(415, f"send the file itself, with Content-Type: {media}")
    content = await request.body()
    async with _slots(request):
        found = await asyncio.to_thread(check, kind, content)
    text = content.decode("utf-8-sig")
    service, caller = service_of(request), caller_of(request)
    saved = await service.aside(service.save, kind, found.name, found.digest, text, caller)
    body = _info(saved).model_dump(mode="json")
    return JSONResponse(body, 201, {"Location": f"/v1/saved/{saved.id}"})


async def _saved(id: str, request: Request) -> Saved:
    service = service_of(request)
    return await service.aside(service.saved, id, caller_of(request))


def _slots(request: Request) -> asyncio.Semaphore:
    """Places at which uploads are read."""
    state = request.app.state
    if not hasattr(state, "reading"):
        state.reading = asyncio.Semaphore(_READING)
    slots: asyncio.Semaphore = state.reading
    return slots


def _info(saved: Saved) -> SavedInfo:
    return SavedInfo(
        id=saved.id,
        kind=saved.kind,
        name=saved.name,
        created=saved.created,
        digest=saved.digest,
        links=[Link(href=f"/v1/saved/{saved.id}", rel="self")],
    )
