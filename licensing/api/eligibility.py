"""The API of class settlements: their lists, and which works of the caller's organisation would be on one, and why."""

import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from licensing.selectors import eligibility
from licensing.selectors.eligibility import ClassList
from licensing.selectors.notices import datasets_for
from registry.api import pagination
from registry.api.base import ApiView, ListedViewSet, validated_query
from registry.api.problems import InvalidQuery
from registry.api.serializers import StrictSerializer
from registry.models import Dataset, Work

UNKNOWN = "unknown"  # of the day on which a copy was made


class CopyOut(serializers.Serializer):
    """A source from which the defendant copied; `downloaded` is a day, a month or a year."""

    dataset = serializers.CharField()
    downloaded = serializers.CharField()
    source: Any = serializers.CharField()  # a field of that name, not where this serializer's value comes from
    verified = serializers.BooleanField()


class CutoffOut(serializers.Serializer):
    """A day before which a work had to be registered, whichever copy it was in."""

    day = serializers.DateField()
    note = serializers.CharField()
    source: Any = serializers.CharField()
    verified = serializers.BooleanField()


class ClassListOut(serializers.Serializer):
    """A list of works that came of a proceeding, as of its day. `sources` are keys of the catalogue."""

    key = serializers.CharField()
    name = serializers.CharField()
    proceeding = serializers.CharField()
    snapshot_on = serializers.DateField()
    snapshot_note = serializers.CharField()
    works = serializers.IntegerField()
    sources = serializers.ListField(child=serializers.CharField())
    authorities = serializers.ListField(child=serializers.CharField())
    verified = serializers.BooleanField()
    copies = CopyOut(many=True)
    cutoff = CutoffOut(allow_null=True)


class ConditionOut(serializers.Serializer):
    """One condition: whether it holds (null: the facts do not tell), and why."""

    code = serializers.CharField()
    holds = serializers.BooleanField(allow_null=True)
    sentence = serializers.CharField()


class EligibilityOut(serializers.Serializer):
    """A work with its answer; `eligible` is null where a fact that decides is not recorded."""

    work = serializers.CharField(source="work.public_id")
    title = serializers.CharField(source="work.title")
    first_published = serializers.CharField(source="work.first_published")
    eligible = serializers.BooleanField(source="answer.eligible", allow_null=True)
    sentence = serializers.CharField(source="answer.sentence")
    steps = ConditionOut(source="answer.steps", many=True)
    list_of = serializers.DateField(source="answer.list_of")
    authority = serializers.CharField(source="answer.authority")


class EligibilityQuery(StrictSerializer):
    """What is asked; days that are not named are those of the list."""

    class_list = serializers.CharField(required=False, max_length=80)
    dataset = serializers.SlugField(required=False, default="", max_length=80)
    downloaded = serializers.CharField(required=False, max_length=10)
    list_of = serializers.DateField(required=False)

    def validate_class_list(self, value: str) -> str:
        if value not in eligibility.class_lists():
            raise serializers.ValidationError(f"This is not one of {', '.join(eligibility.class_lists())}.")
        return value

    def validate_downloaded(self, value: str) -> datetime.date | None:
        if value == UNKNOWN:
            return None
        return serializers.DateField().to_internal_value(value)


class ClassListsView(ApiView):
    """Lists of works that came of class actions."""

    @extend_schema(responses=ClassListOut(many=True))
    def get(self, request: Request) -> Response:
        """All lists, each with its day, its sources, and when the copies were made."""
        return Response(ClassListOut(list(eligibility.class_lists().values()), many=True).data)


class EligibilityViewSet(ListedViewSet):
    """Works of the caller's organisation, held against the conditions of a class list. It changes no verdict."""

    read_scopes = ("works", "licences")
    serializer_class = EligibilityOut
    pagination_class = pagination.InOrder
    parameters = frozenset({"class_list", "dataset", "downloaded", "list_of"})
    queryset = Work.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("class_list", str, enum=sorted(eligibility.class_lists()), description="Default: first."),
            OpenApiParameter("dataset", str, description="Only works that checks found in it; a dataset's slug."),
            OpenApiParameter("downloaded", str, description="The day of the copy, or `unknown`."),
            OpenApiParameter("list_of", datetime.date, description="The day of the list."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Each work that the organisation speaks for, with every condition; those found in a dataset, if one is named.

        Days that are not named are those of the list: its own, and the first on which the copy may have been made.
        """
        return super().list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Work]:
        self.asked = validated_query(EligibilityQuery(data=self._named()))
        if self.actor.organisation is None:
            return Work.objects.none()
        return eligibility.works(self.actor.organisation, self._dataset())

    def _named(self) -> dict[str, Any]:
        return {name: self.request.query_params[name] for name in self.parameters & set(self.request.query_params)}

    def _dataset(self) -> Dataset | None:
        slug = self.asked["dataset"]
        if not slug or self.actor.organisation is None:
            return None
        found = next((row for row in datasets_for(self.actor.organisation) if row.slug == slug), None)
        if found is None:
            raise InvalidQuery("dataset", "is none in which works of yours were found")
        return found

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page of works, judged (`Judged`)."""
        rows = super().paginate_queryset(queryset) or []
        return [*eligibility.judged(rows, downloaded=self._downloaded(), list_of=self._list_of())]

    def _class_list(self) -> ClassList:
        lists = eligibility.class_lists()
        return lists[self.asked["class_list"]] if "class_list" in self.asked else next(iter(lists.values()))

    def _downloaded(self) -> datetime.date | None:
        if "downloaded" in self.asked:
            day: datetime.date | None = self.asked["downloaded"]
            return day
        return self._class_list().copy_from(self.asked["dataset"]).first_day()

    def _list_of(self) -> datetime.date:
        day: datetime.date = self.asked.get("list_of") or self._class_list().snapshot_on
        return day
