"""A list of works as somebody types it: one a line, by an identifier or by the work's number here."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import registry.access
from registry import identifiers
from registry.actors import Actor
from registry.models import Identifier, Work

MAX_WORKS = 5_000
SCHEMES = ("isbn", "doi", "iscc", "issn")
MAX_LINE = 300  # characters: longer than any identifier


def lines_of(text: str) -> list[str]:
    """The lines of a text that say something, each once."""
    return list(dict.fromkeys(line for line in map(str.strip, text.splitlines()) if line))


class ListedField(forms.CharField):
    """A typed list of works: its lines, each once, not too many and none longer than an identifier is."""

    widget = forms.Textarea
    default_error_messages = {
        "too_many": gettext_lazy("A list here has at most %(number)d lines."),
        "too_long": gettext_lazy("A line is too long to be an identifier."),
    }

    def clean(self, value: object) -> list[str]:
        """The lines."""
        lines = lines_of(str(super().clean(value)))
        if len(lines) > MAX_WORKS:
            raise forms.ValidationError(self.error_messages["too_many"] % {"number": MAX_WORKS}, code="too_many")
        if any(len(line) > MAX_LINE for line in lines):
            raise forms.ValidationError(self.error_messages["too_long"], code="too_long")
        return lines


def listed_works(form: Any, actor: Actor) -> list[Work]:
    """The works of the list; what is unknown, or names several works, becomes a fault that says which line it is."""
    visible = registry.access.works(actor).filter(withdrawn_at__isnull=True, merged_into__isnull=True)
    listed = form.cleaned_data["listed"]
    keys = {line: _keys(line) for line in listed}
    wanted = {key for each in keys.values() for key in each}
    pairs = Q(pk__in=[])
    for scheme in SCHEMES:
        pairs |= Q(scheme=scheme, value__in=[value for each, value in wanted if each == scheme])
    by_key: dict[tuple[str, str], set[int]] = {}
    for row in Identifier.objects.filter(pairs, work__in=visible):
        by_key.setdefault((row.scheme, row.value), set()).add(row.work_id)
    numbers = {line.lower() for line in listed}
    by_number = dict(visible.filter(public_id__in=numbers).values_list("public_id", "pk"))
    found: list[int] = []
    for line, each in keys.items():
        works = set().union(*(by_key.get(key, set()) for key in each))
        works |= {by_number[line.lower()]} if line.lower() in by_number else set()
        if len(works) == 1:
            found += works
        elif works:
            form.add_error("listed", _("%(line)s names several works. Write the work's number.") % {"line": line})
        else:
            form.add_error("listed", _("%(line)s is not registered, or not an identifier.") % {"line": line})
    return list(Work.objects.filter(pk__in=found))


def _keys(line: str) -> list[tuple[str, str]]:
    """What a line can be, in canonical spelling."""
    keys = []
    for scheme in SCHEMES:
        try:
            keys.append((scheme, identifiers.normalise(scheme, line)))
        except identifiers.IdentifierError:
            continue
    return keys
