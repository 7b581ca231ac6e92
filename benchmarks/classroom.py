"""`python -m benchmarks.classroom`: many pages that draw at once, against the explainer and against a naive server.

Each client sends 60 drawings a second by the clock (an open loop), each drawing a little more of a digit, for its
features and its reconstruction as the page does. A latency is the time from the sending of a drawing to the answer to
that very drawing; the explainer may skip drawings that were overtaken. One worker process; clients share its machine.
"""

import asyncio
import sys
from collections.abc import Iterator

from benchmarks.load import HERTZ, Outcome, run
from benchmarks.measuring import SERVE, Row, serving, spread

COUNTS = (1, 8, 32, 64, 128)
SECONDS = 6.0
NAIVE = (sys.executable, "-m", "benchmarks.naive")


def tell(name: str, count: int, outcome: Outcome) -> Row:
    """A line of the table."""
    sent, answered = sum(outcome.sent), sum(outcome.answered)
    rates = [number / outcome.seconds for number in outcome.answered]
    return Row(
        f"{name}: {count} clients × {HERTZ} Hz",
        f"{spread(outcome.latencies)}   {outcome.frames_a_second:6.0f} frames/s   "
        f"each {min(rates):4.1f} to {max(rates):4.1f}/s   skipped {1 - answered / sent:4.0%}   "
        f"newest answered {sum(outcome.last_answered)}/{count}   clients' CPU {outcome.busy:.0%}",
    )


def measure(quick: bool = False) -> Iterator[Row]:
    """Both servers with each number of clients."""
    counts = (1, 8) if quick else COUNTS
    seconds = 2.0 if quick else SECONDS
    saturated = {}
    for name, command in (("explainer", SERVE), ("naive", NAIVE)):
        for count in counts:
            with serving(*command) as server:
                asyncio.run(run(server.url, 1, 1.0, compressed=name == "naive"))  # warm
                outcome = asyncio.run(run(server.url, count, seconds, compressed=name == "naive"))
            saturated[name] = outcome.frames_a_second
            yield tell(name, count, outcome)
    ratio = saturated["explainer"] / saturated["naive"]
    yield Row(f"explainer ÷ naive, {counts[-1]} clients", f"{ratio:.1f} × the frames a second")
