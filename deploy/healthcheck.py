"""The container's health check: exits with 0 when the server answers on the port that it was started with."""

import sys
from pathlib import Path
from urllib.request import urlopen


def port_of(command: list[str]) -> str:
    """The value of the last `--port`, which is the one that counts."""
    words = " ".join(command).replace("--port=", "--port ").split(" ")
    return words[len(words) - words[::-1].index("--port")]


if __name__ == "__main__":
    process = sys.argv[1] if len(sys.argv) > 1 else "1"  # the container's first process is the server
    command = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8").split("\0")
    urlopen(f"http://127.0.0.1:{port_of(command)}/healthz", timeout=4)
