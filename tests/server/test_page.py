"""The page and the modules that it preloads."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from vqvae_explainer.resources import resource
from vqvae_explainer.server.page import add_page, imported_modules

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
    add_page(app, resource("static"), "/static/1", "https://school.example/")
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
    assert len(addresses) > 40
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


def test_page_preloads_every_module_that_it_imports(page: str) -> None:
    preloaded = re.findall(r'rel="modulepreload" href="/static/\w+/([^"]+)"', page)
    assert preloaded == imported_modules(resource("static"), "main.js")
    # The other way round: each import of a preloaded module is preloaded, whatever its form.
    static = resource("static")
    for name in ("main.js", *preloaded):
        code = (static / name).read_text(encoding="utf-8")
        for statement in re.findall(r"^(?:import|export)\b[^;]*;", code, re.MULTILINE):
            for address in re.findall(r"""["'](\.[^"']+\.js)["'];$""", statement):
                imported = (static / name).parent.joinpath(address).resolve()
                assert imported.relative_to(static.resolve()).as_posix() in preloaded


def test_imports_are_followed(tmp_path: Path) -> None:
    files = {
        "main.js": 'import { a } from "./one/a.js";\nimport "./b.js";\nawait import("./dynamic.js");\n',
        "one/a.js": 'export {\n  c,\n  d,\n} from "../c.js";\n/** @type {import("./types.d.ts").T} */\n',
        "b.js": "import * as main from './main.js'; // a cycle\nexport const text = `./text.js`;\n",
        "c.js": "export * from './two/e.js'\nexport const c = \"./text.js\";\nconst word = 'x from \"./text.js\"';\n",
        "two/e.js": 'import e, { f } from "./f.js";\nexport function from(a = "./text.js") {}\n',
        "two/f.js": "",
    }
    for name, code in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)
    assert imported_modules(tmp_path, "main.js") == ["b.js", "c.js", "one/a.js", "two/e.js", "two/f.js"]
