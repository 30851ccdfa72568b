"""The Reconciliation Service API 0.2: every answer keeps to the specification, nothing private is ever in one."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from registry.actors import system
from registry.models import AIModel, Dataset, Edition, Organisation, Party, RightsClaim, Work
from registry.search import sync, vocabulary
from registry.search.kinds import KINDS
from registry.services import works

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
SCHEMAS = json.loads((Path(__file__).parents[2] / "contracts" / "reconciliation-0.2.json").read_text("utf-8"))


def checked(name: str, value: Any) -> Any:
    """The value, which keeps to that message of the specification."""
    Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": SCHEMAS["definitions"]}).validate(value)
    return value


@pytest.fixture
def press() -> Organisation:
    return Organisation.objects.create(slug="example-press", name="Example Press")


def registered(organisation: Organisation, title: str, author: str, isbn: str = "", **facts: Any) -> Work:
    identifiers = [("isbn", isbn)] if isbn else []
    return works.register(
        works.WorkFacts(title=title, authors=[works.AuthorFacts(name=author)], identifiers=identifiers, **facts),
        actor=system("test", organisation),
    )


@pytest.fixture
def shelf(press: Organisation) -> dict[str, Work]:
    shelf = {
        "emma": registered(press, "The Salt Ledger", "Ada Example", "9780306406157", first_published="1998"),
        "moby": registered(press, "A Winter of Paper", "Ben Sample", first_published="2004"),
    }
    Edition.objects.create(work=shelf["moby"], publisher="Example House", published="2005")
    return shelf


def learn_words() -> None:
    """What happens after the commit: every word of a name can be completed."""
    for kind in KINDS.values():
        vocabulary.learn(kind, [row.pk for row in kind.model._default_manager.all()])


def ask(client: Client, **queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    checked("query_batch", queries)
    answer = client.post("/reconcile", urlencode({"queries": json.dumps(queries)}), content_type=FORM)
    assert answer.status_code == 200, answer.content
    return {name: one["result"] for name, one in checked("result_batch", answer.json()).items()}


def test_the_manifest_keeps_to_the_specification(client: Client) -> None:
    said = checked("manifest", client.get("/reconcile").json())
    assert said["versions"] == ["0.2"]
    assert [kind["id"] for kind in said["defaultTypes"]] == ["/work", "/dataset", "/model", "/holder"]
    assert said["batchSize"] == 50


@pytest.mark.parametrize("method", ["get", "post", "options"])
@pytest.mark.parametrize(
    "path", ["/reconcile", "/reconcile/suggest/entity", "/reconcile/properties", "/reconcile/preview?id=000000000000"]
)
def test_every_origin_may_ask_and_nobody_is_signed_in_by_it(client: Client, method: str, path: str) -> None:
    answer = getattr(client, method)(path, headers={"Origin": "https://refine.example.org"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Retry-After" in answer["Access-Control-Expose-Headers"]
    assert answer.status_code in (200, 204, 404, 405)


def test_title_and_author_make_a_match_and_a_title_alone_makes_none(client: Client, shelf: dict[str, Work]) -> None:
    found = ask(
        client,
        both={"query": "the salt ledger", "properties": [{"pid": "author", "v": "Example, Ada"}]},
        alone={"query": "The Salt Ledger", "type": "/work"},
        other={"query": "The Salt Ledger", "properties": [{"pid": "author", "v": "Zoltan Unheard"}]},
    )
    assert (found["both"][0]["id"], found["both"][0]["match"]) == (shelf["emma"].public_id, True)
    assert (found["alone"][0]["id"], found["alone"][0]["match"]) == (shelf["emma"].public_id, False)
    assert all(not one["match"] and one["score"] < found["alone"][0]["score"] for one in found["other"])
    features = {one["id"]: one["value"] for one in found["both"][0]["features"]}
    assert features, "the score says what it was made of"
    assert 0 <= found["both"][0]["score"] <= 100


def test_an_isbn_settles_it_wherever_it_stands(client: Client, shelf: dict[str, Work]) -> None:
    found = ask(
        client,
        value={"properties": [{"pid": "isbn", "v": "0-306-40615-2"}]},
        text={"query": "978-0-306-40615-7"},
        wrong={
            "query": "Another book",
            "properties": [{"pid": "isbn", "v": ["9780306406157"]}, {"pid": "author", "v": "No One"}],
        },
    )
    assert all(found[name][0]["id"] == shelf["emma"].public_id for name in found)
    assert found["value"][0]["match"]
    assert found["text"][0]["match"]
    assert not found["wrong"][0]["match"], "an ISBN on a book by somebody else is no match"


def test_an_identifier_of_ours_returns_its_entity(client: Client, shelf: dict[str, Work]) -> None:
    [one] = ask(client, q0={"query": shelf["moby"].public_id})["q0"]
    assert (one["id"], one["score"], one["match"]) == (shelf["moby"].public_id, 100.0, True)
    page = client.get(f"/id/{one['id']}", follow=True)
    assert page.status_code == 200
    assert b"A Winter of Paper" in page.content


def test_datasets_models_and_holders_are_found_by_their_type(client: Client, press: Organisation) -> None:
    party = Party.objects.create(name="Example Lab", kind="organisation")
    dataset = Dataset.objects.create(slug="letters", name="Letters corpus")
    model = AIModel.objects.create(slug="letter-1", name="Letter One", developer=party)
    sync.refresh_many([party, dataset, model])
    found = ask(
        client,
        d={"query": "letters corpus", "type": "/dataset"},
        m={"query": "Letter One", "type": ["/model"]},
        h={"query": "Example Lab", "type": "/holder"},
        none={"query": "Letter One", "type": "/no-such-type"},
    )
    assert [found[name][0]["id"] for name in ("d", "m", "h")] == [row.public_id for row in (dataset, model, party)]
    assert found["none"] == []


def test_a_name_without_a_type_finds_what_has_this_very_name_and_matches_none_of_it(
    client: Client, press: Organisation, shelf: dict[str, Work]
) -> None:
    party = Party.objects.create(name="Example Lab", kind="organisation")
    dataset = Dataset.objects.create(slug="letters", name="Letters corpus")
    sync.refresh_many([party, dataset])
    found = ask(
        client,
        dataset={"query": "Letters corpus", "limit": 3},
        holder={"query": "Example Lab", "type": ""},
        own_id={"query": party.public_id, "type": []},
        near={"query": "Letters"},
        title={"query": "The Salt Ledger", "properties": [{"pid": "author", "v": "Ada Example"}]},
        facts={"properties": [{"pid": "author", "v": "Example Lab"}]},
    )
    assert [(one["id"], one["match"]) for one in found["dataset"]] == [(dataset.public_id, False)]
    assert [(one["id"], one["match"]) for one in found["holder"]] == [(party.public_id, False)]
    assert [(one["id"], one["match"]) for one in found["own_id"]] == [(party.public_id, True)]
    assert found["near"] == [], "works alone are found by a name that is alike"
    assert [(one["id"], one["match"]) for one in found["title"]] == [(shelf["emma"].public_id, True)]
    assert found["facts"] == [], "properties alone are those of works"


def test_a_blank_cell_and_a_large_limit_spoil_no_batch(client: Client, shelf: dict[str, Work]) -> None:
    found = ask(
        client,
        empty={"query": ""},
        blank={"query": "  ", "type": "/work", "type_strict": "should"},
        title={"query": "The Salt Ledger", "limit": 10**9},
        value={"query": "", "properties": [{"pid": "isbn", "v": 9780306406157}]},
    )
    assert (found["empty"], found["blank"]) == ([], [])
    assert found["title"][0]["id"] == found["value"][0]["id"] == shelf["emma"].public_id


def test_drafts_and_private_datasets_are_nowhere(client: Client, press: Organisation, shelf: dict[str, Work]) -> None:
    draft = registered(press, "The Unsaid Draft", "Cora Hidden", "9783161484100")
    Work.objects.filter(pk=draft.pk).update(visibility=Work.Visibility.DRAFT)
    private = Dataset.objects.create(slug="secret", name="Secret corpus", visibility="private", organisation=press)
    sync.refresh_many([draft, private])
    found = ask(
        client,
        title={"query": "The Unsaid Draft"},
        isbn={"properties": [{"pid": "isbn", "v": "9783161484100"}]},
        own_id={"query": draft.public_id},
        dataset={"query": "Secret corpus", "type": "/dataset"},
    )
    assert draft.public_id not in json.dumps(found)
    assert private.public_id not in json.dumps(found)
    assert client.get(f"/id/{draft.public_id}").status_code == 404
    assert client.get(f"/reconcile/preview?id={draft.public_id}").status_code == 404
    extended = client.get(
        "/reconcile", {"extend": json.dumps({"ids": [draft.public_id], "properties": [{"id": "title"}]})}
    )
    assert extended.json()["rows"] == {draft.public_id: {"title": []}}
    suggested = client.get("/reconcile/suggest/entity", {"prefix": "The Unsaid"}).json()
    assert draft.public_id not in json.dumps(suggested)


def test_extension_returns_values_and_statuses_with_settings(
    client: Client, press: Organisation, shelf: dict[str, Work]
) -> None:
    holder = Party.objects.create(name="Ada Example Estate")
    RightsClaim.objects.create(work=shelf["emma"], holder=holder, asserted_by=press, observed_at="2026-01-01")
    names = ["title", "author", "year", "isbn", "holder", "publisher", "address", "no-such-property"]
    query = {
        "ids": [shelf["emma"].public_id, "0000000000zz"],
        "properties": [{"id": name} for name in names]
        + [{"id": "status", "settings": {"use": "fine_tuning", "territory": "EU", "as_of": "2026-01-31"}}],
    }
    checked("extend_query", query)
    said = checked("extend_response", client.post("/reconcile", {"extend": json.dumps(query)}).json())
    row = said["rows"][shelf["emma"].public_id]
    assert row["author"] == [{"str": "Ada Example"}]
    assert row["year"] == [{"int": 1998}]
    assert row["isbn"] == [{"str": "9780306406157"}]
    assert row["holder"] == [{"id": holder.public_id, "name": "Ada Example Estate"}]
    assert row["status"] == [{"str": "UNKNOWN"}]
    assert row["no-such-property"] == []
    assert all(values == [] for values in said["rows"]["0000000000zz"].values())
    assert next(one for one in said["meta"] if one["id"] == "holder")["type"]["id"] == "/holder"


def test_suggestions_are_paged_by_cursor(client: Client, press: Organisation) -> None:
    for number in range(12):
        registered(press, f"Common Tale {number}", "Ada Example")
    first = checked("suggest_entities", client.get("/reconcile/suggest/entity?prefix=common+tale").json())["result"]
    rest = client.get("/reconcile/suggest/entity?prefix=common+tale&cursor=10").json()["result"]
    assert (len(first), len(rest)) == (10, 2)
    assert not {one["id"] for one in first} & {one["id"] for one in rest}
    types = checked("suggest_types", client.get("/reconcile/suggest/type?prefix=wor").json())["result"]
    assert [one["id"] for one in types] == ["/work"]
    properties = checked("suggest_properties", client.get("/reconcile/suggest/property?prefix=isb").json())["result"]
    assert [one["id"] for one in properties] == ["isbn"]


OPENREFINE_SENDS = {"spell": "always", "exact": "false", "prefixed": "true"}  # with every letter that is typed


@pytest.mark.parametrize(
    ("what", "typed", "first"),
    [("entity", "the salt le", "The Salt Ledger"), ("property", "autho", "Author"), ("type", "wo", "Work")],
)
def test_fields_of_openrefine_are_answered(
    client: Client, shelf: dict[str, Work], what: str, typed: str, first: str
) -> None:
    learn_words()
    answer = client.get(f"/reconcile/suggest/{what}", {"prefix": typed, **OPENREFINE_SENDS})
    assert answer.status_code == 200
    assert answer.json()["result"][0]["name"] == first
    identified = {"prefix": "", "filter": '(any alias{start}:"/wo" mid:"/wo")', **OPENREFINE_SENDS}
    assert client.get(f"/reconcile/suggest/{what}", identified).status_code == 200


def test_what_is_typed_begins_a_name_or_is_an_id_and_claims_are_in_nobody_s_way(
    client: Client, press: Organisation, shelf: dict[str, Work]
) -> None:
    party = Party.objects.create(name="Saltmarsh Trust", kind="organisation")
    sync.refresh_many([party])
    learn_words()

    def suggested(**parameters: Any) -> list[str]:
        said = checked("suggest_entities", client.get("/reconcile/suggest/entity", parameters).json())
        return [one["name"] for one in said["result"]]

    assert suggested(prefix="saltm")[0] == "Saltmarsh Trust", "what begins so comes before what is alike"
    assert set(suggested(prefix="salt")) == {"The Salt Ledger", "Saltmarsh Trust"}
    assert suggested(prefix="salt", type="/holder") == ["Saltmarsh Trust"]
    assert suggested(prefix="salt", type=["/dataset", "/no-such-type"]) == []
    assert suggested(prefix=shelf["emma"].public_id) == ["The Salt Ledger"]
    assert suggested(prefix="9780306406157") == ["The Salt Ledger"]
    assert suggested(prefix="salt", cursor="2") == []


def test_settings_that_were_emptied_are_none(client: Client, shelf: dict[str, Work]) -> None:
    settings = {"use": "", "territory": "", "as_of": "", "limit": ""}
    query = {"ids": [shelf["emma"].public_id], "properties": [{"id": "title", "settings": settings}]}
    said = checked("extend_response", client.post("/reconcile", {"extend": json.dumps(query)}).json())
    assert said["rows"][shelf["emma"].public_id]["title"] == [{"str": "The Salt Ledger"}]


def test_properties_are_proposed_for_a_column_without_a_type(client: Client) -> None:
    said = checked("property_proposal", client.get("/reconcile/properties?type=").json())
    assert {"isbn", "developer", "isni"} <= {one["id"] for one in said["properties"]}


def test_properties_are_proposed_for_a_type(client: Client) -> None:
    said = checked("property_proposal", client.get("/reconcile/properties?type=/dataset&limit=3").json())
    assert (said["type"], said["limit"], len(said["properties"])) == ("/dataset", 3, 3)
    assert "isbn" not in json.dumps(client.get("/reconcile/properties?type=/dataset").json())


def test_the_preview_may_be_framed_and_other_pages_may_not(client: Client, shelf: dict[str, Work]) -> None:
    answer = client.get(f"/reconcile/preview?id={shelf['emma'].public_id}")
    assert answer.status_code == 200
    assert b"The Salt Ledger" in answer.content
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    page = client.get(f"/works/{shelf['emma'].public_id}", follow=True)
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_the_preview_of_nothing_is_a_line_that_may_be_framed(client: Client) -> None:
    answer = client.get("/reconcile/preview?id=000000000000")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert (b"<nav" in answer.content, b"<form" in answer.content) == (False, False)
    assert "frame-ancestors *" in answer["Content-Security-Policy"]


def test_an_address_with_a_slash_at_its_end_answers_too(client: Client, shelf: dict[str, Work]) -> None:
    assert client.get("/reconcile/").json() == client.get("/reconcile").json()
    queries = {"queries": json.dumps({"q0": {"query": shelf["emma"].title}})}
    assert client.post("/reconcile/", queries).json() == client.post("/reconcile", queries).json()


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"queries": "{"}, 400, "/queries"),
        ({"queries": "[]"}, 400, "/queries"),
        ({"queries": '{"q0": 1}'}, 400, "/queries/q0"),
        ({"queries": '{"q0": {}}'}, 400, "/queries/q0"),
        (
            {"queries": '{"a/b": {"query": "x", "limit": 0, "type": 3, "type_strict": "none"}}'},
            400,
            "/queries/a~1b/limit",
        ),
        ({"queries": '{"q0": {"query": "x", "properties": [{"pid": 1}]}}'}, 400, "/queries/q0/properties/0"),
        ({"queries": json.dumps({str(number): {"query": "x"} for number in range(51)})}, 413, "50 queries"),
        ({"extend": '{"ids": "x"}'}, 400, "/extend/ids"),
        (
            {"extend": '{"ids": [], "properties": [{"id": "status", "settings": {"use": "eating", "as_of": "soon"}}]}'},
            400,
            "as_of",
        ),
        ({"queries": "[" * 50_000}, 400, "nested too deep"),
        ({"queries": '{"q\\ud800": {"query": "x"}}'}, 400, "surrogate"),
        ({"extend": '{"ids": ["\\uDC00"], "properties": []}'}, 400, "surrogate"),
        ({"queries": '{"q0": {"query": "x", "limit": 2.5}}'}, 400, "/queries/q0/limit"),
        ({"queries": json.dumps({"q0": {"query": "x" * 3_000_000}})}, 413, "TOO_LARGE"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(
    client: Client, form: dict[str, str], status: int, says: str
) -> None:
    answer = client.post("/reconcile", form)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert says in json.dumps(answer.json())
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("one", ["\0", "%00", "a" * 300, "'; --", "数据"])
def test_what_can_be_no_id_is_nothing(client: Client, one: str) -> None:
    assert client.get("/reconcile/preview", {"id": one}).status_code == 404
    said = client.post("/reconcile", {"extend": json.dumps({"ids": [one], "properties": [{"id": "title"}]})})
    assert said.status_code == 200
    assert said.json()["rows"] == {one[:100]: {"title": []}}


def test_jsonp_is_refused(client: Client) -> None:
    assert client.get("/reconcile?callback=f").status_code == 400


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["query", "type", "limit", "properties", "type_strict", "ids", "other"])
BODIES = JSON_VALUES | st.dictionaries(
    st.text(max_size=4), st.dictionaries(FIELDS, JSON_VALUES, max_size=4), max_size=2
)


@given(field=st.sampled_from(["queries", "extend"]), body=BODIES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_is_a_fault_of_ours(client: Client, field: str, body: Any) -> None:
    answer = client.post("/reconcile", {field: json.dumps(body)})
    assert answer.status_code in (200, 400, 413)
    if answer.status_code == 200 and field == "queries":
        checked("result_batch", answer.json())
