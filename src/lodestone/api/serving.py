"""Starts the service, after checking that it may be opened to others."""

from __future__ import annotations

import socket
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from lodestone.api.database import Database
from lodestone.api.keys import Key, Role, new_key
from lodestone.api.settings import Settings
from lodestone.api.store import Store
from lodestone.terms.errors import RequestError

#: Connections that may be open at once; further ones get 503.
_MOST_CONNECTIONS = 512
_SECONDS_TO_END = 5


def serve(settings: Settings) -> None:
    """Listen until stopped.

    Raises
    ------
    RequestError
        Others could reach the service and no key is known; or the store cannot be opened, or its
        file is another service's; or the port is taken.
    StoreError
        The store's database cannot be reached.
    """
    from lodestone.api.opening import open_store

    store = open_store(settings.store)
    try:
        if settings.opened and not store.has_keys():
            raise RequestError(
                f"{settings.host} can be reached by others, and there is no key: make one with "
                "`lodestone serve --new-key NAME --role reader|analyst|admin`"
            )
        with _held(settings.store):
            _listen(settings, store)
    finally:
        store.close()


def _held(store: Path | Database) -> AbstractContextManager[None]:
    """A file serves one service; a database any number."""
    from lodestone.api.alone import alone

    return nullcontext() if isinstance(store, Database) else alone(store)


def _listen(settings: Settings, store: Store) -> None:
    import uvicorn

    from lodestone.api.application import create_app
    from lodestone.web.site import site

    ear = _ear(settings)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    sys.stderr.write(
        f"Lodestone: open http://{shown}:{settings.port}/ in a browser; REST at /v1; stop with Ctrl-C\n"
    )
    config = uvicorn.Config(
        create_app(settings, store, pages=site()),
        access_log=False,
        log_level="warning",
        server_header=False,
        # Whoever stands between must not be able to speak for others.
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    # Not `uvicorn.run`: it would keep Ctrl-C to itself, and this program ends with 130 then.
    with ear:
        uvicorn.Server(config).run(sockets=[ear])


def _ear(settings: Settings) -> socket.socket:
    """A socket that listens, or an error that says why there is none."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host.strip("[]"), settings.port), family=family)
    except OSError as error:
        raise RequestError(
            f"cannot listen on {settings.host}, port {settings.port}: {error.strerror}; "
            "name another with --host and --port"
        ) from error


def store_at(text: str) -> Path | Database:
    """Where a store is, as the command line says it: a database's URL, or the name of a file.

    Raises
    ------
    RequestError
        It is a URL, and cannot be read as one.
    """
    return Database.of(text) if Database.is_meant(text) else Path(text)


def hand_out_key(store: Path | Database, name: str, role: Role) -> str:
    """Make a key, keep its digest, and give the key itself: it is shown this once."""
    from lodestone.api.opening import open_store

    if not name.strip() or not name.isprintable() or len(name) > 80:
        raise RequestError("a key's name is printable text of at most 80 characters")
    text, key = new_key(name.strip(), role)
    opened = open_store(store)
    try:
        opened.put_key(key)
    finally:
        opened.close()
    return text


def known_keys(store: Path | Database) -> list[Key]:
    """The keys that a store knows: names and roles; the keys themselves are nowhere."""
    from lodestone.api.opening import open_store

    opened = open_store(store)
    try:
        return opened.all_keys()
    finally:
        opened.close()


def take_back_key(store: Path | Database, name: str) -> None:
    """Forget a key; services that run refuse it from now on.

    Raises
    ------
    RequestError
        There is no such key: those that there are stand in the text.
    """
    from lodestone.api.opening import open_store

    opened = open_store(store)
    try:
        if not opened.drop_key(name):
            names = ", ".join(key.name for key in opened.all_keys()) or "none"
            raise RequestError(f"there is no key named {name!r}; keys: {names}")
    finally:
        opened.close()
