"""The ready plans: `/v1/plans`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import NoWords, Paging

router = APIRouter(tags=["plan"])


class _Query(NoWords, Paging):
    pass


@router.get("/plans", **READ)
async def plans(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """List the ready plans: whose, what each promises, and by when."""
    return await read(request, "plans", words)
