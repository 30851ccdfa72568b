"""Where something stands on the web: an address in one spelling, with its host; pure.

What others wrote as an address may carry names and passwords, control characters or lookalikes of a host. Here an
address is https or http, its host is lower case and IDNA-encoded, its own port is left out, and so is its fragment.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

from licensing.formats.path_patterns import host_of, matches, normal, path_of

MAX_CHARS = 1000
MAX_HOST_CHARS = 253
PORTS = {"https": 443, "http": 80}
__all__ = ["Place", "concerned", "covers", "host_of", "parse"]


@dataclass(frozen=True)
class Place:
    """An address, its host (with the port where that is not the usual one) and its path with the query."""

    address: str
    host: str
    path: str

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for all that is below it."""
        return self.path.endswith("*")


def parse(text: str, *, pattern: bool = False) -> Place:
    """The place that somebody named; with `pattern` a final * stands for all below. Raises ValueError, a sentence."""
    typed = text.strip()
    if len(typed) > MAX_CHARS:
        raise ValueError(f"An address has at most {MAX_CHARS} characters here.")
    if not typed.isprintable() or " " in typed or "\\" in typed:
        raise ValueError("An address has no spaces, backslashes or control characters.")
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        port = parts.port
    except ValueError:
        raise ValueError("This is no web address.") from None
    if parts.scheme not in PORTS:
        raise ValueError("A web address begins with https:// or http://.")
    if "@" in parts.netloc:
        raise ValueError("An address with a name or a password in it is not kept: leave them out.")
    host = _host(parts.hostname or "")
    if port is not None and port != PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = normal(parts.path or "/") + (f"?{normal(parts.query)}" if parts.query else "")
    if "*" in path[:-1] or ("*" in path and not pattern):
        raise ValueError("A * stands at the end alone, where it means everything below.")
    address = f"{parts.scheme}://{host}{path}"
    if len(address) > MAX_CHARS:
        raise ValueError(f"An address has at most {MAX_CHARS} characters here.")
    return Place(address, host, path)


def _host(name: str) -> str:
    plain = name.rstrip(".")
    try:
        host = idna.encode(plain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise ValueError("The host of this address is no name of the internet.") from None
    if len(host) > MAX_HOST_CHARS or "." not in host or host.rpartition(".")[2].isdigit():
        raise ValueError("The host of this address is no name of the internet, like press.example.")
    return host


def covers(stated: str, address: str) -> bool:
    """Whether an address is one that is stated, or below it where a final * stands; https and http are one place."""
    place, other = stated.partition("://")[2], address.partition("://")[2]
    return other.startswith(place[:-1]) if place.endswith("*") else place == other


def concerned(pattern: str, target: str, address: str) -> bool:
    """Whether a rule with this pattern, in a policy with this target, speaks of an address at all."""
    path = path_of(address)
    if pattern:
        return matches(pattern, path)
    if not target or target.startswith(("/", "*")):
        return matches(target, path)
    named = host_of(target)
    return (not named or named == host_of(address)) and matches(path_of(target), path)
