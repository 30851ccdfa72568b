"""Another organisation's draft is nowhere: no page, list, count, search, suggestion, export or report has a mark."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from ingest.models import Deposit, Match, Scan
from ingest.selectors import scans as scan_facts
from ingest.services import deposits, exports, scans
from licensing.models import Clearance
from licensing.services import (
    catalogue,
    clearances,
    import_files,
    linkages,
    offers,
    ownership,
    reports,
    reservations,
    snapshots,
)
from licensing.services.assertions import Scope
from registry import access, jobs
from registry.actors import ANONYMOUS, of_user, system
from registry.errors import NotFound
from registry.models import Import, ImportRow, Job, Party, User, Work
from registry.models.base import new_public_id
from registry.search import engine, indices, sync
from registry.services import duplicates, log, receipts, work_merges, works
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from tests import factories
from tests.architecture.routes import every_route
from tests.browser.world import World, arguments, build
from tests.kept import Kept, kept
from tests.licensing.services import imported

pytestmark = pytest.mark.django_db

TEXT = Path(__file__).resolve().parents[2] / "samples" / "shelf" / "texts" / "carroll-alice.txt"
ISBN, DOI = "9780141439518", "10.5555/zyxomma.77"
FACTS = WorkFacts(
    title="Zyxomma Petiolatum Nocturne", subtitle="Qwirkeldom Revisited", language="en", first_published="2031",
    authors=[AuthorFacts("Quillon Vantressa", "1971", name_zh="墨夜萍", other_names=["Mirelda Oxbow"])],
    description="Thornwhistle is asleep.", record_reference="SECRET-REF-77", visibility="draft",
    identifiers=[("doi", DOI)],
    editions=[
        EditionFacts(
            title="Nocturnus Zyx", publisher="Glumwater & Daughters", identifiers=[("isbn", ISBN)],
            translation=True, translator=AuthorFacts("Pelroy Castigane"),
        )
    ],
)  # fmt: skip
MARKS = (
    *("Zyxomma", "Petiolatum", "Nocturn", "Qwirkeldom", "Quillon", "Vantressa", "墨夜萍", "Mirelda", "Oxbow"),
    *("Thornwhistle", "SECRET-REF-77", ISBN, "0141439513", "978-0-14-143951-8", DOI, "Glumwater", "Pelroy"),
    *("Castigane", "hush-hush", "manuscript-of-nobody"),
)
TYPED = ("Zyxomma", "Quillon Van", "Mirelda", "Pelroy", "墨夜", "Nocturnus", ISBN, "0-14-143951-3", DOI, "zyxoma")
PARAMETERS = ("q", "query", "title", "author", "isbn", "identifier", "work", "prefix", "holder", "text", "name")


@dataclass(frozen=True)
class Scene:
    """A registry with a draft in it, and what a stranger counted before the draft was there."""

    world: World
    draft: Work
    deposit: Deposit
    marks: tuple[str, ...]
    counted: dict[str, Any]


def _scene() -> Scene:
    cache.clear()
    world = build()
    counted = _counts(world.lab)
    hidden = factories.actor(factories.organisation("hush", "Glowing Hills"))
    assert hidden.organisation is not None
    draft = works.register(FACTS, actor=hidden)
    deposit = deposits.keep(work=draft, path=TEXT, file_name="manuscript-of-nobody.txt", mode="kept", actor=hidden)
    _run_jobs()
    reservations.record(
        work=draft, scope=Scope(territory=["EU"], statement="hush-hush"), machine_readable=True, actor=hidden
    )
    offers.publish(work=draft, terms="hush-hush", scope=Scope(uses=["pretraining"]), actor=hidden)
    holder = Party.objects.get(name="Quillon Vantressa")
    ownership.claim(work=draft, holder=holder, scope=Scope(statement="hush-hush"), actor=hidden)
    log.sequence_all()
    ids = [draft.public_id, deposit.public_id, *draft.editions.values_list("public_id", flat=True)]
    ids += Party.objects.filter(known_to=hidden.organisation).values_list("public_id", flat=True)
    return Scene(world, draft, deposit, (*MARKS, *ids), counted)


@pytest.fixture(scope="module")
def kept_scene(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept[Scene]]:
    with kept(_scene, tmp_path_factory.mktemp("scene"), django_db_blocker) as scene:
        yield scene


@pytest.fixture
def scene(db: None, kept_scene: Kept[Scene], settings: Any, tmp_path: Path) -> Scene:
    cache.clear()
    return kept_scene.copy(settings, tmp_path)


def _run_jobs() -> None:
    kinds = [kind for kind in jobs.HANDLERS if kind != "search_index"]
    while (job := Job.objects.filter(state=Job.State.QUEUED, kind__in=kinds).order_by("id").first()) is not None:
        jobs.run(job.pk)


def _client(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def _counts(user: User) -> dict[str, Any]:
    """What a stranger can count: on the home page, in the lists of the API."""
    client = _client(user)
    found: dict[str, Any] = {"home": client.get("/").context["counts"]}
    for name in ("api-work-list", "works"):
        found[name] = len(re.findall(r"/works/[0-9a-z]{12}|\"id\":", _body(client.get(reverse(name)))))
    found["search"] = {kind: engine.search("a", kind, actor=of_user(user)).total for kind in ("work", "holder")}
    return found


def _body(answer: Any) -> str:
    raw = b"".join(answer) if isinstance(answer, StreamingHttpResponse) else answer.content
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            raw = b"\n".join(archive.read(name) for name in archive.namelist())
    return bytes(raw).decode("utf-8", "replace") + str(answer.headers)


def _said(text: str, marks: tuple[str, ...], typed: str = "") -> list[str]:
    """The marks that a page has and that nobody typed into it."""
    parts = {typed, *typed.split()}
    return [
        mark for mark in marks if mark in text and not any(part and (mark in part or part in mark) for part in parts)
    ]


def _addresses(scene: Scene) -> Iterator[str]:
    """Every address of the site, as it is for the world's own things and for the draft's."""
    own = scene.world.scene.licensed.public_id
    swapped = {own: scene.draft.public_id, scene.world.deposit.public_id: scene.deposit.public_id}
    for route in every_route():
        known = arguments(scene.world, route.name)
        for values in (known, {key: swapped.get(value, value) for key, value in known.items()}):
            try:
                yield reverse(route.name, kwargs=values)
            except NoReverseMatch:
                continue


def test_no_address_shows_a_stranger_a_mark_of_the_draft(scene: Scene) -> None:
    found = {}
    for user in (None, scene.world.lab):
        client = _client(user)
        for address in dict.fromkeys(_addresses(scene)):
            answer = client.get(address)
            asked = [scene.draft.public_id, scene.deposit.public_id]
            marks = tuple(mark for mark in scene.marks if not (mark in asked and mark in address))
            assert answer.status_code != 500, address
            if said := _said(_body(answer), marks):
                found[address] = said
            if scene.draft.public_id in address:
                assert answer.status_code in (302, 404, 405), address
                assert "/works/" not in answer.headers.get("Location", "").partition("?")[0], address
    assert found == {}


def test_no_question_finds_the_draft(scene: Scene) -> None:
    found = {}
    client = _client(scene.world.lab)
    addresses = [reverse(route.name) for route in every_route() if _takes_nothing(route.name)]
    for address in dict.fromkeys(addresses):
        for name in PARAMETERS:
            for typed in TYPED if name in ("q", "query", "prefix") else TYPED[:1] + TYPED[6:7]:
                answer = client.get(address, {name: typed})
                assert answer.status_code != 500, address
                if said := _said(_body(answer), scene.marks, typed):
                    found[address, name, typed] = said
                if answer.status_code in (302, 400, 404, 405):  # it takes no such question
                    break
            if not address.startswith(("/api/", "/search", "/reconcile")):  # a page of which one question is enough
                break
    queries = json.dumps({str(number): {"query": typed} for number, typed in enumerate(TYPED)})
    for answer in (Client().get("/reconcile", {"queries": queries}), Client().post("/reconcile", {"queries": queries})):
        assert not _said(_body(answer), scene.marks)
    assert found == {}


def _takes_nothing(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return "logout" not in name


def test_a_stranger_counts_what_they_counted_before(scene: Scene) -> None:
    assert _counts(scene.world.lab) == scene.counted


@pytest.mark.parametrize("name", ["postgres", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def test_search_finds_the_draft_for_its_own_organisation_alone(
    scene: Scene, name: str, settings: Any, request: pytest.FixtureRequest
) -> None:
    if name == "elasticsearch":
        settings.ELASTICSEARCH_URL = request.getfixturevalue("elasticsearch_url")
        settings.SEARCH_INDEX_PREFIX = f"test-{new_public_id()}"
        sync.rebuild()
    try:
        own = system("tests", scene.draft.registered_by)
        assert engine.search("Zyxomma", actor=own, engine=name).total >= 1
        for actor in (ANONYMOUS, of_user(scene.world.lab)):
            for typed in TYPED:
                hits = engine.search(typed, actor=actor, engine=name)
                assert not any(hit.id == scene.draft.public_id for hit in hits.hits), typed
                assert not _said(repr([(hit.title, hit.detail) for hit in hits.hits]), scene.marks), typed
    finally:
        if name == "elasticsearch":
            indices.remove(indices.names())


def test_registering_the_same_work_says_nothing_of_the_draft(scene: Scene) -> None:
    client = _client(scene.world.lab)
    typed = {
        "title": FACTS.title,
        "authors": "Quillon Vantressa (1971–)",
        "isbn": ISBN,
        "kind": "book",
        "authorship": "individual",
    }
    assert duplicates.find(FACTS, of_user(scene.world.lab)) == []
    completed = client.post("/works/new", {"isbn": ISBN, "do": "complete"})
    assert not _said(_body(completed), scene.marks, ISBN)
    made = client.post("/works/new", typed)
    assert made.status_code == 302
    page = _body(client.get(made.headers["Location"])) + _body(client.get(made.headers["Location"] + ".json"))
    assert not [mark for mark in ("墨夜萍", "Mirelda", "Glumwater", scene.draft.public_id) if mark in page]
    party = Party.objects.get(contributions__work=Work.objects.get(title=FACTS.title, visibility="public"))
    assert (party.known_to, party.name_zh, party.other_names) == (None, "", [])


def _checked(user: User) -> tuple[Scan, Clearance]:
    """A stranger's scan of the very text of the draft, decided."""
    actor = of_user(user)
    upload = scans.Upload("book.txt", io.BytesIO(TEXT.read_bytes()))
    scan = scans.request(files=[upload], dataset_name="Stranger", actor=actor)
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="US", actor=actor)
    _run_jobs()
    scans.close_ready()
    clearances.decide(asked.pk)
    scan.refresh_from_db()
    asked.refresh_from_db()
    return scan, asked


def test_a_scan_tells_a_stranger_only_how_many_documents_hold_unpublished_text(scene: Scene) -> None:
    scan, asked = _checked(scene.world.lab)
    assert (scan.state, Match.objects.filter(scan=scan, work=scene.draft).count()) == ("done", 0)
    assert scan_facts.unpublished(scan) == 1
    assert (asked.totals["works"], asked.totals["documents_unpublished"]) == (0, 1)
    client = _client(scene.world.lab)
    for address in (f"/checks/{scan.public_id}", f"/clearances/{asked.public_id}", f"/api/v1/scans/{scan.public_id}"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert not _said(_body(answer), scene.marks), address
    assert "not published" in client.get(f"/clearances/{asked.public_id}").content.decode()
    report = reports.issue(clearance=asked, actor=of_user(scene.world.lab))
    with reports.open_bundle(report) as stream, zipfile.ZipFile(stream) as archive:
        for name in archive.namelist():
            assert not _said(archive.read(name).decode("utf-8", "replace"), scene.marks), name

    works.publish(work=scene.draft, actor=system("tests", scene.draft.registered_by))
    later, decided = _checked(scene.world.lab)
    assert Match.objects.get(scan=later).work == scene.draft
    assert decided.totals["documents_unpublished"] == 0
    assert not Match.objects.filter(scan=scan).exists(), "the earlier scan stays what it was"


def test_the_own_organisation_finds_its_draft(scene: Scene) -> None:
    user = User.objects.create_user(username="hush@example.org", password="x")
    user.memberships.create(organisation=scene.draft.registered_by, role="owner")
    scan, asked = _checked(user)
    assert Match.objects.get(scan=scan).work == scene.draft
    assert asked.totals["works"] == 1
    assert _client(user).get(f"/works/{scene.draft.public_id}", follow=True).status_code == 200
    assert receipts.of_work(scene.draft).record


@pytest.mark.parametrize("state", ["draft", "withdrawn", "merged"])
def test_exports_hold_public_works_and_the_drafts_of_whom_they_are_for(
    scene: Scene, state: str, tmp_path: Path
) -> None:
    own, lab = scene.draft.registered_by, of_user(scene.world.lab).organisation
    if state == "withdrawn":
        works.withdraw(work=scene.draft, reason="", actor=system("tests", own))
    if state == "merged":
        kept = works.register(WorkFacts("Kept", visibility="draft"), actor=system("tests", own))
        work_merges.merge(work=scene.draft, into=kept, actor=system("tests", own))
    for organisation in (None, lab):
        path = tmp_path / f"{organisation}.snapshot"
        snapshots.export(path, organisation=organisation)
        assert not _said(path.read_bytes().decode("utf-8", "replace"), scene.marks)
        exports.export(tmp_path / f"{organisation}-index", organisation=organisation)
        held = b"".join(file.read_bytes() for file in (tmp_path / f"{organisation}-index").iterdir())
        assert not _said(held.decode("utf-8", "replace"), scene.marks)
    path = tmp_path / "own.snapshot"
    snapshots.export(path, organisation=own)
    assert (scene.draft.public_id.encode() in path.read_bytes()) is (state == "draft")


@pytest.mark.parametrize("state", ["withdrawn", "merged"])
def test_a_draft_that_ended_is_as_hidden_as_one_that_stands(scene: Scene, state: str) -> None:
    own = system("tests", scene.draft.registered_by)
    if state == "withdrawn":
        works.withdraw(work=scene.draft, reason="hush-hush", actor=own)
    else:
        kept = works.register(WorkFacts("Zyxomma kept", visibility="draft"), actor=own)
        work_merges.merge(work=scene.draft, into=kept, actor=own)
    with pytest.raises(NotFound):
        access.work(ANONYMOUS, scene.draft.public_id)
    for name in ("work", "api-work-detail"):
        [key] = ["address"] if name == "work" else ["public_id"]
        answer = Client().get(reverse(name, kwargs={key: scene.draft.public_id}))
        assert answer.status_code == 404
        assert not _said(_body(answer), tuple(mark for mark in scene.marks if mark != scene.draft.public_id))


def test_lists_of_visible_parties_hold_no_person_of_a_draft(scene: Scene) -> None:
    see: Callable[[Any], set[str]] = lambda actor: set(access.parties(actor).values_list("name", flat=True))  # noqa: E731
    for actor in (ANONYMOUS, of_user(scene.world.lab)):
        assert not see(actor) & {"Quillon Vantressa", "Pelroy Castigane"}
    assert see(system("tests", scene.draft.registered_by)) >= {"Quillon Vantressa", "Pelroy Castigane"}


def _row_of_the_draft(reference: str) -> bytes:
    isbn, title = "978-0-14-143951-8", FACTS.title
    return imported.table(f"{reference},{title},Quillon Vantressa,2031,Example Press,{isbn},en")


def _told(batch: Import, client: Client) -> str:
    """Everything that an import tells the one who handed it in."""
    page = _body(client.get(f"/imports/{batch.public_id}"))
    files = [import_files.acknowledgement(batch), import_files.acknowledgement(batch, as_json=True)]
    files.append(import_files.refused_rows(batch))
    return page + b"".join(part for file in files for part in file.content).decode() + json.dumps(batch.counts)


def test_a_strangers_import_that_names_a_draft_learns_nothing_of_it(scene: Scene) -> None:
    lab = of_user(scene.world.lab)
    for reference in ("mine-1", FACTS.record_reference):
        batch = imported.looked_at(_row_of_the_draft(reference), lab)
        assert (batch.counts["new"], batch.counts["refused"], batch.counts["warnings"]) == (1, 0, 0)
        assert [row.faults for row in ImportRow.objects.filter(batch=batch)] == [[]]
        assert not _said(_told(batch, _client(scene.world.lab)), scene.marks, f"{FACTS.title} {FACTS.record_reference}")
    batch = imported.taken_over(_row_of_the_draft("mine-1"), lab)
    assert batch.counts["new"] == 1
    work = Work.objects.get(registered_by=lab.organisation, record_reference="mine-1")
    party = Party.objects.get(contributions__work=work)
    assert (party.known_to, party.born, party.name_zh, party.other_names) == (None, "", "", [])
    assert party.public_id not in scene.marks
    assert not Party.objects.get(name="Quillon Vantressa", known_to=scene.draft.registered_by).contributions.exclude(
        work=scene.draft
    )


def test_people_of_imported_drafts_are_known_to_their_organisation_alone(scene: Scene) -> None:
    own = system("tests", scene.draft.registered_by)
    row = "quiet-1,Ombrelune,Veskar Tullyworth,2030,Glumwater,,en"
    batch = imported.taken_over(imported.table(row), own, visibility="draft")
    assert batch.counts["new"] == 1
    work = Work.objects.get(title="Ombrelune")
    assert work.visibility == "draft"
    marks = ("Ombrelune", "Tullyworth", work.public_id)
    stranger = of_user(scene.world.lab)
    assert "Veskar Tullyworth" in access.parties(own).values_list("name", flat=True)
    for actor in (ANONYMOUS, stranger):
        assert "Veskar Tullyworth" not in access.parties(actor).values_list("name", flat=True)
        for typed in ("Ombrelune", "Tullyworth", "Veskar"):
            assert not engine.search(typed, actor=actor, engine="postgres").hits
    for address in ("/works", "/api/v1/works", "/search?q=Tullyworth", f"/imports/{batch.public_id}"):
        assert not _said(_body(_client(scene.world.lab).get(address)), marks, "Tullyworth"), address
    again = imported.looked_at(imported.table(row), stranger)
    assert [row.faults for row in ImportRow.objects.filter(batch=again)] == [[]]
    imported.taken_over(imported.table(row.replace("quiet-1", "loud-1")), stranger)
    assert Party.objects.filter(name="Veskar Tullyworth").count() == 2


def test_a_strangers_list_of_titles_that_names_a_draft_finds_no_work(scene: Scene) -> None:
    lines = (
        f"{FACTS.title},Quillon Vantressa,2031,,",
        f"{FACTS.title}: {FACTS.subtitle},Mirelda Oxbow,,,",
        f"Nocturnus Zyx,,,Glumwater & Daughters,{ISBN}",
        ",,,,0141439513",
    )
    content = "\n".join(("title,author,year,publisher,isbn", *lines, ""))
    for user in (scene.world.lab, None):
        actor = of_user(user) if user else system("tests", scene.draft.registered_by)
        made = linkages.take(file=io.BytesIO(content.encode()), file_name="list.csv", actor=actor)
        linkages.run(made.pk)
        rows = list(linkages.results(made))
        if user is None:  # its own organisation finds it by its title and by its ISBN
            assert {row.work for row in rows if row.decision == "match"} == {scene.draft}
            continue
        assert [(row.decision, row.work, row.candidates) for row in rows] == [("none", None, [])] * len(lines)
        client = _client(user)
        for address in (f"/linkages/{made.public_id}", f"/linkages/{made.public_id}/review?row=1"):
            assert not _said(_body(client.get(address)), scene.marks, " ".join(lines)), address


def test_the_catalogue_of_models_and_proceedings_brings_no_person_of_a_draft_to_light(scene: Scene) -> None:
    hidden = Party.objects.get(name="Quillon Vantressa")
    named = catalogue._party_named("Quillon Vantressa")
    assert (named.pk != hidden.pk, named.known_to) == (True, None)
