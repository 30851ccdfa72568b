"""The facts from which axis 4 is answered for a whole dataset, gathered for one question: as a clearance keeps them.

`licensing.rules.output_facts` has their shape and decides them; a bundle of evidence holds them as they are here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from licensing.rules import output_facts as rules
from licensing.rules.output_lineage import MODEL
from licensing.selectors import audit_shares, opinions, output_terms
from licensing.selectors.output_terms import OutputAnswer, OutputQuestion, PathAnswer
from licensing.selectors.output_upstream import key_of, standing
from registry.actors import Actor
from registry.models import AIModel, Dataset, Release

Json = dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """The facts, and what they depend on: "dataset:12", "model:5", "provider:7", "question:KEY"."""

    facts: Json
    nodes: tuple[str, ...]


def gather(dataset: Dataset, question: OutputQuestion, actor: Actor, release: Release | None = None) -> Gathered:
    """What is on record today about model output in the dataset, as far as the actor's organisation may see it.

    Audits are the organisation's own, of this release or of the dataset as a whole.
    """
    found = output_terms.judge(dataset, question, actor)
    facts: Json = {
        "format": rules.FORMAT,
        "dataset": {"slug": dataset.slug, "name": dataset.name, "release": release.version if release else None},
        "question": output_terms.asked_facts(question, actor)
        | {"competing_model": question.competing, "released": question.released},
        "paths": _paths(found),
        "declared": _declared(dataset, found),
        "audits": audit_shares.of_dataset(dataset, actor.organisation, release),
        "questions": [],
        "cycles": [[_named(first), _named(then)] for first, then in found.cycles],
        "is_cut": found.lineage.is_cut,
    }
    codes = sorted({one.reason.code for one in rules.reasons(facts)})
    facts["questions"] = _questions(codes, question, actor)
    return Gathered(facts, _nodes(found, facts))


def _paths(found: OutputAnswer) -> list[Json]:
    """One for each generator and each record of what it wrote, in the order of the answers."""
    paths: dict[tuple[int, int | None], Json] = {}
    for one in found.answers:
        key = (one.generator.pk, one.part.pk if one.part else None)
        path = paths.setdefault(key, _path(one, found))
        path["generations"].append(_generation(one))
    return list(paths.values())


def _path(one: PathAnswer, found: OutputAnswer) -> Json:
    claims = found.graph.claims
    return {
        "generator": _named(one.generator) | {"provider": str(one.generator.developer)},
        "way": [_named(row) for row in one.rows],
        "steps": [
            {
                "relation": step.relation,
                "statuses": list(step.statuses),
                "claims": sorted(claims.get((step.source, step.target, step.relation), [])),
            }
            for step in one.path.steps
        ],
        "established": one.decides,
        "direct": one.path.is_direct,
        "part": _part(one),
        "generations": [],
    }


def _named(row: AIModel | Dataset) -> Json:
    kind = "model" if isinstance(row, AIModel) else "dataset"
    return {"kind": kind, "slug": row.slug, "name": row.name}


def _part(one: PathAnswer) -> Json | None:
    part = one.part
    if part is None:
        return None
    acquired = one.generation["acquired"] if one.generation else str(part.acquired)
    return {
        "id": part.public_id,
        "by": "organisation" if part.organisation_id is not None else "public",
        "share_percent": None if part.share_percent is None else str(part.share_percent),
        "records": part.records,
        "acquired": acquired,
        "generated_from": part.generated_from.isoformat() if part.generated_from else None,
        "generated_to": part.generated_to.isoformat() if part.generated_to else None,
        "declaration": part.declaration.public_id if part.declaration else None,
    }


def _generation(one: PathAnswer) -> Json:
    if one.gap is not None:
        return {"gap": one.gap.sentence, "why": one.gap.to_dict()}
    assert one.generation is not None
    assert one.terms is not None
    row = one.terms.terms
    asked = ("competing_model", "released")  # the question's, which has them
    return {
        "generated_by": {name: value for name, value in one.generation.items() if name not in asked},
        "version": {
            "id": row.public_id,
            "key": row.key,
            "title": row.title,
            "text_sha256": row.text_sha256 or None,
            "verified": row.verified,
        },
    }


def _declared(dataset: Dataset, found: OutputAnswer) -> Json:
    """What the records of the dataset's own parts add up to; `complete` where each has its share."""
    start = key_of(dataset)
    held = [parts for (_, target), parts in found.graph.parts.items() if target == start]
    counted = [row for parts in held for row in standing(parts)]
    shares = [row.share_percent for row in counted if row.share_percent is not None]
    total = sum((Decimal(share) for share in shares), Decimal(0))
    return {"percent": str(total) if shares else None, "complete": bool(counted) and len(shares) == len(counted)}


def _questions(codes: Sequence[str], question: OutputQuestion, actor: Actor) -> list[Json]:
    """The open questions that the reasons rest on, with the organisation's opinion of the day asked about."""
    by_key: dict[str, Json] = {}
    for code, rows in opinions.cited(actor.organisation, codes, question.on).items():
        for one in rows:
            said = one.opinion
            opinion = said and {
                "id": said.public_id,
                "answer": str(said.answer),
                "valid_from": said.valid_from.isoformat(),
                "signed_as": said.signed_as,
                "sha256": opinions.digest(said),
            }
            asked: Json = {"key": one.question.key, "question": one.question.question, "codes": [], "opinion": opinion}
            by_key.setdefault(one.question.key, asked)["codes"].append(code)
    return [by_key[key] for key in sorted(by_key)]


def _nodes(found: OutputAnswer, facts: Json) -> tuple[str, ...]:
    """Everything upstream, established or not, and who made it: a change of any of these is looked at again."""
    nodes = {f"{kind}:{pk}" for kind, pk in found.graph.rows}
    makers = {
        row.developer_id for (kind, _), row in found.graph.rows.items() if kind == MODEL and isinstance(row, AIModel)
    }
    nodes |= {f"provider:{pk}" for pk in makers}
    return tuple(sorted(nodes | {f"question:{one['key']}" for one in facts["questions"]}))
