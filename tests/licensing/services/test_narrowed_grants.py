"""Grants narrowed to products, models, kinds of licensee and affiliates count in a check as they were given."""

from typing import Any

import pytest

from licensing.models import Clearance, Grant
from licensing.services import clearances, grants
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import Work
from registry.services.work_facts import AuthorFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db
ASKED = {"use": "pretraining", "purpose": "commercial", "territory": "US"}


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def work() -> Work:
    return factories.work(
        "A Living Author's Book", [AuthorFacts(name="A. Living")], first_published="2001", country="GB"
    )


def granted(work: Work, to: Actor, **narrowed: Any) -> Grant:
    assert to.organisation is not None
    scope = Scope(uses=["pretraining"], territory=["US"], verification="document")
    grant = grants.issue(work=work, licensee=to.organisation, scope=scope, actor=factories.actor())
    Grant.objects.filter(pk=grant.pk).update(**narrowed)
    return grant


def decided(lab: Actor, work: Work, **more: Any) -> Clearance:
    scan = scanned.scan(lab, [(work, "copy")])
    return clearances.decide(clearances.request(scan=scan, actor=lab, **{**ASKED, **more}).pk)


def answer(lab: Actor, work: Work, **more: str) -> tuple[str, str]:
    [verdict] = decided(lab, work, **more).verdicts.all()
    return verdict.verdict, verdict.reasons[0]["sentence"]


@pytest.mark.parametrize(("column", "name"), [("products", "product"), ("model_names", "model")])
def test_a_grant_for_one_product_or_model_clears_the_check_that_names_it_alone(
    lab: Actor, work: Work, column: str, name: str
) -> None:
    granted(work, lab, **{column: ["Acme Chat"]})
    assert answer(lab, work, **{name: "Acme Chat"})[0] == "CLEARED"
    for question in ({}, {name: "Acme Search"}):
        verdict, sentence = answer(lab, work, **question)
        assert verdict == "NOT_CLEARED"
        assert "among those it names (Acme Chat)" in sentence


def test_a_grant_for_research_organisations_does_not_reach_a_company(lab: Actor, work: Work) -> None:
    granted(work, lab, licensee_kinds=["research_organisation"])
    assert lab.organisation is not None
    assert lab.organisation.kind == "company"
    verdict, sentence = answer(lab, work)
    assert verdict == "NOT_CLEARED"
    assert "its kinds of licensee (research organisation) do not include company" in sentence


def test_a_grant_reaches_the_affiliates_it_names_and_nobody_else_sees_it(lab: Actor, work: Work) -> None:
    assert lab.organisation is not None
    group = factories.actor()
    grant = granted(work, group, affiliates=[lab.organisation.slug])
    assert answer(lab, work)[0] == "CLEARED"
    Grant.objects.filter(pk=grant.pk).update(affiliates=["none"])
    [verdict] = decided(lab, work).verdicts.all()
    assert "LIC_MATCH" not in [reason["code"] for reason in verdict.reasons]
    assert grant.public_id not in str(verdict.case)


def test_the_question_keeps_the_product_and_the_model_in_case_and_columns(lab: Actor, work: Work) -> None:
    clearance = decided(lab, work, product=" Acme Chat ", model="Acme-7B")
    assert (clearance.product, clearance.model) == ("Acme Chat", "Acme-7B")
    asked = clearance.verdicts.get().case["question"]
    assert (asked["product"], asked["model"]) == ("Acme Chat", "Acme-7B")


def test_names_that_cannot_be_stored_are_named_with_their_place(lab: Actor, work: Work) -> None:
    with pytest.raises(InvalidInput) as caught:
        decided(lab, work, product="x" * 121, model="a\0b")
    assert [fault["pointer"] for fault in caught.value.errors] == ["/product", "/model"]
