"""What bodies and answers have in common: values or every fault, the works that are named, files that are private."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

import registry.access
from registry.api.base import ListedViewSet
from registry.errors import InvalidInput
from registry.models import Work

SCOPE = "licences"


def taken(given: Any) -> dict[str, Any]:
    """The values of a request's body, or every fault of it."""
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def works_of(view: ListedViewSet, public_ids: Sequence[str]) -> list[Work]:
    """The works with these ids that the caller may see, in their order; raises InvalidInput naming each other one."""
    wanted = list(dict.fromkeys(public_ids))
    visible = registry.access.works(view.actor).filter(public_id__in=[each for each in wanted if "\0" not in each])
    found = {work.public_id: work for work in visible}
    errors = [
        {"pointer": f"/works/{number}", "cause": "There is no such work."}
        for number, each in enumerate(wanted)
        if each not in found
    ]
    if errors:
        raise InvalidInput("Some of these works do not exist, or you may not see them.", errors=errors[:1000])
    return [found[each] for each in wanted]


def private_file(content: bytes | str, media_type: str, name: str) -> HttpResponse:
    """A file that is kept by nobody on its way."""
    answer = HttpResponse(content, content_type=media_type)
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
