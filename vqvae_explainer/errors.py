"""The error that people are shown: one sentence, no traceback."""


class UserError(Exception):
    """Something the person at the keyboard can mend; the message says what was expected and found."""
