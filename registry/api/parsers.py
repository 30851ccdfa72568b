"""Reading JSON bodies that anybody may have written."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from registry.errors import InvalidInput


class TooLarge(APIException):
    """The body is larger than a JSON request may be."""

    status_code = 413
    default_code = "too_large"
    default_detail = "This request is larger than what is read at once; hand in files as multipart form data."


class StrictJSONParser(BaseParser):
    """RFC 8259: UTF-8 whatever the header says, no NaN, of limited size; any nesting that Python refuses is 400."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        try:
            body = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: byte {error.start} is wrong.") from None
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        if b"\\u" in raw:
            _require_unicode(body)
        return body


def _require_unicode(body: Any) -> None:
    """Raise InvalidInput for every text with half a character, a lone surrogate: JSON can write it, UTF-8 cannot."""
    faults, left = [], [("", body)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{place}/{_escaped(name)}", inner) for name, inner in value.items()]
            left += [(place, name) for name in value]
        elif isinstance(value, list):
            left += [(f"{place}/{number}", inner) for number, inner in enumerate(value)]
        elif isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            faults.append({"pointer": place, "cause": "This holds a lone surrogate, which is half a character."})
    if faults:
        raise InvalidInput(faults[0]["cause"], errors=faults[:100])


def _escaped(name: str) -> str:
    """A member's name as a step of a JSON pointer that can be sent."""
    return name.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
