"""Download the official originals, from the publishers' own addresses, safely.

For people who rebuild the data release with newer years. A file is written under a temporary
name, checked, and only then put in its place in one step, so a folder never holds half a file;
an interrupted download goes on where it stopped; a file that is already good is left alone.
"""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Literal

from lodestone.atlas.source import Original, Source
from lodestone.terms.errors import DataError, Problems

_BLOCK = 1 << 16
_TIMEOUT_SECONDS = 60

_AGENT = "Mozilla/5.0 (compatible; lodestone data fetch)"

Outcome = Literal[
    "downloaded",
    "kept",
    "downloaded, no published hash",
    "kept, no published hash",
    "left out: large",
]


@dataclass(frozen=True)
class Fetched:
    """What became of one original: where it lies, its sha256 and whether that was verified.

    `sha256` is empty where the file was left out.
    """

    source: str
    name: str
    path: Path
    sha256: str
    outcome: Outcome


def fetch(wanted: Iterable[Source], folder: Path, *, large: bool = False) -> list[Fetched]:
    """Download every original of the wanted sources into `folder/<source id>/`.

    Parameters
    ----------
    wanted
        Sources to fetch; those without a direct file address are skipped (see `Source.page`).
    folder
        Where to put the files; made if absent.
    large
        Also download originals of gigabytes (full BACI releases); else they are left out.

    Returns
    -------
    list of Fetched
        One per original. An original without a hash in `sources.toml` says so in its outcome.

    Raises
    ------
    DataError
        After trying all of them, with each one that failed: no network, an HTTP error, a file
        cut short or a hash that differs. Files that were good before are still there.
    """
    problems = Problems("fetch")
    results = []
    for source in wanted:
        for original in source.originals:
            if original.large and not large:
                path = folder / source.id / original.name
                results.append(Fetched(source.id, original.name, path, "", "left out: large"))
                continue
            try:
                results.append(fetch_one(source.id, original, folder / source.id))
            except DataError as error:
                problems.add(str(error), f"{source.id}/{original.name}", f"see {source.page}")
    problems.raise_if_any()
    return results


def fetch_one(source: str, original: Original, folder: Path) -> Fetched:
    """Download one original unless a good copy is there; raise DataError if that fails."""
    path = folder / original.name
    if path.is_file():
        return _keep(source, original, path)
    if not original.address.startswith(("https://", "http://")):
        raise DataError(f"{original.address}: not a web address; correct sources.toml")
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    if original.sha256 is None:
        part.unlink(missing_ok=True)  # without a hash nothing would show two editions spliced
    _download(original.address, part)
    found = _sha256(part)
    if original.sha256 is not None and found != original.sha256:
        part.unlink()
        raise DataError(
            f"{original.address}: sha256 is {found}, expected {original.sha256}; the publisher may "
            "have put up a new edition: compare it, then update sources.toml"
        )
    os.replace(part, path)
    verified = original.sha256 is not None
    outcome: Outcome = "downloaded" if verified else "downloaded, no published hash"
    return Fetched(source, original.name, path, found, outcome)


def _keep(source: str, original: Original, path: Path) -> Fetched:
    """Report a copy that is there already; one with another hash is a person's to remove."""
    found = _sha256(path)
    if original.sha256 is None:
        return Fetched(source, original.name, path, found, "kept, no published hash")
    if found == original.sha256:
        return Fetched(source, original.name, path, found, "kept")
    raise DataError(
        f"{path} is there with sha256 {found}, expected {original.sha256}; "
        "move it away if it is not yours, then fetch again"
    )


def _download(address: str, part: Path) -> None:
    """Fetch an address into `part`, going on where an earlier attempt stopped."""
    have = part.stat().st_size if part.is_file() else 0
    headers = {"User-Agent": _AGENT}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:
            _write(answer, part, resumed=bool(have) and answer.status == 206)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing left to send, or the file has become shorter
            part.unlink()
            _download(address, part)
            return
        raise DataError(f"{address}: HTTP {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise DataError(
            f"{address}: cannot be reached ({error.reason}); are you online?"
        ) from error
    except (OSError, HTTPException) as error:
        raise DataError(f"{address}: broke off ({error!r}); run it again to go on") from error


def _write(answer: Any, part: Path, *, resumed: bool) -> None:
    length = answer.headers.get("Content-Length")
    written = 0
    with part.open("ab" if resumed else "wb") as out:
        while block := answer.read(_BLOCK):
            out.write(block)
            written += len(block)
    if length is not None and written != int(length):
        raise OSError(f"{written} of {length} bytes arrived")


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
