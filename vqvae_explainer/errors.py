"""The error that is shown to users: one sentence, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """An error that the user can correct. The message says what was expected and what was found."""


@contextmanager
def needing_pytorch(what: str) -> Iterator[None]:
    """Imports of the block need PyTorch, which is optional.

    Args:
        what: needs it, for the message.

    Raises:
        UserError: PyTorch is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UserError(
            f'{what} needs PyTorch, in the extra "train": pip install -e ".[train]" in a checkout.'
        ) from error
