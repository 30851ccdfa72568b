"""Opaque cursors; `limit` up to 200."""

from base64 import b64decode
from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from registry.api.problems import InvalidQuery

LARGEST = 2**63 - 1  # of the numbers that rows are ordered by
PARAMETERS = frozenset({"cursor", "limit"})


class Cursor(CursorPagination):
    """Newest first by row id: stable while rows are added, and as fast on the last page as on the first."""

    ordering: Any = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    cursor_query_description = "Where the page begins: take it from `next` or `previous`, its content may change."
    page_size_query_description = "How many results a page has at most."

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get("limit")
        if given is None:
            return int(self.page_size or 50)
        if not (given.isascii() and given.isdigit() and len(given) <= 9 and 1 <= int(given) <= self.max_page_size):
            raise InvalidQuery("limit", f"has to be a number from 1 to {self.max_page_size}")
        return int(given)

    def decode_cursor(self, request: Request) -> Any:
        """The cursor, checked through: what was not made here is 400 and never reaches the database."""
        encoded = request.query_params.get("cursor")
        if encoded is None:
            return None
        try:
            b64decode(encoded.encode("ascii"), validate=True)
            cursor: Any = super().decode_cursor(request)
            fits = cursor.position is None or 0 <= int(cursor.position) <= LARGEST
        except Exception:  # noqa: BLE001 (DRF raises many kinds here; all mean the same)
            fits = False
        if not fits:
            raise InvalidQuery("cursor", "is not one that this API gave")
        return cursor

    def encode_cursor(self, cursor: Any) -> str:
        return str(super().encode_cursor(cursor))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            _parameter("cursor", self.cursor_query_description, {"type": "string", "minLength": 1}),
            _parameter("limit", self.page_size_query_description, limit),
        ]


class InOrder(Cursor):
    """Oldest first: what belongs to one scan or one question is read from its beginning."""

    ordering = "id"


class ByPosition(Cursor):
    """In the order in which a release's documents were read."""

    ordering: Any = ("position", "id")


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
