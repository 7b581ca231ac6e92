"""Errors of the REST interface have a stable code beside the sentence."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from .streaming import pixels

BLANK = pixels(bytes(784))


def test_unknown_models(client: TestClient) -> None:
    for name in ("none", "x" * 64, "Tiny"):
        expected = {"code": "unknown_model", "detail": f"There is no model {name!r}; there are: other, tiny."}
        for answer in (
            client.get(f"/api/models/{name}"),
            client.get(f"/api/models/{name}/playback"),
            client.post("/api/trace", json={"model": name, "pixels": BLANK}),
        ):
            assert (answer.status_code, answer.json()) == (404, expected)
    assert client.post("/api/trace", json={"model": "", "pixels": BLANK}).json()["code"] == "unknown_model"


def test_training_that_was_not_recorded(client: TestClient) -> None:
    assert not client.get("/api/models/other").json()["playback"]
    answer = client.get("/api/models/other/playback")
    expected = {"code": "no_playback", "detail": "The training of 'other' was not recorded."}
    assert (answer.status_code, answer.json()) == (404, expected)


def test_unknown_paths_and_methods(client: TestClient) -> None:
    for path in ("/none", "/static/none", "/api/none", "/static/../pyproject.toml"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.headers["cache-control"] == "no-cache"
    answer = client.get("/api/trace")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method_not_allowed", "POST")


def test_browsers_are_shown_a_page_that_leads_back(client: TestClient) -> None:
    accept = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for path, home, language in (
        ("/none", "/", "en"),
        ("/static/none", "/", "en"),
        ("/api/models/none", "/", "en"),
        ("/es/none", "/es/", "es"),
    ):
        answer = client.get(path, headers=accept)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert answer.headers["vary"] == "Accept"
        assert f'<a href="{home}">' in answer.text
        assert f'<html lang="{language}">' in answer.text
        for style in re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text):
            assert client.get(style).status_code == 200
        assert client.get(path).json()["code"] in ("not_found", "unknown_model")
    assert client.get("/api/trace", headers=accept).json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"pixels": 3}',
        '{"pixels": null}',
        '{"pixels": NaN}',
        '{"pixels": "AAAA"}',
        '{"pixels": "!"}',
        '{"pixels": "\\ud800"}',
        f'{{"pixels": "{pixels(bytes(785))}"}}',
        f'{{"pixels": "{BLANK}", "brush": 1}}',
        f'{{"pixels": "{BLANK}", "model": 3}}',
        f'{{"pixels": "{BLANK}", "model": "{"x" * 65}"}}',
    ],
)
def test_invalid_requests(client: TestClient, body: str) -> None:
    answer = client.post("/api/trace", content=body, headers={"content-type": "application/json"})
    content: dict[str, Any] = answer.json()
    assert (answer.status_code, content["code"]) == (422, "invalid")
    assert content["detail"]
    assert all(problem.keys() == {"type", "loc", "msg"} for problem in content["detail"])
