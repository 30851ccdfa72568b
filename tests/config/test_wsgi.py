"""The WSGI entry point answers whatever a client declares."""

from io import BytesIO

import pytest
from django.test import RequestFactory

from config.wsgi import Handler, TextRequest


@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "no-such-charset", "utf-8", "gb18030"])
def test_a_charset_that_is_no_text_is_ignored(charset: str) -> None:
    declared = {"QUERY_STRING": "q=%E7%BA%A2", "CONTENT_TYPE": f"text/plain; charset={charset}"}
    request = TextRequest(RequestFactory().get("/").environ | declared | {"wsgi.input": BytesIO(b"x")})
    assert "q" in request.GET


def test_the_application_builds_such_requests() -> None:
    assert Handler.request_class is TextRequest
