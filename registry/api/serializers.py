"""What the API shows and takes of the registry. Shape is checked here; facts are checked by the services."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from registry.models import Contribution, Identifier, Party, Work
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts

PARTIAL_DATE = re.compile(r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")  # ASCII digits, as the database's constraint
COUNTRY = re.compile(r"^[A-Z]{2}$")


class StrictSerializer(serializers.Serializer):
    """A serializer that refuses fields it does not know, by name, together with every other fault."""

    def to_internal_value(self, data: Any) -> Any:
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            strange = sorted(set(data) - set(self.fields))
            unknown = {name: ["This field is not known here."] for name in strange}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                raise serializers.ValidationError(error.detail | unknown) from None
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


def check_calendar(value: str) -> None:
    """Refuse 1815-02-30; what is not even shaped like a date is another validator's."""
    if not PARTIAL_DATE.match(value):
        return
    year, month, day = (int(part) for part in [*value.split("-"), "1", "1"][:3])
    try:
        datetime.date(year, month, day)
    except ValueError:
        raise serializers.ValidationError(f"{value} is not in the calendar.") from None


class PartialDateField(serializers.RegexField):
    """A date known to the year, the month or the day; empty where it is not recorded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(PARTIAL_DATE, required=False, default="", allow_blank=True, max_length=10, **options)
        self.validators.append(check_calendar)


class TextField(serializers.CharField):
    """Text that may be left out; empty means not recorded."""

    def __init__(self, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, required=False, default="", allow_blank=True, **options)


class Several(serializers.ListField):
    """Up to a hundred of something; none where nothing is recorded."""

    def __init__(self, child: serializers.Serializer, **options: Any) -> None:
        super().__init__(child=child, required=False, default=list, max_length=100, **options)


class PersonIn(StrictSerializer):
    """An author, editor or translator."""

    name = serializers.CharField(max_length=300)
    born = PartialDateField()
    died = PartialDateField()
    role = serializers.ChoiceField(Contribution.Role.choices, required=False, default=Contribution.Role.AUTHOR)
    kind = serializers.ChoiceField(Party.Kind.choices, required=False, default=Party.Kind.PERSON)
    isni = TextField(32)
    other_names = serializers.ListField(
        child=serializers.CharField(max_length=300), required=False, default=list, max_length=100
    )


class IdentifierIn(StrictSerializer):
    """An identifier, checked by its scheme's own rules."""

    scheme = serializers.ChoiceField(Identifier.Scheme.choices)
    value = serializers.CharField(max_length=255)


class EditionIn(StrictSerializer):
    """One published form of the work."""

    id = TextField(12, help_text="Of an edition that the work has already; to be left out for a new one.")
    title = TextField(500)
    published = PartialDateField()
    publisher = TextField(300)
    language = TextField(16)
    translation = serializers.BooleanField(required=False, default=False)
    translator = PersonIn(required=False)
    identifiers = Several(IdentifierIn())


class WorkIn(StrictSerializer):
    """What a registrant says about a work. What is left out is "not recorded"."""

    title = serializers.CharField(max_length=500)
    subtitle = TextField(500)
    authors = Several(PersonIn())
    language = TextField(16)
    kind = serializers.ChoiceField(Work.Kind.choices, required=False, default=Work.Kind.BOOK)
    first_published = PartialDateField()
    country = serializers.RegexField(COUNTRY, required=False, default="", allow_blank=True)
    record_reference = TextField(200)
    identifiers = Several(IdentifierIn())
    editions = Several(EditionIn())
    authorship = serializers.ChoiceField(Work.Authorship.choices, required=False, default=Work.Authorship.INDIVIDUAL)
    description = TextField(20_000)
    visibility = serializers.ChoiceField(
        Work.Visibility.choices, required=False, default=Work.Visibility.PUBLIC, help_text="When it is registered."
    )

    def validate_authors(self, people: list[dict[str, str]]) -> list[dict[str, str]]:
        """Nobody does the same thing for a work twice."""
        for number, person in enumerate(people):
            if person in people[:number]:
                raise serializers.ValidationError({str(number): ["This person is listed before in the same role."]})
        return people

    def to_facts(self) -> WorkFacts:
        """The validated data as the service takes it."""
        data = dict(self.validated_data)
        data["authors"] = [AuthorFacts(**author) for author in data["authors"]]
        data["identifiers"] = _pairs(data["identifiers"])
        data["editions"] = [_edition(edition) for edition in data["editions"]]
        return WorkFacts(**data)


def _pairs(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(row["scheme"], row["value"]) for row in rows]


def _edition(data: dict[str, Any]) -> EditionFacts:
    translator = data.pop("translator", None)
    return EditionFacts(
        **data | {"identifiers": _pairs(data["identifiers"])},
        translator=AuthorFacts(**translator) if translator else None,
    )
