"""The application: headers, caching, its interface's description."""

import hashlib
import re
import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vqvae_explainer.errors import UserError
from vqvae_explainer.resources import resource
from vqvae_explainer.server.app import create_app, tree_hash
from vqvae_explainer.server.settings import Settings


@pytest.fixture(scope="module")
def script(client: TestClient) -> str:
    """The address of the page's main module."""
    [address] = re.findall(r'src="(/static/[^"]+/main\.js)"', client.get("/").text)
    return address


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/models", "/docs", "/openapi.json", "/none"])
def test_every_answer_is_guarded(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-cache"


def test_page_allows_no_script_in_line(client: TestClient) -> None:
    assert "unsafe" not in client.get("/").headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/api/models", "/docs"])
def test_whoever_only_asks_whether_a_page_is_there_is_told(weights_dir: Path, path: str) -> None:
    with TestClient(create_app(Settings(weights=weights_dir))) as client:
        asked, page = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["etag"] == page.headers["etag"]


def test_files_are_kept_for_good(client: TestClient, script: str) -> None:
    answer = client.get(script)
    assert "immutable" in answer.headers["cache-control"]
    again = client.get(script, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert "immutable" in again.headers["cache-control"]


def test_missing_files_are_not_kept(client: TestClient, script: str) -> None:
    answer = client.get(script + ".none")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-cache"


def test_text_is_compressed(client: TestClient) -> None:
    answer = client.get("/api/models/tiny", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.content)


def test_address_of_files_changes_with_any_of_them(tmp_path: Path) -> None:
    shutil.copytree(resource("static"), tmp_path / "static")
    hashes = [tree_hash(resource("static")), tree_hash(tmp_path / "static")]
    (tmp_path / "static" / "main.js").write_text("// changed")
    hashes.append(tree_hash(tmp_path / "static"))
    (tmp_path / "static" / "main.js").rename(tmp_path / "static" / "renamed.js")
    hashes.append(tree_hash(tmp_path / "static"))
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_docs_load_nothing_from_elsewhere(client: TestClient) -> None:
    answer = client.get("/docs")
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", answer.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert re.match(r"/[^/]", address)
        assert client.get(address).status_code == 200
    assert "url: '/openapi.json'" in answer.text
    assert not re.findall(r"https?://", answer.text)


def test_docs_script_is_allowed_by_its_hash(client: TestClient) -> None:
    answer = client.get("/docs")
    [script] = re.findall(rb"<script>(.*?)</script>", answer.content, re.DOTALL)
    digest = b64encode(hashlib.sha256(script).digest()).decode()
    policy = re.search(r"script-src ([^;]*)", answer.headers["content-security-policy"])
    assert policy is not None
    assert f"'sha256-{digest}'" in policy[1]
    assert "unsafe" not in policy[1]


def fields(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All fields of our own schemas."""
    for schema, content in document["components"]["schemas"].items():
        if not schema.endswith("ValidationError"):  # FastAPI's own
            for name, field in content.get("properties", {}).items():
                yield f"{schema}.{name}", field


def test_every_field_is_described(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    described = dict(fields(document))
    assert len(described) > 40
    assert [name for name, field in described.items() if not field.get("description")] == []


def test_every_route_is_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert paths.keys() == {
        "/healthz",
        "/api/models",
        "/api/models/{name}",
        "/api/models/{name}/playback",
        "/api/trace",
        "/api/decode",
        "/api/backward",
    }
    for methods in paths.values():
        for route in methods.values():
            assert route["description"] or route["summary"]
            assert "$ref" in route["responses"]["200"]["content"]["application/json"]["schema"]


def test_request_is_bounded(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()["components"]["schemas"]["TraceRequest"]
    assert schema["additionalProperties"] is False
    pixels = schema["properties"]["pixels"]
    assert pixels["minLength"] == pixels["maxLength"] == len(b64encode(bytes(784)))
    for content in (bytes(784), bytes(range(196)) * 4, b"\xff" * 784):
        assert re.match(pixels["pattern"], b64encode(content).decode())
    assert not re.match(pixels["pattern"], b64encode(bytes(785)).decode())


def test_settings_come_from_the_environment(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VQVAE_EXPLAINER_WEIGHTS", str(weights_dir / "tiny.safetensors"))
    with TestClient(create_app()) as client:
        assert client.get("/api/models").json()["default"] == "tiny"


def test_no_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There are no weights"):
        create_app(Settings(weights=tmp_path))
