"""The decision brief: `POST /v1/brief`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import BriefWords

router = APIRouter(tags=["brief"])


@router.post("/brief", dependencies=[needs("analyst")], **WORK)
async def brief(request: Request, words: BriefWords) -> Response:
    """Write the decision brief of a place; JSON, HTML and PDF are files of the results.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "brief", words)
