"""Answers that never change: made, hashed and compressed once."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from vqvae_explainer.resources import resource
from vqvae_explainer.server.assets import COMMENTS, Asset, Kept, add_files, without_comments

PAGE_BYTES = 120_000  # transferred for the whole page
TEXT = b"all work and no play " * 100


@pytest.fixture
def files(tmp_path: Path) -> Iterator[TestClient]:
    """A server of two files, beside one that is nobody's business."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "public" / "views").mkdir(parents=True)
    (tmp_path / "public" / "views" / "a.js").write_bytes(TEXT)
    (tmp_path / "public" / "tiny.css").write_bytes(b"a{}")
    app = FastAPI()
    add_files(app, "/files", tmp_path / "public")
    with TestClient(app) as client:
        yield client


def test_files_are_served(files: TestClient) -> None:
    answer = files.get("/files/views/a.js")
    assert (answer.status_code, answer.content) == (200, TEXT)
    assert answer.headers["content-type"] == "text/javascript"
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(TEXT) / 10
    assert answer.headers["vary"] == "Accept-Encoding"
    head = files.head("/files/views/a.js")
    assert (head.content, head.headers["content-length"]) == (b"", answer.headers["content-length"])


def test_whoever_cannot_unpack_gets_plain_bytes(files: TestClient) -> None:
    answer = files.get("/files/views/a.js", headers={"accept-encoding": "identity"})
    assert answer.content == TEXT
    assert "content-encoding" not in answer.headers
    assert "content-encoding" not in files.get("/files/tiny.css").headers  # not worth it


def test_unchanged_files_are_not_sent_again(files: TestClient) -> None:
    etag = files.get("/files/views/a.js").headers["etag"]
    for condition in (etag, f'"other", {etag}', f"W/{etag}"):
        again = files.get("/files/views/a.js", headers={"if-none-match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert files.get("/files/views/a.js", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/files/../secret.txt",
        "/files/%2e%2e/secret.txt",
        "/files/..%2fsecret.txt",
        "/files/%252e%252e/secret.txt",
        "/files/views/../../secret.txt",
        "/files/..\\secret.txt",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
        "/files/views",
        "/files/",
        "/files/views/a.js/",
        "/files/./views/a.js%00.png",
        "/files/" + "a" * 5000,
    ],
)
def test_no_other_file_can_be_reached(files: TestClient, client: TestClient, path: str) -> None:
    assert files.get(path).status_code == 404
    script = re.search(r"/static/\w+", client.get("/").text)
    assert script is not None
    for start in (script[0], "/docs-files"):
        assert client.get(path.replace("/files", start, 1)).status_code == 404


def test_files_are_read_once(files: TestClient, tmp_path: Path) -> None:
    (tmp_path / "public" / "tiny.css").unlink()
    assert files.get("/files/tiny.css").content == b"a{}"


def test_asset_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asset = Asset(TEXT, [(b"content-type", b"text/plain"), (b"Content-Length", b"9")])
    first = asset.response(Headers({"accept-encoding": "br, gzip"}))
    monkeypatch.delattr(gzip, "compress")
    second = asset.response(Headers({"accept-encoding": "gzip"}))
    assert first.body == second.body
    assert gzip.decompress(second.body) == TEXT
    assert second.headers.getlist("content-length") == [str(len(second.body))]


def test_unchanging_answers_are_made_once() -> None:
    app = FastAPI()
    made: list[str] = []

    @app.get("/kept/{name}")
    async def kept(name: str) -> dict[str, str]:
        if name == "unwell" and not made:
            made.append(name)
            raise ValueError
        made.append(name)
        return {"name": name * 1000}

    @app.get("/other")
    async def other() -> int:
        made.append("other")
        return 1

    app.add_middleware(Kept, is_kept=lambda path: path.startswith("/kept"))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/kept/unwell").status_code == 500
        for _ in range(3):
            answer = client.get("/kept/unwell")  # an error is not kept
            assert answer.json()["name"] == "unwell" * 1000
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.headers["content-type"] == "application/json"
            client.get("/other")
        assert client.get("/kept/unwell", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        assert client.get("/kept/unwell", headers={"accept-encoding": "identity"}).json() == answer.json()
        assert client.post("/kept/unwell").status_code == 405
        assert client.get("/kept").status_code == 404
    assert made == ["unwell", "unwell", "other", "other", "other"]


def test_page_is_light(client: TestClient) -> None:
    """All that the page needs until the first drawing, as it is sent to a browser."""
    page = client.get("/").text
    addresses = set(re.findall(r"""(?:src|href)="(/static/[^"]+)""", page))
    shell = next(iter(addresses)).split("/")[2]
    addresses |= {f"/static/{shell}/drawing/examples.json", "/", "/api/models", "/api/models/other"}
    sent = {path: int(client.get(path).headers["content-length"]) for path in addresses}
    assert len(sent) > 40
    assert sum(sent.values()) < PAGE_BYTES, sorted(sent.items(), key=lambda item: -item[1])[:10]


def test_code_goes_without_its_comments() -> None:
    source = """// @ts-check
/**
 * What it does.
 * @param {string} a
 */
export function f(a) {
  // why
  return a + "// no comment" + `/* nor ${a} this */`; // stays
  /* a word */ const b = /** @type {any} */ (a); /* more */
}
/* last */"""
    stripped = without_comments(source)
    assert stripped.split("\n") == [
        *[""] * 5,
        "export function f(a) {",
        "",
        '  return a + "// no comment" + `/* nor ${a} this */`; // stays',
        "  /* a word */ const b = /** @type {any} */ (a); /* more */",
        "}",
        "",
    ]


def test_no_template_literal_loses_a_line() -> None:
    modules = list(resource("static").rglob("*.js"))
    assert len(modules) > 40
    for path in modules:
        code = path.read_text(encoding="utf-8")
        for comment in COMMENTS.finditer(code):
            before = without_comments(code[: comment.start()])
            assert before.count("`") % 2 == 0, f"{path.name}: {comment[0]}"
