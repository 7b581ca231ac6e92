"""The log: one JSON object a line, and no flood of them."""

import json
import logging
import subprocess
import sys
import time
from typing import Any

import pytest

from vqvae_explainer.server import logs
from vqvae_explainer.server.logs import BURST, JsonFormatter, SummingHandler


def test_a_record_is_a_line_of_json() -> None:
    record = logging.makeLogRecord(
        {"msg": "two\nlines of %s", "args": ("é",), "levelname": "INFO", "created": 0.0, "fields": {"frames": 3}}
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    content = json.loads(line)
    assert (content["message"], content["level"], content["frames"]) == ("two\nlines of é", "info", 3)
    assert content["time"].startswith(("1970-01-01", "1969-12-31"))


def test_a_traceback_is_kept_in_the_line() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    content = json.loads(JsonFormatter().format(record))
    assert "ValueError: why" in content["traceback"]


PROGRAM = """
import asyncio, logging, threading, warnings
from vqvae_explainer.server.logs import log_everything
from vqvae_explainer.server.run import configure  # uvicorn configures the log too
log_everything()
configure(lambda: None)
logging.getLogger("some.library").warning("of a library\\nin two lines")
warnings.warn("of Python")
logging.getLogger("uvicorn.error").error("of uvicorn")
threading.Thread(target=lambda: 1 / 0).start()
class Unraisable:
    def __del__(self):
        raise KeyError("unraisable")
Unraisable()
async def leave():
    asyncio.get_running_loop().create_future().set_exception(OSError("never retrieved"))
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)
asyncio.run(leave())
for n in range(100):
    logging.getLogger("flood").warning("flood %d", n)
raise SystemError("uncaught")
"""


def test_every_line_is_json_whoever_writes_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    text = done.stderr
    for part in ("of a library", "of Python", "of uvicorn", "division", "unraisable", "never retrieved", "uncaught"):
        assert part in text, part
    assert sum(line["message"].startswith("flood") for line in lines) == BURST + 1
    assert [line["more"] for line in lines if "more" in line] == [100 - BURST]  # written at the end


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """A logger of its own with a period of 0.2 seconds, and a function that reads its lines."""
    monkeypatch.setattr(logs, "PERIOD", 0.2)
    logger = logging.Logger("test")
    handler = SummingHandler()
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    return logger, lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_floods_are_summed_up(written: Any) -> None:
    logger, read = written
    for n in range(1000):
        logger.info("connection closed", extra={"fields": {"client": n}})
        if n % 100 == 0:
            logger.warning("something else %d", n)
    lines = read()
    assert [line["client"] for line in lines if line["message"] == "connection closed"] == list(range(BURST))
    assert sum(line["message"].startswith("something else") for line in lines) == 10
    deadline = time.monotonic() + 20
    while not (summaries := read()) and time.monotonic() < deadline:  # without another record
        time.sleep(0.05)
    [summary] = summaries
    assert (summary["message"], summary["more"], summary["level"]) == ("connection closed", 1000 - BURST, "info")
    logger.info("connection closed", extra={"fields": {"client": 7}})
    assert [line["client"] for line in read()] == [7]
