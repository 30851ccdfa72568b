"""What an audit is about: a dataset of the catalogue or of the organisation, or one release of it.

Said when the file is handed in, or later, or taken back; each time the log says so. Clearances of the dataset that the
organisation asked for are looked at again, because a measured share is evidence that they cite.
"""

from dataclasses import dataclass

from django.db import transaction

import registry.access
from ingest.models import Audit
from registry import jobs
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Dataset, Organisation, Release
from registry.services import log

REEVALUATE = "reevaluate_output"  # the job of licensing that looks at clearances again


@dataclass(frozen=True)
class Subject:
    """A dataset, and which release of it; without one the dataset as a whole."""

    dataset: Dataset
    release: Release | None = None


def find(actor: Actor, slug: str, version: str = "") -> Subject | None:
    """The dataset of this slug or name, and its release of this version, as far as the actor sees them; None for none.

    Raises InvalidInput with a pointer to what there is not, or to a name that several have.
    """
    if not slug:
        if version:
            raise _fault("release", "Name the dataset as well.")
        return None
    visible = registry.access.datasets(actor)
    found = [] if "\0" in slug else list(visible.filter(slug=slug)[:1]) or list(visible.filter(name=slug)[:2])
    if not found:
        raise _fault("dataset", "There is no such dataset.")
    if len(found) > 1:
        raise _fault("dataset", "Several datasets have this name: write it as in the address of the one you mean.")
    dataset = found[0]
    if not version:
        return Subject(dataset)
    release = None if "\0" in version else dataset.releases.filter(version=version).first()
    if release is None:
        raise _fault("release", f"{dataset} has no release of this version.")
    return Subject(dataset, release)


def _fault(field: str, cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[{"pointer": f"/{field}", "cause": cause}])


@transaction.atomic
def say(*, audit: Audit, subject: Subject | None, actor: Actor) -> None:
    """Say what an audit is about, or (None) that it is about no dataset; saying the same again changes nothing.

    Raises NotAllowed where the audit is another organisation's or the actor does not see the dataset.
    """
    if audit.organisation_id != actor.require_writer().pk:
        raise NotAllowed("Only the organisation that asked for an audit says what it is about.")
    if subject is not None and not registry.access.datasets(actor).filter(pk=subject.dataset.pk).exists():
        raise NotAllowed("An audit can be about a dataset that you may see.")
    audit = Audit.objects.select_for_update(no_key=True, of=("self",)).get(pk=audit.pk)
    dataset, release = (subject.dataset, subject.release) if subject else (None, None)
    if (audit.dataset_id, audit.release_id) == (dataset and dataset.pk, release and release.pk):
        return
    before = audit.dataset_id
    Audit.objects.filter(pk=audit.pk).update(dataset=dataset, release=release)
    facts: dict[str, object] = {
        "dataset": dataset.slug if dataset else None,
        "release": release.version if release else None,
        "file_sha256": audit.sha256,
        "sample": audit.sample or None,
    }
    log.stage("audit.about", subject=audit.public_id, facts=facts, actor=actor)
    if audit.state == Audit.State.DONE:
        look_again(audit.organisation, [pk for pk in (before, dataset.pk if dataset else None) if pk is not None])


def concluded(audit: Audit) -> None:
    """Have clearances of an audit's dataset looked at again, in the transaction that stores its result."""
    about = Audit.objects.values_list("dataset", flat=True).get(pk=audit.pk)  # somebody may have said it meanwhile
    if about is not None:
        look_again(audit.organisation, [about])


def look_again(organisation: Organisation, datasets: list[int]) -> None:
    """Enqueue the job where this installation decides clearances."""
    if jobs.handler_of(REEVALUATE) is not None and datasets:
        nodes = sorted(f"dataset:{pk}" for pk in set(datasets))
        jobs.enqueue(REEVALUATE, organisation=organisation, cause="audit", nodes=nodes, private_to=organisation.pk)
