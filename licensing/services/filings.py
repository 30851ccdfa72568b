"""Drafts of filings: made from what is on record when they are asked for, filed with nobody and kept nowhere."""

import datetime
from collections.abc import Callable, Sequence

import registry.access
from ingest.models import Audit
from licensing.formats import ab2013, eu_summary, gbt45654
from licensing.formats.filing import FORMS, Filing
from licensing.formats.training_facts import TrainingFacts
from licensing.selectors import filing_facts
from licensing.services.assertions import today
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import AIModel, Dataset

KINDS: dict[str, Callable[[TrainingFacts], Filing]] = {eu_summary.KIND: eu_summary.draft, ab2013.KIND: ab2013.draft}
AUDIT_KIND = gbt45654.KIND
MAX_NAME = 200
MAX_DATASETS = 50


def draft(
    kind: str,
    *,
    actor: Actor,
    datasets: Sequence[str] = (),
    model: str = "",
    name: str = "",
    on: datetime.date | None = None,
) -> Filing:
    """A draft about the actor's own system: a model of the catalogue that is the organisation's, or one by `name`, and
    the datasets that train it (slugs; those the model is established to have been trained on where none is given).

    Raises NotAllowed without an organisation, NotFound for a dataset that the actor may not see, InvalidInput.
    """
    organisation = actor.organisation
    if organisation is None:
        raise NotAllowed("A filing is drafted for an organisation.")
    found = _model(model, actor)
    chosen = [registry.access.dataset(actor, slug) for slug in dict.fromkeys(datasets)]
    faults = {
        "name": "" if len(name) <= MAX_NAME else f"A name has at most {MAX_NAME} characters.",
        "dataset": "" if len(chosen) <= MAX_DATASETS else f"A draft takes at most {MAX_DATASETS} datasets.",
    }
    if not chosen and found is not None:
        chosen = filing_facts.trained_on(found, actor)
    if not chosen and not faults["dataset"]:
        faults["dataset"] = "Name the datasets: nothing established is on record of what the model was trained on."
    errors = [{"parameter": field, "cause": cause} for field, cause in faults.items() if cause]
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    facts = filing_facts.of_training(
        organisation, name=_plain(name), model=found, datasets=chosen, on=on or today(), actor=actor
    )
    return KINDS[kind](facts)


def _model(slug: str, actor: Actor) -> AIModel | None:
    if not slug:
        return None
    found = registry.access.ai_model(actor, slug)
    if found.developer.organisation_id != (actor.organisation and actor.organisation.pk):
        cause = "This model is not your organisation's: name your own system instead."
        raise InvalidInput(cause, errors=[{"parameter": "model", "cause": cause}])
    return found


def _plain(name: str) -> str:
    return " ".join(name.replace("\0", "").split())


def sampling_record(audit: Audit) -> Filing:
    """The sampling record of an audit, after GB/T 45654. Raises Conflict before it has a result."""
    return gbt45654.draft(filing_facts.of_audit(audit))


def file(filing: Filing, form: str) -> bytes:
    """The draft as a file: html, json or md. KeyError for another form."""
    return FORMS[form][1](filing)


def media_type(form: str) -> str:
    """What a form is called in HTTP."""
    return FORMS[form][0]


def file_name(filing: Filing, form: str) -> str:
    """What to call the file when somebody saves it."""
    return f"colophon-draft-{filing.kind}-{filing.on}.{form}"


def chosen_datasets(actor: Actor) -> Sequence[Dataset]:
    """The organisation's own datasets, which a draft may be about."""
    return list(Dataset.objects.filter(organisation=actor.organisation).order_by("name")[:MAX_DATASETS])
