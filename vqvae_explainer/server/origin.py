"""Check of the Origin header. Browsers let any page open a WebSocket to any server, and send the page's origin."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_allowed(headers: Headers, allowed_origins: frozenset[str]) -> bool:
    """Whether a request comes from this server's own page, from an allowed origin, or not from a browser.

    Args:
        headers: of the request.
        allowed_origins: such as `https://school.example`, in lower case.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    origin = origin.lower()
    if origin in allowed_origins:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:  # such as http://[
        return False
    return host != "" and host == headers.get("host", "").lower()
