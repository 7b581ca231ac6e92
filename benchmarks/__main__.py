"""`python -m benchmarks [--quick] [NAME …]`: run the named benchmarks, or all of them, and print their figures.

`--quick` runs them for a minute or two and measures roughly.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module

from benchmarks.measuring import Processors, machine
from vqvae_explainer.errors import UserError

NAMES = (
    "classroom",
    "fairness",
    "stroke",
    "far",
    "frame",
    "inference",
    "prior",
    "kernel",
    "lab",
    "start",
    "page",
    "redraw",
    "training",
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the speed of the explainer.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a short run with rough figures")
    parsed = parser.parse_args(arguments)
    if unknown := set(parsed.names) - set(NAMES):
        parser.error(f"unknown benchmark {', '.join(sorted(unknown))}; choose from {', '.join(NAMES)}")
    print(machine(), flush=True)
    for name in parsed.names or NAMES:
        print(f"\n{name}", flush=True)
        before = Processors.now()
        try:
            for what, figures in import_module(f"benchmarks.{name}").measure(parsed.quick):
                print(f"  {what:<42} {figures}", flush=True)
        except UserError as error:
            parser.exit(1, f"{error}\n")
        print(f"  (processor time taken by the host: {Processors.now().stolen_since(before):.0%})", flush=True)


if __name__ == "__main__":
    main()
