"""Responses that never change: computed, hashed and compressed once, and kept compressed."""

import gzip
import re
import tracemalloc
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from vqvae_explainer.server.assets import Asset, ResponseCache, accepts_gzip, file_asset

TEXT = b"all work and no play " * 100


@pytest.fixture
def files() -> Iterator[TestClient]:
    """A server of two files."""
    app = FastAPI()
    assets = {name: file_asset(name, content) for name, content in {"views/a.js": TEXT, "tiny.css": b"a{}"}.items()}

    @app.api_route("/files/{name:path}", methods=["GET", "HEAD"])
    async def file(name: str, request: Request) -> Response:
        return assets[name].response(request.headers)

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


def test_uncompressed(files: TestClient) -> None:
    answer = files.get("/files/views/a.js", headers={"accept-encoding": "identity"})
    assert answer.content == TEXT
    assert "content-encoding" not in answer.headers
    assert "content-encoding" not in files.get("/files/tiny.css").headers  # too small


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
def test_no_other_file_can_be_reached(client: TestClient, path: str) -> None:
    script = re.search(r"/static/\w+", client.get("/").text)
    assert script is not None
    for start in (script[0], "/docs-files"):
        assert client.get(path.replace("/files", start, 1)).status_code == 404


def test_asset_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asset = Asset(TEXT, [(b"content-type", b"text/plain"), (b"Content-Length", b"9")])
    first = asset.response(Headers({"accept-encoding": "br, gzip"}))
    monkeypatch.delattr(gzip, "compress")
    second = asset.response(Headers({"accept-encoding": "gzip"}))
    assert first.body == second.body
    assert gzip.decompress(second.body) == TEXT
    assert second.headers.getlist("content-length") == [str(len(second.body))]


def test_a_body_is_kept_compressed_only() -> None:
    body = b"".join(b"%d\n" % n for n in range(100_000))
    tracemalloc.start()
    try:
        asset = Asset(body * 2, [])
        small = asset.response(Headers({"accept-encoding": "gzip"})).body
        assert tracemalloc.get_traced_memory()[0] < 1.2 * len(small) < len(body)
        assert asset.response(Headers({})).body == body * 2
    finally:
        tracemalloc.stop()


def test_responses_are_cached_unless_they_are_errors() -> None:
    app = FastAPI()
    computed: list[str] = []

    @app.get("/cached/{name}")
    async def cached(name: str) -> dict[str, str]:
        if name == "failing" and not computed:
            computed.append(name)
            raise ValueError
        computed.append(name)
        return {"name": name * 1000}

    @app.get("/other")
    async def other() -> int:
        computed.append("other")
        return 1

    app.add_middleware(ResponseCache, is_cached=lambda path: path.startswith("/cached"))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/cached/failing").status_code == 500
        for _ in range(3):
            answer = client.get("/cached/failing")  # the error was not cached
            assert answer.json()["name"] == "failing" * 1000
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.headers["content-type"] == "application/json"
            client.get("/other")
        assert client.get("/cached/failing", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        assert client.get("/cached/failing", headers={"accept-encoding": "identity"}).json() == answer.json()
        assert client.post("/cached/failing").status_code == 405
        assert client.get("/cached").status_code == 404
    assert computed == ["failing", "failing", "other", "other", "other"]


@pytest.mark.parametrize(
    ("header", "compresses"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1, GZIP ; q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("", False),
        ("x-gzipped", False),
    ],
)
def test_accepted_encodings(files: TestClient, header: str, compresses: bool) -> None:
    assert accepts_gzip(Headers({"accept-encoding": header})) is compresses
    answer = files.get("/files/views/a.js", headers={"accept-encoding": header})
    assert (answer.headers.get("content-encoding") == "gzip") is compresses
    assert answer.headers.get_list("vary") == ["Accept-Encoding"]


def test_each_form_has_its_own_tag(files: TestClient) -> None:
    tags = {}
    for encoding in ("gzip", "identity"):
        answer = files.get("/files/views/a.js", headers={"accept-encoding": encoding})
        tags[encoding] = answer.headers["etag"]
    assert tags["gzip"] != tags["identity"]
    for encoding, tag in tags.items():
        for other in ("gzip", "identity"):
            answer = files.get("/files/views/a.js", headers={"accept-encoding": other, "if-none-match": tag})
            assert answer.status_code == (304 if other == encoding else 200)
