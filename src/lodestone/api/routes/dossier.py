"""The company dossier: `POST /v1/dossier`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import DossierWords

router = APIRouter(tags=["dossier"])


@router.post("/dossier", dependencies=[needs("analyst")], **WORK)
async def dossier(request: Request, words: DossierWords) -> Response:
    """Write the dossier of a company from its saved bill; JSON, HTML and PDF are files of the results.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "dossier", words)
