"""The materials: `/v1/materials`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import NoWords, Paging

router = APIRouter(tags=["materials"])


class _Query(NoWords, Paging):
    pass


@router.get("/materials", **READ)
async def materials(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """List the materials that have a chain."""
    return await read(request, "materials", words)
