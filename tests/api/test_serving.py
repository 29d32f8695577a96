"""`lodestone serve` as a person starts it, and stops it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from lodestone.api.serving import serve
from lodestone.api.settings import Settings
from lodestone.terms.errors import RequestError


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_it_listens_on_this_machine_alone_calls_nobody_and_stops_with_ctrl_c(
    tmp_path: Path,
) -> None:
    port = _free_port()
    words = ["serve", "--port", str(port), "--store", str(tmp_path / "s.sqlite")]
    process = subprocess.Popen(
        [sys.executable, "-m", "lodestone", *words], stderr=subprocess.PIPE, text=True
    )
    try:
        while True:
            assert process.poll() is None
            try:
                found = httpx.get(f"http://127.0.0.1:{port}/v1/materials", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        assert found.json()["total"] > 50
        everybody = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
        ends = [c for p in everybody for c in p.net_connections("inet")]
        assert {c.laddr.ip for c in ends} == {"127.0.0.1"}
        assert {c.raddr.ip for c in ends if c.raddr} <= {"127.0.0.1"}
        with pytest.raises(RequestError, match="another service"):
            serve(Settings(port=port, store=tmp_path / "s.sqlite"))
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert [line for line in told.splitlines() if line] == [
        f"Lodestone: open http://127.0.0.1:{port}/ in a browser; REST at /v1; stop with Ctrl-C",
        "lodestone: stopped",
    ]


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RequestError, match=f"port {port}.*--port"):
            serve(Settings(port=port, store=tmp_path / "s.sqlite"))
