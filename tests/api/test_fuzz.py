"""Whatever fits the document, and much that does not: no 5xx, and answers as documented."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any

import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.conftest import Served

from lodestone.api.application import ROUTERS

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OPERATIONS = [
    (method, f"/v1{route.path}")
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
]


@schemathesis.serializer("application/toml")
def as_text(context: Any, value: Any) -> bytes:
    """A scenario is sent as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def made(made_on_both: Served) -> Served:
    """With each kind of store: what one of them would choke on may be sent."""
    return made_on_both


@pytest.fixture(scope="module")
def schema(made: Served) -> Any:
    return schemathesis.openapi.from_dict(made.get("/v1/openapi.json").json())


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_that_is_sent_breaks_the_service(
    schema: Any, made: Served, method: str, path: str
) -> None:
    operation = schema[path][method]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=10,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def sent(case: Any) -> None:
            case.call_and_validate(
                base_url=made.url, checks=CHECKS, headers={"Prefer": "wait=5"}, timeout=600
            )

        # Some operations take nothing that could be wrong.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            sent()
