"""What a stockpile should hold, how it does, and who pays: `POST /v1/vault`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import VaultWords

router = APIRouter(tags=["vault"])


@router.post("/vault", dependencies=[needs("analyst")], **WORK)
async def vault(request: Request, words: VaultWords) -> Response:
    """Size, run or pay for a vault.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "vault", words)
