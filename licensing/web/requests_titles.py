"""Titles of requests: as the sender wrote them, or, where the site proposed them, in the language of whoever reads."""

from typing import Any

from django.utils.translation import gettext as _

from licensing.models import LicenceRequest
from licensing.services.licence_requests import MAX_TITLE
from licensing.web import words

Json = dict[str, Any]


def proposed(named: Json) -> str:
    """The title of a request for what a check was missing: the dataset, the use and the place that it asked about."""
    facts = {
        "name": named["dataset"],
        "use": words.said(words.USES, named["use"]),
        "place": words.territory(named["territory"]),
    }
    return (_("%(name)s: %(use)s in %(place)s") % facts)[:MAX_TITLE]


def title_of(request: LicenceRequest) -> str:
    """A request's title for this reader."""
    named = request.chosen_by.get("named")
    return proposed(named) if named else request.title
