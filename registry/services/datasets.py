"""Datasets that a firm checks, and their releases."""

from django.db import transaction
from django.utils.text import slugify

from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Dataset, Release
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import log


@transaction.atomic
def create_private(*, name: str, actor: Actor, description: str = "", demo: bool = False) -> Dataset:
    """Make a dataset that only the actor's organisation sees, or return theirs of this name."""
    organisation = actor.require_writer()
    name = name.strip()
    if not name:
        raise InvalidInput("A dataset needs a name.", errors=[{"pointer": "/name", "cause": "missing"}])
    existing = Dataset.objects.filter(organisation=organisation, name=name).first()
    if existing:
        return existing
    slug = slugify(name)[:60] or "dataset"
    if Dataset.objects.filter(slug=slug).exists():
        slug = f"{slug}-{new_public_id()[:6]}"
    dataset = Dataset.objects.create(
        slug=slug,
        name=name,
        description=description,
        visibility=Dataset.Visibility.PRIVATE,
        organisation=organisation,
        demo=demo,
    )
    sync.refresh(dataset)
    log.stage(
        "dataset.created",
        subject=f"dataset:{dataset.public_id}",
        facts={"name": name, "visibility": dataset.visibility},
        actor=actor,
    )
    return dataset


@transaction.atomic
def add_release(*, dataset: Dataset, version: str, actor: Actor, released_on: str = "") -> Release:
    """Add a version of a dataset; the same version twice is a Conflict."""
    if Release.objects.filter(dataset=dataset, version=version).exists():
        raise Conflict(f"{dataset} has a release {version} already.", version=version)
    release = Release.objects.create(dataset=dataset, version=version, released_on=released_on)
    log.stage(
        "release.added",
        subject=f"release:{release.public_id}",
        facts={"dataset": dataset.public_id, "version": version, "released_on": released_on},
        actor=actor,
    )
    return release
