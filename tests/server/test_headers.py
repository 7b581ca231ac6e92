"""Security headers, and who may embed the page."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings


def directives(policy: str) -> dict[str, str]:
    """A Content-Security-Policy by directive. Browsers use only the first of two, so there must not be two."""
    parts = [part.strip().partition(" ") for part in policy.split(";")]
    assert len({name for name, _, _ in parts}) == len(parts)
    return {name: sources for name, _, sources in parts}


@pytest.mark.parametrize("path", ["/", "/docs", "/none", "/healthz", "/api/models", "/openapi.json", "/metrics"])
def test_every_response_has_security_headers(client: TestClient, path: str) -> None:
    for _ in range(2):  # the second one is cached
        headers = client.get(path).headers
        policy = directives(headers["content-security-policy"])
        assert "unsafe" not in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"]
        assert policy["object-src"] == "'none'"
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == "'self'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_page_has_no_inline_scripts_or_styles(client: TestClient) -> None:
    page = client.get("/").text
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page) == []


def test_embedding_can_be_allowed(weights_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VQVAE_EXPLAINER_FRAME_ANCESTORS", "'self' https://school.example")
    with TestClient(create_app(Settings(weights=weights_dir))) as client:
        for path in ("/", "/docs"):
            policy = directives(client.get(path).headers["content-security-policy"])
            assert policy["frame-ancestors"] == "'self' https://school.example"


@pytest.mark.parametrize("value", ["", "'self'; script-src *", "'self', default-src *", "a\r\nb", "schöner"])
def test_setting_cannot_add_directives(value: str) -> None:
    with pytest.raises(ValidationError):
        Settings(frame_ancestors=value)
