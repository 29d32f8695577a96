"""The ready scenarios: `/v1/scenarios`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import NoWords, Paging

router = APIRouter(tags=["scenarios"])


class _Query(NoWords, Paging):
    pass


@router.get("/scenarios", **READ)
async def scenarios(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """List the ready scenarios: what each is about, and what to check."""
    return await read(request, "scenarios", words, dated=True)
