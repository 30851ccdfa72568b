"""Pages about model output: which terms applied, opinions, declarations, whose terms reach a dataset."""

import datetime

import pytest
from django.test import Client

from licensing.models import GeneratedPart, Opinion, UseDeclaration
from licensing.services import opinions, use_declarations
from licensing.services.assertions import today
from registry.actors import of_user
from tests.browser.world import World
from tests.licensing import outputs

APPLIED = {"provider": "maker", "model": "", "on": "2023-06-01", "acceptance": "accepted", "territory": ""}


def text(client: Client, address: str, data: dict[str, str] | None = None, status: int = 200) -> str:
    answer = client.get(address, data)
    assert answer.status_code == status, address
    return answer.content.decode()


def test_the_question_which_terms_applied_is_answered_with_clauses_or_with_unknown(world: World) -> None:
    nobody = Client()
    page = text(nobody, "/terms-of-providers", APPLIED)
    assert "Terms LicenseRef-maker-2023" in page
    assert "forbids using output to develop competing models" in page
    assert "<strong>binds</strong>" in page
    contested = text(nobody, "/terms-of-providers", APPLIED | {"acceptance": "unknown"})
    assert "contested whether it binds" in contested
    assert "Is somebody bound who never agreed?" in contested
    gap = text(nobody, "/terms-of-providers", APPLIED | {"on": "2024-02-10"})
    assert "TOU_VERSION_UNKNOWN" in gap
    assert "no version is on record between" in gap


def test_a_gap_says_why_in_both_languages(world: World) -> None:
    lacking = outputs.dataset("early")
    outputs.part(
        lacking, outputs.model("late-talker", outputs.provider("late")), generated_to=datetime.date(2023, 1, 1)
    )
    outputs.version("late", datetime.date(2024, 1, 1), of=outputs.provider("late"))
    reader = Client()
    asked = {"provider": "late", "on": "2023-01-01", "acceptance": "unknown"}
    for language, said in (
        ("en", "the earliest version on record, Terms late, began on 2024-01-01"),
        ("zh-hans", "存档的最早版本 Terms late 自 2024-01-01 起生效"),
    ):
        reader.cookies["django_language"] = language
        for address, question in (
            ("/datasets/early/terms", {"use": "pretraining", "purpose": "commercial"}),
            ("/terms-of-providers", asked),
        ):
            page = text(reader, address, question)
            assert page.count(said) == 1
            assert ("the earliest version" in page) == (language == "en")


def test_the_country_of_the_account_chooses_between_terms_on_page_and_api_alike(lab: Client, world: World) -> None:
    day, maker = datetime.date, outputs.provider("abroad")
    held = outputs.dataset("placed")
    outputs.part(held, outputs.model("abroad-talker", maker), generated_to=day(2024, 5, 1))
    until = {"effective_to": day(2025, 1, 1)}
    outputs.version("general", day(2023, 1, 1), "develop_competing_model", of=maker, **until)
    outputs.version("europe", day(2023, 1, 1), "extract", of=maker, audience=["EEA"], **until)
    asked = {"use": "pretraining", "purpose": "commercial"}
    for place, shown in (("eu", {"europe"}), ("US", {"general"}), ("", {"general", "europe"})):
        page = text(lab, "/datasets/placed/terms", asked | {"territory": place})
        assert {key for key in ("general", "europe") if f"Terms {key}" in page} == shown
        answer = lab.get(
            "/api/v1/datasets/placed/output-terms", asked | ({"territory": place.upper()} if place else {})
        )
        assert {row["terms"] for row in answer.json()["reasons"]} == shown
    refused = text(lab, "/datasets/placed/terms", asked | {"territory": "XX"}, status=422)
    assert "XX is not a country code." in refused
    assert lab.get("/api/v1/datasets/placed/output-terms", asked | {"territory": "XX"}).status_code == 400


def test_own_output_of_an_unnamed_account_says_why_both_terms_are_asked(lab: Client, world: World) -> None:
    actor = of_user(world.lab)
    own, late = outputs.dataset("ours", actor.organisation), outputs.provider("late")
    outputs.part(own, outputs.model("late-talker", late), actor=actor)
    for document in ("consumer_terms", "business_terms"):
        outputs.version(document, datetime.date(2023, 1, 1), of=late, document=document)
    page = text(lab, "/datasets/ours/terms", {"use": "pretraining", "purpose": "commercial"})
    assert page.count("because no declaration of this use says which kind of account it was") == 2
    answer = lab.get("/api/v1/datasets/ours/output-terms", {"use": "pretraining", "purpose": "commercial"})
    assert [row["account_unknown"] for row in answer.json()["reasons"]] == [True, True]


def test_a_day_known_by_a_sighting_says_so_and_a_clause_shows_what_it_leaves_out(world: World) -> None:
    seen = [datetime.date(2026, 9, 21)]
    row = outputs.version(
        "api", datetime.date(2026, 1, 1), "train_other_model", document="business_terms", seen_on=seen
    )
    row.clauses.update(exception="embeddings")
    asked = APPLIED | {"account": "business_terms", "on": "2026-05-05"}
    page = text(Client(), "/terms-of-providers", asked)
    assert "Known for this day because it was still in force when it was last seen, on" in page
    assert "Except:" in page
    assert "embeddings" in page
    assert "were last seen in force on 2026-09-21" in text(
        Client(), "/terms-of-providers", asked | {"on": "2026-10-01"}
    )
    version = text(Client(), f"/terms-of-providers/versions/{row.public_id}")
    assert "https://witness.example/2026-09-21" in version


def test_a_version_that_nobody_read_is_no_bar_and_the_next_shows_all_its_clauses(world: World) -> None:
    day, maker = datetime.date, outputs.provider("other")
    outputs.version("unread", day(2022, 1, 1), of=maker, effective_to=day(2023, 6, 1), forbids_competing_models=None)
    outputs.version("read", day(2023, 6, 2), "train_other_model", of=maker, text_address="")
    page = text(Client(), "/terms-of-providers/other")
    assert page.count("<rect") == 1
    assert "One of the two versions was not read" in page
    assert "using output to train or improve other models" in page


def test_open_questions_are_asked_in_the_readers_language(world: World) -> None:
    world.outputs.question.__class__.objects.filter(key="terms-privity").update(question_zh="未同意者是否受约束?")
    client = Client(headers={"accept-language": "zh-hans"})
    assert "未同意者是否受约束?" in text(client, "/terms-of-providers", APPLIED | {"acceptance": "unknown"})


def test_positions_are_told_in_the_readers_language_where_they_have_it(world: World) -> None:
    said = [{"position": "No.", "position_zh": "不受约束。", "source": "page"}, {"position": "Perhaps."}]
    world.outputs.question.__class__.objects.filter(key="terms-privity").update(positions=said)
    chinese = text(Client(headers={"accept-language": "zh-hans"}), "/questions/terms-privity")
    assert "不受约束。" in chinese
    assert '<p lang="en">Perhaps.</p>' in chinese
    assert "<p>No.</p>" in text(Client(), "/questions/terms-privity")


def test_a_wrong_question_is_refused_beside_its_field_and_stays_typed(world: World) -> None:
    page = text(Client(), "/terms-of-providers", APPLIED | {"territory": "XX", "on": "yesterday"}, status=422)
    assert "XX is not a country code." in page
    assert 'value="yesterday"' in page
    other = text(Client(), "/terms-of-providers", APPLIED | {"model": "model-one"}, status=422)
    assert "aria-invalid" in other


def test_a_provider_shows_its_versions_and_what_changed(world: World) -> None:
    page = text(Client(), "/terms-of-providers/maker")
    assert "Between these versions there are days for which none is on record." in page
    assert "gone:" in page
    assert "<svg" in page
    one = text(Client(), f"/terms-of-providers/versions/{world.outputs.terms.public_id}")
    assert "ab" * 32 in one
    assert outputs.TEXT in one


def test_an_opinion_is_recorded_and_cited_for_ones_own_organisation_only(
    lab: Client, press: Client, world: World
) -> None:
    form = {"answer": "depends", "reasoning": "It turns on notice.", "signed_as": "B. Counsel", "valid_from": ""}
    address = f"/questions/{world.outputs.question.key}"
    assert lab.post(f"{address}/answer", form)["Location"] == address
    assert Opinion.objects.filter(superseded_by=None).get().answer == "depends"
    assert "It turns on notice." in text(lab, address)
    assert "It turns on notice." not in text(press, address)
    slug = world.dataset.slug
    query = {"use": "fine_tuning", "purpose": "commercial", "competing": "yes", "acceptance": "not_accepted"}
    cited = text(lab, f"/datasets/{slug}/terms", query)
    assert "B. Counsel" in cited
    assert "It changes no verdict." in cited
    assert "Whether the terms bind is contested" in cited


def test_an_editor_answers_no_question(lab: Client, world: World) -> None:
    world.lab.memberships.update(role="editor")
    assert lab.get(f"/questions/{world.outputs.question.key}/answer").status_code == 403
    world.lab.memberships.update(role="lawyer")
    assert lab.get(f"/questions/{world.outputs.question.key}/answer").status_code == 200


def test_a_use_is_declared_approved_and_ended(lab: Client, world: World) -> None:
    form = {
        "title": "Summaries", "provider": world.outputs.declaration.provider.public_id, "model": "talker",
        "purpose": "synthetic_data", "destinations": ["training"], "acceptance": "accepted",
        "terms": world.outputs.terms.key, "accepted_on": "2023-05-02", "datasets": world.dataset.slug,
    }  # fmt: skip
    address = lab.post("/declarations/new", form)["Location"]
    row = UseDeclaration.objects.get(title="Summaries")
    assert address == f"/declarations/{row.public_id}"
    assert "Approve it" in text(lab, address)
    assert lab.post(f"{address}/amend", form | {"title": "Short summaries"}).status_code == 302
    assert lab.post(f"{address}/approve", {"begins_on": ""})["Location"] == address
    assert lab.post(f"{address}/amend", form).status_code == 409
    assert lab.post(f"{address}/end", {"reason": "Done."})["Location"] == address
    row.refresh_from_db()
    assert (row.title, row.state, row.ended_on) == ("Short summaries", "ended", today())
    page = text(lab, address)
    assert "Done." in page
    assert "Short summaries" in text(lab, "/declarations")


def test_what_is_wrong_stays_typed_with_the_fault_beside_it(lab: Client, world: World) -> None:
    form = {"title": "Odd", "provider": world.outputs.declaration.provider.public_id, "purpose": "product"}
    answer = lab.post("/declarations/new", form | {"acceptance": "unknown", "accepted_on": "2023-05-02"})
    assert answer.status_code == 422
    assert 'value="Odd"' in answer.content.decode()
    assert answer.context["form"].errors["acceptance"]
    missing = lab.post("/declarations/new", form | {"acceptance": "unknown", "datasets": "no-such"})
    assert "no-such" in str(missing.context["form"].errors["datasets"])


def test_a_use_is_declared_of_any_provider_with_terms_and_names_datasets_as_they_are_called(
    lab: Client, world: World
) -> None:
    outputs.version("serving", datetime.date(2024, 1, 1), of=outputs.provider("serving-only"))
    form = text(lab, "/declarations/new")
    assert '<option value="" selected>–</option>' in form
    assert ">Serving-Only</option>" in form
    said = {"title": "Named", "provider": outputs.provider("maker").public_id, "purpose": "experiment"}
    said |= {"acceptance": "unknown", "datasets": world.dataset.name}
    assert lab.post("/declarations/new", said).status_code == 302
    assert [row.pk for row in UseDeclaration.objects.get(title="Named").datasets.all()] == [world.dataset.pk]
    outputs.dataset("twin-one").__class__.objects.filter(slug="twin-one").update(name="Twins")
    outputs.dataset("twin-two").__class__.objects.filter(slug="twin-two").update(name="Twins")
    refused = lab.post("/declarations/new", said | {"datasets": "Twins"})
    assert "Several datasets are called “Twins”" in refused.content.decode()
    nobodys = lab.post("/declarations/new", said | {"provider": ""})
    assert nobodys.status_code == 422


def test_a_draft_of_a_use_waits_on_the_desk_of_who_approves_it_and_can_be_discarded(
    lab: Client, press: Client, world: World
) -> None:
    said = use_declarations.Declared(title="Odd titles", provider=outputs.provider("maker"), purpose="experiment")
    row = use_declarations.draft(said, actor=of_user(world.lab))
    assert "Odd titles" in text(lab, "/desk")
    assert "Odd titles" not in text(press, "/desk")
    address = f"/declarations/{row.public_id}/discard"
    assert "Nothing of it is kept" in text(lab, address)
    assert press.post(address).status_code == 404
    assert lab.post(address)["Location"] == "/declarations"
    assert "Odd titles" not in text(lab, "/desk")
    approved = world.outputs.declaration
    assert lab.post(f"/declarations/{approved.public_id}/discard").status_code == 409


def test_declarations_of_others_do_not_exist(press: Client, world: World) -> None:
    address = f"/declarations/{world.outputs.declaration.public_id}"
    assert press.get(address).status_code == 404
    assert press.post(f"{address}/approve").status_code == 404
    assert world.outputs.declaration.title not in text(press, "/declarations")
    assert "has declared no use of a model yet" in text(press, "/declarations")


def test_a_dataset_that_contradicts_the_register_is_flagged_on_its_page_and_in_the_list(
    lab: Client, press: Client, world: World
) -> None:
    slug = world.dataset.slug
    for address in (f"/datasets/{slug}", f"/datasets/{slug}/terms", "/declarations"):
        page = text(lab, address)
        assert "The declaration is a draft that nobody approved." in page, address
        assert "the output goes nowhere, and it is in a dataset" in page, address
    assert "contradict" not in text(press, "/declarations")


def test_a_firm_records_what_a_model_wrote_of_its_dataset(lab: Client, world: World) -> None:
    slug = world.dataset.slug
    form = {"model": "talker", "acquired": "relay", "share_percent": "90", "declaration": ""}
    refused = lab.post(f"/datasets/{slug}/generated/new", form)
    assert refused.status_code == 422
    assert "add up to 102.50 per cent" in str(refused.context["form"].errors["share_percent"])
    assert lab.post(f"/datasets/{slug}/generated/new", form | {"share_percent": "40"}).status_code == 302
    row = GeneratedPart.objects.get(acquired="relay")
    assert "mirror or relay" in text(lab, f"/datasets/{slug}")
    assert lab.post(f"/generated/{row.public_id}/withdraw").status_code == 302
    assert "mirror or relay" not in text(lab, f"/datasets/{slug}")
    assert lab.get(f"/datasets/{world.public_dataset.slug}/generated/new").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_public_dataset_says_which_models_wrote_it_and_whose_terms_reach_it(world: World, language: str) -> None:
    heap = world.public_dataset
    outputs.part(heap, outputs.model(), "third_party", generated_to=datetime.date(2023, 5, 1), prompts="Visitors.")
    outputs.claim(outputs.model(), "trained_on", heap)
    client = Client(headers={"accept-language": language})
    page = text(client, f"/datasets/{heap.slug}")
    assert "Visitors." in page
    terms = text(client, f"/datasets/{heap.slug}/terms", {"use": "fine_tuning", "purpose": "commercial"})
    assert "TOU_USE_UNKNOWN" in terms or "/reasons/TOU_USE_UNKNOWN" in terms
    assert "/models/talker" in terms
    assert ("禁止竞争模型" if language == "zh-hans" else "forbid competing models") in terms
    assert text(client, "/models/talker").count("/datasets/the-heap") >= 1


def test_a_dataset_of_which_nobody_says_so_has_an_empty_state(world: World) -> None:
    page = text(Client(), f"/datasets/{world.public_dataset.slug}/terms")
    assert "Nothing on record says that a model wrote any of it." in page


def test_a_verdict_cites_the_own_opinion_and_stays_what_it_is(lab: Client, world: World) -> None:
    verdict = world.verdict
    asked = outputs.question("own-question", verdict.reasons[0]["code"])
    before = (verdict.verdict, verdict.reasons)
    assert "own-question" in text(lab, f"/verdicts/{verdict.public_id}")
    opinions.record(
        asked, answer="yes", reasoning="We think so.", signed_as="C. Counsel", actor=world.scene.lab,
        valid_from=verdict.clearance.as_of,
    )  # fmt: skip
    assert "C. Counsel" in text(lab, f"/verdicts/{verdict.public_id}")
    verdict.refresh_from_db()
    assert (verdict.verdict, verdict.reasons) == before
    rows = lab.get(f"/api/v1/clearances/{verdict.clearance.public_id}/verdicts").json()["results"]
    (row,) = (one for one in rows if one["id"] == verdict.public_id)
    cited = {one["key"]: one["opinion"] for one in row["questions"]}
    assert cited["own-question"] == Opinion.objects.get(question=asked).public_id
