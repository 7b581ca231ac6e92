"""The page."""

import re
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from .. import __version__
from .assets import file_asset
from .texts import template_environment

# `import "./x.js"`, `import … from "./x.js"` and `export … from "./x.js"`; a dynamic import has a parenthesis.
STATIC_IMPORT = re.compile(r"""^(?:import\s*|(?:import|export)\b[^;"'(]*\bfrom\s*)["'](\.[^"']+)["']""", re.MULTILINE)


def add_page(app: FastAPI, static: Path, static_url: str, public_url: str = "") -> str:
    """Add the page and its icon to `app`.

    Args:
        app: the application.
        static: the folder of the page's files.
        static_url: path under which they are served.
        public_url: address of the page; without it, links to the page name their picture by its path only.

    Returns:
        The page that a browser is shown where there is none.
    """
    router = APIRouter()
    icon = file_asset(static / "favicon.ico")
    templates = Jinja2Templates(env=template_environment())
    context = {
        "version": __version__,
        "asset": lambda path: f"{static_url}/{path}",
        "public_url": public_url.rstrip("/"),
        "modules": imported_modules(static, "main.js"),
    }

    @router.get("/", include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        return templates.TemplateResponse(request, "index.html", context)

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"], include_in_schema=False)
    async def favicon(request: Request) -> Response:
        return icon.response(request.headers)

    app.include_router(router)
    return templates.get_template("404.html").render(context)


def imported_modules(folder: Path, entry: str) -> list[str]:
    """The modules that `entry` imports statically, directly or through others, as sorted paths in the folder."""
    root = folder.resolve()
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        path = root / waiting.pop()
        for address in STATIC_IMPORT.findall(path.read_text(encoding="utf-8")):
            imported = (path.parent / address).resolve().relative_to(root).as_posix()
            if imported not in found:
                found.add(imported)
                waiting.append(imported)
    return sorted(found - {entry})
