"""The application behind `/api/*`: FastAPI's routes, and how what goes wrong is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sharpcli.errors import SharpError
from sharpcli.files.names import without_base
from sharpcli.plugin.catalog import catalog
from sharpcli.version import __version__
from sharpcli.web.api import schema
from sharpcli.web.api.answers import Handed
from sharpcli.web.api.forms import Form, received
from sharpcli.web.api.turns import in_turns
from sharpcli.web.endpoints.calls import ServerError, enhanced, scored
from sharpcli.web.endpoints.values import ENHANCE, SCORE, Parameter, checked, names
from sharpcli.web.error_handling import named, sentence
from sharpcli.web.gate.refused import PROGRAMS, RequestRefused
from sharpcli.web.limits import Limits
from sharpcli.web.service import Service
from sharpcli.web.tasks.runs import Run, Runs
from sharpcli.web.visitors.files import Visits

DOTTED = "options."
"""How the name of a field begins that sets one option of the enhancer."""
GONE = 499
"""The status for a client that does not read it."""


class Programs:
    """ASGI middleware that answers programs and hands all else on."""

    def __init__(self, app: ASGIApp, programs: ASGIApp) -> None:
        self._app = app
        self._programs = programs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        ours = scope["type"] == "http" and PROGRAMS.fullmatch(scope["path"])
        await (self._programs if ours else self._app)(scope, receive, send)


class Rooted:
    """ASGI middleware that says under which path a proxy shows the application."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it on."""
        await self._app({**scope, "root_path": self._root_path} if self._root_path else scope, receive, send)


def programs(
    service: Service,
    visits: Visits,
    middleware: Sequence[Middleware] = (),
    runs: Runs | None = None,
    **settings: Any,
) -> FastAPI:
    """The application, behind further `middleware`; `settings` are FastAPI's."""
    app = FastAPI(
        title="sharpcli",
        version=__version__,
        description='Restores detail to blurry images. Errors are JSON: {"error": "what was wrong"}.',
        docs_url=None,  # pages that load scripts from elsewhere
        redoc_url=None,
        middleware=list(middleware),
        responses=schema.errors({**schema.REFUSED, **(schema.LOGIN if service.auth else {})}),
        **settings,
    )
    runs = runs or Runs()

    async def answered(request: Request, files: Sequence[str], work: Callable[[Form, Path, Run], Response]) -> Response:
        """What `work` makes of a form, in its turns, in a folder that goes with the answer."""
        folder = visits.new_folder()
        answer: Response | None = None
        try:
            form = await received(request, folder, files)
            answer = await in_turns(runs, request, partial(work, form, folder))
            return answer
        except SharpError as error:
            raise type(error)(without_base(folder, str(error))) from error
        finally:
            if not isinstance(answer, Handed):
                visits.delete(folder)

    @app.post(
        "/api/enhance",
        responses={200: schema.ENHANCED, **schema.errors(schema.UNANSWERED)},
        openapi_extra=schema.enhance_form(),
        response_class=Response,
    )
    async def enhance(request: Request) -> Response:
        """Sharpen an image, as `sharpcli enhance` does: the same bytes, in its own format, its metadata kept."""
        return await answered(request, ("image",), partial(_enhance, service.limits, visits))

    @app.post(
        "/api/score",
        responses={200: schema.json_answer("the scores", schema.FIGURES), **schema.errors(schema.UNANSWERED)},
        openapi_extra=schema.score_form(),
    )
    async def score(request: Request) -> Response:
        """Score a result against its reference, as `sharpcli score` does; with the input, also the gain over it."""
        return await answered(request, ("result", "reference", "input"), partial(_score, service.limits))

    @app.get("/api/enhancers", responses={200: schema.json_answer("the enhancers", schema.CATALOG)})
    async def enhancers() -> Response:
        """List what is installed, as `sharpcli enhancers --json` does: options, weights, scores, broken plugins."""
        return JSONResponse(await run_in_threadpool(lambda: service.limits.shown(catalog()).as_dict()))

    @app.get("/api/health", responses={200: schema.json_answer("the server answers", schema.HEALTH)})
    async def health() -> Response:
        """Say that the server answers, and its version."""
        return JSONResponse({"status": "ok", "version": __version__})

    if service.auth:
        plain = app.openapi
        app.openapi = lambda: schema.with_login(plain())  # type: ignore[method-assign]
    for kind in (SharpError, RequestRefused, HTTPException, ClientDisconnect, Exception):
        app.add_exception_handler(kind, _problem)
    return app


async def _problem(request: Request, error: Exception) -> Response:
    """What is answered when something was wrong."""
    if isinstance(error, RequestRefused):
        return error.answer(request.scope["path"])
    if isinstance(error, HTTPException):
        words = {404: "Not found; /openapi.json lists what there is.", 405: "This path takes another method."}
        text = words.get(error.status_code, str(error.detail))
        return JSONResponse({"error": text}, error.status_code, error.headers)
    if isinstance(error, ClientDisconnect):
        return Response(status_code=GONE)
    theirs = isinstance(error, SharpError) and not isinstance(error, ServerError)
    return JSONResponse({"error": sentence(error)}, 422 if theirs else 500)


def _enhance(limits: Limits, visits: Visits, form: Form, folder: Path, run: Run) -> Response:
    path = _file(form, "image")
    options = _options(form)
    given = _values(form, ENHANCE, ("options",))
    with named(path):
        megapixels = limits.check(path, given["upscale"])
    with run.room(megapixels):
        file, record = enhanced(path, folder, limits, options, run.do, **given)
    return Handed(file, record, partial(visits.delete, folder))


def _score(limits: Limits, form: Form, folder: Path, run: Run) -> Response:
    paths = {name: _file(form, name) for name in ("result", "reference")} | form.files
    given = _values(form, SCORE, ("metrics",))
    for path in paths.values():
        with named(path):
            limits.check(path)
    metrics = names(form.fields.get("metrics"), "metrics")
    return JSONResponse(run.do(lambda: scored(paths, **given, metrics=metrics)))


def _file(form: Form, name: str) -> Path:
    if name not in form.files:
        raise RequestRefused(400, f"{name.capitalize()} is missing; send it as a file, such as -F {name}=@photo.jpg.")
    return form.files[name]


def _values(form: Form, parameters: Sequence[Parameter], further: Sequence[str]) -> dict[str, Any]:
    """The values of the form's fields; raises SharpError for a wrong one, for one that is unknown and for two."""
    known = {parameter.option.name: parameter for parameter in parameters}
    for name, texts in form.fields.items():
        if name in known and len(texts) > 1:
            raise SharpError(f"{name} was sent twice")
        if name not in known and name not in further and not ("options" in further and name.startswith(DOTTED)):
            raise SharpError(f"unknown field {name!r}; there are {', '.join((*known, *further, *form.files))}")
    default = {name: None if one.optional else one.option.default for name, one in known.items()}
    return checked(parameters, *(form.fields.get(name, [default[name]])[0] for name in known))


def _options(form: Form) -> dict[str, Any]:
    """The options of the enhancer, from the field `options` and those of single ones; raises SharpError."""
    options: Any = {}
    for text in form.fields.get("options", ()):
        try:
            options = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SharpError('options must be JSON, such as {"profile": "x2"}') from error
        if not isinstance(options, dict):
            raise SharpError(f"options must be an object such as {{'profile': 'x2'}}, not {options!r}")
    single = {name.removeprefix(DOTTED): texts[-1] for name, texts in form.fields.items() if name.startswith(DOTTED)}
    return {**options, **single}
