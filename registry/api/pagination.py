"""Opaque cursors; `limit` up to 200."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """Newest first by row id: stable while rows are added, and as fast on the last page as on the first."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
