"""The chain of a material: `/v1/chain`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import ChainWords, Paging

router = APIRouter(tags=["chain"])


class _Query(ChainWords, Paging):
    pass


@router.get("/chain", **READ)
async def chain(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Show who makes, ships and uses a material, with the ledger of adjustments."""
    return await read(request, "chain", words)
