"""What a cut-off does, month by month: `POST /v1/shock`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import ShockWords

router = APIRouter(tags=["shock"])


@router.post("/shock", dependencies=[needs("analyst")], **WORK)
async def shock(request: Request, words: ShockWords) -> Response:
    """Show what happens, month by month, when a supplier cuts off or a policy starts.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`; twenty when left out.
    """
    return await work(request, "shock", words, wait=20.0)
