"""The catalogue's rows about model output: providers' terms with their clauses, open questions, generated parts."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from licensing.models import GeneratedPart, LegalQuestion, ProviderTerms, TermsClause, TermsSighting
from licensing.rules import provider_clauses
from registry.errors import InvalidInput
from registry.models import AIModel, Dataset, Party, Source

Row = dict[str, Any]
MAX_EXCERPT = 420  # characters: a sentence, not the text
_VOCABULARIES = {
    "effect": provider_clauses.Effect,
    "act": provider_clauses.Act,
    "purpose": provider_clauses.ClausePurpose,
    "party": provider_clauses.ClauseParty,
}


@dataclass(frozen=True)
class Known:
    """What rows may name, by key or slug."""

    parties: Mapping[str, Party]
    models: Mapping[str, AIModel]
    datasets: Mapping[str, Dataset]
    sources: Mapping[str, Source]


def cite(thing: Model, row: Row, sources: Mapping[str, Source]) -> None:
    """Set the row's sources; an unknown key is an error that names it."""
    try:
        cited = [sources[key] for key in row["sources"]]
    except KeyError as error:
        raise InvalidInput(f"unknown source {error}") from None
    if not cited:
        raise InvalidInput("no source")
    thing.sources.set(cited)  # type: ignore[attr-defined]


def terms(row: Row, known: Known) -> ProviderTerms:
    """One version with its clauses and sightings; what the file no longer has goes."""
    texts = (
        *("title", "clause", "summary", "version", "address", "text_address", "text_sha256", "licence_id"),
        *("document",),
    )
    dates = ("published_on", "effective_from", "effective_to")
    columns = {name: row[name] for name in texts if name in row} | {name: row.get(name) for name in dates}
    blank = {name: "" for name in texts if name not in ("document", *columns)}
    columns |= blank | {
        "provider": known.parties[row["provider"]],
        "audience": row.get("audience", []),
        "forbids_competing_models": row.get("forbids_competing_models"),
        "verified": row.get("verified", False),
    }
    version, _ = ProviderTerms.objects.update_or_create(key=row["key"], defaults=columns)
    version.ai_models.set([known.models[slug] for slug in row.get("models", [])])
    clauses = row.get("clauses", [])
    for number, clause in enumerate(clauses, start=1):
        TermsClause.objects.update_or_create(terms=version, number=number, defaults=_clause(clause))
    version.clauses.filter(number__gt=len(clauses)).delete()
    kept = [_sighting(version, said).pk for said in row.get("sightings", [])]
    version.sightings.exclude(pk__in=kept).delete()
    cite(version, row, known.sources)
    return version


def _clause(row: Row) -> Row:
    """The columns of a clause. InvalidInput where a word is unknown or the excerpt is not what its hash says."""
    for name, vocabulary in _VOCABULARIES.items():
        if row[name] not in list(vocabulary):
            raise InvalidInput(f"{name}: {row[name]!r} is not one of {', '.join(vocabulary)}")
    excerpt, digest = _quoted(row, "excerpt")
    words = {name: row[name] for name in _VOCABULARIES}
    said = {"place": row.get("place", ""), "exception": row.get("exception", ""), "language": row.get("language", "en")}
    return words | said | {"excerpt": excerpt, "excerpt_sha256": digest}


def _sighting(version: ProviderTerms, row: Row) -> TermsSighting:
    """A day on which somebody saw the version. InvalidInput where that is outside the days on which it applied."""
    seen_on = datetime.date.fromisoformat(row["seen_on"])
    said, digest = _quoted(row, "said")
    begins, ends = version.effective_from, version.effective_to
    if (begins and seen_on.isoformat() < str(begins)) or (ends and seen_on.isoformat() > str(ends)):
        raise InvalidInput(f"a sighting of {seen_on} lies outside the days of the version")
    words = {"said": said, "said_sha256": digest}
    return TermsSighting.objects.update_or_create(
        terms=version, seen_on=seen_on, address=row["address"], defaults=words
    )[0]


def _quoted(row: Row, name: str) -> tuple[str, str]:
    """What is quoted and its SHA-256. InvalidInput where it is longer than a sentence or not what its hash says."""
    excerpt = row.get(name, "")
    digest = hashlib.sha256(excerpt.encode()).hexdigest() if excerpt else ""
    if len(excerpt) > MAX_EXCERPT:
        raise InvalidInput(f"{name}: an excerpt has at most {MAX_EXCERPT} characters")
    if digest != row.get(f"{name}_sha256", ""):
        raise InvalidInput(f"{name}_sha256 is not that of the excerpt, {digest}")
    return excerpt, digest


def question(row: Row, known: Known) -> LegalQuestion:
    """An open question with its positions."""
    columns = {
        "question": row["question"],
        "question_zh": row.get("question_zh", ""),
        "positions": row.get("positions", []),
        "reason_codes": row.get("reason_codes", []),
        "verified": row.get("verified", False),
    }
    found, _ = LegalQuestion.objects.update_or_create(key=row["key"], defaults=columns)
    cite(found, row, known.sources)
    return found


def generated_part(row: Row, known: Known) -> GeneratedPart:
    """What a model wrote of a public dataset."""
    share = row.get("share_percent")
    columns = {
        "dataset": known.datasets[row["dataset"]],
        "model": known.models[row["model"]],
        "acquired": row["acquired"],
        "share_percent": None if share is None else str(share),
        "records": row.get("records"),
        "prompts": row.get("prompts", ""),
        "cleaning": row.get("cleaning", ""),
        "generated_from": row.get("generated_from"),
        "generated_to": row.get("generated_to"),
        "verified": row.get("verified", False),
    }
    if row["acquired"] not in GeneratedPart.Acquired.values:
        raise InvalidInput(f"acquired: {row['acquired']!r} is not one of {', '.join(GeneratedPart.Acquired.values)}")
    part, _ = GeneratedPart.objects.update_or_create(key=row["key"], defaults=columns)
    cite(part, row, known.sources)
    return part
