"""Templates of terms that an organisation uses again and again. They bind nobody, so the log has nothing of them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from licensing.models import TermsTemplate
from licensing.rules.agreement import terms_json
from licensing.services.terms_input import read_terms
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Organisation

MAX_NAME = 120


@transaction.atomic
def save(*, name: str, terms: Mapping[str, Any], actor: Actor) -> TermsTemplate:
    """Keep terms under a name: the next version, where the organisation has the name already. Equal terms change
    nothing. Raises InvalidInput with every fault."""
    organisation = actor.require_writer()
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        cause = f"A template has a name of at most {MAX_NAME} characters."
        raise InvalidInput(cause, errors=[{"pointer": "/name", "cause": cause}])
    kept = terms_json(read_terms(dict(terms)))
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one version after the other
    versions = TermsTemplate.objects.filter(organisation=organisation, name=name)
    latest = versions.filter(withdrawn_at__isnull=True).order_by("-version").first()
    if latest is not None and latest.terms == kept:
        return latest
    number = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    made = TermsTemplate.objects.create(organisation=organisation, name=name, version=number, terms=kept)
    made.refresh_from_db()
    return made


@transaction.atomic
def withdraw(template: TermsTemplate, *, actor: Actor) -> None:
    """Take a template, all its versions, off the list. Raises NotAllowed, Conflict (before)."""
    if actor.require_writer() != template.organisation:
        raise NotAllowed("Only the organisation whose template it is can remove it.")
    rows = TermsTemplate.objects.filter(
        organisation=template.organisation, name=template.name, withdrawn_at__isnull=True
    )
    if not rows.update(withdrawn_at=Now()):
        raise Conflict("This template was removed before.")
