"""Permanent addresses: `/works/<id>-<slug>`, `/datasets/<slug>`, `/models/<slug>`, `/holders/<id>`."""

from typing import Any

from django.urls import reverse

from registry.models import AIModel, Dataset, Party, Work
from registry.web.views import work_address


def address_of(row: Any) -> str:
    """The path of the page of a work, dataset, model or party."""
    if isinstance(row, Work):
        return work_address(row)
    if isinstance(row, Dataset):
        return reverse("dataset", args=[row.slug])
    if isinstance(row, AIModel):
        return reverse("model", args=[row.slug])
    if isinstance(row, Party):
        return reverse("holder", args=[row.public_id])
    raise TypeError(f"{type(row).__name__} has no page")
