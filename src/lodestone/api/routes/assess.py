"""How critical materials are: `/v1/assess`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import AssessWords, Paging

router = APIRouter(tags=["assess"])


class _Query(AssessWords, Paging):
    pass


@router.get("/assess", **READ)
async def assess(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Score how critical materials are to a place: a row for each material and method."""
    return await read(request, "assess", words)
