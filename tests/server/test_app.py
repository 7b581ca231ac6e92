"""The application: settings, and addresses that change with the content of files."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from threadpoolctl import threadpool_info, threadpool_limits

from vqvae_explainer.errors import UserError
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings


def test_settings_come_from_the_environment(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VQVAE_EXPLAINER_WEIGHTS", str(weights_dir / "tiny.safetensors"))
    with TestClient(create_app()) as client:
        assert client.get("/api/models").json()["default"] == "tiny"


def test_numpy_runs_on_one_thread(weights_dir: Path) -> None:
    with threadpool_limits(2, user_api="blas"):
        create_app(Settings(weights=weights_dir))
        assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}


def test_no_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There are no weights"):
        create_app(Settings(weights=tmp_path))


def test_files_are_cached_forever_and_the_rest_is_not(client: TestClient) -> None:
    [script] = re.findall(r'src="(/static/[^"]+/main\.js)"', client.get("/").text)
    answer = client.get(script)
    again = client.get(script, headers={"if-none-match": answer.headers["etag"]})
    assert (answer.status_code, again.status_code) == (200, 304)
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" in again.headers["cache-control"]
    for path in ("/", "/healthz", "/api/models", "/docs", "/openapi.json", "/none", script + ".none"):
        assert client.get(path).headers["cache-control"] == "no-cache"


def test_json_is_compressed(client: TestClient) -> None:
    answer = client.get("/api/models/tiny", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.content)


def test_head(client: TestClient) -> None:
    for path in ("/", "/api/models", "/docs"):
        head, page = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == page.headers["etag"]
