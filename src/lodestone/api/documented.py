"""The OpenAPI document: what FastAPI writes, with errors as they really are."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lodestone.api.problems import MEDIA, ProblemDetails

#: What any route may answer, whatever it is asked.
_ANYWHERE = {
    "400": "The request cannot be read.",
    "401": "The service is open to others and wants a key.",
    "403": "The key's role does not reach this far, or a page of another site asks.",
    "404": "There is no such thing.",
    "408": "The request took too long to arrive.",
    "413": "The request is too large.",
    "415": "The body is of a kind that is not read here.",
    "421": "The service is addressed by a name that is not its own.",
    "422": "The question cannot be answered as asked; `problems` says everything at once.",
    "429": "Too many requests, or too much work waits.",
    "500": "A defect, damaged data, or an answer that could not be proved.",
    "503": "The answer takes too long.",
}


def describe(app: FastAPI) -> None:
    """Give an application its document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        license_info=app.license_info,
        routes=app.routes,
    )
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_schemas())
    parts["responses"] = {code: _response(text) for code, text in _ANYWHERE.items()}
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    # A key is wanted only where the service is open to others.
    found["security"] = [{}, {"key": []}]
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"].update(
                {code: {"$ref": f"#/components/responses/{code}"} for code in _ANYWHERE}
            )
    return found


def _schemas() -> dict[str, Any]:
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), "ProblemDetails": schema}


def _response(text: str) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": text, "content": {MEDIA: {"schema": reference}}}
