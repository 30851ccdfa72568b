"""The API of one work's life: amended, withdrawn, published, merged, split, undone; its revisions and its receipt."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import access
from registry.actors import Actor
from registry.api import representations
from registry.api.base import ApiViewSet
from registry.api.problems import InvalidHeader
from registry.api.serializers import IdentifierIn, Several, StrictSerializer, TextField, WorkIn
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.models import Work, WorkRevision
from registry.selectors import history
from registry.services import receipts, work_merges, work_states, work_undo, works
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description="The `ETag` that the work had when it was read, or `*`: 412 where it was changed since.",
    pattern=r'^("[0-9]{1,9}"|\*)$',
)  # fmt: skip
KEPT = ("visibility",)  # what amending does not change
MOST_REVISIONS = 500


class WorkChangesIn(WorkIn):
    """Fields of the work to change; what is left out stays. Lists (`authors`, `editions` …) are replaced as a whole."""

    title = serializers.CharField(max_length=500, required=False)
    visibility = None  # type: ignore[assignment]
    reason = TextField(500)


class ReasonIn(StrictSerializer):
    """Why."""

    reason = TextField(500)


class MergeIn(ReasonIn):
    """The work that stays, one of the same organisation."""

    into = serializers.CharField(max_length=12)


class SplitIn(ReasonIn):
    """What of the work becomes a work of its own."""

    title = serializers.CharField(max_length=500)
    editions = serializers.ListField(child=serializers.CharField(max_length=12), default=list, max_length=1000)
    identifiers = Several(IdentifierIn())


class UndoIn(StrictSerializer):
    """The change to undo, by the number of the revision that it ended."""

    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class DifferenceOut(serializers.Serializer):
    """A field that a change made another, as text."""

    name = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class RevisionOut(serializers.Serializer):
    """A change: which revision it ended, what it changed, and why it cannot be undone (empty where it may be)."""

    number = serializers.IntegerField(source="row.number")
    change = serializers.ChoiceField(WorkRevision.Change.choices, source="row.change")
    reason = serializers.CharField(source="row.reason", allow_blank=True)
    recorded_at = serializers.DateTimeField(source="row.recorded_at")
    other = serializers.CharField(allow_blank=True, help_text="The other work of a merge or a split.")
    differences = DifferenceOut(many=True)
    final = serializers.SerializerMethodField()

    def get_final(self, step: history.Step) -> str:
        """The sentence that says why it cannot be undone; empty where it may be."""
        return work_undo.why_not(step.row)


class RevisionsOut(serializers.Serializer):
    """The changes of a work, newest first, and the revision that it is at."""

    revision = serializers.IntegerField()
    results = RevisionOut(many=True)


class ReceiptRowOut(serializers.Serializer):
    """The place of a record among the rows of the file that it came with."""

    index = serializers.IntegerField(min_value=0)
    rows = serializers.IntegerField(min_value=1)
    path = serializers.ListField(child=serializers.CharField())
    entry_record = serializers.CharField()


class ReceiptPlaceOut(serializers.Serializer):
    """The place of an entry in the log, under a signed checkpoint."""

    index = serializers.IntegerField(min_value=0)
    size = serializers.IntegerField(min_value=1)
    path = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()
    key = serializers.CharField()


class ReceiptOut(serializers.Serializer):
    """What was recorded of a work, with the proof that it stands in the log; `log` is null until it has its number.

    The file as it is verifies offline: `colophon verify receipt.json`.
    """

    format = serializers.CharField()
    work = serializers.CharField()
    address = serializers.CharField()
    record = serializers.CharField()
    record_hash = serializers.CharField()
    entry_hash = serializers.CharField()
    log = ReceiptPlaceOut(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """`import` is no name that Python gives a field."""
        return super().get_fields() | {"import": ReceiptRowOut(allow_null=True)}


class WorkChanges(ApiViewSet):
    """What an organisation does with its own works; `If-Match` keeps from overwriting what somebody else changed."""

    http_method_names = ["get", "head", "post", "patch"]
    has_revisions = True

    @extend_schema(request=WorkChangesIn, responses=representations.WorkOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Change some facts of a work."""
        work = changeable(self.actor, public_id)
        now = works.facts_of(work)
        given = request.data if isinstance(request.data, Mapping) else None
        whole = WorkChangesIn(data=None if given is None else {**as_given(now), **given})
        whole.is_valid(raise_exception=True)
        reason = whole.validated_data.pop("reason", "")
        said = whole.to_facts()
        names = [name for name in given or () if name in WorkFacts.__dataclass_fields__]
        sources = {row.id: row.source for row in now.editions}
        said = replace(said, editions=[replace(row, source=sources.get(row.id, "")) for row in said.editions])
        wanted = replace(now, **{name: getattr(said, name) for name in names})
        works.amend(work, wanted, actor=self.actor, reason=reason, revision=wanted_revision(request))
        return self._work(work)

    @extend_schema(request=ReasonIn, responses=representations.WorkOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_name="withdraw")
    def withdraw(self, request: Request, public_id: str) -> Response:
        """Take a work out of the registry's answers."""
        work, data = self._asked(request, public_id, ReasonIn)
        works.withdraw(work=work, reason=data["reason"], actor=self.actor, revision=wanted_revision(request))
        return self._work(work)

    @extend_schema(request=None, responses=representations.WorkOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_name="restore")
    def restore(self, request: Request, public_id: str) -> Response:
        """Undo a withdrawal."""
        work = changeable(self.actor, public_id)
        works.restore(work=work, actor=self.actor, revision=wanted_revision(request))
        return self._work(work)

    @extend_schema(request=None, responses=representations.WorkOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_name="publish")
    def publish(self, request: Request, public_id: str) -> Response:
        """Make a draft public, for good."""
        work = changeable(self.actor, public_id)
        works.publish(work=work, actor=self.actor, revision=wanted_revision(request))
        return self._work(work)

    @extend_schema(request=MergeIn, responses=representations.WorkOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_name="merge")
    def merge(self, request: Request, public_id: str) -> Response:
        """Make this work and another one; answers with the one that stays, to which this one's address leads."""
        work, data = self._asked(request, public_id, MergeIn)
        try:
            into = own_work(self.actor, data["into"])
        except NotFound as error:
            raise InvalidInput(error.sentence, errors=[{"pointer": "/into", "cause": error.sentence}]) from None
        asked = wanted_revision(request)
        work_merges.merge(work=work, into=into, actor=self.actor, reason=data["reason"], revision=asked)
        return self._work(into)

    @extend_schema(request=SplitIn, responses={201: representations.WorkOut}, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_name="split")
    def split(self, request: Request, public_id: str) -> Response:
        """Make a work of its own of some editions and identifiers; answers with the new one."""
        work, data = self._asked(request, public_id, SplitIn)
        pairs = [(row["scheme"], row["value"]) for row in data.pop("identifiers")]
        asked = wanted_revision(request)
        made = work_merges.split(work=work, identifiers=pairs, actor=self.actor, revision=asked, **data)
        return self._work(made, status=201)

    @extend_schema(request=UndoIn, responses=representations.WorkOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_name="undo")
    def undo(self, request: Request, public_id: str) -> Response:
        """Undo a change, by a new one that restores what was before."""
        work, data = self._asked(request, public_id, UndoIn)
        work_undo.undo(work=work, number=data["number"], actor=self.actor, revision=wanted_revision(request))
        return self._work(work)

    @extend_schema(responses=RevisionsOut)
    @action(detail=True, methods=["get"], url_name="revisions")
    def revisions(self, request: Request, public_id: str) -> Response:
        """The changes of one's own work, newest first, at most 500."""
        work = own_work(self.actor, public_id)
        rows = list(work.revisions.select_related("entry")[:MOST_REVISIONS])
        steps = history.steps(rows, work_states.revision_facts(work))
        return Response({"revision": work.revision, "results": RevisionOut(steps, many=True).data})

    @extend_schema(responses=ReceiptOut)
    @action(detail=True, methods=["get"], url_name="receipt")
    def receipt(self, request: Request, public_id: str) -> Response:
        """The receipt of one's own work: the record, its hash, and its place in the log once it has one."""
        return Response(receipts.to_json(receipts.of_work(own_work(self.actor, public_id))))

    def _asked(self, request: Request, public_id: str, shape: type[StrictSerializer]) -> tuple[Work, dict[str, Any]]:
        work = changeable(self.actor, public_id)
        given = shape(data=request.data)
        given.is_valid(raise_exception=True)
        return work, dict(given.validated_data)

    def _work(self, work: Work, status: int = 200) -> Response:
        """A work as it is now, with its revision as `ETag`."""
        found = access.work(self.actor, work.public_id)
        headers = {"ETag": etag(found)}
        if status == 201:
            headers["Location"] = f"/api/v1/works/{found.public_id}"
        return Response(representations.WorkOut(found).data, status=status, headers=headers)


def own_work(actor: Actor, public_id: str) -> Work:
    """A work of the actor's organisation; NotFound for everybody else's."""
    found = access.work(actor, public_id)
    if actor.organisation is None or found.registered_by_id != actor.organisation.pk:
        raise NotFound(f"There is no work “{public_id[:100]}” of your organisation.")
    return found


def changeable(actor: Actor, public_id: str) -> Work:
    """A work of the actor's organisation. Raises NotAllowed for one that is only theirs to see."""
    found = access.work(actor, public_id)
    if actor.require_writer() != found.registered_by:
        raise NotAllowed("Only the organisation that registered a work can change it.", work=public_id)
    return found


def etag(work: Work) -> str:
    """The revision as an entity tag."""
    return f'"{work.revision}"'


def wanted_revision(request: Request) -> int | None:
    """The revision that `If-Match` names; None where any will do."""
    said = request.headers.get("If-Match", "*").strip()
    if said == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', said, re.ASCII)
    if found is None:
        raise InvalidHeader("If-Match", 'is one ETag of the work, like "3", or *')
    return int(found[1])


def as_given(facts: WorkFacts) -> dict[str, Any]:
    """The facts of a work as a request would give them."""
    names = ("title", "subtitle", "language", "kind", "first_published", "country", "record_reference", "authorship")
    return {name: getattr(facts, name) for name in (*names, "description")} | {
        "authors": [_person(person) for person in facts.authors],
        "identifiers": [{"scheme": scheme, "value": value} for scheme, value in facts.identifiers],
        "editions": [_edition(row) for row in facts.editions],
    }


def _person(person: AuthorFacts) -> dict[str, Any]:
    names = ("name", "born", "died", "role", "kind", "isni")
    return {name: getattr(person, name) for name in names} | {"other_names": list(person.other_names)}


def _edition(row: EditionFacts) -> dict[str, Any]:
    names = ("id", "title", "published", "publisher", "language", "translation")
    facts: dict[str, Any] = {name: getattr(row, name) for name in names}
    facts["identifiers"] = [{"scheme": scheme, "value": value} for scheme, value in row.identifiers]
    if row.translator:
        facts["translator"] = _person(row.translator)
    return facts
