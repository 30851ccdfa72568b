"""The facts behind drafts of filings: what is on record, as far as the organisation may see it, with its sources."""

import datetime
from collections.abc import Iterable, Iterator, Sequence

import registry.access
from ingest.models import Audit
from ingest.sampling import shares
from ingest.sampling.planner import PRESETS
from ingest.selectors import audits as told
from licensing.formats.filing import Cited, Statement
from licensing.formats.gbt45654 import SamplingFacts
from licensing.formats.training_facts import Measured, Output, TrainingFacts, Upstream
from licensing.models import GeneratedPart
from licensing.output_access import generated_parts
from licensing.rules.output_lineage import ESTABLISHED, trace
from licensing.selectors import audit_shares
from licensing.selectors.output_upstream import key_of, upstream
from registry.actors import Actor
from registry.errors import Conflict
from registry.models import AIModel, Dataset, Entry, Organisation, ProvenanceClaim

PRESET = "gbt45654"


def own_models(actor: Actor) -> list[AIModel]:
    """The models of the catalogue whose developer is the actor's organisation."""
    if actor.organisation is None:
        return []
    return list(AIModel.objects.filter(developer__organisation=actor.organisation).order_by("name"))


def trained_on(model: AIModel, actor: Actor) -> list[Dataset]:
    """The datasets that the model is established to have been trained on, as far as the actor may see them."""
    claims = registry.access.claims(actor).filter(
        subject_model=model, relation=ProvenanceClaim.Relation.TRAINED_ON, status__in=ESTABLISHED
    )
    keys = claims.values_list("object_dataset", flat=True)
    return list(registry.access.datasets(actor).filter(pk__in=keys).order_by("name"))


def of_training(
    organisation: Organisation,
    *,
    name: str,
    model: AIModel | None,
    datasets: Sequence[Dataset],
    on: datetime.date,
    actor: Actor,
) -> TrainingFacts:
    """What is on record of the synthetic data in these datasets. `name` is what the system or model is called."""
    parts = generated_parts(actor).filter(dataset__in=datasets).order_by("dataset__slug", "public_id")
    return TrainingFacts(
        organisation=Cited("organisation", organisation.slug, organisation.name),
        on=on.isoformat(),
        model=name or (model.name if model else ""),
        model_record=Cited("model", model.slug, model.name) if model else None,
        versions=tuple(str(row) for row in model.versions.order_by("name")) if model else (),
        dependencies=tuple(_dependencies(model, actor)) if model else (),
        datasets=tuple(Cited("dataset", row.slug, row.name) for row in datasets),
        outputs=tuple(_output(part, organisation) for part in parts),
        upstream=tuple(one for dataset in datasets for one in _upstream(dataset, actor)),
        audits=tuple(one for dataset in datasets for one in _measured(dataset, organisation)),
    )


def _dependencies(model: AIModel, actor: Actor) -> Iterator[Statement]:
    """What the model is said to have been made of, besides data."""
    rows = registry.access.claims(actor).filter(subject_model=model, object_model__isnull=False)
    for row in rows.select_related("subject_model", "object_model").order_by("key"):
        told = f"{row.subject} {row.get_relation_display()} {row.object} ({row.get_status_display()})."
        yield Statement(told, (Cited("claim", row.key),))


def _output(part: GeneratedPart, organisation: Organisation) -> Output:
    declaration = part.declared_as if part.organisation_id == organisation.pk else None
    return Output(
        id=part.public_id,
        dataset=part.dataset.name,
        model=part.model.name,
        provider=str(part.model.developer),
        acquired=part.acquired,
        is_own=part.organisation_id == organisation.pk,
        by_own_model=part.model.developer.organisation_id == organisation.pk,
        released_on=part.model.released_on,
        share_percent=str(part.share_percent) if part.share_percent is not None else "",
        records=part.records,
        first=part.generated_from.isoformat() if part.generated_from else "",
        last=part.generated_to.isoformat() if part.generated_to else "",
        prompts=part.prompts,
        cleaning=part.cleaning,
        verified=part.verified or part.organisation_id == organisation.pk,
        declaration=Cited("declaration", declaration.public_id, declaration.title) if declaration else None,
        purpose=declaration.purpose if declaration else "",
    )


def _upstream(dataset: Dataset, actor: Actor) -> Iterator[Upstream]:
    """The ways that lead through other datasets and models; what the dataset itself holds is told by its records."""
    graph = upstream(dataset, actor)
    for path in trace(key_of(dataset), graph.steps).paths:
        claims = [key for step in path.steps for key in graph.claims.get((step.source, step.target, step.relation), [])]
        if path.is_direct and not claims:
            continue
        rows = (graph.rows[path.steps[0].target], *(graph.rows[step.source] for step in path.steps))
        yield Upstream(
            way=" ← ".join(str(row) for row in rows),
            generator=str(graph.rows[path.generator]),
            statuses=tuple(sorted({status for step in path.steps for status in step.statuses})),
            established=path.is_established,
            claims=tuple(sorted(set(claims))),
        )


def _measured(dataset: Dataset, organisation: Organisation) -> Iterator[Measured]:
    for row in audit_shares.of_dataset(dataset, organisation):
        found = row["measured"]
        if found is not None:
            yield Measured(
                id=row["id"],
                dataset=dataset.name,
                on=(row["concluded_at"] or "")[:10],
                rate=found["rate"],
                interval=_pair(found["interval"]),
                corrected_rate=found["corrected_rate"],
                corrected_interval=_pair(found["corrected_interval"]),
                confidence=found["confidence"],
                positive=found["positive"],
                sampled=found["sampled"],
                records=found["records"],
            )


def _pair(values: Iterable[float]) -> tuple[float, float]:
    low, high = values
    return low, high


def of_audit(audit: Audit) -> SamplingFacts:
    """An audit as the record of a sampling by GB/T 45654. Raises Conflict before it has a result."""
    result = told.presented(audit)
    if result is None:
        raise Conflict("This audit has no result yet.", state=audit.state)
    preset, found = PRESETS[PRESET], shares.overall(result) or {}
    references = audit.references.order_by("public_id").values_list("name", "generator", "sha256")
    return SamplingFacts(
        organisation=audit.organisation.name,
        audit=Cited("audit", audit.public_id),
        title=audit.title,
        file_name=audit.file_name,
        file_sha256=audit.sha256,
        on=(audit.ended_at or audit.recorded_at).date().isoformat(),
        records=result["records"],
        drawn=result["sampled"],
        positive=sum(row["positive"] for row in result["batches"]),
        rate=found.get("rate"),
        interval=_pair(found.get("interval", (0.0, 1.0))),
        confidence=result["method"]["confidence"],
        batches=len(result["batches"]),
        drawn_each=audit.sampled,
        seed=audit.seed,
        sample=audit.sample,
        method=str(result["method"]["version"]),
        references=tuple(f"{name}（{model}），SHA-256 {sha256 or '未记录'}" for name, model, sha256 in references),
        sample_entry=_entry(audit.sample_entry),
        result_entry=_entry(audit.result_entry),
        asked=preset.sampled,
        passing=preset.passing,
        source=preset.source,
        verified=preset.verified,
    )


def _entry(entry: Entry | None) -> Cited | None:
    if entry is None or entry.position is None:
        return None
    return Cited("log_entry", str(entry.position))
