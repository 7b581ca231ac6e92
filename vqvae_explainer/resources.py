"""Where the page and the shipped weights lie: inside the installed package, or at the root of a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """The folder `name` ("static", "templates" or "weights"), from the wheel if it is there."""
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
