"""Origins that may open the stream."""

import pytest
from starlette.datastructures import Headers

from vqvae_explainer.server.origin import is_allowed

ALLOWED = frozenset({"https://school.example"})


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8000", "localhost:8000"),
        ("https://vqvae.example", "vqvae.example"),  # behind a proxy that ends TLS
        ("http://[::1]:8000", "[::1]:8000"),
        ("HTTP://LocalHost:8000", "localhost:8000"),
        ("https://school.example", "localhost:8000"),
        ("https://School.example", "localhost:8000"),
        (None, "localhost:8000"),
    ],
)
def test_allowed(origin: str | None, host: str) -> None:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    assert is_allowed(Headers(headers), ALLOWED)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:8001",
        "http://localhost",
        "http://localhost:8000.evil.example",
        "http://localhost:8000@evil.example",
        "http://user@localhost:8000",
        "http://school.example",
        "https://school.example.evil.example",
        "null",
        "",
        "http://[",
        "localhost:8000",
    ],
)
def test_refused(origin: str) -> None:
    assert not is_allowed(Headers({"host": "localhost:8000", "origin": origin}), ALLOWED)


def test_empty_host_is_no_match() -> None:
    assert not is_allowed(Headers({"host": "", "origin": "file://"}), ALLOWED)
