"""Two shocks side by side: `POST /v1/compare`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import CompareWords

router = APIRouter(tags=["compare"])


@router.post("/compare", dependencies=[needs("analyst")], **WORK)
async def compare(request: Request, words: CompareWords) -> Response:
    """Lay two shocks side by side: what the second does that the first does not.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`; twenty when left out.
    """
    return await work(request, "compare", words, wait=20.0)
