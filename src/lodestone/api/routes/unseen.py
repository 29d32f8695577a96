"""What the open files cannot show: `/v1/data/unseen`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import NoWords, Paging

router = APIRouter(tags=["data sources"])


class _Query(NoWords, Paging):
    pass


@router.get("/data/unseen", **READ)
async def unseen(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """List what the open files cannot show, and how well each year is known."""
    return await read(request, "data unseen", words)
