"""What to worry about first: `POST /v1/risk`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import RiskWords

router = APIRouter(tags=["risk"])


@router.post("/risk", dependencies=[needs("analyst")], **WORK)
async def risk(request: Request, words: RiskWords) -> Response:
    """Rank cut-offs by likelihood times loss.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "risk", words)
