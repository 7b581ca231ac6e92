"""The page."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from ..site.build import Page
from .assets import add_files, file_asset


def add_page(app: FastAPI, page: Page, files_url: str, public_url: str = "") -> str:
    """Add the page, its files and its icon to `app`.

    Returns:
        The page that a browser is shown where there is none.
    """
    add_files(app, files_url, page.files)
    router = APIRouter()
    icon = file_asset("favicon.ico", page.files["favicon.ico"])

    @router.get("/", include_in_schema=False)
    async def get_page() -> HTMLResponse:
        return HTMLResponse(page.render("index.html", files_url, public_url))

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"], include_in_schema=False)
    async def get_icon(request: Request) -> Response:
        return icon.response(request.headers)

    app.include_router(router)
    return page.render("404.html", files_url)
