"""`python -m benchmarks.static_host FOLDER`: serve a folder as static hosts do, compressed and from memory."""

import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response

from vqvae_explainer.server.assets import file_asset


def create_app(folder: Path) -> FastAPI:
    app = FastAPI()
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): file_asset(path.name, path.read_bytes()) for path in paths}

    @app.get("/{path:path}")
    async def file(path: str, request: Request) -> Response:
        asset = files.get(path or "index.html")
        if asset is None:
            raise HTTPException(404)
        return asset.response(request.headers)

    return app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.run(create_app(Path(sys.argv[1])), fd=listener.fileno(), log_level="warning")
