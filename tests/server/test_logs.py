"""The log: one JSON object a line."""

import json
import logging
import sys

from vqvae_explainer.server.logs import JsonFormatter


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
