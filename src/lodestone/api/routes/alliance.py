"""What acting together is worth: `POST /v1/alliance`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import AllianceWords

router = APIRouter(tags=["alliance"])


@router.post("/alliance", dependencies=[needs("analyst")], **WORK)
async def alliance(request: Request, words: AllianceWords) -> Response:
    """Say what acting together is worth to each member, and who would rather stay out.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "alliance", words)
