"""The page."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from vqvae_explainer.server.page import add_page
from vqvae_explainer.site.build import build_page

PAGE_BYTES = 150_000  # transferred for the first visit, without headers
KINDS = {".js": "text/javascript", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@pytest.fixture(scope="module")
def page(client: TestClient) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


@pytest.fixture(scope="module")
def addresses(page: str) -> list[str]:
    """The files that the page loads."""
    return re.findall(r"""\ssrc="([^"]+)""", page) + re.findall(r"""<link[^>]*\shref="([^"]+)""", page)


def test_page_is_complete(page: str) -> None:
    assert page.lower().startswith("<!doctype html>")
    assert "{{" not in page
    assert "{%" not in page


def test_page_says_what_it_is_without_running(client: TestClient, page: str) -> None:
    assert "needs JavaScript" in page.partition("<noscript>")[2].partition("</noscript>")[0]
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]+)"', page))
    assert tags["og:title"] == "VQ-VAE Explainer"
    assert tags["twitter:card"] == "summary_large_image"
    assert "og:url" not in tags
    picture = client.get(tags["og:image"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert len(picture.content) < 200_000


def test_public_url_completes_the_address_of_the_picture() -> None:
    app = FastAPI()
    add_page(app, build_page(), "/static/1", "https://school.example/")
    with TestClient(app) as client:
        text = client.get("/").text
    assert '<meta property="og:url" content="https://school.example/">' in text
    assert '<meta property="og:image" content="https://school.example/static/1/preview.jpg">' in text


def test_icon_that_browsers_ask_for(client: TestClient) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/x-icon")
    assert answer.content[:6] == b"\0\0\1\0\1\0"
    assert client.head("/favicon.ico").status_code == 200


def test_page_loads_only_files_of_its_own(client: TestClient, addresses: list[str]) -> None:
    assert [address.split("/")[-1] for address in addresses] == ["boot.js", "main.js", "favicon.svg", "main.css"]
    for address in addresses:
        answer = client.get(address)
        assert address.startswith("/static/")
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == KINDS[Path(address).suffix]


def test_first_visit_is_light(client: TestClient, addresses: list[str]) -> None:
    static = re.match(r"/static/\w+", addresses[0])
    assert static is not None
    visited = {*addresses, f"{static[0]}/drawing/examples.json", "/", "/api/models", "/api/models/other"}
    sent = {path: int(client.get(path).headers["content-length"]) for path in visited}
    assert sum(sent.values()) < PAGE_BYTES, sorted(sent.items(), key=lambda item: -item[1])[:10]
