"""What counts as a web address in what others wrote; one answer for catalogues and for signals."""

from urllib.parse import urlsplit

MAX_CHARS = 1000


def is_address(value: object) -> bool:
    """Whether this is an http or https address that can be kept as it stands."""
    if not isinstance(value, str) or not value.isprintable() or any(sign in value for sign in ' <>"\\'):
        return False
    if len(value) > MAX_CHARS or not value.lower().startswith(("http://", "https://")):
        return False
    try:
        value.encode()
        return bool(urlsplit(value).hostname)
    except ValueError:  # a surrogate, or brackets that hold no IPv6 address
        return False
