"""`python -m benchmarks.start`: time from the command to the first traced drawing, and memory use."""

import subprocess
import sys
import time
from collections.abc import Iterator

from websockets.sync.client import connect

from benchmarks.load import messages
from benchmarks.measuring import SERVE, Row, percentile, resident, serving

RUNS = 5
IMPORT = "import time; start = time.perf_counter(); import torch; print(time.perf_counter() - start)"


def started() -> tuple[float, float, float]:
    """Seconds until the address is printed and until a drawing is traced, and megabytes of memory."""
    head, tail = messages()[-1]
    start = time.perf_counter()
    with serving(*SERVE) as server:
        ready = time.perf_counter() - start
        with connect(server.url.replace("http", "ws", 1) + "/ws", max_size=None) as socket:
            socket.send((head + b"0" + tail).decode())
            socket.recv()
            return ready, time.perf_counter() - start, resident(server.process)


def imported() -> float:
    """Seconds that a new process takes to import PyTorch."""
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure(quick: bool = False) -> Iterator[Row]:
    """Medians, with a warm file cache."""
    runs = 1 if quick else RUNS
    if not quick:
        started()
    found = [started() for _ in range(runs)]
    ready, traced, memory = (percentile([run[n] for run in found], 0.5) for n in range(3))
    torch = percentile([imported() for _ in range(runs)], 0.5)
    yield Row("serve → address printed", f"{ready:.2f} s")
    yield Row(
        "serve → a drawing traced", f"{traced:.2f} s, of which importing PyTorch {torch:.2f} s ({torch / traced:.0%})"
    )
    yield Row("resident memory after it", f"{memory:.0f} MB")
