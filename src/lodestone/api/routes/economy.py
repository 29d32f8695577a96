"""An economy's industries: `/v1/economy`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import EconomyWords, Paging

router = APIRouter(tags=["economy"])


class _Query(EconomyWords, Paging):
    pass


@router.get("/economy", **READ)
async def economy(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Show what the industries of an economy make, add, import and sell."""
    return await read(request, "economy", words)
