"""An audit is about a dataset: one that the organisation may see, said at first or later, and the log says so."""

import pytest

from ingest.services import audit_subjects
from ingest.services.audit_subjects import Subject
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Entry
from registry.services import datasets
from tests import factories
from tests.ingest.audited import Audited, audited
from tests.licensing import outputs

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def made(lab: Actor) -> Audited:
    return audited(lab)


def test_what_it_is_about_is_said_logged_changed_and_taken_back(lab: Actor, made: Audited) -> None:
    first, second = outputs.dataset("answers"), datasets.create_private(name="Own", actor=lab)
    release = second.releases.first() or datasets.add_release(dataset=second, version="1", actor=lab)
    for subject in (Subject(first), Subject(second, release), None):
        audit_subjects.say(audit=made.audit, subject=subject, actor=lab)
        made.audit.refresh_from_db()
        assert made.audit.dataset == (subject and subject.dataset)
        assert made.audit.release == (subject and subject.release)
    assert Entry.objects.filter(kind="audit.about", subject=made.audit.public_id).count() == 3


def test_saying_the_same_again_changes_nothing(lab: Actor, made: Audited) -> None:
    subject = Subject(outputs.dataset("answers"))
    for _ in range(2):
        audit_subjects.say(audit=made.audit, subject=subject, actor=lab)
    assert Entry.objects.filter(kind="audit.about").count() == 1


def test_nobody_else_says_what_an_audit_is_about(made: Audited) -> None:
    stranger = factories.actor()
    with pytest.raises(NotAllowed):
        audit_subjects.say(audit=made.audit, subject=Subject(outputs.dataset("answers")), actor=stranger)


def test_a_private_dataset_of_somebody_else_is_none_to_be_about(lab: Actor, made: Audited) -> None:
    hidden = datasets.create_private(name="Hidden", actor=factories.actor())
    with pytest.raises(InvalidInput) as refused:
        audit_subjects.find(lab, hidden.slug)
    assert refused.value.errors == [{"pointer": "/dataset", "cause": "There is no such dataset."}]
    with pytest.raises(NotAllowed):
        audit_subjects.say(audit=made.audit, subject=Subject(hidden), actor=lab)


@pytest.mark.parametrize(
    ("slug", "version", "pointer"),
    [("nothing", "", "/dataset"), ("a\0b", "", "/dataset"), ("answers", "9", "/release"), ("", "1", "/release")],
)
def test_what_there_is_not_is_refused_with_its_place(lab: Actor, slug: str, version: str, pointer: str) -> None:
    outputs.dataset("answers")
    with pytest.raises(InvalidInput) as refused:
        audit_subjects.find(lab, slug, version)
    assert [row["pointer"] for row in refused.value.errors] == [pointer]


def test_no_slug_is_no_dataset(lab: Actor) -> None:
    assert audit_subjects.find(lab, "") is None
