"""What an organisation's sampling audits measured of a dataset."""

from typing import Any

from registry.models import Dataset, Organisation, Release


def of_dataset(
    dataset: Dataset, organisation: Organisation | None, release: Release | None = None
) -> list[dict[str, Any]]:
    """The concluded audits of this organisation about the dataset, newest first."""
    return []
