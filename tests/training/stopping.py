"""A training run that is stopped, as by Ctrl-C."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest


class StoppedError(Exception):
    """Ends a run."""


@contextmanager
def stopping_in_the_second_epoch() -> Iterator[Callable[[str], None]]:
    """A `report` for the run in the block. It is called before the checkpoint is written: one epoch is saved."""
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        yield report
