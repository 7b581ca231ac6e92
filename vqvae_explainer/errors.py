"""The error that is shown to users: one sentence, no traceback."""


class UserError(Exception):
    """An error that the user can correct. The message says what was expected and what was found."""
