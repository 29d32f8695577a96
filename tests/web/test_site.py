"""The built pages as they are served: one page for every view, nothing outside their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lodestone.web.site import POLICY, built, site


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>the page</p>" * 50, encoding="utf-8")
    (static / "assets" / "app-1.js").write_text("let a = 1;" * 100, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not for readers", encoding="utf-8")
    return TestClient(Starlette(routes=site(static)))


@pytest.mark.parametrize("view", ["/", "/material?material=cobalt", "/nothing/like/this"])
def test_every_view_is_the_page(client: TestClient, view: str) -> None:
    answer = client.get(view)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.text.startswith("<p>the page</p>")


def test_what_changes_its_name_with_its_content_lasts(client: TestClient) -> None:
    answer = client.get("/assets/app-1.js")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert client.get("/assets/app-2.js").status_code == 404


def test_a_tag_saves_sending_it_again(client: TestClient) -> None:
    tag = client.get("/").headers["etag"]
    again = client.get("/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] != tag


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%00.js"],
)
def test_nothing_outside_the_folder_is_shown(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 or "not for readers" not in answer.text
    assert "not for readers" not in answer.text


def test_the_service_keeps_its_own_addresses(client: TestClient) -> None:
    for path in ("/v1", "/v1/", "/v1/materials"):
        assert client.get(path).status_code == 404
    assert client.post("/").status_code == 405


def test_pages_that_are_not_built_are_said(tmp_path: Path) -> None:
    client = TestClient(Starlette(routes=site(tmp_path)))
    assert not built(tmp_path)
    assert "make ui" in client.get("/").text


def test_the_policy_lets_in_nothing_from_elsewhere() -> None:
    parts = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == parts["connect-src"] == "'self'"
    assert "http" not in POLICY


@pytest.mark.skipif(not built(), reason="run make ui first")
@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_what_is_packed_has_the_pages(kind: str) -> None:
    """Both archives: a wheel made of the source archive has no Node to build them with."""
    import importlib

    root = Path(__file__).parents[2]
    module = importlib.import_module(f"hatchling.builders.{kind}")
    builder = getattr(module, {"sdist": "SdistBuilder", "wheel": "WheelBuilder"}[kind])(str(root))
    packed = {str(file.relative_path) for file in builder.recurse_included_files()}
    ours = {str(f.relative_to(root)) for f in (root / "src/lodestone/web/static").rglob("*.*")}
    assert ours
    assert ours <= packed
    assert not any("node_modules" in file or "__pycache__" in file for file in packed)
