"""What cut-offs cost: `POST /v1/losses`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import LossesWords

router = APIRouter(tags=["losses"])


@router.post("/losses", dependencies=[needs("analyst")], **WORK)
async def losses(request: Request, words: LossesWords) -> Response:
    """Show what each supplier's stop would cost a place, in sectors and GDP.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "losses", words)
