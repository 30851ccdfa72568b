"""Datasets that a firm checks, and their releases."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Dataset, Organisation, Release
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import log
from registry.services.work_facts import date_faults, text_faults


@transaction.atomic
def create_private(*, name: str, actor: Actor, description: str = "", demo: bool = False) -> Dataset:
    """Make a dataset that only the actor's organisation sees, or return theirs of this name.

    Its slug ends at random: a plain one could be taken by somebody else's private dataset, and would tell of it.
    """
    organisation = actor.require_writer()
    name = name.strip()
    errors = list(text_faults(Dataset, {"name": name, "description": description}, ""))
    if not name:
        errors.append({"pointer": "/name", "cause": "A dataset needs a name."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one of a name, whoever else asks now
    existing = Dataset.objects.filter(organisation=organisation, name=name).first()
    if existing:
        return existing
    dataset = Dataset.objects.create(
        slug=f"{slugify(name)[:60].strip('-') or 'dataset'}-{new_public_id()[:6]}",
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
    """Add a version of an organisation's own dataset.

    Raises NotAllowed (somebody else's), InvalidInput, or Conflict for a version that is there already.
    """
    if actor.require_writer() != dataset.organisation:
        raise NotAllowed("Only the organisation that made a dataset can add a release to it.")
    errors = [*text_faults(Release, {"version": version}, ""), *date_faults("/released_on", released_on)]
    if not version.strip():
        errors.append({"pointer": "/version", "cause": "A release needs a version."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    try:
        with transaction.atomic():
            release = Release.objects.create(dataset=dataset, version=version, released_on=released_on)
    except IntegrityError:
        raise Conflict(f"{dataset} has a release {version} already.", version=version) from None
    log.stage(
        "release.added",
        subject=f"release:{release.public_id}",
        facts={"dataset": dataset.public_id, "version": version, "released_on": released_on},
        actor=actor,
    )
    return release


@transaction.atomic
def add_checked_release(*, dataset: Dataset, version: str, actor: Actor) -> Release:
    """A release of a public dataset as an organisation has it before it and publishes what it finds in it."""
    organisation = actor.require_writer()
    release, is_new = Release.objects.get_or_create(dataset=dataset, version=version)
    if is_new:
        facts: dict[str, object] = {"dataset": dataset.public_id, "version": version, "checked_by": organisation.slug}
        log.stage("release.added", subject=f"release:{release.public_id}", facts=facts, actor=actor)
    return release


@transaction.atomic
def take_home(*, release: Release, actor: Actor) -> None:
    """Make a checked release one of the organisation's own dataset of the same name, which others do not see."""
    own = create_private(name=release.dataset.name, actor=actor)
    if Release.objects.filter(dataset=own, version=release.version).exists():
        release.version = f"{release.version} {release.public_id}"[:80]
    Release.objects.filter(pk=release.pk).update(dataset=own, version=release.version)
    facts: dict[str, object] = {"dataset": own.public_id, "version": release.version}
    log.stage("release.moved", subject=f"release:{release.public_id}", facts=facts, actor=actor)
