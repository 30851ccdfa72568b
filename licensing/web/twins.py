"""Machine-readable twins of pages, by content negotiation: the same address, asked for JSON-LD.

`Accept: application/ld+json`, `?format=jsonld`, or the page's address with `.jsonld` at its end. The page says where
its twin is (Link, rel=alternate), and both say that they differ by Accept (RFC 9110, 12.5.5).
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from licensing.formats.schema_org import MEDIA_TYPE

SUFFIX = ".jsonld"
_RANGE = re.compile(r"\s*([\w.+*-]+/[\w.+*-]+)\s*((?:;[^;,]*)*)")
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def is_asked(request: HttpRequest) -> bool:
    """Whether the reader wants the twin: it is named, or liked better than a page."""
    if request.path.endswith(SUFFIX) or request.GET.get("format") == "jsonld":
        return True
    liked = _qualities(request.headers.get("Accept", ""))
    twin = max(liked.get(MEDIA_TYPE, 0.0), liked.get("application/json", 0.0))
    return twin > max(liked.get("text/html", 0.0), liked.get("application/xhtml+xml", 0.0))


def _qualities(accept: str) -> dict[str, float]:
    """Media type → quality, of types that are named; wildcards choose the page."""
    found: dict[str, float] = {}
    for part in accept[:2000].split(","):
        named = _RANGE.match(part)
        if named:
            quality = _QUALITY.search(named[2])
            found[named[1].lower()] = float(quality[1]) if quality else 1.0
    return found


def answer(request: HttpRequest, document: dict[str, Any]) -> HttpResponse:
    """The twin, or 304 to a reader who has it."""
    body = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    full = HttpResponse(body, content_type=MEDIA_TYPE, headers={"ETag": etag, "Access-Control-Allow-Origin": "*"})
    found = get_conditional_response(request, etag=etag, response=full) or full
    patch_vary_headers(found, ["Accept", "Cookie"])
    return found


def linked(page: HttpResponse, address: str) -> HttpResponse:
    """The page with a link to its twin."""
    page["Link"] = f'<{address}{SUFFIX}>; rel="alternate"; type="{MEDIA_TYPE}"'
    patch_vary_headers(page, ["Accept"])
    return page


def either(
    request: HttpRequest, address: str, twin: Callable[[], dict[str, Any]], page: Callable[[], HttpResponse]
) -> HttpResponse:
    """The twin where it is asked for, else the page; `address` is the page's own."""
    return answer(request, twin()) if is_asked(request) else linked(page(), address)
