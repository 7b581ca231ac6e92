"""The page."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from matplotlib.image import imread

from vqvae_explainer.errors import UserError
from vqvae_explainer.resources import resource
from vqvae_explainer.server.app import create_app
from vqvae_explainer.server.settings import Settings

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
    assert tags["og:description"]
    assert "og:url" not in tags
    picture = client.get(tags["og:image"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert len(picture.content) < 200_000
    height, width, _ = imread(BytesIO(picture.content), format="jpg").shape
    assert (tags["og:image:width"], tags["og:image:height"]) == (str(width), str(height))


def test_the_article_is_a_document_of_its_own(client: TestClient, page: str) -> None:
    assert "data-article" in page
    assert "article-body" not in page
    answer = client.get("/article")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'class="article-body"' in answer.text
    assert 'href="./#show=straight-through"' in answer.text
    shown = re.sub(r'data-\w+="[^"]*"|href="[^"]*"', "", answer.text)
    assert not re.search(r"\{\w*\}|\]\(|`", shown)
    views = set(re.findall(r"#show=([a-z-]+)", answer.text))
    scenes = (resource("static") / "core" / "scenes.js").read_text(encoding="utf-8")
    assert views == {view for view in views if f'  "{view}": {{ at' in scenes}


def test_the_page_in_spanish(client: TestClient, page: str) -> None:
    answer, english = client.get("/es/"), client.get("/")
    headers = ("content-type", "content-security-policy", "cache-control", "referrer-policy")
    assert [answer.headers[name] for name in headers] == [english.headers[name] for name in headers]
    assert '<html lang="es"' in answer.text
    assert "Dibuja un dígito" in answer.text
    assert 'href="../" lang="en" hreflang="en">English</a>' in answer.text
    assert '<html lang="en"' in page
    assert 'href="es/" lang="es" hreflang="es">Español</a>' in page
    [script] = re.findall(r'<script type="module"[^>]* src="([^"]+)"', answer.text)
    code = client.get(script)
    assert "immutable" in code.headers["cache-control"]
    assert "El servidor responde a cada trazo." in code.text
    assert "The server answers every stroke." not in code.text
    assert '<html lang="es"' in client.get("/es/article").text
    assert client.get("/es/none").status_code == 404


def test_public_url_completes_the_address_of_the_picture(weights_dir: Path) -> None:
    with TestClient(create_app(Settings(weights=weights_dir, public_url="https://school.example/"))) as client:
        text = client.get("/").text
    assert '<meta property="og:url" content="https://school.example/">' in text
    assert '<link rel="alternate" hreflang="es" href="https://school.example/es/">' in text
    assert re.search(r'<meta property="og:image" content="https://school\.example/static/\w+/preview\.jpg">', text)


def test_sources_are_sent_on_request(weights_dir: Path) -> None:
    with TestClient(create_app(Settings(weights=weights_dir, joined=False))) as client:
        [script] = re.findall(r'<script type="module"[^>]* src="([^"]+)"', client.get("/").text)
        for name in ("main.js", "core/store.js"):
            source = client.get(script.replace("main.js", name))
            assert source.content == (resource("static") / name).read_bytes()


def test_sources_hand_on_the_texts_of_the_language(weights_dir: Path) -> None:
    with TestClient(create_app(Settings(weights=weights_dir, joined=False))) as client:
        for address, language in (("/", "en"), ("/es/", "es")):
            [script] = re.findall(r'<script type="module"[^>]* src="([^"]+)"', client.get(address).text)
            for name in ("texts", "tour", "backward", "lab"):
                text = client.get(script.replace("main.js", f"texts/{name}.js")).text
                assert re.findall(r'"\./(\w\w)\b', text) == [language], name


def test_a_page_that_cannot_be_built_is_a_failure_of_its_requests_only(
    weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise UserError("core/dom.js, line 3")

    monkeypatch.setattr("vqvae_explainer.site.build.join_modules", fail)
    with TestClient(create_app(Settings(weights=weights_dir)), raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 500
        assert client.get("/none", headers={"accept": "text/html"}).status_code == 500
        assert client.get("/healthz").status_code == 200


def test_icon_that_browsers_ask_for(client: TestClient) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/x-icon")
    assert answer.content[:6] == b"\0\0\1\0\1\0"
    assert client.head("/favicon.ico").status_code == 200


def test_page_loads_only_files_of_its_own(client: TestClient, addresses: list[str]) -> None:
    names = [address.split("/")[-1] for address in addresses]
    assert names == ["main.js", "boot.js", "favicon.svg", "main.css"]
    for address in addresses:
        answer = client.get(address)
        assert address.startswith("/static/")
        assert answer.status_code == 200, address
        assert answer.headers["content-type"] == KINDS[Path(address).suffix]
