"""API keys: who may ask, and what. The service keeps a digest, never the key."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["reader", "analyst", "admin"]
#: In order: each may do what those before it may.
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    name : of the key; `local` on this machine, where there are no accounts
    role : `reader` reads; `analyst` also starts work and saves; `admin` also sees everybody's
    """

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether the caller's role includes another."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def sees(self, owner: str) -> bool:
        """Whether the caller may see what somebody owns."""
        return self.role == "admin" or self.name == owner


LOCAL = Caller("local", "admin")


@dataclass(frozen=True)
class Key:
    """An API key as it is stored: whose, for what, and the digest of the key itself."""

    name: str
    role: Role
    digest: str


def new_key(name: str, role: Role) -> tuple[str, Key]:
    """Make a key: the text to hand out once, and what to store."""
    # 256 random bits: a plain digest cannot be searched, so no slow one is needed.
    text = f"lodestone_{secrets.token_urlsafe(32)}"
    return text, Key(name, role, digest(text))


def digest(key: str) -> str:
    """What is stored of a key and looked up when one is presented."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
