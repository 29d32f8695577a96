"""Where a number comes from: `/v1/explain`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import ExplainWords, Paging

router = APIRouter(tags=["explain"])


class _Query(ExplainWords, Paging):
    pass


@router.get("/explain", **READ)
async def explain(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Say where a number comes from, down to the file, the row and the licence."""
    return await read(request, "explain", words)
