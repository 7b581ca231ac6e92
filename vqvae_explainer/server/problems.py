"""Errors of the REST interface: JSON with a stable `code` beside the sentence; for browsers a page instead of a 404."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from .connections import BUSY, BUSY_HEADERS
from .page import language_of, served_page
from .schemas import InvalidRequest, Problem

RESPONSES: dict[int | str, dict[str, Any]] = {404: {"model": Problem}, 422: {"model": InvalidRequest}}
POST_RESPONSES: dict[int | str, dict[str, Any]] = RESPONSES | {status: {"model": Problem} for status in (408, 413, 503)}


class ProblemError(HTTPException):
    """An error with a code of its own."""

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.code = code


def busy() -> ProblemError:
    """503: try again in a second."""
    return ProblemError(503, **BUSY, headers=BUSY_HEADERS)


def to_response(error: StarletteHTTPException) -> JSONResponse:
    """The code is the name of the status, unless the error has its own."""
    code = error.code if isinstance(error, ProblemError) else HTTPStatus(error.status_code).name.lower()
    return JSONResponse({"code": code, "detail": error.detail}, error.status_code, error.headers)


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(StarletteHTTPException, answer_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_failure)


async def answer_error(request: Request, error: Exception) -> Response:
    """404, 405 and the like."""
    assert isinstance(error, StarletteHTTPException)
    if error.status_code == 404 and "text/html" in request.headers.get("accept", ""):
        page = await served_page(request, language_of(request.url.path))
        return HTMLResponse(page.not_found, 404, {"Vary": "Accept"})
    return to_response(error)


async def answer_invalid(_: Request, error: Exception) -> JSONResponse:
    """422, without the values of the request: not all of them can be written as JSON."""
    assert isinstance(error, RequestValidationError)
    fields = [{key: problem[key] for key in ("type", "loc", "msg")} for problem in error.errors()]
    return JSONResponse({"code": "invalid", "detail": fields}, 422)


async def answer_failure(_: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    """500; the server logs the error itself."""
    return to_response(ProblemError(500, "internal", "The server failed on this request; see its log."))
