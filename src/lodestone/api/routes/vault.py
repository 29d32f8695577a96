"""What a stockpile should hold, how it does, and who pays: `POST /v1/vault_size` and its sisters."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import WORK, needs, work
from lodestone.api.words import VaultFinanceWords, VaultRunWords, VaultSizeWords

router = APIRouter(tags=["vault"])


@router.post("/vault_size", dependencies=[needs("analyst")], **WORK)
async def vault_size(request: Request, words: VaultSizeWords) -> Response:
    """Say what a vault should hold.

    Long work: answers with a job (201), or with the answer itself if it is there within the
    seconds of `Prefer: wait=SECONDS`.
    """
    return await work(request, "vault_size", words)


@router.post("/vault_run", dependencies=[needs("analyst")], **WORK)
async def vault_run(request: Request, words: VaultRunWords) -> Response:
    """Run a vault month by month; long work, as `/v1/vault_size`."""
    return await work(request, "vault_run", words)


@router.post("/vault_finance", dependencies=[needs("analyst")], **WORK)
async def vault_finance(request: Request, words: VaultFinanceWords) -> Response:
    """Say who pays for a vault, and when it fails; long work, as `/v1/vault_size`."""
    return await work(request, "vault_finance", words)
