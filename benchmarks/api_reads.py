"""Cached reads by 64 users at once: alone, and while two solves run.

Prints the median and the 99th percentile; targets are 150 ms alone and 300 ms beside two solves.
The users share the machine with the service, so the figures include their own work.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

USERS, READS, PORT = 64, 50, 8377
PATHS = (
    "/v1/chain?material=cobalt&year=2024",
    "/v1/chain?material=gallium&year=2024&limit=100",
    "/v1/assess?place=EU27&material=gallium&year=2024&method=geopolrisk",
    "/v1/materials",
    "/v1/data/sources",
)


async def user(number: int, times: list[float], wrong: list[bytes]) -> None:
    """Read one page after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    for n in range(READS):
        path = PATHS[(number + n) % len(PATHS)]
        begun = time.perf_counter()
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.lower().split(b"\r\n")
        length = next(int(x.split(b":")[1]) for x in lines if x.startswith(b"content-length"))
        await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
        if b" 200 " not in lines[0]:
            wrong.append(lines[0])
    writer.close()


def measure(what: str) -> None:
    """Let all users read, and print how long they waited."""
    times: list[float] = []
    wrong: list[bytes] = []

    async def everybody() -> None:
        await asyncio.gather(*(user(n, times, wrong) for n in range(USERS)))

    begun = time.perf_counter()
    asyncio.run(everybody())
    rate = len(times) / (time.perf_counter() - begun)
    times.sort()
    median, slow = times[len(times) // 2], times[int(0.99 * len(times))]
    print(
        f"{what:24} {len(times)} reads, {rate:,.0f}/s: median {1000 * median:.0f} ms, "
        f"p99 {1000 * slow:.0f} ms, errors {len(wrong)}"
    )


def ask(path: str, words: object = None) -> dict[str, object]:
    """One request, outside the measurement."""
    data = None if words is None else json.dumps(words).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as got:
        found: dict[str, object] = json.load(got)
    return found


def wait_until(ready: object) -> None:
    """Ask until there is an answer that is as wanted."""
    while True:
        try:
            if ready():  # type: ignore[operator]
                return
        except OSError:
            pass
        time.sleep(0.2)


def main() -> None:
    """Start a service, warm it, measure."""
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "store.sqlite")
        words = ["serve", "--port", str(PORT), "--workers", "2", "--store", store]
        service = subprocess.Popen([sys.executable, "-m", "lodestone", *words])
        try:
            wait_until(lambda: ask("/v1/health"))
            asyncio.run(user(0, [], []))
            measure("reads alone")
            solve = {"inputs": {"ban": ["CHN:gallium"], "months": 60, "draws": 1000}}
            jobs = [ask("/v1/processes/shock/execution", solve)["jobID"] for _ in range(2)]
            running = lambda: all(  # noqa: E731
                ask(f"/v1/jobs/{job}")["status"] == "running" for job in jobs
            )
            wait_until(running)
            measure("beside two solves")
            print(f"solves still running: {running()}")
        finally:
            service.terminate()
            service.wait()


if __name__ == "__main__":
    main()
