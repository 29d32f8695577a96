"""What a service is started with: where it listens, how much it takes on, whom it lets in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodestone.api.database import Database

#: Sets of assumptions that an alliance may be asked with, in words or in a saved file.
MOST_ALLIANCE_DRAWS = 200


@dataclass(frozen=True)
class Settings:
    """How a service runs.

    Attributes
    ----------
    host, port : where it listens
    workers : processes for long work, one thread each
    readers : processes for quick reads, so that long work never delays them
    store : SQLite file or PostgreSQL database of saved scenarios and runs
    beat_seconds : how often the service tells the store that it lives; silent for six times as
        long, its jobs are called failed
    read_seconds, job_seconds : the longest that a read or a job may take
    most_body : bytes of a request; more is refused before it is read
    most_waiting : jobs that may wait or run at once; further ones are refused
    most_saved : saved scenarios and tables of one user
    most_jobs : jobs kept; older ones are forgotten
    most_cached : bytes of answers kept in memory
    rate, burst : requests a second of one client over time, and at once; on this machine alone they
        only stop a program that runs wild
    """

    host: str = "127.0.0.1"
    port: int = 8321
    workers: int = 1
    readers: int = 1
    store: Path | Database = Path("service.sqlite")
    beat_seconds: float = 10.0
    read_seconds: float = 120.0
    job_seconds: float = 3600.0
    most_body: int = 1_000_000
    most_waiting: int = 20
    most_saved: int = 1_000
    most_jobs: int = 1_000
    most_cached: int = 64_000_000
    rate: float = 2_000.0
    burst: int = 10_000

    @classmethod
    def of(cls, host: str, port: int, workers: int, store: Path | Database) -> Settings:
        """Settings of a service that listens at an address; stricter where others reach it."""
        settings = cls(host=host, port=port, workers=workers, store=store)
        return replace(settings, rate=50.0, burst=200) if settings.opened else settings

    @property
    def opened(self) -> bool:
        """Whether others than this machine can reach it: then keys are demanded."""
        return not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
