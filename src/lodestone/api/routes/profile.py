"""All else about a material: `/v1/profile`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from lodestone.api.asking import READ, read
from lodestone.api.words import Paging, ProfileWords

router = APIRouter(tags=["profile"])


class _Query(ProfileWords, Paging):
    pass


@router.get("/profile", **READ)
async def profile(request: Request, words: Annotated[_Query, Query()]) -> Response:
    """Show makers, trends, prices, controls, uses and official figures of a material."""
    # Said now, so that an answer that is kept is one of its day.
    words.as_of = words.as_of or date.today()
    return await read(request, "profile", words)
