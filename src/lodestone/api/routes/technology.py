"""Technologies: `/v1/technology`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import Paging, TechnologyWords

router = APIRouter(tags=["technology"])


class _Query(TechnologyWords, Paging):
    pass


@router.get("/technology", **READ)
async def technology(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Show what places control in technologies, and on whom they lean."""
    return await read(request, "technology", words)
