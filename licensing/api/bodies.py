"""What bodies of requests have in common: their values or every fault, and the works that they name."""

from collections.abc import Sequence
from typing import Any

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
