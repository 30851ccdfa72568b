"""Fetch and authorise for what is recorded about model output. What a caller may not see does not exist."""

from django.db.models import Q, QuerySet

import registry.access
from licensing.models import GeneratedPart, LegalQuestion, Opinion, ProviderTerms, UseDeclaration
from registry.actors import Actor
from registry.models import Dataset, Party


def provider_terms() -> QuerySet[ProviderTerms]:
    """Versions of providers' terms are public knowledge."""
    rows = ProviderTerms.objects.select_related("provider")
    return rows.prefetch_related("clauses", "sightings", "ai_models", "sources")


def terms_version(public_id: str) -> ProviderTerms:
    """One version, or NotFound."""
    return registry.access.one(provider_terms(), "version of terms", public_id=public_id)


def providers() -> QuerySet[Party]:
    """Who has terms on record."""
    return Party.objects.filter(pk__in=ProviderTerms.objects.values("provider")).order_by("name")


def provider(key: str) -> Party:
    """One provider by its key, or NotFound."""
    return registry.access.one(providers(), "provider with terms on record", key=key)


def legal_questions() -> QuerySet[LegalQuestion]:
    """Open questions are public; what an organisation answers is not."""
    return LegalQuestion.objects.prefetch_related("sources")


def legal_question(key: str) -> LegalQuestion:
    """One question by its key, or NotFound."""
    return registry.access.one(legal_questions(), "open question", key=key)


def opinions(actor: Actor, question: LegalQuestion | None = None) -> QuerySet[Opinion]:
    """What the actor's own organisation answered, newest first; nobody else sees it."""
    if actor.organisation is None:
        return Opinion.objects.none()
    rows = Opinion.objects.filter(organisation=actor.organisation).select_related("question", "entry", "superseded_by")
    return rows if question is None else rows.filter(question=question)


def use_declarations(actor: Actor) -> QuerySet[UseDeclaration]:
    """The register of the actor's organisation; nobody else sees it."""
    if actor.organisation is None:
        return UseDeclaration.objects.none()
    rows = UseDeclaration.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "provider", "model", "terms", "approved_by").prefetch_related("datasets")


def use_declaration(actor: Actor, public_id: str) -> UseDeclaration:
    """One declaration, or NotFound."""
    return registry.access.one(use_declarations(actor), "declaration", public_id=public_id)


def generated_parts(actor: Actor, dataset: Dataset | None = None) -> QuerySet[GeneratedPart]:
    """What models are said to have written: what everybody knows, and what the actor's organisation recorded."""
    own = Q(organisation=actor.organisation) if actor.organisation else Q(pk__in=[])
    known = Q(organisation=None) | own
    rows = GeneratedPart.objects.filter(known, withdrawn_at=None, dataset__in=registry.access.datasets(actor))
    rows = rows if dataset is None else rows.filter(dataset=dataset)
    return rows.select_related("dataset", "model__developer", "declaration__terms", "organisation").prefetch_related(
        "sources"
    )


def own_generated_part(actor: Actor, public_id: str) -> GeneratedPart:
    """One part that the actor's organisation recorded, or NotFound."""
    own = generated_parts(actor).filter(organisation=actor.organisation)
    return registry.access.one(own, "record of your organisation", public_id=public_id)
