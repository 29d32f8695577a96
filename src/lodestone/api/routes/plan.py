"""The cheapest portfolio that keeps a promise: `POST /v1/plan`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import PlanWords

router = APIRouter(tags=["plan"])


@router.post("/plan", dependencies=[needs("analyst")], **WORK)
async def plan(request: Request, words: PlanWords) -> Response:
    """Choose what to build, buy and agree, and when, at least cost for a promise.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "plan", words)
