"""The OpenAPI document: valid, whole, and true about errors; the guide names every route."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from openapi_spec_validator import OpenAPIV31SpecValidator

from lodestone.api.application import ROUTERS, create_app
from lodestone.api.problems import MEDIA
from lodestone.api.settings import Settings
from lodestone.api.sqlite_store import SqliteStore
from lodestone.api.words import PROCESSES

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "rest.md"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return create_app(Settings(), SqliteStore(tmp_path_factory.mktemp("d") / "s.sqlite"))


@pytest.fixture(scope="module")
def document(app: Any) -> dict[str, Any]:
    return app.openapi()


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_is_in_the_document(document: dict[str, Any]) -> None:
    routes = {
        (f"/v1{route.path}", method.lower())
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    documented = {(p, m) for p, operations in document["paths"].items() for m in operations}
    assert len(routes) >= 30
    assert routes == documented


def test_every_operation_says_what_it_does_and_how_it_fails(document: dict[str, Any]) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
            assert operation["tags"]
            assert {"401", "404", "422", "429", "500"} <= set(operation["responses"])
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == [MEDIA]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_word_of_a_read_is_described(document: dict[str, Any]) -> None:
    names = {
        parameter["name"]
        for operations in document["paths"].values()
        for parameter in operations.get("get", {}).get("parameters", [])
    }
    assert {"place", "material", "year", "method", "limit", "offset", "format"} <= names


def test_the_guide_names_every_route(document: dict[str, Any]) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    known = {"/v1/health", "/v1/conformance"}  # for machines
    for path in set(document["paths"]) - known:
        base = re.split(r"/?\{", path)[0]
        short = base.rsplit("/", 1)[-1]
        assert base in text or (short in PROCESSES and f"`{short}`" in text), path


def test_the_document_can_be_read_without_calling_elsewhere(document: dict[str, Any]) -> None:
    assert "servers" not in document
    references = re.findall(r"'\$ref': '([^']*)'", str(document))
    assert references
    assert all(reference.startswith("#/") for reference in references)
