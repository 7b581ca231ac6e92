"""Code in script and style elements of a page."""

import hashlib
import re
from base64 import b64encode

from markupsafe import Markup

from ..errors import UserError

END_TAG = re.compile(r"</(script|style)|<!--", re.IGNORECASE)


def embed(code: bytes) -> Markup:
    """Code for a script or style element.

    Raises:
        UserError: it would end the element.
    """
    text = code.decode()
    if found := END_TAG.search(text):
        raise UserError(f"Code of the page cannot be written into it: it contains `{found[0]}`.")
    return Markup(text)


def hash_source(code: str) -> str:
    """What a Content-Security-Policy calls the code of an element."""
    return f"'sha256-{b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
