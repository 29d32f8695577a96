"""Who leans on whom: `/v1/exposure`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import ExposureWords, Paging

router = APIRouter(tags=["exposure"])


class _Query(ExposureWords, Paging):
    pass


@router.get("/exposure", **READ)
async def exposure(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Show who leans on whom: origins of a place, all buyers of a material, all of a place's."""
    return await read(request, "exposure", words)
