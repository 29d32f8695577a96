"""The places and blocs: `/v1/places`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import NoWords, Paging

router = APIRouter(tags=["places"])


class _Query(NoWords, Paging):
    pass


@router.get("/places", **READ)
async def places(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """List the places and blocs that verbs know."""
    return await read(request, "places", words)
