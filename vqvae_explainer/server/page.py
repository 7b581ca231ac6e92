"""The page and its files, built while the server already answers."""

import asyncio

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from ..languages import FOLDERS, LANGUAGES
from .assets import FILES_URL, file_asset
from .settings import Settings


class ServedPage:
    """The page's documents and files as they are sent. Their hash is in the files' address, so they never change."""

    def __init__(self, settings: Settings, language: str) -> None:
        from ..site.build import build_page, hash_of  # takes a while

        page = build_page(joined=settings.joined, language=language)
        version = hash_of(page.files)
        files_url = f"{FILES_URL}{version}"
        self.index = page.render("index.html", files_url, settings.public_url, training=settings.training)
        self.article = page.render("article-document.html", files_url, page_url="./")
        self.not_found = page.render("404.html", files_url)
        self.icon = file_asset("favicon.ico", page.files["favicon.ico"])
        self.files = {f"{version}/{path}": file_asset(path, content) for path, content in page.files.items()}


class ServedPages:
    """The page in its languages, built in threads, so that drawings are answered meanwhile; requests for them wait.

    The first language is built at once, another one when it is asked for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pages: dict[str, asyncio.Task[ServedPage]] = {}
        self.page(LANGUAGES[0])

    def page(self, language: str) -> asyncio.Task[ServedPage]:
        if language not in self._pages:
            self._pages[language] = asyncio.create_task(asyncio.to_thread(ServedPage, self._settings, language))
        return self._pages[language]


async def served_page(request: Request, language: str = LANGUAGES[0]) -> ServedPage:
    pages: ServedPages = request.state.pages
    return await pages.page(language)


def language_of(path: str) -> str:
    """The language of the documents in a path's folder."""
    return next((one for one in LANGUAGES[1:] if path.startswith(f"/{FOLDERS[one]}")), LANGUAGES[0])


def add_page(app: FastAPI) -> None:
    """Add the page, its files and its icon to `app`."""
    router = APIRouter(include_in_schema=False)

    def add_documents(folder: str, language: str) -> None:
        @router.get(folder)
        async def get_page(request: Request) -> HTMLResponse:
            return HTMLResponse((await served_page(request, language)).index)

        @router.get(f"{folder}article")
        async def get_article(request: Request) -> HTMLResponse:
            return HTMLResponse((await served_page(request, language)).article)

    for language in LANGUAGES:
        add_documents(f"/{FOLDERS[language]}", language)

    @router.api_route(FILES_URL + "{path:path}", methods=["GET", "HEAD"])
    async def get_file(path: str, request: Request) -> Response:
        for language in LANGUAGES:
            file = (await served_page(request, language)).files.get(path)
            if file:
                return file.response(request.headers)
        raise HTTPException(404)

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"])
    async def get_icon(request: Request) -> Response:
        return (await served_page(request)).icon.response(request.headers)

    app.include_router(router)
