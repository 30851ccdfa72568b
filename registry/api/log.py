"""The log's part of the API: checkpoint, inclusion and consistency, public so that anybody can watch it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.api import representations
from registry.api.base import ApiView, validated_query
from registry.errors import InvalidInput, NotFound
from registry.models import Checkpoint, Entry
from registry.services import log


class LogView(ApiView):
    """The log's latest checkpoint and the key that signs it."""

    read_scopes = None

    @extend_schema(responses=representations.CheckpointOut)
    def get(self, request: Request) -> Response:
        """The latest checkpoint: a signed note of the log's size and root."""
        latest = Checkpoint.objects.order_by("size").last()
        return Response(
            {
                "size": latest.size if latest else 0,
                "checkpoint": latest.note if latest else "",
                "verifier_key": log.verifier_key(),
            }
        )


class LogEntryView(ApiView):
    """One entry's hash and its inclusion proof; its content only for the organisation it belongs to."""

    read_scopes = None

    @extend_schema(responses=representations.LogEntryOut)
    def get(self, request: Request, position: int) -> Response:
        """The proof that an entry stands in the log at this position."""
        entry = Entry.objects.filter(position=position).first()
        latest = Checkpoint.objects.order_by("size").last()
        if entry is None or latest is None:
            raise NotFound(f"The log has no entry {position}.")
        body: dict[str, Any] = {
            "position": position,
            "leaf_hash": bytes(entry.leaf_hash).hex(),
            "size": latest.size,
            "path": [step.hex() for step in log.inclusion_path(position, latest.size)],
            "checkpoint": latest.note,
        }
        may_read = self.actor.scopes is None or "read" in self.actor.scopes
        if may_read and access.entries(self.actor).filter(pk=entry.pk).exists():
            body["leaf"] = bytes(entry.leaf).decode()
        return Response(body)


class LogConsistencyView(ApiView):
    """The proof that a later log begins with an earlier one."""

    read_scopes = None
    parameters = frozenset({"old", "new"})

    @extend_schema(responses=representations.ConsistencyOut, parameters=[representations.ConsistencyIn])
    def get(self, request: Request) -> Response:
        """The proof that nothing was rewritten between two sizes of the log."""
        sizes = validated_query(representations.ConsistencyIn(data=request.query_params))
        old, new = sizes["old"], sizes["new"]
        latest = Checkpoint.objects.order_by("size").last()
        if not old <= new <= (latest.size if latest else 0):
            raise InvalidInput("`old` and `new` are sizes the log has had, the smaller one first.")
        return Response({"old": old, "new": new, "path": [step.hex() for step in log.consistency_path(old, new)]})
