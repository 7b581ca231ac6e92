"""The page and its files, built while the server already answers."""

import asyncio

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from .assets import FILES_URL, file_asset
from .settings import Settings


class ServedPage:
    """The page's documents and files as they are sent. Their hash is in the files' address, so they never change."""

    def __init__(self, settings: Settings) -> None:
        from ..site.build import build_page, hash_of  # takes a while

        page = build_page(joined=settings.joined)
        version = hash_of(page.files)
        files_url = f"{FILES_URL}{version}"
        self.index = page.render("index.html", files_url, settings.public_url, training=settings.training)
        self.article = page.render("article-document.html", files_url, page_url="./")
        self.not_found = page.render("404.html", files_url)
        self.icon = file_asset("favicon.ico", page.files["favicon.ico"])
        self.files = {f"{version}/{path}": file_asset(path, content) for path, content in page.files.items()}


def start_building(settings: Settings) -> asyncio.Task[ServedPage]:
    """Build the page in a thread, so that drawings are answered meanwhile; a request for the page waits."""
    return asyncio.create_task(asyncio.to_thread(ServedPage, settings))


async def served_page(request: Request) -> ServedPage:
    page: asyncio.Task[ServedPage] = request.state.page
    return await page


def add_page(app: FastAPI) -> None:
    """Add the page, its files and its icon to `app`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def get_page(request: Request) -> HTMLResponse:
        return HTMLResponse((await served_page(request)).index)

    @router.get("/article")
    async def get_article(request: Request) -> HTMLResponse:
        return HTMLResponse((await served_page(request)).article)

    @router.api_route(FILES_URL + "{path:path}", methods=["GET", "HEAD"])
    async def get_file(path: str, request: Request) -> Response:
        files = (await served_page(request)).files
        if path not in files:
            raise HTTPException(404)
        return files[path].response(request.headers)

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"])
    async def get_icon(request: Request) -> Response:
        return (await served_page(request)).icon.response(request.headers)

    app.include_router(router)
