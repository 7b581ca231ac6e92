"""The page under /docs loads nothing from elsewhere."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from fastapi.testclient import TestClient

from vqvae_explainer.server import docs
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings


def test_docs_load_only_files_of_the_server(client: TestClient) -> None:
    answer = client.get("/docs")
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", answer.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert re.match(r"/[^/]", address)
        assert client.get(address).status_code == 200
    assert "url: '/openapi.json'" in answer.text
    assert not re.findall(r"https?://", answer.text)


def test_inline_script_is_allowed_by_its_hash(client: TestClient) -> None:
    answer = client.get("/docs")
    [script] = re.findall(rb"<script>(.*?)</script>", answer.content, re.DOTALL)
    digest = b64encode(hashlib.sha256(script).digest()).decode()
    policy = re.search(r"script-src ([^;]*)", answer.headers["content-security-policy"])
    assert policy is not None
    assert f"'sha256-{digest}'" in policy[1]
    assert "unsafe" not in policy[1]


def test_files_are_read_when_they_are_first_asked_for(weights_dir: Path) -> None:
    docs.file.cache_clear()
    with TestClient(create_app(Settings(weights=weights_dir))) as client:
        assert client.get("/docs").status_code == 200
        assert docs.file.cache_info().currsize == 0
        for _ in range(2):
            assert client.get(f"{docs.FILES_URL}/{docs.STYLE}").headers["content-type"].startswith("text/css")
    assert docs.file.cache_info()[:2] == (1, 1)  # hits and misses
