"""An audit with a result, without a worker: two annotators of ten pasted, over four months."""

import random
from dataclasses import dataclass

from ingest.models import Audit, OutputCorpus
from ingest.sampling import audit as heart
from ingest.sampling.draws import Draw, Record, draw
from ingest.sampling.near_copies import Corpus, Output
from ingest.services import audit_examples
from registry.actors import Actor
from registry.services import log
from tests.ingest.engine.texts import prose

PASTED = {"Nadia": 0.8, "Oleg": 0.7}
NAMES = (*sorted(PASTED), *(f"Worker {number}" for number in range(8)))
OUTPUTS = [Output(f"o{number}", prose(1_000 + number, 90), "", "chatbot-1") for number in range(20)]


@dataclass(frozen=True)
class Audited:
    """A registered corpus and an audit that compared with it."""

    corpus: OutputCorpus
    audit: Audit


def drawn() -> Draw:
    """120 records by ten annotators in two batches."""
    chance = random.Random(8)
    records = []
    for number in range(120):
        name = NAMES[number % 10]
        text = prose(5_000 + number, 90)
        if chance.random() < PASTED.get(name, 0.0):
            text = chance.choice(OUTPUTS).text
        records.append(Record(f"a.jsonl#{number}", text, f"week {number % 2}", name, f"2026-0{1 + number // 30}-01"))
    return draw(records, 7, 50)


def audited(actor: Actor) -> Audited:
    """The rows as the services leave them."""
    organisation = actor.require_writer()
    corpus = OutputCorpus.objects.create(
        organisation=organisation,
        name="Answers of a chatbot",
        generator="chatbot-1",
        provider="A provider",
        file_name="outputs.jsonl",
        state=OutputCorpus.State.READY,
        outputs=len(OUTPUTS),
    )
    taken = drawn()
    sample = taken.sample()
    with Corpus(OUTPUTS) as reference:
        result = heart.audit(taken, reference)
        shown = audit_examples.shown(result, sample, reference)
    audit = Audit(
        organisation=organisation,
        title="Answers of spring",
        file_name="a.jsonl",
        fields={"batch": "batch", "annotator": "annotator", "date": "", "prompt": "", "text": ""},
        seed=7,
        sampled=50,
        state=Audit.State.DONE,
        sample=result["sample"],
        result=audit_examples.without_passages(result),
        shown=shown,
        skipped={"count": 1, "first": [{"name": "a.jsonl#9", "cause": "This line is no JSON."}]},
    )
    audit.result_digest = audit_examples.digest(audit)
    before: dict[str, object] = {"sample": audit.sample, "seed": audit.seed}
    after: dict[str, object] = {
        "sample": audit.sample,
        "result": audit.result_digest,
        "positive": sum(row["positive"] for row in result["batches"]),
    }
    audit.sample_entry = log.stage("audit.sampled", subject=audit.public_id, facts=before, actor=actor)
    audit.result_entry = log.stage("audit.concluded", subject=audit.public_id, facts=after, actor=actor)
    audit.save()
    audit.references.set([corpus])
    log.sequence_all()
    return Audited(corpus, audit)
