"""The application: routes, errors and the document that describes them, behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from lodestone import __version__
from lodestone.api.documented import describe
from lodestone.api.guard import Guard
from lodestone.api.pool import FailedError
from lodestone.api.problems import (
    ProblemError,
    of_failure,
    of_validation,
    plain,
    response,
    store_away,
)
from lodestone.api.routes import (
    alliance,
    assess,
    brief,
    chain,
    compare,
    dossier,
    economy,
    explain,
    exposure,
    jobs,
    landing,
    losses,
    materials,
    places,
    plan,
    plans,
    processes,
    profile,
    risk,
    saved,
    scenarios,
    shock,
    sources,
    study,
    technology,
    unseen,
    vault,
)
from lodestone.api.service import Answering, Service
from lodestone.api.settings import Settings
from lodestone.api.store import Store
from lodestone.api.work import answer
from lodestone.terms.errors import StoreError

#: Every route, below `/v1`.
ROUTERS: tuple[APIRouter, ...] = tuple(
    page.router
    for page in (
        landing,
        assess,
        chain,
        exposure,
        profile,
        dossier,
        shock,
        compare,
        scenarios,
        losses,
        risk,
        alliance,
        plan,
        plans,
        vault,
        technology,
        explain,
        economy,
        brief,
        study,
        sources,
        unseen,
        places,
        materials,
        processes,
        jobs,
        saved,
    )
)


def create_app(
    settings: Settings,
    store: Store,
    answer: Answering = answer,
    pages: Sequence[BaseRoute] = (),
) -> FastAPI:
    """Build the service.

    Parameters
    ----------
    settings : how it runs
    store : closed when the service ends
    answer : what a worker does with a task; asks the desk
    pages : routes of the browser application, for what is not the service's

    Returns
    -------
    FastAPI
        Its workers start and end with its lifespan.
    """
    service = Service(settings, store, answer)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    app = FastAPI(
        title="Lodestone",
        version=__version__,
        summary="Who depends on whom for raw materials, and what a cut-off does.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/v1/openapi.json",
        # The usual pages load scripts from elsewhere; this service makes nobody call out.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    _tell_problems(app)
    describe(app)
    app.router.routes.extend(pages)
    app.add_middleware(Guard, service=service)
    return app


def _tell_problems(app: FastAPI) -> None:
    """Say every error as problem+json."""

    @app.exception_handler(FailedError)
    async def failed(request: Request, error: FailedError) -> Response:
        return response(of_failure(error.failure))

    @app.exception_handler(ProblemError)
    async def refused(request: Request, error: ProblemError) -> Response:
        return response(error.body, error.headers)

    @app.exception_handler(StoreError)
    async def away(request: Request, error: StoreError) -> Response:
        problem = store_away(error)
        return response(problem.body, problem.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return response(of_validation(error.errors()))

    @app.exception_handler(processes.InputsError)
    async def unfit(request: Request, error: processes.InputsError) -> Response:
        return response(of_validation(error.errors))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return response(plain(error.status_code, str(error.detail)), error.headers)
