"""A provider with dated terms, its models, and datasets that hold their output."""

import datetime
import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from licensing.models import (
    GeneratedPart,
    LegalQuestion,
    Opinion,
    ProviderTerms,
    TermsClause,
    TermsSighting,
    UseDeclaration,
)
from licensing.services import generated_parts, opinions, use_declarations
from registry.actors import Actor
from registry.models import AIModel, Dataset, Organisation, Party, ProvenanceClaim, Source

DAY = datetime.date
TEXT = "Output may not be used to develop models that compete."
TRAINING = "Output may not be used to improve any other model."


def provider(key: str = "maker") -> Party:
    """A provider of models."""
    found = Party.objects.filter(key=key).first()
    return found or Party.objects.create(key=key, name=key.title(), kind=Party.Kind.ORGANISATION)


def model(slug: str = "talker", of: Party | None = None) -> AIModel:
    """A model of that provider."""
    found = AIModel.objects.filter(slug=slug).first()
    return found or AIModel.objects.create(slug=slug, name=slug.title(), developer=of or provider())


def source() -> Source:
    """A publication that facts are cited from."""
    return Source.objects.get_or_create(key="page", defaults={"title": "A page", "verified": True})[0]


def version(key: str, begins: DAY | None, *acts: str, of: Party | None = None, **facts: Any) -> ProviderTerms:
    """One version; `acts` are forbidden, "allows:act" and "asks:act" are not."""
    models = facts.pop("models", [])
    seen = facts.pop("seen_on", [])
    purpose = facts.pop("purpose", "any")
    facts.setdefault("forbids_competing_models", "develop_competing_model" in acts)
    facts.setdefault("text_address", f"https://maker.example/{key}")
    row = ProviderTerms.objects.create(
        key=key, provider=of or provider(), title=f"Terms {key}", effective_from=begins, **facts
    )
    row.ai_models.set(models)
    row.sources.add(source())
    for day in seen:
        sighting(row, day)
    for number, said in enumerate(acts, 1):
        effect, _, act = said.rpartition(":")
        excerpt = f"{TEXT if act == 'develop_competing_model' else TRAINING} ({key})"
        TermsClause.objects.create(
            terms=row,
            number=number,
            place="2",
            effect=effect or "forbids",
            act=act,
            purpose=purpose,
            excerpt=excerpt,
            excerpt_sha256=hashlib.sha256(excerpt.encode()).hexdigest(),
        )
    return row


def sighting(terms: ProviderTerms, day: DAY) -> TermsSighting:
    """Somebody saw that version in force on that day."""
    said = f"{terms.title}, in force"
    return TermsSighting.objects.create(
        terms=terms,
        seen_on=day,
        address=f"https://witness.example/{day}",
        said=said,
        said_sha256=hashlib.sha256(said.encode()).hexdigest(),
    )


def dataset(slug: str, of: Organisation | None = None, **facts: Any) -> Dataset:
    """A public dataset, or a private one of that organisation."""
    if of is not None:
        facts |= {"organisation": of, "visibility": Dataset.Visibility.PRIVATE}
    return Dataset.objects.create(slug=slug, name=slug.replace("-", " ").title(), **facts)


def claim(
    subject: AIModel | Dataset, relation: str, target: AIModel | Dataset, status: str = "disclosed"
) -> ProvenanceClaim:
    """Somebody says that the subject came from the target."""
    ends = {
        f"{side}_{'model' if isinstance(row, AIModel) else 'dataset'}": row
        for side, row in (("subject", subject), ("object", target))
    }
    key = f"{subject.slug}-{relation}-{target.slug}-{status}"[:120].replace("_", "-")
    row = ProvenanceClaim.objects.create(key=key, relation=relation, status=status, **ends)
    row.sources.add(source())
    return row


def part(
    of: Dataset, by: AIModel, acquired: str = "own_api", actor: Actor | None = None, **facts: Any
) -> GeneratedPart:
    """What that model wrote of the dataset: the organisation's own record with `actor`, else public knowledge."""
    facts.setdefault("generated_to", DAY(2024, 5, 1))
    return GeneratedPart.objects.create(
        dataset=of,
        model=by,
        acquired=acquired,
        organisation=actor.organisation if actor else None,
        key="" if actor else f"{of.slug}-by-{by.slug}",
        verified=True,
        **facts,
    )


def question(key: str = "terms-privity", *codes: str) -> LegalQuestion:
    """An open question that these reasons rest on."""
    row = LegalQuestion.objects.create(
        key=key,
        question="Is somebody bound who never agreed?",
        question_zh="未同意者是否受约束？",
        positions=[{"position": "No.", "source": "page"}],
        reason_codes=list(codes or ("TOU_PRIVITY",)),
    )
    row.sources.add(source())
    return row


@dataclass(frozen=True)
class Made:
    """One of each, of an organisation that uses a provider's model."""

    terms: ProviderTerms
    question: LegalQuestion
    opinion: Opinion
    declaration: UseDeclaration
    part: GeneratedPart


def scene(held: Dataset, actor: Actor) -> Made:
    """A provider with two versions, an open question with an opinion, a declared use and its output in `held`."""
    talker = model()
    terms = version(
        "LicenseRef-maker-2023", DAY(2023, 3, 14), "develop_competing_model", "extract", effective_to=DAY(2024, 1, 30),
        verified=True, clause="2", text_sha256="ab" * 32, address="https://maker.example/terms",
    )  # fmt: skip
    version("LicenseRef-maker-2024", DAY(2024, 3, 1), "allows:train_other_model", forbids_competing_models=False)
    asked = question("terms-privity", "TOU_PRIVITY")
    opinion = opinions.record(
        asked, answer="no", reasoning="A contract binds who made it.", signed_as="A. Counsel", actor=actor
    )
    said = use_declarations.Declared(
        title="Paraphrases for the classifier", provider=talker.developer, model=talker, purpose="experiment",
        acceptance="accepted", terms=terms, accepted_on=DAY(2023, 5, 2),
    )  # fmt: skip
    declaration = use_declarations.draft(said, actor=actor)
    record = generated_parts.Part(
        talker, "own_api", prompts="Our own questions.", generated_to=DAY(2023, 9, 1), declaration=declaration,
        share_percent=Decimal("12.5"),
    )  # fmt: skip
    return Made(terms, asked, opinion, declaration, generated_parts.record(held, record, actor=actor))
