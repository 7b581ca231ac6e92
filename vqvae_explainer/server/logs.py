"""The log: one JSON object per line, on standard error, whatever library writes to it."""

import json
import logging
import logging.config
import os
import sys
import threading
import time
from collections.abc import Hashable
from typing import Any

CONNECTIONS = "vqvae_explainer.connections"
BURST = 20  # records of one kind that are written in each period; the others are counted
PERIOD = 10.0  # seconds


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; `extra={"fields": {…}}` adds fields."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "process": os.getpid(),
            "message": record.getMessage(),
        }
        fields |= getattr(record, "fields", {})
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


class SummingHandler(logging.Handler):
    """Writes the first records of each kind in a period, and then one that tells how many more there were.

    Records of one kind come from the same line of code.
    """

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[Hashable, int] = {}  # records of this period by kind
        self._last: dict[Hashable, logging.LogRecord] = {}  # of the kinds that were not all written
        self._period_end = 0.0
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if time.monotonic() >= self._period_end:
            self._end_period()
        kind = record.name, record.levelno, record.pathname, record.lineno
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count <= BURST:
            self._write(record)
            return
        if not self._last:
            self._timer = threading.Timer(self._period_end - time.monotonic(), self.flush)
            self._timer.daemon = True
            self._timer.start()
        self._last[kind] = record

    def flush(self) -> None:
        """Write what has been counted; also called at the end of the process."""
        self.acquire()
        try:
            self._end_period()
        finally:
            self.release()

    def _end_period(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for kind, record in self._last.items():
            summary = {"message": record.msg, "more": self._counts[kind] - BURST, "seconds": PERIOD}
            self._write(logging.makeLogRecord(record.__dict__ | {"exc_info": None, "fields": summary}))
        self._counts, self._last = {}, {}
        self._period_end = time.monotonic() + PERIOD

    def _write(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")  # looked up each time: tests replace it
            sys.stderr.flush()
        except Exception:  # as all handlers of the standard library do
            self.handleError(record)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {"stderr": {"()": SummingHandler, "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "vqvae_explainer": {"level": "INFO"},
        "uvicorn": {"level": "WARNING"},
    },
}


def log_everything() -> None:
    """Configure the log of this process, with warnings and with exceptions that nobody catches."""
    logging.config.dictConfig(LOGGING)
    logging.captureWarnings(True)
    logger = logging.getLogger(__name__)

    def log_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
        logger.error(
            "%s: %r", unraisable.err_msg or "exception ignored", unraisable.object, exc_info=unraisable.exc_value
        )

    def log_thread(arguments: threading.ExceptHookArgs) -> None:
        logger.error("exception in a thread", exc_info=arguments.exc_value)

    def log_uncaught(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
        logger.critical("uncaught exception", exc_info=(kind, error, traceback))

    sys.unraisablehook = log_unraisable
    threading.excepthook = log_thread
    sys.excepthook = log_uncaught
