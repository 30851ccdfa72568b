"""ONIX 3.0 and 3.1: what each element becomes."""

from dataclasses import replace
from pathlib import Path

import pytest

from registry.importers.rows import DELETE, UPDATE, UPSERT, Person
from tests.registry.importers.onix_feeds import (
    TITLE,
    contributor,
    licence,
    message,
    product,
    published,
    usage,
)
from tests.registry.importers.reading import SAMPLES, codes, read, read_bytes, read_one

CC = "https://creativecommons.org/licenses"


def test_a_sample_feed_becomes_works_with_people_editions_and_statements() -> None:
    head, rows = read(SAMPLES / "onix.xml")
    assert (head.file_format, head.format_version, head.sender, head.sent_on) == (
        "onix",
        "3.0",
        "Example Press",
        "2026-06-01",
    )
    assert [row.number for row in rows] == list(range(1, 13))
    assert all(row.is_valid and not row.messages for row in rows)
    bovary = rows[4]
    assert (bovary.title, bovary.language, bovary.first_published) == ("Madame Bovary", "fr", "1856")
    assert bovary.editions[0].translation
    assert bovary.editions[0].language == "en"
    assert [(person.name, person.role) for person in bovary.people] == [
        ("Gustave Flaubert", "author"),
        ("Eleanor Marx-Aveling", "translator"),
    ]
    assert rows[5].title == "Et dukkehjem"
    assert rows[5].editions[0].title == "A Doll's House"
    assert rows[2].people[0].other_names == ("Mary Ann Evans",)
    assert [statement.kind for row in rows for statement in row.statements].count("reservation") == 5
    assert rows[6].statements[0].licence == "CC0-1.0"


def test_short_tags_say_what_reference_names_say() -> None:
    _, long = read(SAMPLES / "onix.xml")
    head, short = read(SAMPLES / "onix-short.xml")
    assert head.format_version == "3.1 short"
    for one, other in zip(long, short, strict=True):
        plain = replace(one, raw="", statements=())
        assert plain == replace(other, raw="", statements=())
        assert [(each.kind, each.address) for each in one.statements] == [
            (each.kind, each.address) for each in other.statements
        ]


@pytest.mark.parametrize("namespace", ["", "http://ns.editeur.org/onix/3.1/reference"])
def test_a_message_is_read_with_and_without_a_namespace(tmp_path: Path, namespace: str) -> None:
    assert read_one(tmp_path, message(product(), namespace=namespace)).title == "Middlemarch"


def test_a_prefix_for_the_namespace_changes_nothing(tmp_path: Path) -> None:
    plain = message(product()).decode().replace(' xmlns="', ' xmlns:o="')
    prefixed = plain.replace("</", "</o:").replace("<", "<o:").replace("<o:/o:", "</o:").replace("<o:?", "<?")
    assert read_one(tmp_path, prefixed.encode()).title == "Middlemarch"


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("01", UPSERT),
        ("02", UPSERT),
        ("03", UPSERT),
        ("09", UPSERT),
        ("04", UPDATE),
        ("08", UPDATE),
        ("12", UPDATE),
        ("05", DELETE),
    ],
)
def test_the_notification_says_what_is_to_be_done(tmp_path: Path, kind: str, action: str) -> None:
    row = read_one(tmp_path, message(product(kind=kind)))
    assert (row.action, row.reference, row.is_valid) == (action, "r1", True)


def test_a_block_update_without_a_title_leaves_the_title_as_it_was(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(kind="04", detail="", publishing=published("01", "20260501"))))
    assert (row.action, row.title, row.is_valid) == (UPDATE, "", True)
    assert row.editions[0].published == "2026-05-01"


def test_a_deletion_carries_nothing_but_its_reference(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(kind="05")))
    assert (row.action, row.title, row.people) == (DELETE, "", ())


def test_a_test_record_is_reported_and_not_taken(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(kind="89")))
    assert not row.is_valid
    assert "E TEST_RECORD" in codes(row)


def test_a_notice_of_sale_is_a_warning(tmp_path: Path) -> None:
    assert codes(read_one(tmp_path, message(product(kind="08")))) == {"W PRODUCT_SOLD"}


def test_a_record_is_refused_where_nobody_knows_what_to_do_with_it(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(kind="77")))
    assert codes(row) == {"E CODE_UNKNOWN"}
    assert row.messages[0].value == "77"


def test_the_second_record_of_a_reference_is_refused_and_the_first_stands(tmp_path: Path) -> None:
    _, rows = read_bytes(tmp_path, message(product("same"), product("other"), product("same")))
    assert [row.is_valid for row in rows] == [True, True, False]
    assert codes(rows[2]) == {"E DUPLICATE_REFERENCE"}
    assert "record 1 " in rows[2].messages[0].cause


def test_mining_prohibited_is_a_reservation_with_the_bytes_that_say_so(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(detail=usage("11", "03") + TITLE)))
    statement = row.statements[0]
    assert (statement.kind, statement.source_format, statement.source_version) == ("reservation", "onix", "3.0")
    assert statement.uses == ("pretraining", "fine_tuning", "preference_tuning")
    assert statement.raw.decode() == usage("11", "03")


def test_mining_permitted_is_a_preference_and_no_licence(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(detail=usage("11", "01") + TITLE)))
    assert [statement.kind for statement in row.statements] == ["preference"]


def test_limited_mining_is_asked_about_and_not_interpreted(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(detail=usage("11", "02") + TITLE)))
    assert (row.statements, codes(row)) == ((), {"Q MINING_LIMITED"})


@pytest.mark.parametrize(("kind", "status"), [("66", "03"), ("11", "09")])
def test_unknown_usage_codes_are_kept_and_never_guessed(tmp_path: Path, kind: str, status: str) -> None:
    row = read_one(tmp_path, message(product(detail=usage(kind, status) + TITLE)))
    assert (row.statements, codes(row), row.is_valid) == ((), {"Q CODE_UNKNOWN"}, True)


def test_other_constraints_say_nothing_about_mining(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(detail=usage("06", "03") + usage("00", "01") + TITLE)))
    assert (row.statements, row.messages) == ((), ())


@pytest.mark.parametrize(
    ("address", "spdx"),
    [
        (f"{CC}/by/4.0/", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-nc-nd/4.0", "CC-BY-NC-ND-4.0"),
        (f"{CC}/by-sa/3.0/us/", "CC-BY-SA-3.0-US"),
        (f"{CC}/by/4.0/deed.fr", "CC-BY-4.0"),
        (f"{CC}/by-nc/4.0/legalcode", "CC-BY-NC-4.0"),
        (f"{CC}/by/3.0/deed.de", "CC-BY-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
    ],
)
def test_a_creative_commons_address_is_an_open_licence(tmp_path: Path, address: str, spdx: str) -> None:
    row = read_one(tmp_path, message(product(detail=licence("01", address) + TITLE)))
    assert [(each.kind, each.licence, each.uses) for each in row.statements] == [("open_licence", spdx, ())]


@pytest.mark.parametrize("kind", ["03", "04", "20", "21"])
def test_terms_for_mining_are_an_offer(tmp_path: Path, kind: str) -> None:
    dates = (
        "<EpubLicenseDate><EpubLicenseDateRole>14</EpubLicenseDateRole><Date>20260101</Date></EpubLicenseDate>"
        "<EpubLicenseDate><EpubLicenseDateRole>15</EpubLicenseDateRole><Date>20271231</Date></EpubLicenseDate>"
    )
    row = read_one(tmp_path, message(product(detail=licence(kind, "https://press.example/terms", dates) + TITLE)))
    offer = row.statements[0]
    assert (offer.kind, offer.address, offer.statement) == ("offer", "https://press.example/terms", "Terms")
    assert (offer.valid_from, offer.valid_to) == ("2026-01-01", "2027-12-31")


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        ("01", "https://press.example/eula", "I LICENCE_NOT_INTERPRETED"),
        ("01", "https://creativecommons.org/publicdomain/mark/1.0/", "Q PUBLIC_DOMAIN_MARK"),
        ("99", "https://press.example/eula", "Q CODE_UNKNOWN"),
        ("21", "javascript:alert(1)", "W ADDRESS_INVALID"),
        ("01", f"{CC}.evil.example/by/4.0/", "I LICENCE_NOT_INTERPRETED"),
    ],
)
def test_other_licences_are_reported_and_not_taken(tmp_path: Path, kind: str, address: str, code: str) -> None:
    row = read_one(tmp_path, message(product(detail=licence(kind, address) + TITLE)))
    assert (row.statements, codes(row)) == ((), {code})


def test_names_are_put_in_natural_order(tmp_path: Path) -> None:
    detail = TITLE + "".join(
        (
            contributor(NamesBeforeKey="Johann Wolfgang", PrefixToKey="von", KeyNames="Goethe"),
            contributor(PersonNameInverted="Austen, Jane"),
            contributor(NamesBeforeKey="迅", KeyNames="鲁"),
            contributor(role="B01", CorporateName="Example Society"),
        )
    )
    people = read_one(tmp_path, message(product(detail=detail))).people
    assert [person.name for person in people] == [
        "Johann Wolfgang von Goethe",
        "Jane Austen",
        "鲁迅",
        "Example Society",
    ]
    assert [person.key_names for person in people] == ["Goethe", "Austen", "鲁", ""]
    assert (people[3].role, people[3].kind) == ("editor", "organisation")


def test_a_contributor_brings_number_years_and_other_names(tmp_path: Path) -> None:
    inner = (
        "<NameIdentifier><NameIDType>16</NameIDType><IDValue>000000012281955X</IDValue></NameIdentifier>"
        "<PersonName>George Eliot</PersonName>"
        "<AlternativeName><NameType>04</NameType><PersonName>Mary Ann Evans</PersonName></AlternativeName>"
        "<AlternativeName><NameType>07</NameType><PersonName>Dorothea Brooke</PersonName></AlternativeName>"
        "<ContributorDate><ContributorDateRole>50</ContributorDateRole>"
        "<Date dateformat='05'>1819</Date></ContributorDate>"
        "<ContributorDate><ContributorDateRole>51</ContributorDateRole><Date>18801222</Date></ContributorDate>"
    )
    detail = TITLE + f"<Contributor><ContributorRole>A01</ContributorRole>{inner}</Contributor>"
    assert read_one(tmp_path, message(product(detail=detail))).people == (
        Person(
            "George Eliot", born="1819", died="1880-12-22", isni="000000012281955X", other_names=("Mary Ann Evans",)
        ),
    )


def test_roles_that_are_not_recorded_are_left_out_and_unknown_ones_asked_about(tmp_path: Path) -> None:
    detail = (
        TITLE + contributor(role="A12", PersonName="An Illustrator") + contributor(role="Q77", PersonName="A Nobody")
    )
    row = read_one(tmp_path, message(product(detail=detail)))
    assert row.people == ()
    assert [(each.code, each.value) for each in row.messages] == [("CODE_UNKNOWN", "Q77")]


def test_an_editor_and_translator_is_both(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(detail=TITLE + contributor(role="B10", PersonName="A. B."))))
    assert [person.role for person in row.people] == ["editor", "translator"]


def test_levels_prefixes_and_parts_make_a_title(tmp_path: Path) -> None:
    collection = (
        "<Collection><CollectionType>10</CollectionType><TitleDetail><TitleType>01</TitleType><TitleElement>"
        "<TitleElementLevel>02</TitleElementLevel><TitleText>Example Library</TitleText><PartNumber>7</PartNumber>"
        "</TitleElement></TitleDetail></Collection>"
    )
    title = (
        "<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>"
        "<PartNumber>2</PartNumber><TitlePrefix>L’</TitlePrefix><TitleWithoutPrefix>Assommoir</TitleWithoutPrefix>"
        "<Subtitle>roman</Subtitle></TitleElement></TitleDetail>"
    )
    row = read_one(tmp_path, message(product(detail=collection + title)))
    assert (row.title, row.subtitle) == ("L’Assommoir", "roman, vol. 2")
    row = read_one(tmp_path, message(product(detail=collection + TITLE, isbn="9780000000019")))
    assert row.editions[0].note == "Example Library, 7"


def test_a_part_without_a_title_of_its_own_is_named_by_its_collection(tmp_path: Path) -> None:
    title = (
        "<TitleDetail><TitleType>01</TitleType>"
        "<TitleElement><SequenceNumber>1</SequenceNumber><TitleElementLevel>02</TitleElementLevel>"
        "<TitleText>Collected Letters</TitleText></TitleElement>"
        "<TitleElement><SequenceNumber>2</SequenceNumber><TitleElementLevel>01</TitleElementLevel>"
        "<PartNumber>Volume III</PartNumber></TitleElement></TitleDetail>"
    )
    row = read_one(tmp_path, message(product(detail=title)))
    assert (row.title, row.subtitle) == ("Collected Letters", "Volume III")


@pytest.mark.parametrize(
    ("date", "date_format", "expected", "code"),
    [
        ("20260531", "00", "2026-05-31", ""),
        ("202605", "01", "2026-05", ""),
        ("2026", "05", "2026", ""),
        ("2026", "00", "2026", ""),
        ("20260531T1200Z", "13", "2026-05-31", ""),
        ("202622", "02", "2026", ""),
        ("0000", "05", "", "W DATE_IMPOSSIBLE"),
        ("00000000", "00", "", "W DATE_IMPOSSIBLE"),
        ("99999999", "00", "", "W DATE_IMPOSSIBLE"),
        ("20260231", "00", "", "W DATE_IMPOSSIBLE"),
        ("2026052020260531", "06", "", "Q DATE_RANGE"),
        ("soon", "12", "", "W DATE_UNREADABLE"),
        ("14470101", "20", "", "Q CODE_UNKNOWN"),
    ],
)
def test_dates_say_no_more_than_they_hold(
    tmp_path: Path, date: str, date_format: str, expected: str, code: str
) -> None:
    row = read_one(tmp_path, message(product(publishing=published("01", date, date_format), isbn="9780000000019")))
    assert row.editions[0].published == expected
    assert codes(row) == ({code} if code else set())
    assert row.is_valid


def test_first_publication_is_of_the_work_and_publication_of_the_edition(tmp_path: Path) -> None:
    row = read_one(tmp_path, message(product(publishing=published("01", "2026", "05") + published("11", "1871", "05"))))
    assert (row.first_published, row.editions[0].published) == ("1871", "2026")


def test_products_of_one_work_share_a_key(tmp_path: Path) -> None:
    related = (
        "<RelatedMaterial><RelatedWork><WorkRelationCode>01</WorkRelationCode><WorkIdentifier><WorkIDType>06</WorkIDType>"
        "<IDValue>10.1000/182</IDValue></WorkIdentifier></RelatedWork><RelatedWork><WorkRelationCode>29</WorkRelationCode>"
        "<WorkIdentifier><WorkIDType>01</WorkIDType><IDValue>other</IDValue></WorkIdentifier></RelatedWork></RelatedMaterial>"
    )
    row = read_one(tmp_path, message(product(related=related)))
    assert (row.work_key, row.identifiers) == ("doi:10.1000/182", (("doi", "10.1000/182"),))


def test_an_isbn_with_a_wrong_check_digit_refuses_the_record(tmp_path: Path) -> None:
    assert "E ISBN_CHECK_DIGIT" in codes(read_one(tmp_path, message(product(isbn="9780000000018"))))


def test_a_trade_number_is_taken_as_isbn_only_where_it_is_one(tmp_path: Path) -> None:
    detail = product().replace(
        "<DescriptiveDetail>",
        "<ProductIdentifier><ProductIDType>03</ProductIDType><IDValue>9780000000019</IDValue></ProductIdentifier>"
        "<ProductIdentifier><ProductIDType>03</ProductIDType><IDValue>4006381333931</IDValue></ProductIdentifier>"
        "<ProductIdentifier><ProductIDType>22</ProductIDType><IDValue>urn:isbn:9780000000019</IDValue></ProductIdentifier>"
        "<DescriptiveDetail>",
    )
    assert read_one(tmp_path, message(detail)).editions[0].identifiers == (("isbn", "9780000000019"),)


def test_the_copyright_statement_names_the_holder(tmp_path: Path) -> None:
    statement = (
        "<CopyrightStatement><CopyrightYear>2026</CopyrightYear><CopyrightOwner><CorporateName>Example Society"
        "</CorporateName></CopyrightOwner></CopyrightStatement><CopyrightStatement><CopyrightType>P</CopyrightType>"
        "<CopyrightOwner><CorporateName>Sound Studio</CorporateName></CopyrightOwner></CopyrightStatement>"
    )
    assert read_one(tmp_path, message(product(publishing=statement))).holder == "Example Society"


def test_descriptions_lose_their_markup(tmp_path: Path) -> None:
    text = (
        "<CollateralDetail><TextContent><TextType>03</TextType><ContentAudience>00</ContentAudience>"
        "<Text textformat='05'><p>One <em>town</em>.</p><p>Many lives.</p></Text></TextContent></CollateralDetail>"
    )
    row = read_one(tmp_path, message(product().replace("<PublishingDetail>", text + "<PublishingDetail>")))
    assert row.description == "One town. Many lives."


def test_a_refused_record_keeps_the_bytes_it_had(tmp_path: Path) -> None:
    record = product(detail="")
    row = read_one(tmp_path, message(record))
    assert codes(row) == {"E TITLE_MISSING"}
    assert row.raw == record


def test_a_header_without_sender_or_date_is_remarked(tmp_path: Path) -> None:
    data = message(product()).replace(b"<SentDateTime>20260601</SentDateTime>", b"").replace(b"Example Press", b"")
    head, _ = read_bytes(tmp_path, data.replace(b"<Sender><SenderName></SenderName></Sender>", b""))
    assert {each.code for each in head.messages} == {"SENDER_MISSING", "SENT_DATE_MISSING"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "gb18030"])
def test_a_message_is_read_in_the_encoding_it_declares(tmp_path: Path, encoding: str) -> None:
    title = "呐喊" if encoding in ("utf-16", "gb18030") else "Brontë"
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = message(product(detail=TITLE.replace("Middlemarch", title))).decode()
    text = text.replace('version="1.0"', f'version="1.0" encoding="{declared}"')
    assert read_one(tmp_path, text.encode(encoding)).title == title
