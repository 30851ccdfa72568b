"""Patterns over the paths of addresses, as robots.txt has them (RFC 9309 §2.2.2, §2.2.3); pure.

TDMRep, aipref, RSL and Content-Signal match their paths the same way. Matching takes linear time: no regular
expression is made from what somebody wrote.
"""

from urllib.parse import urlsplit

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
HEX = frozenset(b"0123456789abcdefABCDEF")
EVERYWHERE = ("", "/", "*", "/*")  # four spellings of the same


def normal(path: str) -> str:
    """The path in one spelling: unreserved characters plain, the others %XX in capitals (RFC 9309 §2.2.2)."""
    raw = path.encode("utf-8", "surrogatepass")
    if b"%" not in raw and raw.isascii():
        return path
    out: list[str] = []
    at = 0
    while at < len(raw):
        byte = raw[at]
        if byte == 0x25 and at + 2 < len(raw) and raw[at + 1] in HEX and raw[at + 2] in HEX:
            value = int(raw[at + 1 : at + 3], 16)
            out.append(chr(value) if value in UNRESERVED else f"%{value:02X}")
            at += 3
            continue
        out.append(chr(byte) if byte < 0x80 else f"%{byte:02X}")
        at += 1
    return "".join(out)


def path_of(address: str) -> str:
    """The path and query of an address, as patterns are held against it; "/" where there is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    path = parts.path or "/"
    return normal(f"{path}?{parts.query}" if parts.query else path)


def host_of(address: str) -> str:
    """The host and port of an address, in small letters; empty where it has none."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern (a beginning, with `*` for anything and `$` for the end) covers a path from `path_of`."""
    if pattern in EVERYWHERE:
        return True
    pattern = normal(pattern)
    ends = pattern.endswith("$")
    pieces = (pattern[:-1] if ends else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    if len(pieces) == 1:
        return not ends or path == pieces[0]
    at = len(pieces[0])
    for piece in pieces[1:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = pieces[-1]
    if ends:
        return path.endswith(last) and len(path) - len(last) >= at
    return path.find(last, at) >= 0


def weight(pattern: str) -> int:
    """How specific a pattern is: its length in octets; everywhere counts as "/" does."""
    return 1 if pattern == "" else len(normal(pattern))


def canonical(pattern: str) -> str:
    """The pattern as rules keep it: "/" is the empty one, everywhere."""
    return "" if pattern == "/" else pattern
