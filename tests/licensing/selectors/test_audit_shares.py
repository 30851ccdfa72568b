"""What audits measured of a dataset is told to the organisation that made them, and to nobody else."""

import pytest

from ingest.models import Audit
from licensing.selectors import audit_shares
from registry.actors import Actor
from registry.services import datasets
from tests import factories
from tests.ingest.audited import audited
from tests.licensing import outputs

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


def test_an_audit_is_told_with_share_interval_seed_digests_and_entries(lab: Actor) -> None:
    held, made = outputs.dataset("answers"), audited(lab)
    outputs.model("chatbot-1")
    Audit.objects.filter(pk=made.audit.pk).update(dataset=held)
    (facts,) = audit_shares.of_dataset(held, lab.organisation)
    assert (facts["id"], facts["seed"], facts["sample"]) == (made.audit.public_id, 7, made.audit.sample)
    assert facts["result"] == made.audit.result_digest
    assert made.audit.sample_entry is not None
    assert facts["sample_entry"] == made.audit.sample_entry.public_id
    assert facts["measured"]["interval"][0] < facts["measured"]["rate"] < facts["measured"]["interval"][1]
    assert [(one["generator"], one["model"]) for one in facts["generators"]] == [("chatbot-1", "chatbot-1")]
    assert [row["batch"] for row in facts["batches"]] == ["week 0", "week 1"]
    assert "Nadia" not in str(facts)


def test_a_model_is_known_by_what_its_provider_calls_it(lab: Actor) -> None:
    held, made = outputs.dataset("answers"), audited(lab)
    talker = outputs.model("chat-bot")
    type(talker).objects.filter(pk=talker.pk).update(name="Chatbot 1")
    Audit.objects.filter(pk=made.audit.pk).update(dataset=held)
    (facts,) = audit_shares.of_dataset(held, lab.organisation)
    assert facts["generators"][0]["model"] == "chat-bot"


def test_nobody_else_is_told(lab: Actor) -> None:
    held, made = outputs.dataset("answers"), audited(lab)
    Audit.objects.filter(pk=made.audit.pk).update(dataset=held)
    assert audit_shares.of_dataset(held, factories.actor().organisation) == []
    assert audit_shares.of_dataset(held, None) == []


def test_an_audit_that_is_not_concluded_measured_nothing(lab: Actor) -> None:
    held, made = outputs.dataset("answers"), audited(lab)
    Audit.objects.filter(pk=made.audit.pk).update(dataset=held, state=Audit.State.FAILED)
    assert audit_shares.of_dataset(held, lab.organisation) == []


def test_an_audit_of_another_release_is_no_evidence_for_this_one(lab: Actor) -> None:
    held, made = datasets.create_private(name="Own", actor=lab), audited(lab)
    one, two = (datasets.add_release(dataset=held, version=version, actor=lab) for version in ("r1", "r2"))
    Audit.objects.filter(pk=made.audit.pk).update(dataset=held, release=one)
    assert [len(audit_shares.of_dataset(held, lab.organisation, row)) for row in (one, two, None)] == [1, 0, 1]
    Audit.objects.filter(pk=made.audit.pk).update(release=None)
    assert len(audit_shares.of_dataset(held, lab.organisation, two)) == 1
