"""The page under /docs loads nothing from elsewhere."""

import hashlib
import re
from base64 import b64encode

from fastapi.testclient import TestClient


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
