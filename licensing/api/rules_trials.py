"""The API of trials of changed rules, for operators; to everybody else it does not exist."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

import registry.access
from licensing.services import rules_preview, rules_trials
from licensing.services.verification import is_operator
from registry import jobs
from registry.api.base import PUBLIC_ID, ListedViewSet
from registry.api.representations import JobOut
from registry.api.serializers import StrictSerializer
from registry.errors import Conflict, NotFound
from registry.models import Job

MOST_TABLES = 20
Json = dict[str, Any]


class TrialIn(StrictSerializer):
    """Changed tables, TOML files named as the tables are; `tables` may be repeated. Others stay as they are."""

    tables = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), allow_empty=False, max_length=MOST_TABLES
    )


class TrialAnswerOut(serializers.Serializer):
    """A verdict, and the code of the reason that carries it."""

    verdict = serializers.CharField()
    code = serializers.CharField(allow_blank=True)


class TrialChangeOut(serializers.Serializer):
    """A stored verdict that would differ, by its id; `work` is null where the work is not published."""

    verdict = serializers.CharField()
    clearance = serializers.CharField()
    work = serializers.CharField(allow_null=True)
    before = TrialAnswerOut()
    after = TrialAnswerOut()


class TrialReasonOut(serializers.Serializer):
    """One kind of difference: how many verdicts have it, with up to three of them."""

    before = TrialAnswerOut()
    after = TrialAnswerOut()
    verdicts = serializers.IntegerField()
    examples = TrialChangeOut(many=True)


class TrialKindOut(serializers.Serializer):
    """From which verdict to which, and how often."""

    before = serializers.CharField()
    after = serializers.CharField()
    verdicts = serializers.IntegerField()


class TrialResultOut(serializers.Serializer):
    """What would differ. `changes` lists the first two hundred; the counts are of all."""

    rules_version = serializers.CharField()
    decided = serializers.IntegerField()
    differing = serializers.IntegerField()
    kinds = TrialKindOut(many=True)
    reasons = TrialReasonOut(many=True)
    changes = TrialChangeOut(many=True)


class TrialOut(JobOut):
    """A trial and how far it is."""

    tables = serializers.SerializerMethodField()

    class Meta(JobOut.Meta):
        fields = ["tables", *[name for name in JobOut.Meta.fields if name not in ("kind", "attempts", "notices")]]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_tables(self, job: Job) -> list[str]:
        return sorted(job.arguments["tables"])


class TrialDetailOut(TrialOut):
    """A trial with what came of it; `result` is null while it runs, when it failed, and after thirty days."""

    result = serializers.SerializerMethodField()

    class Meta(TrialOut.Meta):
        fields = [*TrialOut.Meta.fields, "result"]

    @extend_schema_field(TrialResultOut(allow_null=True))
    def get_result(self, job: Job) -> Json | None:
        found = rules_trials.result(job)
        return None if found is None else _shown(found)


class RulesTrialViewSet(ListedViewSet):
    """What a change of the rules' tables would do to stored verdicts. Operators only."""

    scope = "jobs"
    serializer_class = TrialOut
    lookup_field = "public_id"
    lookup_value_regex = PUBLIC_ID
    queryset = Job.objects.none()

    def get_parsers(self) -> list[Any]:
        """The tables come as a form; everything else is JSON."""
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if is_upload else super().get_parsers()

    def get_queryset(self) -> QuerySet[Job]:
        self._require_operator()
        return rules_trials.trials()

    @extend_schema(responses=TrialDetailOut)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One trial: poll this address until `state` is done, failed, quarantined or cancelled."""
        return Response(TrialDetailOut(self._trial(public_id)).data)

    @extend_schema(request={"multipart/form-data": TrialIn}, responses={202: TrialDetailOut})
    def create(self, request: Request) -> Response:
        """Have a worker decide the stored verdicts again with changed tables. Nothing is switched on."""
        self._require_operator()
        data: Any = request.data
        given = TrialIn(data={name: data.get(name) for name in data} | {"tables": request.FILES.getlist("tables")})
        given.is_valid(raise_exception=True)
        most = rules_preview.MAX_TABLE_BYTES + 1  # what is too long is cut behind the limit, and refused
        tables = {file.name.removesuffix(".toml"): file.read(most) for file in given.validated_data["tables"]}
        made = rules_trials.request(tables)
        headers = {"Location": f"/api/v1/rules-trials/{made.public_id}"}
        return Response(TrialDetailOut(self._trial(made.public_id)).data, status=202, headers=headers)

    @extend_schema(request=None, responses={202: TrialDetailOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, public_id: str) -> Response:
        """Stop a trial that runs."""
        job = self._trial(public_id)
        if job.ended:
            raise Conflict(f"This trial has ended: it is {job.state}.")
        jobs.cancel(job)
        return Response(TrialDetailOut(self._trial(public_id)).data, status=202)

    def _trial(self, public_id: str) -> Job:
        trial: Job = registry.access.one(self.get_queryset(), "trial", public_id=public_id)
        return trial

    def _require_operator(self) -> None:
        if not is_operator(self.actor):
            raise NotFound("There is nothing here, or nothing that you may see.")


def _shown(found: Json) -> Json:
    """A kept result as the API answers with it."""
    known = set(rules_trials.published(found))

    def answer(pair: list[str]) -> Json:
        return {"verdict": pair[0], "code": pair[1]}

    def change(row: Json) -> Json:
        work = row["work"] if row["work"] in known else None
        return row | {"work": work, "before": answer(row["before"]), "after": answer(row["after"])}

    def reason(row: Json) -> Json:
        examples = [change(one) for one in row["examples"]]
        return row | {"before": answer(row["before"]), "after": answer(row["after"]), "examples": examples}

    lists = {"reasons": [*map(reason, found["reasons"])], "changes": [*map(change, found["changes"])]}
    shown: Json = TrialResultOut(found | lists).data
    return shown
