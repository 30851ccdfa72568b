"""Every error is a problem document; no input is a fault of ours."""

import json

import pytest

from registry.models import Work
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def assert_problem(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"].startswith("http://testserver/docs/problems#")
    assert body["title"]
    assert body["detail"]
    return body


def pointers(body):
    return [error["pointer"] for error in body["errors"]]


@pytest.fixture
def client():
    return clients.caller()


@pytest.mark.parametrize(
    "address",
    ["/api/", "/api/v2/works", "/api/v1/", "/api/v1/works/", "/api/v1/nothing", "/api/v1/works/%00", "/api/x"],
)
def test_an_unknown_address_is_a_problem(client, address):
    for method in (client.get, client.post, client.delete, client.options):
        assert_problem(method(address), 404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_a_method_that_an_address_does_not_know_is_405(client, method):
    answer = getattr(client, method)("/api/v1/works")
    assert_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_posting_to_what_is_only_read_is_405_for_everybody(client):
    assert_problem(client.post("/api/v1/datasets"), 405, "METHOD_NOT_ALLOWED")
    assert_problem(clients.nobody().post("/api/v1/models"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"title": "x",}',
        b"\xff\xfe{}",
        b'{"title": "\xe9"}',
        b'{"title": NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"title": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_not_json_is_a_parse_error(client, raw):
    assert_problem(client.generic("POST", "/api/v1/works", raw, "application/json"), 400, "PARSE_ERROR")
    assert_problem(client.generic("POST", "/api/v1/explain", raw, "application/json"), 400, "PARSE_ERROR")


def test_an_empty_body_says_what_is_missing(client):
    body = assert_problem(client.generic("POST", "/api/v1/works", b"", "application/json"), 400, "INVALID_INPUT")
    assert pointers(body) == ["/title"]


@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "utf-16", "idna", "no-such"])
def test_json_is_utf8_whatever_charset_the_header_names(client, charset):
    raw = json.dumps({"title": "红楼梦"}, ensure_ascii=False).encode()
    answer = client.generic("POST", "/api/v1/works", raw, f"application/json; charset={charset}")
    assert answer.status_code == 201
    assert answer.json()["title"] == "红楼梦"


def test_a_body_of_another_type_is_415(client):
    answer = client.generic("POST", "/api/v1/works", b"<work/>", "application/xml")
    assert_problem(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_an_answer_nobody_here_can_write_is_406(client):
    assert_problem(client.get("/api/v1/works", HTTP_ACCEPT="image/png"), 406, "NOT_ACCEPTABLE")


def test_a_body_that_is_too_large_is_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    assert_problem(client.post("/api/v1/works", {"title": "x" * 1_000}), 413, "TOO_LARGE")


@pytest.mark.parametrize("body", [[], "title", 7, None, True, [{"title": "x"}]])
def test_a_body_that_is_no_object_is_named(client, body):
    assert_problem(client.post("/api/v1/works", body), 400, "INVALID_INPUT")


def test_every_fault_is_reported_at_once_with_its_pointer(client):
    given = {
        "titel": "Emma",
        "kind": "song",
        "country": "England",
        "first_published": "1815-13",
        "authors": [{"name": "Jane Austen"}, {"name": "", "born": "long ago", "age": 41}],
        "identifiers": "9780141439587",
        "a/b~c": 1,
    }
    body = assert_problem(client.post("/api/v1/works", given), 400, "INVALID_INPUT")
    assert sorted(pointers(body)) == [
        "/authors/1/age",
        "/authors/1/born",
        "/authors/1/name",
        "/a~1b~0c",
        "/country",
        "/first_published",
        "/identifiers",
        "/kind",
        "/titel",
        "/title",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "nul \0 inside"),
        ("title", "x" * 501),
        ("title", ["x"]),
        ("title", {"en": "x"}),
        ("title", None),
        ("title", "   "),
        ("title", "half \ud800 a pair"),
        ("kind", "\udfff"),
        ("kind", ["book"]),
        ("kind", {}),
        ("language", "x" * 17),
        ("first_published", "١٨١٥"),
        ("first_published", "1815-02-30"),
        ("first_published", "0000"),
        ("first_published", 1815.5),
        ("authors", [None]),
        ("authors", {"name": "x"}),
        ("authors", [{"name": "x"}] * 101),
        ("authors", [{"name": "Jane"}, {"name": "Jane"}]),
        ("identifiers", [{"scheme": "isbn", "value": "9780141439586"}]),
        ("identifiers", [{"scheme": "isbn", "value": "\U0001d7da" * 13}]),
        ("identifiers", [{"scheme": "doi", "value": "10." + "x" * 250}]),
        ("identifiers", [{"scheme": "isbn", "value": 12}]),
        ("editions", [{"translator": "somebody"}]),
        ("editions", [{"translation": "perhaps"}]),
        ("record_reference", "x" * 201),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(client, field, value):
    raw = json.dumps({"title": "Emma", field: value}).encode()
    body = assert_problem(client.generic("POST", "/api/v1/works", raw, "application/json"), 400, "INVALID_INPUT")
    assert all(pointer.startswith(f"/{field}") for pointer in pointers(body))
    assert not Work.objects.exists()


def test_an_unknown_field_is_quoted_without_breaking_the_answer(client):
    raw = b'{"title": "x", "\\ud800": 1, "' + b"y" * 1_000 + b'": 1}'
    body = assert_problem(client.generic("POST", "/api/v1/works", raw, "application/json"), 400, "INVALID_INPUT")
    assert max(len(pointer) for pointer in pointers(body)) <= 300


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=abc", "limit"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=201", "limit"),
        ("limit=1e2", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=%FF", "cursor"),
        ("cursor=cD1hYmM=", "cursor"),  # p=abc
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "cursor"),  # a number no row has
        ("cursor=cD0tNQ==", "cursor"),
        ("cursor=bz0tMQ==", "cursor"),
        ("kind=song", "kind"),
        ("kind=%00", "kind"),
        ("language=%00", "language"),
        ("demo=maybe", "demo"),
        ("page=2", "page"),
        ("format=json", "format"),
        ("%00=1", "\0"),
    ],
)
def test_a_wrong_parameter_is_named(client, query, parameter):
    body = assert_problem(client.get(f"/api/v1/works?{query}"), 400, "INVALID_INPUT")
    assert [error["parameter"] for error in body["errors"]] == [parameter]


@pytest.mark.parametrize(
    "address", ["works/0123456789ab", "datasets/x", "jobs/0123456789ab", "log", "log/entries/0", "scans/0123456789ab"]
)
def test_a_parameter_is_refused_where_none_is_known(client, address):
    body = assert_problem(client.get(f"/api/v1/{address}?verbose=1"), 400, "INVALID_INPUT")
    assert body["errors"][0]["parameter"] == "verbose"


def test_a_thousand_parameters_are_refused(client):
    assert_problem(client.get("/api/v1/works?" + "&".join(f"a{n}=1" for n in range(1_200))), 400, "PARSE_ERROR")


def test_the_same_record_reference_twice_is_a_conflict(client):
    given = {"title": "Emma", "record_reference": "E-1"}
    assert client.post("/api/v1/works", given).status_code == 201
    assert_problem(client.post("/api/v1/works", given), 409, "CONFLICT")


def test_a_faults_answer_is_a_problem_too(client, monkeypatch, caplog):
    monkeypatch.setattr("registry.services.works.register", lambda *_, **__: 1 / 0)
    assert_problem(client.post("/api/v1/works", {"title": "Emma"}), 500, "INTERNAL_ERROR")
    assert "ZeroDivisionError" in caplog.text


def test_the_page_that_a_problem_points_at_explains_its_code(client):
    body = client.get("/api/v1/nothing").json()
    page = client.get(body["type"]).content.decode()
    assert f'id="{body["type"].partition("#")[2]}"' in page


def test_half_a_character_is_refused_wherever_it_stands_in_a_body(client):
    body = b'{"title": "ok \\ud83d\\ude00", "facts": {"a\\udc00": ["x", "\\ud800"]}}'
    answer = client.post("/api/v1/works", body, content_type="application/json")
    assert sorted(pointers(assert_problem(answer, 400, "INVALID_INPUT"))) == ["/facts", "/facts/a?/1"]
