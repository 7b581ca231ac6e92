"""The page of the OpenAPI document under /docs, from local files only."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, HTTPException, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response

from .assets import Asset, file_asset
from .headers import content_security_policy

FILES_URL = "/docs-files"
FILES = SCRIPT, STYLE, ICON = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")


def add_docs(app: FastAPI, frame_ancestors: str) -> None:
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url or "",
        title=f"{app.title}: interface",
        swagger_js_url=f"{FILES_URL}/{SCRIPT}",
        swagger_css_url=f"{FILES_URL}/{STYLE}",
        swagger_favicon_url=f"{FILES_URL}/{ICON}",
    )
    # Allows the page's one inline script.
    hashes = " ".join(
        f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in re.findall(rb"<script>(.*?)</script>", page.body, re.DOTALL)
    )
    policy = content_security_policy(frame_ancestors, f"script-src 'self' {hashes}")

    @app.api_route(FILES_URL + "/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def get_docs_file(name: str, request: Request) -> Response:
        if name not in FILES:
            raise HTTPException(404)
        return file(name).response(request.headers)

    @app.get("/docs", include_in_schema=False)
    async def get_docs() -> HTMLResponse:
        return HTMLResponse(page.body, headers={"Content-Security-Policy": policy})


@cache
def file(name: str) -> Asset:
    """One of `FILES`, read when it is first asked for: most servers never show this page."""
    return file_asset(name, (Path(fastapi_offline.__file__).parent / "static" / name).read_bytes())
