"""The status facet of search in words: a status is always one for a question, so its title says which."""

import datetime
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from licensing.selectors import standing
from licensing.web import words
from registry.actors import Actor
from registry.web import facet_words


def register() -> None:
    """Name the facet; called once, when the applications are ready."""
    facet_words.register("status", lazy(_title, str)(), _names)


def _title() -> str:
    question = standing.default_question(datetime.date.min)  # the day does not stand in the title
    place = words.territory(question.territory)
    asked = " · ".join((words.said(words.USES, question.use), words.said(words.PURPOSES, question.purpose), place))
    return str(_("Status: %(question)s")) % {"question": asked}


def _names(values: Sequence[str], actor: Actor) -> Mapping[str, str | Promise]:
    return {value: words.STATUSES[value] for value in values if value in words.STATUSES}
