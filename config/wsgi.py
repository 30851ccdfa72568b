"""WSGI entry point for gunicorn."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class TextRequest(WSGIRequest):
    """A request whose declared charset has to be one of text: Python also knows `zlib` and `rot13` by that name, and
    Django would fail on them before any view could answer."""

    def __init__(self, environ: dict[str, Any]) -> None:
        _, parameters = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        if not _is_text(parameters.get("charset", "utf-8")):
            environ = environ | {"CONTENT_TYPE": "application/octet-stream"}
        super().__init__(environ)


def _is_text(charset: str) -> bool:
    try:
        b"a".decode(charset)  # of no bytes Python does not even look
    except (LookupError, ValueError):
        return False
    return True


class Handler(WSGIHandler):
    """Django's handler with the request above."""

    request_class = TextRequest


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup(set_prefix=False)
application = Handler()
