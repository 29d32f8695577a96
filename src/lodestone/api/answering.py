"""An envelope as an HTTP answer: a page of its rows, as JSON or CSV, with a tag that names it.

The tag is known before the answer is: the same data, version and question give the same bytes. A
client that shows it gets 304 without anything being asked.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from lodestone import __version__
from lodestone.api.service import Body, Envelope, Service
from lodestone.api.store import File
from lodestone.api.words import Paging

#: Bodies below this many bytes are not worth packing.
_WORTH_PACKING = 1_000
#: Pages above this many rows are written in a thread: the event loop serves others meanwhile.
_MANY_ROWS = 500
_VARY = "Accept-Encoding, Authorization"
_CSV = "text/csv; charset=utf-8"
#: Media types of files that are worth packing.
_TEXTS = ("text/", "application/json")


class Link(BaseModel):
    """Where something else is."""

    href: str
    rel: str
    type: str = "application/json"
    title: str | None = None


class EnvelopePage(BaseModel):
    """The envelope of every verb, with a page of its rows."""

    query: dict[str, Any] = Field(description="The question as understood.")
    run_id: str = Field(description="Names question, data and version.")
    data_release: str
    results: list[dict[str, Any]] = Field(description="Rows of this page.")
    units: dict[str, str] = Field(description="Column -> unit, where one holds for all rows.")
    sources: list[Any]
    notes: list[str]
    total: int = Field(description="Rows of all pages.")
    limit: int
    offset: int
    links: list[Link] = Field(description="This page, the next and the previous one.")


#: What a route that answers with a page documents beside the envelope.
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
    304: {"description": "The client has it already (`If-None-Match`)."},
}


@dataclass(frozen=True)
class Asked:
    """What an answer is an answer to.

    Attributes
    ----------
    path : of the resource
    words : its query, checked; with the path it names the answer
    today : the day, where the answer depends on it
    """

    path: str
    words: Mapping[str, Any]
    today: str = ""

    def href(self, page: Paging, offset: int) -> str:
        """Address of a page."""
        words = {k: v for k, v in self.words.items() if v not in (None, [], "")}
        where = {"limit": page.limit, "offset": offset, "format": page.format}
        return f"{self.path}?{urlencode({**words, **where}, doseq=True)}"


async def answered(
    request: Request,
    asked: Asked,
    page: Paging,
    envelope: Callable[[], Awaitable[Envelope]],
) -> Response:
    """Answer with a page of an envelope, from memory if it is there.

    Parameters
    ----------
    envelope : asks for it, if need be
    """
    service: Service = request.app.state.service
    packed = "gzip" in request.headers.get("accept-encoding", "").lower()
    key = _key(service, asked, page)
    tag = f'"{key}-gz"' if packed else f'"{key}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=300", "Vary": _VARY}
    if _has(request, key):
        return Response(status_code=304, headers=headers)
    body = service.bodies.get(tag)
    if body is None:
        found = await envelope()
        small = min(page.limit, len(found["results"])) <= _MANY_ROWS
        make = (found, asked, page, packed)
        body = _made(*make) if small else await asyncio.to_thread(_made, *make)
        service.bodies.put(tag, body)
    if _anything(request):
        return Response(status_code=304, headers=headers)
    return Response(body.content, headers={**headers, **body.headers})


async def file_answered(request: Request, file: File, job: str, policy: str) -> Response:
    """Answer with a file of a result, packed where that makes it smaller.

    Parameters
    ----------
    policy : content security policy of the file, which is a page of its own
    """
    key = tag_of(request.app.state.service, "file", job, file.name)
    packed = file.media.startswith(_TEXTS) and "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "ETag": f'"{key}-gz"' if packed else f'"{key}"',
        "Cache-Control": "private, no-cache",
        "Vary": _VARY,
        "Content-Security-Policy": policy,
        "Content-Disposition": f'inline; filename="{file.name}"',
    }
    if _has(request, key) or _anything(request):
        return Response(status_code=304, headers=headers)
    content = file.content
    if packed:
        headers["Content-Encoding"] = "gzip"
        content = await asyncio.to_thread(gzip.compress, content, 5, mtime=0)
    return Response(content, headers=headers, media_type=file.media)


def tag_of(service: Service, *parts: Any) -> str:
    """A strong digest of version, data and whatever else decides an answer."""
    text = json.dumps([__version__, service.release.content_hash, *parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _key(service: Service, asked: Asked, page: Paging) -> str:
    return tag_of(service, asked.path, dict(asked.words), asked.today, page.model_dump())


def _has(request: Request, key: str) -> bool:
    """Whether the client shows the tag of this answer, packed or not."""
    shown = request.headers.get("if-none-match", "").split(",")
    tags = {tag.strip().removeprefix("W/") for tag in shown}
    return bool(tags & {f'"{key}"', f'"{key}-gz"'})


def _anything(request: Request) -> bool:
    return request.headers.get("if-none-match", "").strip() == "*"


def _made(envelope: Envelope, asked: Asked, page: Paging, packed: bool) -> Body:
    """The bytes of a page, and the headers that belong to it."""
    from lodestone.report.rows_text import as_csv, columns_of

    rows = envelope["results"]
    part = rows[page.offset : page.offset + page.limit]
    links = _links(asked, page, len(rows))
    told = ", ".join(f'<{link["href"]}>; rel="{link["rel"]}"' for link in links)
    media = _CSV if page.format == "csv" else "application/json"
    headers = {"Content-Type": media, "Link": told, "X-Total-Count": str(len(rows))}
    if page.format == "csv":
        text = as_csv({"results": part}, columns_of(rows))
        name = f"lodestone-{envelope['run_id']}.csv"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        where = {"total": len(rows), "limit": page.limit, "offset": page.offset, "links": links}
        whole = {**envelope, "results": part, **where}
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False)
    body = text.encode()
    if packed and len(body) >= _WORTH_PACKING:
        body = gzip.compress(body, 5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Body(body, headers)


def _links(asked: Asked, page: Paging, total: int) -> list[dict[str, str]]:
    after, before = page.offset + page.limit, max(0, page.offset - page.limit)
    media = "text/csv" if page.format == "csv" else "application/json"
    offsets = {"self": page.offset}
    if after < total:
        offsets["next"] = after
    if page.offset > 0:
        offsets["prev"] = before
    return [
        {"href": asked.href(page, offset), "rel": rel, "type": media}
        for rel, offset in offsets.items()
    ]
