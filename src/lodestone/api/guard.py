"""What every request passes before it is looked at: host, origin, rate, key, size; and the headers
that every answer carries.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lodestone.api.keys import LOCAL, Caller, digest
from lodestone.api.problems import ProblemError, plain, response, store_away
from lodestone.api.service import Service
from lodestone.api.settings import Settings, is_loopback
from lodestone.terms.errors import StoreError

#: Seconds in which a body must have arrived.
_BODY_SECONDS = 30.0
_MOST_CLIENTS = 10_000
_SAFE = ("GET", "HEAD", "OPTIONS")
#: What a page of another site may send without being asked first: never taken as a question.
_SIMPLE = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses what may not pass, and gives every answer its security headers.

    Parameters
    ----------
    app : what is guarded
    service : knows the keys
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self._settings: Settings = service.settings
        self._rates = Rates(self._settings.rate, self._settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def secured(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            body = await self._checked(scope, receive)
        except (ProblemError, StoreError) as error:
            refused = store_away(error) if isinstance(error, StoreError) else error
            await response(refused.body, refused.headers)(scope, receive, secured)
            return
        try:
            await self._app(scope, _replay(body, receive), secured)
        except Exception:  # a defect: told to the log, not to the client
            logging.getLogger("lodestone.api").exception("a request failed")
            if begun:
                raise
            failed = plain(500, "the service failed; its log says how")
            await response(failed)(scope, receive, secured)

    async def _checked(self, scope: Scope, receive: Receive) -> bytes:
        """Let a request pass with its body, or say why not."""
        headers = Headers(scope=scope)
        client = (scope.get("client") or ("", 0))[0]
        if not self._settings.opened:
            _check_host(headers)
        _check_origin(scope["method"], headers)
        self._rates.take(client)
        # The pages hold no data: whoever opens them must be able to enter a key.
        shown = _is_page(scope["method"], scope["path"])
        scope.setdefault("state", {})["caller"] = LOCAL if shown else await self._caller(headers)
        if headers.get("content-type", "").split(";")[0].strip().lower() in _SIMPLE:
            raise ProblemError(415, "send JSON (or TOML, or CSV) and name it in Content-Type")
        return await _body(headers, receive, self._settings.most_body)

    async def _caller(self, headers: Headers) -> Caller:
        if not self._settings.opened:
            return LOCAL
        service, found = self._service, None
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = await service.aside(service.store.key, digest(key.strip()))
        if found is None:
            raise ProblemError(
                401,
                "this service wants a key: Authorization: Bearer KEY",
                WWW_Authenticate="Bearer",
            )
        return Caller(found.name, found.role)


class Rates:
    """How much each client may ask: so many a second over time, and so many at once.

    Parameters
    ----------
    rate, burst : requests a second; requests at once
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count one request, or refuse it."""
        now = time.monotonic()
        left, then = self._left.pop(client, (float(self._burst), now))
        left = min(self._burst, left + (now - then) * self._rate)
        self._left[client] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        if left < 1:
            wait = int((1 - left) / self._rate) + 1
            raise ProblemError(429, "too many requests: wait a moment", Retry_After=str(wait))


def _is_page(method: str, path: str) -> bool:
    """Whether a request is for the browser application, which nobody needs a key for."""
    return method in ("GET", "HEAD") and path != "/v1" and not path.startswith("/v1/")


def _check_host(headers: Headers) -> None:
    """A page elsewhere can point its own name at this machine: only our names are answered to."""
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        host = ""
    if not is_loopback(host):
        raise ProblemError(421, "this service answers to localhost alone")


def _check_origin(method: str, headers: Headers) -> None:
    """Another site's page must not start work here."""
    origin = headers.get("origin")
    if origin is None or method in _SAFE:
        return
    if origin.partition("://")[2] != headers.get("host"):
        raise ProblemError(403, "requests from pages of other sites are refused")


async def _body(headers: Headers, receive: Receive, most: int) -> bytes:
    """The whole body, or a refusal as soon as it is known to be too large or too slow."""
    refused = ProblemError(413, f"more than {most:,} bytes: send less", Connection="close")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 15 or int(length) > most:
        raise refused
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ProblemError(400, "the connection ended before the request did")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                more = message.get("more_body", False)
                if size > most:
                    raise refused
    except TimeoutError:
        raise ProblemError(408, "the request took too long to arrive") from None
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body on that was read already; what comes after it is the client going away."""
    given = False

    async def again() -> Mapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again  # type: ignore[return-value]
