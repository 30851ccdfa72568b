"""Facets as people read them: their titles, and the words for their values. Packages above register theirs."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from registry import access
from registry.actors import Actor
from registry.web import words

Text = str | Promise
Namer = Callable[[Sequence[str], Actor], Mapping[str, Text]]

_NAMERS: dict[str, tuple[Text, Namer]] = {}


def register(facet: str, title: Text, namer: Namer) -> None:
    """Name a facet. `namer` gives the words for values that the actor may know of; others are not shown."""
    _NAMERS[facet] = (title, namer)


def title(facet: str) -> str:
    """What the list of a facet's values is called."""
    return str(_NAMERS[facet][0]) if facet in _NAMERS else words.term(facet)


def names(facet: str, values: Sequence[str], actor: Actor) -> dict[str, str]:
    """Value → its word, for those that the actor may know of."""
    if facet not in _NAMERS:
        return {value: words.term(value) for value in values}
    return {value: str(name) for value, name in _NAMERS[facet][1](values, actor).items()}


def _terms(values: Sequence[str], actor: Actor) -> dict[str, Text]:
    return {value: words.term(value) for value in values}


def _languages(values: Sequence[str], actor: Actor) -> dict[str, Text]:
    return {value: _language(value) for value in values}


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _decades(values: Sequence[str], actor: Actor) -> dict[str, Text]:
    return {value: f"{value}–{int(value) + 9}" for value in values if value.isdecimal()}


def _holders(values: Sequence[str], actor: Actor) -> dict[str, Text]:
    return dict(access.parties(actor).filter(public_id__in=values).values_list("public_id", "name"))


def _datasets(values: Sequence[str], actor: Actor) -> dict[str, Text]:
    return dict(access.datasets(actor).filter(slug__in=values).values_list("slug", "name"))


register("language", _("Language"), _languages)
register("decade", _("First published"), _decades)
register("holder", _("Author or holder"), _holders)
register("dataset", _("Found in the dataset"), _datasets)
register("work_kind", _("Kind of work"), _terms)
register("dataset_kind", _("Kind of dataset"), _terms)
register("holder_kind", _("Person or organisation"), _terms)
register("claim_status", _("Status of the claim"), _terms)
