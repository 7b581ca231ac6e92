"""`python -m benchmarks classroom`: many clients that draw at once, with the explainer and with a naive server.

Each client sends 60 drawings a second whether or not answers come (an open loop): a digit that grows, with the stages
that the page asks for. A latency is the time from sending a drawing to its answer; the explainer may skip drawings that
newer ones replaced. The server is one worker process, on the same machine as the clients.
"""

import asyncio
import sys
from collections.abc import Iterator

from benchmarks.load import HERTZ, Outcome, run
from benchmarks.measuring import SERVE, Row, serving, spread

COUNTS = (1, 8, 32, 64, 128)
SECONDS = 6.0
NAIVE = (sys.executable, "-m", "benchmarks.naive")


def row(name: str, count: int, outcome: Outcome) -> Row:
    """The row of one server and one number of clients."""
    sent, answered = sum(outcome.sent), sum(outcome.answered)
    rates = [number / outcome.seconds for number in outcome.answered]
    return Row(
        f"{name}: {count} clients × {HERTZ} Hz",
        f"{spread(outcome.latencies)}   {outcome.frames_a_second:6.0f} frames/s   "
        f"each {min(rates):4.1f} to {max(rates):4.1f}/s   skipped {1 - answered / sent:4.0%}   "
        f"newest answered {sum(outcome.last_answered)}/{count}   clients' CPU {outcome.busy:.0%}",
    )


def measure(quick: bool = False) -> Iterator[Row]:
    """Both servers, each with each number of clients."""
    counts = (1, 8) if quick else COUNTS
    seconds = 2.0 if quick else SECONDS
    saturated = {}
    for name, command in (("explainer", SERVE), ("naive", NAIVE)):
        for count in counts:
            with serving(*command) as server:
                asyncio.run(run(server.url, 1, 1.0, compressed=name == "naive"))  # warm
                outcome = asyncio.run(run(server.url, count, seconds, compressed=name == "naive"))
            saturated[name] = outcome.frames_a_second
            yield row(name, count, outcome)
    ratio = saturated["explainer"] / saturated["naive"]
    yield Row(f"explainer ÷ naive, {counts[-1]} clients", f"{ratio:.1f} × the frames a second")
