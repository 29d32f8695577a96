"""The examples of the guide run as they stand, against a service that listens."""

from __future__ import annotations

import re
import shlex
from importlib import resources
from pathlib import Path

import httpx
from tests.api.conftest import Served
from tests.api.test_uploads import BILL_HEAD, GOOD, GOOD_PLAN, HEAD, ROW

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "rest.md"
FILES = {
    "scenario.toml": GOOD,
    "hazards.csv": HEAD + ROW,
    "bill.csv": BILL_HEAD + "cobalt,5,CHN 60 %\n",
    "plan.toml": GOOD_PLAN,
    "alliance.toml": 'members = ["USA", "JPN"]\nmaterials = ["gallium"]\n',
    "vault.toml": (resources.files("lodestone.vault") / "presets" / "eu-pilot.toml").read_text(
        "utf-8"
    ),
}


def _examples() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


def _run(line: str, served: Served) -> httpx.Response:
    """Do what curl would do."""
    program, *words = shlex.split(line)
    assert program == "curl"
    method, headers, content, url = "GET", {}, None, ""
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                method, content = "POST", words.pop(0)
            case "--data-binary":
                method, content = "POST", FILES[words.pop(0).removeprefix("@")]
            case other:
                assert not other.startswith("-"), f"{line}: {other}"
                url = other
    path = url.removeprefix("http://127.0.0.1:8321")
    assert path.startswith("/v1")
    return served.client.request(method, path, headers=headers, content=content)


def test_every_example_of_the_guide_runs(real: Served) -> None:
    examples = _examples()
    assert len(examples) > 20
    job = ""
    for line in examples:
        if "JOB" in line and "DELETE" not in line:
            real.ended(job)
        got = _run(line.replace("JOB", job), real)
        assert got.is_success, (line, got.text[:500])
        if "/execution" in line:
            job = got.json()["jobID"]


def test_the_tag_of_the_guides_example_saves_the_work(real: Served) -> None:
    (line,) = [line for line in _examples() if "If-None-Match" in line]
    tag = _run(line, real).headers["etag"]
    assert _run(line.replace('"the tag"', tag), real).status_code == 304
