"""Products of one feed that are editions of one work, parts of records, and what deletion takes away."""

import pytest

from licensing.models import Reservation
from licensing.services import import_undo
from licensing.services.import_facts import merged
from registry.actors import Actor, system
from registry.models import Entry, Import, ImportRow, Work, WorkRevision
from registry.services import organisations, works_held
from tests.licensing.services.imported import looked_at, taken_over

pytestmark = pytest.mark.django_db

HARDBACK, PAPERBACK, EBOOK = "9780141439518", "9780140449136", "9780199535569"
RESERVED = (
    "<EpubUsageConstraint><EpubUsageType>11</EpubUsageType><EpubUsageStatus>03</EpubUsageStatus></EpubUsageConstraint>"
)


@pytest.fixture
def press() -> Actor:
    organisation = organisations.create(slug="example-press", name="Example Press", actor=system("test"))
    return system("test", organisation)


def product(
    reference: str, isbn: str, *, title: str = "The Lamp", kind: str = "03", key: str = "W-1", said: str = ""
) -> str:
    detail = (
        "<DescriptiveDetail><ProductComposition>00</ProductComposition><ProductForm>BB</ProductForm>"
        f"{said}<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>"
        f"<TitleText>{title}</TitleText></TitleElement></TitleDetail>"
        "<Contributor><ContributorRole>A01</ContributorRole><PersonName>Ann Author</PersonName></Contributor>"
        "<Language><LanguageRole>01</LanguageRole><LanguageCode>eng</LanguageCode></Language></DescriptiveDetail>"
        if title
        else ""
    )
    related = (
        "<RelatedMaterial><RelatedWork><WorkRelationCode>01</WorkRelationCode><WorkIdentifier>"
        f"<WorkIDType>01</WorkIDType><IDTypeName>Example</IDTypeName><IDValue>{key}</IDValue></WorkIdentifier>"
        "</RelatedWork></RelatedMaterial>"
        if key
        else ""
    )
    published = (
        "<PublishingDetail><Publisher><PublishingRole>01</PublishingRole><PublisherName>Example Press</PublisherName>"
        "</Publisher></PublishingDetail>"
    )
    return (
        f"<Product><RecordReference>{reference}</RecordReference><NotificationType>{kind}</NotificationType>"
        f"<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>"
        f"{detail}{published}{related}</Product>"
    )


def message(*products: str, day: str = "20260501") -> bytes:
    head = f"<Header><Sender><SenderName>Example Press</SenderName></Sender><SentDateTime>{day}</SentDateTime></Header>"
    space = 'xmlns="http://ns.editeur.org/onix/3.0/reference"'
    return f'<ONIXMessage release="3.0" {space}>{head}{"".join(products)}</ONIXMessage>'.encode()


def taken(press: Actor, *products: str, day: str = "20260501") -> Import:
    batch = taken_over(message(*products, day=day), press, name="feed.xml")
    assert not ImportRow.objects.filter(batch=batch, action="refused").exists(), batch.rows.values_list("faults")
    return batch


def isbns_of(work: Work) -> list[str]:
    return sorted(work.identifiers.filter(edition__isnull=False).values_list("value", flat=True))


BOTH = (product("p-1", HARDBACK, said=RESERVED), product("p-2", PAPERBACK, title="The Lamp: large print"))


def test_products_of_one_work_become_its_editions(press: Actor) -> None:
    looked = looked_at(message(*BOTH), press, name="feed.xml")
    assert (looked.counts["new"], looked.counts["updated"]) == (1, 1)
    batch = taken(press, *BOTH)
    assert (batch.counts["new"], batch.counts["updated"]) == (1, 1)
    work = Work.objects.get()
    assert (work.title, work.record_reference, isbns_of(work)) == ("The Lamp", "p-1", sorted([HARDBACK, PAPERBACK]))
    assert [edition.title for edition in work.editions.order_by("pk")] == ["", "The Lamp: large print"]
    assert {row.work for row in ImportRow.objects.filter(batch=batch)} == {work}
    assert Reservation.objects.get().withdrawn_at is None, "the paperback's silence takes nothing back"


def test_the_same_feed_again_changes_nothing(press: Actor) -> None:
    taken(press, *BOTH)
    before = (Entry.objects.count(), WorkRevision.objects.count())
    batch = taken(press, *BOTH)
    assert (batch.counts["unchanged"], batch.entry) == (2, None)
    assert (Entry.objects.count(), WorkRevision.objects.count()) == before
    assert Work.objects.get().editions.count() == 2


def test_both_records_may_change_in_one_feed_and_another_edition_may_come(press: Actor) -> None:
    taken(press, *BOTH)
    changed = (product("p-1", HARDBACK, title="The Lamps"), product("p-2", PAPERBACK, title="Lamps in large print"))
    taken(press, *changed, product("p-3", EBOOK))
    work = Work.objects.get()
    assert (work.title, isbns_of(work)) == ("The Lamps", sorted([HARDBACK, PAPERBACK, EBOOK]))
    assert {edition.title for edition in work.editions.all()} == {"", "Lamps in large print", "The Lamp"}


@pytest.mark.parametrize(("first", "last"), [("p-1", "p-2"), ("p-2", "p-1")])
def test_a_deleted_product_takes_its_edition_and_the_last_one_the_work(press: Actor, first: str, last: str) -> None:
    taken(press, *BOTH)
    isbns = {"p-1": HARDBACK, "p-2": PAPERBACK}
    taken(press, product(first, isbns[first], kind="05", title="", key=""))
    work = Work.objects.get()
    assert (work.withdrawn_at, isbns_of(work)) == (None, [isbns[last]])
    assert work.title == "The Lamp"
    taken(press, product(last, isbns[last], kind="05", title="", key=""))
    work.refresh_from_db()
    assert work.withdrawn_at is not None


def test_both_products_may_be_deleted_in_one_feed(press: Actor) -> None:
    taken(press, *BOTH)
    taken(
        press,
        *(product(name, isbn, kind="05", title="", key="") for name, isbn in (("p-1", HARDBACK), ("p-2", PAPERBACK))),
    )
    assert Work.objects.get().withdrawn_at is not None


def test_a_deleted_duplicate_of_a_record_does_not_take_the_work_with_it(press: Actor) -> None:
    taken(press, product("p-1", HARDBACK, key=""))
    batch = taken(press, product("p-9", HARDBACK, kind="05", title="", key=""))
    assert Work.objects.get().withdrawn_at is None
    assert [fault["code"] for fault in batch.rows.get().faults] == ["REFERENCE_UNKNOWN"]


def test_a_part_of_a_record_wipes_nothing_and_takes_no_statement_back(press: Actor) -> None:
    taken(press, product("p-1", HARDBACK, said=RESERVED))
    work = Work.objects.get()
    before = works_held.held([work.pk])[work.pk]
    taken(press, product("p-1", HARDBACK, kind="04", title="", key=""), day="20260601")
    after = works_held.held([work.pk])[work.pk]
    assert (after.facts, after.description) == (before.facts, before.description)
    assert Reservation.objects.get().withdrawn_at is None
    taken(press, product("p-1", HARDBACK), day="20260701")
    assert Reservation.objects.get().withdrawn_at is not None, "the whole record no longer says it"
    assert merged(before.facts, before.facts | {"title": "", "authors": [], "editions": []}) == before.facts


def test_undoing_takes_a_work_back_with_all_its_editions(press: Actor) -> None:
    batch = taken(press, *BOTH)
    import_undo.begin(batch=batch, actor=press)
    import_undo.undo(batch.pk, actor=press.name)
    assert Work.objects.get().withdrawn_at is not None


def test_undoing_gives_a_work_back_what_all_records_changed(press: Actor) -> None:
    taken(press, *BOTH)
    batch = taken(press, product("p-1", HARDBACK, title="New"), product("p-2", PAPERBACK, title="Newer"))
    import_undo.begin(batch=batch, actor=press)
    import_undo.undo(batch.pk, actor=press.name)
    work = Work.objects.get()
    assert (work.title, work.withdrawn_at) == ("The Lamp", None)
    assert sorted(row.title for row in work.editions.all()) == ["", "The Lamp: large print"]


def test_works_of_two_keys_or_of_none_stay_apart(press: Actor) -> None:
    taken(
        press, product("p-1", HARDBACK, key="W-1"), product("p-2", PAPERBACK, key="W-2"), product("p-3", EBOOK, key="")
    )
    assert Work.objects.count() == 3
