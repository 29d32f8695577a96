"""Serves the built browser application: one page whatever the view, and the files it loads."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

#: Where `make ui` puts what it builds; packed in the wheel.
STATIC = Path(__file__).parent / "static"
#: What the pages may do: load their own files and ask this service. No inline script, no other host.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: "
    "data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
_TEXTS = (".html", ".js", ".css", ".json", ".svg")
_NOT_BUILT = (
    b"<!doctype html><html lang='en'><title>Lodestone</title><h1>Lodestone</h1><p>The pages are not "
    b"built in this copy. Build them with <code>make ui</code> (needs Node 20.19, 22.12, or 24 and newer), then "
    b"start the service again. The service itself answers at <a href='/v1'>/v1</a>.</p></html>"
)


@dataclass(frozen=True)
class Page:
    """One file, ready to be sent.

    Attributes
    ----------
    content, packed : its bytes, and the same gzipped where that is smaller
    media : media type
    tag : digest of the content
    lasting : whether its name changes with its content, so that it never grows stale
    """

    content: bytes
    packed: bytes | None
    media: str
    tag: str
    lasting: bool


def built(static: Path = STATIC) -> bool:
    """Whether the pages are there to be served."""
    return (static / "index.html").is_file()


def site(static: Path = STATIC) -> list[Route]:
    """Routes of the browser application, for any address that is not the service's.

    Parameters
    ----------
    static : folder with `index.html` and what it loads

    Returns
    -------
    list of Route
        One that answers GET and HEAD: a file by its name, else the page itself, which shows the
        view of the address. All files are read once, when the service starts.
    """
    pages = _pages(static)

    async def show(request: Request) -> Response:
        name = request.path_params["name"]
        found = pages.get(name)
        if found is None and "." not in name.rsplit("/", 1)[-1]:
            found = pages.get("index.html", _page("index.html", _NOT_BUILT))
        if found is None:
            return Response("no such file", 404, media_type="text/plain")
        return _answer(request, found)

    return [_Pages("/{name:path}", show, methods=["GET", "HEAD"], include_in_schema=False)]


class _Pages(Route):
    """A route for all that is not the service's own: what is wrong there is the service's to say."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match any address outside `/v1`."""
        path = scope["path"]
        if path == "/v1" or path.startswith("/v1/"):
            return Match.NONE, {}
        return super().matches(scope)


def _pages(static: Path) -> Mapping[str, Page]:
    if not static.is_dir():
        return {}
    files = sorted(path for path in static.rglob("*") if path.is_file())
    return {
        path.relative_to(static).as_posix(): _page(
            path.relative_to(static).as_posix(), path.read_bytes()
        )
        for path in files
    }


def _page(name: str, content: bytes) -> Page:
    packed = gzip.compress(content, 9, mtime=0) if name.endswith(_TEXTS) else None
    return Page(
        content,
        packed if packed is not None and len(packed) < len(content) else None,
        mimetypes.guess_type(name)[0] or "application/octet-stream",
        hashlib.sha256(content).hexdigest()[:32],
        name.startswith("assets/"),
    )


def _answer(request: Request, page: Page) -> Response:
    packs = page.packed is not None and "gzip" in request.headers.get("accept-encoding", "").lower()
    tag = f'"{page.tag}-gz"' if packs else f'"{page.tag}"'
    headers = {
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=31536000, immutable" if page.lasting else "no-cache",
        "Content-Security-Policy": POLICY,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    text = page.media.startswith("text/") or page.media.endswith(("javascript", "json"))
    media = f"{page.media}; charset=utf-8" if text else page.media
    return Response(page.packed if packs else page.content, headers=headers, media_type=media)
