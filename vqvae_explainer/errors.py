"""The error that is shown to users: one sentence, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """An error that the user can correct. The message says what was expected and what was found."""


@contextmanager
def needing_train_extra(what: str) -> Iterator[None]:
    """Imports of the block need what the extra `train` installs: PyTorch and others.

    Args:
        what: needs it, for the message.

    Raises:
        UserError: a package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = {"torch": "PyTorch"}.get(error.name or "", error.name)
        raise UserError(f'{what} needs {missing}: in a checkout, pip install -e ".[train]" installs it.') from error
