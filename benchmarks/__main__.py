"""`python -m benchmarks [--quick] [NAME …]`: run benchmarks and print what they measured; all of them if none is named.

`--quick` shows in a minute or two that they work; its figures are rough.
"""

import argparse
from importlib import import_module

from benchmarks.measuring import Processors, machine
from vqvae_explainer.errors import UserError

NAMES = ("classroom", "stroke", "frame", "inference", "start", "page", "redraw", "training")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the explainer's speed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all if left out")
    parser.add_argument("--quick", action="store_true", help="a short run that shows whether they work")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print(machine(), flush=True)
    for name in arguments.names or NAMES:
        print(f"\n{name}", flush=True)
        before = Processors.now()
        try:
            for what, figures in import_module(f"benchmarks.{name}").measure(arguments.quick):
                print(f"  {what:<42} {figures}", flush=True)
        except UserError as error:
            parser.exit(1, f"{error}\n")
        print(f"  (taken by the machine's host meanwhile: {Processors.now().stolen_since(before):.0%})", flush=True)


if __name__ == "__main__":
    main()
