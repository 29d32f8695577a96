"""Many scenarios: `POST /v1/study`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import StudyWords

router = APIRouter(tags=["study"])


@router.post("/study", dependencies=[needs("analyst")], **WORK)
async def study(request: Request, words: StudyWords) -> Response:
    """Run many scenarios; the largest losses are rows, all rows a Parquet file of the results.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "study", words)
