"""The sources of the data: `/v1/data/sources`."""

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


@router.get("/data/sources", **READ)
async def sources(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """List the sources and their licences."""
    return await read(request, "data sources", words)
