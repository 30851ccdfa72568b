"""The API keeps to its own description, whatever it is sent (OpenAPI 3.1, checked with Schemathesis)."""

import io
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks

from config.wsgi import application
from licensing.services import (
    decisions,
    linkages,
    member_exits,
    observations,
    ownership,
    policies,
    reports,
    standing_offers,
    terms_templates,
    work_addresses,
)
from licensing.services.assertions import Scope
from registry.models import AIModel, Dataset, Job, Party
from registry.services import domains, log, webhooks
from tests import factories
from tests.ingest.audited import audited
from tests.licensing import asked, evidenced, noticed, outputs
from tests.licensing.services import imported
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
EXAMPLES = 4  # for each operation, of what fits its description and of what does not: about 600 calls
NOTHING_TO_GET_WRONG = ("GET /api/v1/account", "GET /api/v1/class-lists", "GET /api/v1/log")  # they take nothing
CONFORMANCE = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ADDRESSES = [
    "GET /api/v1/account",
    "GET /api/v1/authorities",
    "POST /api/v1/authorities",
    "POST /api/v1/authorities/bulk",
    "GET /api/v1/authorities/{public_id}",
    "POST /api/v1/authorities/{public_id}/withdraw",
    "GET /api/v1/decisions",
    "GET /api/v1/decisions/{public_id}",
    "GET /api/v1/disputes",
    "GET /api/v1/domains",
    "POST /api/v1/domains",
    "GET /api/v1/domains/{public_id}",
    "POST /api/v1/domains/{public_id}/check",
    "POST /api/v1/domains/{public_id}/remove",
    "GET /api/v1/claims",
    "GET /api/v1/policies",
    "POST /api/v1/policies",
    "GET /api/v1/policies/{public_id}",
    "POST /api/v1/policies/{public_id}/withdraw",
    "GET /api/v1/clearances",
    "POST /api/v1/clearances",
    "GET /api/v1/clearances/{clearance}/verdicts",
    "GET /api/v1/clearances/{public_id}",
    "GET /api/v1/datasets",
    "GET /api/v1/datasets/{slug}",
    "POST /api/v1/explain",
    "GET /api/v1/imports",
    "POST /api/v1/imports",
    "GET /api/v1/imports/{import_id}/rows",
    "GET /api/v1/imports/{public_id}",
    "GET /api/v1/imports/{public_id}/acknowledgement",
    "POST /api/v1/imports/{public_id}/apply",
    "POST /api/v1/imports/{public_id}/cancel",
    "GET /api/v1/imports/{public_id}/refused",
    "POST /api/v1/imports/{public_id}/undo",
    "GET /api/v1/jobs",
    "GET /api/v1/jobs/{public_id}",
    "POST /api/v1/jobs/{public_id}/cancel",
    "GET /api/v1/audits",
    "POST /api/v1/audits",
    "GET /api/v1/audits/{public_id}",
    "POST /api/v1/audits/{public_id}/about",
    "POST /api/v1/audits/{public_id}/cancel",
    "GET /api/v1/audits/{public_id}/certificate",
    "GET /api/v1/audits/{audit}/certificate.pdf",
    "GET /api/v1/audits/{audit}/gbt45654",
    "GET /api/v1/filings/{kind}",
    "GET /api/v1/audits/{public_id}/result",
    "GET /api/v1/output-corpora",
    "POST /api/v1/output-corpora",
    "GET /api/v1/output-corpora/{public_id}",
    "POST /api/v1/output-corpora/{public_id}/withdraw",
    "GET /api/v1/linkages",
    "POST /api/v1/linkages",
    "GET /api/v1/linkages/{linkage_id}/rows",
    "POST /api/v1/linkages/{linkage_id}/rows/{number}/decision",
    "POST /api/v1/linkages/{linkage_id}/rows/{number}/undo",
    "GET /api/v1/linkages/{public_id}",
    "POST /api/v1/linkages/{public_id}/cancel",
    "GET /api/v1/linkages/{public_id}/results",
    "GET /api/v1/log",
    "GET /api/v1/log/consistency",
    "GET /api/v1/log/entries/{position}",
    "GET /api/v1/models",
    "GET /api/v1/models/{slug}",
    "GET /api/v1/observations",
    "POST /api/v1/observations",
    "POST /api/v1/observations/crawl",
    "POST /api/v1/observations/read",
    "GET /api/v1/observations/{public_id}",
    "GET /api/v1/observations/{public_id}/raw",
    "GET /api/v1/organisations",
    "GET /api/v1/releases/{release}/items",
    "GET /api/v1/reports",
    "POST /api/v1/reports",
    "GET /api/v1/reports/{public_id}",
    "GET /api/v1/reports/{public_id}/bundle",
    "GET /api/v1/scans",
    "POST /api/v1/scans",
    "GET /api/v1/scans/{public_id}",
    "GET /api/v1/scans/{scan}/matches",
    "GET /api/v1/webhooks",
    "POST /api/v1/webhooks",
    "GET /api/v1/webhooks/{public_id}",
    "POST /api/v1/webhooks/{public_id}/enable",
    "POST /api/v1/webhooks/{public_id}/remove",
    "POST /api/v1/webhooks/{public_id}/secret",
    "POST /api/v1/webhooks/{public_id}/test",
    "GET /api/v1/webhooks/{webhook}/deliveries",
    "POST /api/v1/webhooks/{webhook}/deliveries/{public_id}/again",
    "GET /api/v1/works",
    "POST /api/v1/works",
    "GET /api/v1/works/{public_id}",
    "GET /api/v1/works/{public_id}/receipt",
    "GET /api/v1/works/{public_id}/revisions",
    "PATCH /api/v1/works/{public_id}",
    "POST /api/v1/works/{public_id}/merge",
    "POST /api/v1/works/{public_id}/publish",
    "POST /api/v1/works/{public_id}/restore",
    "POST /api/v1/works/{public_id}/split",
    "POST /api/v1/works/{public_id}/undo",
    "POST /api/v1/works/{public_id}/withdraw",
    "GET /api/v1/work-addresses",
    "POST /api/v1/work-addresses",
    "POST /api/v1/work-addresses/{public_id}/withdraw",
    "GET /api/v1/works/{work}/signals",
    "GET /api/v1/works/{work}/deposits",
    "POST /api/v1/works/{work}/deposits",
    "GET /api/v1/works/{work}/deposits/{public_id}",
    "POST /api/v1/works/{work}/deposits/{public_id}/withdraw",
    "GET /api/v1/agreements",
    "GET /api/v1/agreements/{agreement}/grants",
    "GET /api/v1/agreements/{public_id}",
    "POST /api/v1/agreements/{public_id}/renew",
    "POST /api/v1/agreements/{public_id}/revoke",
    "POST /api/v1/agreements/{public_id}/sublicences",
    "GET /api/v1/sublicences",
    "GET /api/v1/sublicences/{public_id}",
    "POST /api/v1/sublicences/{public_id}/answer",
    "POST /api/v1/sublicences/{public_id}/object",
    "POST /api/v1/sublicences/{public_id}/settle",
    "GET /api/v1/sublicences/{sublicence}/works",
    "GET /api/v1/clearances/{clearance}/changes",
    "GET /api/v1/licence-requests",
    "POST /api/v1/licence-requests",
    "GET /api/v1/licence-requests/{public_id}",
    "POST /api/v1/licence-requests/{public_id}/cancel",
    "POST /api/v1/licence-requests/{public_id}/send",
    "GET /api/v1/negotiations",
    "GET /api/v1/negotiations/{negotiation}/attachments",
    "GET /api/v1/negotiations/{negotiation}/attachments/{public_id}/content",
    "GET /api/v1/negotiations/{negotiation}/steps",
    "GET /api/v1/negotiations/{negotiation}/works",
    "GET /api/v1/negotiations/{public_id}",
    "POST /api/v1/negotiations/{public_id}/files",
    "POST /api/v1/negotiations/{public_id}/moves",
    "GET /api/v1/offers",
    "POST /api/v1/offers",
    "GET /api/v1/offers/{public_id}",
    "POST /api/v1/offers/{public_id}/accept",
    "POST /api/v1/offers/{public_id}/withdraw",
    "GET /api/v1/terms-templates",
    "POST /api/v1/terms-templates",
    "GET /api/v1/terms-templates/{public_id}",
    "POST /api/v1/terms-templates/{public_id}/remove",
    "GET /api/v1/clearances/{public_id}/now",
    "GET /api/v1/clearances/{public_id}/output",
    "GET /api/v1/provider-terms",
    "GET /api/v1/provider-terms/applied",
    "GET /api/v1/provider-terms/{public_id}",
    "GET /api/v1/legal-questions",
    "GET /api/v1/legal-questions/{key}",
    "GET /api/v1/legal-questions/{question}/opinions",
    "POST /api/v1/legal-questions/{question}/opinions",
    "GET /api/v1/use-declarations",
    "POST /api/v1/use-declarations",
    "GET /api/v1/use-declarations/{public_id}",
    "POST /api/v1/use-declarations/{public_id}/discard",
    "POST /api/v1/use-declarations/{public_id}/approve",
    "POST /api/v1/use-declarations/{public_id}/end",
    "GET /api/v1/datasets/{dataset}/generated",
    "POST /api/v1/datasets/{dataset}/generated",
    "POST /api/v1/datasets/{dataset}/generated/{public_id}/withdraw",
    "GET /api/v1/datasets/{dataset}/contradictions",
    "GET /api/v1/datasets/{dataset}/output-terms",
    "GET /api/v1/licence-requests/{public_id}/preview",
    "GET /api/v1/agreements/{public_id}/document",
    "GET /api/v1/agreements/{public_id}/pdf",
    "POST /api/v1/verify",
    "GET /api/v1/notices",
    "POST /api/v1/notices",
    "GET /api/v1/notices/{public_id}",
    "PATCH /api/v1/notices/{public_id}",
    "GET /api/v1/notices/{public_id}/letter",
    "GET /api/v1/notices/{public_id}/works",
    "POST /api/v1/notices/{public_id}/send",
    "POST /api/v1/notices/{public_id}/answer",
    "POST /api/v1/notices/{public_id}/resolve",
    "POST /api/v1/notices/{public_id}/withdraw",
    "GET /api/v1/class-lists",
    "GET /api/v1/eligibility",
    "GET /api/v1/rules-trials",
    "POST /api/v1/rules-trials",
    "GET /api/v1/rules-trials/{public_id}",
    "POST /api/v1/rules-trials/{public_id}/cancel",
    "GET /api/v1/member-exits",
    "POST /api/v1/member-exits",
    "GET /api/v1/member-exits/{public_id}",
    "POST /api/v1/member-exits/{public_id}/withdraw",
    "GET /api/v1/works/{work}/kit",
    "GET /api/v1/holders/{holder}/kit",
    "GET /api/v1/search",
    "GET /api/v1/search/suggest",
]


@pytest.fixture(autouse=True)
def _one_connection():
    """The server ends a request by closing its connections; here that one holds the test's rows."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def operations(db) -> dict[str, Any]:
    """Every operation of the served description, by its label."""
    return described()


@cache
def described() -> dict[str, Any]:
    load_all_checks()
    served = schemathesis.openapi.from_wsgi("/api/v1/schema", application)
    found: list[Any] = list(served.get_all_operations())
    return {operation.ok().label: operation.ok() for operation in found}


@pytest.fixture(scope="module")
def known(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, Any]]:
    """`rows`, written once for all tests here: what one of them does to them is rolled back at its end."""
    with override_settings(BLOB_URL=(tmp_path_factory.mktemp("known") / "blobs").as_uri()):
        with django_db_blocker.unblock():
            found = rows()
        yield found
        with django_db_blocker.unblock():
            call_command("flush", interactive=False, verbosity=0)


def rows() -> dict[str, Any]:
    """Rows that exist, as path parameters by noun, and a token that may see them."""
    scene = evidenced.scene()
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    AIModel.objects.create(slug="model-1", name="Model", developer=Party.objects.create(name="Maker"))
    Dataset.objects.create(slug="corpus-1", name="Corpus")
    factories.work("Emma", ["Jane Austen"], by=scene.lab)
    log.sequence_all()
    person = clients.member(scene.lab.organisation)
    return {
        "authorization": {"Authorization": f"Bearer {clients.new_token(person)[1]}"},
        "works": scene.chinese.public_id,
        **_authority(scene),
        **_licences(scene),
        "datasets": "corpus-1",
        "filings": "eu-summary",
        "models": "model-1",
        "releases": scene.clearance.scan.release.public_id,
        "scans": scene.clearance.scan.public_id,
        "clearances": scene.clearance.public_id,
        "reports": report.public_id,
        **_lists(scene),
        **_outputs(scene),
        **_audits(scene),
        "rules-trials": "trialtrial00",  # there are none for whoever is no operator
        "jobs": Job.objects.filter(organisation=scene.lab.organisation).earliest("id").public_id,
        "log": 0,
    }


def _outputs(scene: evidenced.Scene) -> dict[str, str]:
    """A provider's terms, an open question and a declared use, of the organisation that asks."""
    made = outputs.scene(scene.clearance.scan.release.dataset, scene.lab)
    return {
        "provider-terms": made.terms.public_id,
        "legal-questions": made.question.key,
        "use-declarations": made.declaration.public_id,
    }


def _audits(scene: evidenced.Scene) -> dict[str, str]:
    """An audit that has a result, and the outputs that it compared with."""
    made = audited(scene.lab)
    return {"audits": made.audit.public_id, "output-corpora": made.corpus.public_id}


def _lists(scene: evidenced.Scene) -> dict[str, str]:
    """A catalogue that was looked at and a list of titles that was linked, of the organisation that asks."""
    batch = imported.looked_at(imported.table(*imported.ROWS, "r4,,,,,,"), scene.lab)
    given = io.BytesIO(b"title,author\nEmma,Jane Austen\nNobody wrote this,X Y\n")
    linkage = linkages.take(file=given, file_name="list.csv", actor=scene.lab)
    linkages.run(linkage.pk)
    return {"imports": batch.public_id, "linkages": linkage.public_id}


def _licences(scene: evidenced.Scene) -> dict[str, str]:
    """A request that was sent, its negotiation, an agreement, an offer and a template, of one organisation."""
    works = asked.claimed(scene.press, 2)
    agreement = asked.granted(scene.press, scene.lab, works[:1], asked.TERMS | {"sublicensing": "allowed"})
    passed_on = asked.passed_on(agreement, scene.lab, factories.organisation()).told_of.get()
    request = asked.asked(scene.lab, works[1:])
    offers = standing_offers.publish(works=works[1:], terms=asked.TERMS, actor=scene.press).offers
    template = terms_templates.save(name="Usual", terms=asked.TERMS, actor=scene.lab)
    departure = member_exits.leave(society=scene.press.require_writer(), actor=scene.lab)
    return {
        "notices": noticed.drafted(scene).public_id,
        "member-exits": departure.public_id,
        "holders": Party.objects.earliest("id").public_id,
        "licence-requests": request.public_id,
        "negotiations": asked.part(request, scene.press).public_id,
        "agreements": agreement.public_id,
        "sublicences": passed_on.public_id,
        "offers": offers[0].public_id,
        "terms-templates": template.public_id,
    }


def _authority(scene: evidenced.Scene) -> dict[str, str]:
    """A claim, a decision about it and a domain, of the organisation that asks."""
    own = [
        ownership.claim(work=scene.chinese, holder=ownership.holder_of(actor.require_writer()), scope=Scope(),
                        exclusive=True, actor=actor)
        for actor in (scene.lab, scene.press)
    ]  # fmt: skip
    settled = decisions.concede(claim=own[1], statement="Ours no longer.", actor=scene.press)
    domain = domains.add(name="lab.example", actor=scene.lab)
    policy = policies.write(name="house", blocks={"UNKNOWN": True}, actor=scene.lab)
    seen, _ = observations.hand_in(content=b"Disallow: /", file_name="robots.txt", actor=scene.lab)
    place = work_addresses.state(work=scene.chinese, address="https://lab.example/book", actor=scene.lab)
    hook, _ = webhooks.create(address="https://lab.example/in", events=[], actor=scene.lab)
    webhooks.test(hook, actor=scene.lab)
    mine = {"domains": domain.public_id, "policies": policy.public_id, "observations": seen.public_id}
    mine["webhooks"] = hook.public_id
    mine["work-addresses"] = place.public_id
    return {"authorities": own[0].public_id, "decisions": settled.public_id, **mine}


def test_the_description_is_valid_and_without_warnings(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


def test_the_description_is_openapi_3_1_and_lists_every_operation(operations):
    assert sorted(operations) == sorted(ADDRESSES)
    document = next(iter(operations.values())).schema.raw_schema
    assert document["openapi"].startswith("3.1")
    for path in document["paths"].values():
        for operation in path.values():
            assert "application/problem+json" in operation["responses"]["404"]["content"]


@pytest.mark.parametrize("label", ADDRESSES)
def test_no_input_is_a_fault_and_every_answer_is_as_described(label, operations, known):
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        if mode is not GenerationMode.NEGATIVE or label not in NOTHING_TO_GET_WRONG:
            send_examples(operations[label], mode, known, known[label.split("/")[3]] if "{" in label else None)


def send_examples(operation: Any, mode: GenerationMode, known: dict[str, Any], key: Any) -> None:
    """Send what fits the description, or what does not; of the addresses with a parameter half lead somewhere."""

    @seed(20261122)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
    def send(case: Any, is_known: bool) -> None:
        if is_known and case.path_parameters:
            case.path_parameters = {name: 1 if name == "number" else key for name in case.path_parameters}
        case.validate_response(case.call(headers=known["authorization"]), checks=CONFORMANCE)

    send()
