"""Fetching originals, against a server on this machine: good, changed, cut short, not there."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lodestone.atlas.fetch import fetch, fetch_one
from lodestone.atlas.source import Original, source
from lodestone.terms.errors import DataError

CONTENT = bytes(range(256)) * 2000  # half a megabyte, more than one block
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Publisher:
    """A publisher's web site: what it sends, and what it was asked."""

    address: str
    content: bytes = CONTENT
    cut_after: int | None = None
    ranges: bool = True
    asked: list[str | None] = field(default_factory=list)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    site = Publisher("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            site.asked.append(asked)
            if self.path != "/data.csv":
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and site.ranges else 0
            if start >= len(site.content):
                self.send_error(416)
                return
            body = site.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if site.cut_after is None else body[: site.cut_after])

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.address = f"http://127.0.0.1:{server.server_port}/data.csv"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()


def _original(publisher: Publisher, sha256: str | None = SHA256) -> Original:
    return Original("data.csv", publisher.address, sha256)


def test_a_file_arrives_whole_and_verified(publisher: Publisher, tmp_path: Path) -> None:
    fetched = fetch_one("wgi", _original(publisher), tmp_path)
    assert fetched.outcome == "downloaded"
    assert fetched.path.read_bytes() == CONTENT
    assert [p.name for p in tmp_path.iterdir()] == ["data.csv"]


def test_a_good_file_is_not_fetched_again(publisher: Publisher, tmp_path: Path) -> None:
    fetch_one("wgi", _original(publisher), tmp_path)
    again = fetch_one("wgi", _original(publisher), tmp_path)
    assert again.outcome == "kept"
    assert len(publisher.asked) == 1


def test_without_a_published_hash_the_outcome_says_so(publisher: Publisher, tmp_path: Path) -> None:
    original = _original(publisher, None)
    assert fetch_one("wgi", original, tmp_path).outcome == "downloaded, no published hash"
    again = fetch_one("wgi", original, tmp_path)
    assert (again.outcome, again.sha256) == ("kept, no published hash", SHA256)


def test_another_content_is_refused_and_leaves_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.content = CONTENT[:-1] + b"?"
    with pytest.raises(DataError) as caught:
        fetch_one("wgi", _original(publisher), tmp_path)
    assert SHA256 in str(caught.value)
    assert hashlib.sha256(publisher.content).hexdigest() in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_download_goes_on_where_it_stopped(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.cut_after = 200_000
    with pytest.raises(DataError, match="run it again"):
        fetch_one("wgi", _original(publisher), tmp_path)
    assert not (tmp_path / "data.csv").exists()
    have = (tmp_path / "data.csv.part").stat().st_size
    assert 0 < have <= 200_000
    publisher.cut_after = None
    assert fetch_one("wgi", _original(publisher), tmp_path).path.read_bytes() == CONTENT
    assert publisher.asked == [None, f"bytes={have}-"]


def test_a_server_that_cannot_go_on_sends_it_whole(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "data.csv.part").write_bytes(CONTENT[:1000])
    publisher.ranges = False
    assert fetch_one("wgi", _original(publisher), tmp_path).path.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_thrown_away(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "data.csv.part").write_bytes(CONTENT + b"tail of another edition")
    assert fetch_one("wgi", _original(publisher), tmp_path).path.read_bytes() == CONTENT


def test_without_a_hash_two_editions_are_never_spliced(
    publisher: Publisher, tmp_path: Path
) -> None:
    (tmp_path / "data.csv.part").write_bytes(b"an older edition")
    fetched = fetch_one("wgi", _original(publisher, None), tmp_path)
    assert fetched.path.read_bytes() == CONTENT
    assert publisher.asked == [None]


def test_a_file_with_another_hash_is_never_overwritten(
    publisher: Publisher, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_bytes(b"mine")
    with pytest.raises(DataError, match="move it away"):
        fetch_one("wgi", _original(publisher), tmp_path)
    assert (tmp_path / "data.csv").read_bytes() == b"mine"
    assert publisher.asked == []


def test_every_failure_is_told_and_the_rest_is_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}/data.csv"
    originals = (
        Original("lost.csv", publisher.address.replace("data", "lost"), SHA256),
        Original("offline.csv", nowhere, SHA256),
        Original("local.csv", "file:///etc/hostname", None),
        _original(publisher),
    )
    wanted = replace(source("wgi"), originals=originals)
    with pytest.raises(DataError) as caught:
        fetch([wanted], tmp_path)
    told = str(caught.value)
    assert "HTTP 404" in told
    assert "are you online?" in told
    assert "not a web address" in told
    assert (tmp_path / "wgi" / "data.csv").read_bytes() == CONTENT


def test_all_originals_of_a_source_are_reported(publisher: Publisher, tmp_path: Path) -> None:
    wanted = replace(source("wgi"), originals=(_original(publisher),))
    assert [f.name for f in fetch([wanted], tmp_path)] == ["data.csv"]


def test_gigabytes_are_downloaded_only_when_asked_for(publisher: Publisher, tmp_path: Path) -> None:
    original = replace(_original(publisher), large=True)
    wanted = replace(source("wgi"), originals=(original,))
    assert [f.outcome for f in fetch([wanted], tmp_path)] == ["left out: large"]
    assert publisher.asked == []
    assert [f.outcome for f in fetch([wanted], tmp_path, large=True)] == ["downloaded"]


def test_full_customs_releases_are_marked_large() -> None:
    assert all(o.large for o in source("baci_full_hs17").originals)
    assert not any(o.large for o in source("usgs_mcs2026").originals)
