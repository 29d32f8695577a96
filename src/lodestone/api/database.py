"""The address of a PostgreSQL database, as a URL says it. Its password is never shown."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from getpass import getuser
from typing import Literal, cast, get_args
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from lodestone.api.settings import is_loopback
from lodestone.terms.errors import Problems, RequestError

#: How the line is encrypted: not at all; without looking whose certificate it is; looking.
Encryption = Literal["disable", "require", "verify-full"]
_SCHEMES = ("postgresql", "postgres")
_WORDS = ("host", "sslmode", "sslrootcert")
_SOCKETS = "/var/run/postgresql"
_PORT = 5432
_FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_SIGNS = "in a password # as %23, @ as %40, / as %2F"


@dataclass(frozen=True)
class Database:
    """Where a database is, and how to enter it.

    Attributes
    ----------
    user, password : who enters
    host : of the server; a folder, if it is reached through a socket file there
    port : of the server
    name : of the database
    encryption : of the line
    authority : file with the certificate of whoever vouches for the server's; the system's when None
    """

    user: str
    password: str = field(repr=False)
    host: str
    port: int
    name: str
    encryption: Encryption
    authority: str | None = None

    @classmethod
    def is_meant(cls, text: str) -> bool:
        """Whether a text is a database's URL rather than a file's name."""
        return text.partition("://")[0].lower() in _SCHEMES and "://" in text

    @classmethod
    def of(cls, url: str) -> Database:
        """Read a URL; as with PostgreSQL's own programs, parts that are left out have defaults.

        Raises
        ------
        RequestError
            Everything that is wrong with it, without its password.

        Examples
        --------
        >>> print(Database.of("postgresql://ada:secret@db.example.int/lodestone"))
        postgresql://ada@db.example.int:5432/lodestone
        >>> Database.of("postgresql:///lodestone?host=/run/pg").socket
        '/run/pg/.s.PGSQL.5432'
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORT
        except ValueError:
            raise RequestError(f"the store's URL cannot be read: write {_FORM}, {_SIGNS}") from None
        words = dict(parse_qsl(parts.query, keep_blank_values=True))
        host = words.get("host") or unquote(parts.hostname or "") or _SOCKETS
        near = host.startswith("/") or is_loopback(host)
        encryption = words.get("sslmode", "disable" if near else "verify-full")
        _check(parts, words, encryption)
        user = unquote(parts.username or "") or getuser()
        return cls(
            user=user,
            password=unquote(parts.password or ""),
            host=host,
            port=port,
            name=unquote(parts.path.removeprefix("/")) or user,
            encryption=cast("Encryption", encryption),
            authority=words.get("sslrootcert"),
        )

    def __str__(self) -> str:
        where = f"{self.host}:{self.port}" if self.socket is None else ""
        return f"postgresql://{self.user}@{where}/{self.name}"

    @property
    def socket(self) -> str | None:
        """The socket file through which the server is reached, if it is."""
        return f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith("/") else None

    def tls(self) -> ssl.SSLContext | bool:
        """How the line is encrypted; False if it is not.

        Raises
        ------
        RequestError
            The authority's certificate cannot be read.
        """
        if self.encryption == "disable" or self.socket is not None:
            return False
        try:
            context = ssl.create_default_context(cafile=self.authority)
        except OSError as error:
            raise RequestError(f"sslrootcert {self.authority}: {error.strerror}") from None
        if self.encryption == "require":
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


def _check(parts: SplitResult, words: dict[str, str], encryption: str) -> None:
    problems = Problems("the store's URL")
    for word in sorted(set(words) - set(_WORDS)):
        problems.add("not known here", word, f"one of {', '.join(_WORDS)}")
    if encryption not in get_args(Encryption):
        known = ", ".join(get_args(Encryption))
        problems.add(f"{encryption!r} is not known here", "sslmode", f"one of {known}")
    if parts.fragment:
        problems.add("ends with #...", "after #", f"write {_FORM}, {_SIGNS}")
    if "/" in parts.path.removeprefix("/"):
        problems.add("holds a /", "database", f"write {_FORM}, {_SIGNS}")
    problems.raise_if_any(RequestError)
