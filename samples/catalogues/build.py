"""Build the catalogues of this folder: the same works in every format that can be imported.

Works, people and dates are facts about books in the public domain. The editions are made up: they are those of Example
Press, with numbers (ISBN 978-0-00-000…) and statements about rights that nobody else has made.

    python samples/catalogues/build.py
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import openpyxl  # type: ignore[import-untyped]
from pymarc import Field, Indicators, MARCWriter, Record, Subfield

FOLDER = Path(__file__).parent
SENT = "20260601"
NOON = (2026, 6, 1, 12, 0, 0)


@dataclass(frozen=True)
class Book:
    """A work and the edition that Example Press would have of it."""

    number: int
    title: str
    author: tuple[str, str, str, str]  # surname, forenames, born, died
    first_published: str
    language: str
    mining: str = ""  # status in list 146
    licence: str = ""
    prefix: str = ""
    subtitle: str = ""
    translator: tuple[str, str] | None = None
    original: tuple[str, str] | None = None  # title and language
    other_name: str = ""

    @property
    def isbn(self) -> str:
        """A number of its own with the right check digit."""
        digits = f"978{self.number:09d}"
        check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
        return f"{digits}{check}"

    @property
    def reference(self) -> str:
        """The permanent reference of the record."""
        return f"com.example.press.{self.number:04d}"

    @property
    def full_title(self) -> str:
        """Title with its article."""
        return f"{self.prefix} {self.title}".strip()

    @property
    def name(self) -> str:
        """The author in natural order."""
        surname, forenames, _, _ = self.author
        return f"{surname}{forenames}" if self.language == "chi" else f"{forenames} {surname}".strip()


TERMS = "https://press.example/tdm-policy.json"
BOOKS = (
    Book(1, "Pride and Prejudice", ("Austen", "Jane", "1775", "1817"), "1813", "eng", mining="03", licence=TERMS),
    Book(2, "Time Machine", ("Wells", "H. G.", "1866", "1946"), "1895", "eng", prefix="The", subtitle="An Invention"),
    Book(3, "Middlemarch", ("Eliot", "George", "1819", "1880"), "1871", "eng", mining="01",
         other_name="Mary Ann Evans"),
    Book(4, "Heart of Darkness", ("Conrad", "Joseph", "1857", "1924"), "1899", "eng", mining="03"),
    Book(5, "Madame Bovary", ("Flaubert", "Gustave", "1821", "1880"), "1856", "eng", mining="03",
         translator=("Marx-Aveling", "Eleanor"), original=("Madame Bovary", "fre")),
    Book(6, "Doll's House", ("Ibsen", "Henrik", "1828", "1906"), "1879", "eng", prefix="A",
         translator=("Archer", "William"), original=("Et dukkehjem", "nor")),
    Book(7, "Common Sense", ("Paine", "Thomas", "1737", "1809"), "1776", "eng",
         licence="https://creativecommons.org/publicdomain/zero/1.0/"),
    Book(8, "呐喊", ("鲁", "迅", "1881", "1936"), "1923", "chi", mining="03", other_name="周树人"),
    Book(9, "老残游记", ("刘", "鹗", "1857", "1909"), "1903", "chi"),
    Book(10, "Die Leiden des jungen Werthers", ("Goethe", "Johann Wolfgang von", "1749", "1832"), "1774", "ger"),
    Book(11, "Les Misérables", ("Hugo", "Victor", "1802", "1885"), "1862", "fre", mining="03"),
    Book(12, "Wuthering Heights", ("Brontë", "Emily", "1818", "1848"), "1847", "eng"),
)  # fmt: skip
LANGUAGES = {"eng": "en", "chi": "zh", "ger": "de", "fre": "fr", "nor": "no"}

SHORT = {
    "RecordReference": "a001", "NotificationType": "a002", "ProductIDType": "b221", "IDValue": "b244",
    "ProductComposition": "x314", "ProductForm": "b012", "EpubUsageType": "x318", "EpubUsageStatus": "x319",
    "EpubLicenseName": "x511", "EpubLicenseExpressionType": "x508", "EpubLicenseExpressionLink": "x510",
    "TitleType": "b202", "TitleElementLevel": "x409", "TitleText": "b203", "TitlePrefix": "b030",
    "TitleWithoutPrefix": "b031", "Subtitle": "b029", "SequenceNumber": "b034", "ContributorRole": "b035",
    "PersonName": "b036", "NamesBeforeKey": "b039", "KeyNames": "b040", "NameType": "x414",
    "ContributorDateRole": "x417", "DateFormat": "j260", "Date": "b306", "LanguageRole": "b253", "LanguageCode": "b252",
    "PublishingRole": "b291", "PublisherName": "b081", "PublishingStatus": "b394", "PublishingDateRole": "x448",
    "WorkRelationCode": "x454", "WorkIDType": "b201", "IDTypeName": "b233", "SenderName": "x298",
    "SentDateTime": "x307",
}  # fmt: skip
Tree = tuple[str, "str | list[Tree]"]


def product(book: Book) -> Tree:
    """One product as nested pairs of name and content."""
    detail: list[Tree] = [("ProductComposition", "00"), ("ProductForm", "ED")]
    if book.mining:
        detail.append(("EpubUsageConstraint", [("EpubUsageType", "11"), ("EpubUsageStatus", book.mining)]))
    if book.licence:
        kind = "21" if book.licence == TERMS else "01"
        expression: Tree = (
            "EpubLicenseExpression",
            [("EpubLicenseExpressionType", kind), ("EpubLicenseExpressionLink", book.licence)],
        )
        detail.append(("EpubLicense", [("EpubLicenseName", "Terms of Example Press"), expression]))
    detail += titles(book)
    detail.append(("Contributor", contributor(book)))
    if book.translator:
        surname, forenames = book.translator
        parts: list[Tree] = [("SequenceNumber", "2"), ("ContributorRole", "B06")]
        detail.append(("Contributor", [*parts, ("NamesBeforeKey", forenames), ("KeyNames", surname)]))
    detail.append(("Language", [("LanguageRole", "01"), ("LanguageCode", book.language)]))
    if book.original:
        detail.append(("Language", [("LanguageRole", "02"), ("LanguageCode", book.original[1])]))
    publishing: list[Tree] = [
        ("Publisher", [("PublishingRole", "01"), ("PublisherName", "Example Press")]),
        ("PublishingStatus", "04"),
        ("PublishingDate", [("PublishingDateRole", "01"), ("DateFormat", "00"), ("Date", "20260501")]),
        (
            "PublishingDate",
            [
                ("PublishingDateRole", "20" if book.original else "11"),
                ("DateFormat", "05"),
                ("Date", book.first_published),
            ],
        ),
    ]
    return (
        "Product",
        [
            ("RecordReference", book.reference),
            ("NotificationType", "03"),
            ("ProductIdentifier", [("ProductIDType", "15"), ("IDValue", book.isbn)]),
            ("DescriptiveDetail", detail),
            ("PublishingDetail", publishing),
        ],
    )


def titles(book: Book) -> list[Tree]:
    """The distinctive title, and the original's where it is another."""
    element: list[Tree] = [("TitleElementLevel", "01")]
    element += (
        [("TitlePrefix", book.prefix), ("TitleWithoutPrefix", book.title)]
        if book.prefix
        else [("TitleText", book.title)]
    )
    element += [("Subtitle", book.subtitle)] if book.subtitle else []
    found: list[Tree] = [("TitleDetail", [("TitleType", "01"), ("TitleElement", element)])]
    if book.original:
        original: list[Tree] = [("TitleElementLevel", "01"), ("TitleText", book.original[0])]
        found.append(("TitleDetail", [("TitleType", "03"), ("TitleElement", original)]))
    return found


def contributor(book: Book) -> list[Tree]:
    """The author with years and other name."""
    surname, forenames, born, died = book.author
    found: list[Tree] = [
        ("SequenceNumber", "1"),
        ("ContributorRole", "A01"),
        ("PersonName", book.name),
        ("NamesBeforeKey", forenames),
        ("KeyNames", surname),
    ]
    if book.other_name:
        found.append(("AlternativeName", [("NameType", "04"), ("PersonName", book.other_name)]))
    for role, year in (("50", born), ("51", died)):
        found.append(("ContributorDate", [("ContributorDateRole", role), ("DateFormat", "05"), ("Date", year)]))
    return found


def write(tree: Tree, short: bool, depth: int = 1) -> str:
    """Elements with reference names or short tags, indented."""
    name, content = tree
    tag = SHORT.get(name, name.lower()) if short else name
    space = "  " * depth
    if isinstance(content, str):
        return f"{space}<{tag}>{escape(content)}</{tag}>\n"
    inner = "".join(write(part, short, depth + 1) for part in content)
    return f"{space}<{tag}>\n{inner}{space}</{tag}>\n"


def onix(books: tuple[Book, ...], *, short: bool, release: str) -> str:
    """A whole message."""
    root = "ONIXmessage" if short else "ONIXMessage"
    namespace = f"http://ns.editeur.org/onix/{release}/{'short' if short else 'reference'}"
    header: Tree = ("Header", [("Sender", [("SenderName", "Example Press")]), ("SentDateTime", SENT)])
    body = "".join(write(tree, short) for tree in (header, *map(product, books)))
    opened = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} release="{release}" xmlns={quoteattr(namespace)}>\n'
    return f"{opened}{body}</{root}>\n"


def table(books: tuple[Book, ...], heading: list[str]) -> list[list[str]]:
    """Heading and rows, in the order: reference, titles, people, years, publisher, ISBN, language."""
    rows = [heading]
    for book in books:
        surname, forenames, _, _ = book.author
        author = book.name if book.language == "chi" else f"{surname}, {forenames}"
        translator = f"{book.translator[0]}, {book.translator[1]}" if book.translator else ""
        rows.append(
            [book.reference, book.full_title, book.subtitle, author, translator, "2026", book.first_published,
             "Example Press", book.isbn, LANGUAGES[book.language]]
        )  # fmt: skip
    return rows


def text_table(rows: list[list[str]]) -> str:
    """The rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


def marc(book: Book) -> Record:
    """A bibliographic record."""
    surname, forenames, born, died = book.author
    record = Record(leader="00000nam a2200000 i 4500", force_utf8=True)
    kind, second = ("r", book.first_published)
    fixed = f"260601{kind}2026{second}enk{' ' * 17}{book.language}  "

    def field(tag: str, marks: str, **values: str) -> None:
        subfields = [Subfield(code=code, value=value) for code, value in values.items()]
        record.add_field(Field(tag=tag, indicators=Indicators(marks[0], marks[1]), subfields=subfields))

    record.add_field(
        Field(tag="001", data=book.reference), Field(tag="003", data="EXAMPLE"), Field(tag="008", data=fixed)
    )
    field("020", "  ", a=f"{book.isbn} (epub)")
    if book.original:
        field("041", "1 ", a=book.language, h=book.original[1])
    if book.language == "chi":
        field("100", "0 ", a=f"{book.name},", d=f"{born}-{died}.")
    else:
        field("100", "1 ", a=f"{surname}, {forenames},", d=f"{born}-{died}.")
    if book.original:
        field("240", "10", a=f"{book.original[0]}.", l="English")
    if book.subtitle:
        field("245", "10", a=f"{book.full_title} :", b=f"{book.subtitle} /", c=f"{book.name}.")
    else:
        field("245", "10", a=f"{book.full_title} /", c=f"{book.name}.")
    field("264", " 1", a="London :", b="Example Press,", c="2026.")
    if book.translator:
        field("700", "1 ", a=f"{book.translator[0]}, {book.translator[1]},", e="translator.")
    return record


def epub(book: Book, *, version: str) -> bytes:
    """An EPUB of one short page; EPUB 3 and 2 state reservations each in their way."""
    surname, forenames, _, _ = book.author
    if version == "3.0":
        creator = (
            f'<dc:creator id="a">{escape(book.name)}</dc:creator><meta refines="#a" property="role">aut</meta>'
            f'<meta refines="#a" property="file-as">{escape(surname)}, {escape(forenames)}</meta>'
        )
        reservation = f'<meta property="tdm:reservation">1</meta><meta property="tdm:policy">{TERMS}</meta>'
    else:
        sorted_as = f"{escape(surname)}, {escape(forenames)}"
        creator = f'<dc:creator opf:role="aut" opf:file-as="{sorted_as}">{escape(book.name)}</dc:creator>'
        reservation = f'<meta name="tdm:reservation" content="1"/><meta name="tdm:policy" content="{TERMS}"/>'
    package = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}" unique-identifier="id"'
        ' prefix="tdm: http://www.w3.org/ns/tdmrep#">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f'<dc:identifier id="id">urn:isbn:{book.isbn}</dc:identifier>'
        f"<dc:title>{escape(book.full_title)}</dc:title>{creator}"
        f"<dc:language>{LANGUAGES[book.language]}</dc:language><dc:publisher>Example Press</dc:publisher>"
        f"<dc:date>2026-05-01</dc:date>{reservation if book.mining == '03' else ''}</metadata>\n"
        '<manifest><item id="p" href="page.xhtml" media-type="application/xhtml+xml"/></manifest>\n'
        '<spine><itemref idref="p"/></spine></package>\n'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
        '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{escape(book.full_title)}</title></head><body><p>.</p></body></html>'
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "book.opf": package,
        "page.xhtml": page,
    }
    return archive(members)


def archive(members: dict[str, str]) -> bytes:
    """A zip that is the same whenever it is made."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for name, text in members.items():
            bundle.writestr(zipfile.ZipInfo(name, NOON), text)
    return file.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    """The rows as XLSX; ISBNs as text, years as numbers."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime(*NOON)  # noqa: DTZ001 - the format knows no zone
    sheet = book.active
    sheet.title = "Works"
    for number, row in enumerate(rows):
        sheet.append([int(cell) if number and place in (5, 6) else cell for place, cell in enumerate(row)])
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as made:
        parts = {name: made.read(name).decode("utf-8") for name in made.namelist()}
    stamp = f"{datetime(*NOON).isoformat()}Z"  # noqa: DTZ001
    core = parts["docProps/core.xml"]
    before, _, after = core.partition("<dcterms:modified")
    parts["docProps/core.xml"] = (
        before + "<dcterms:modified" + after.partition(">")[0] + f">{stamp}" + after[after.index("</") :]
    )
    return archive(parts)


def main() -> None:
    """Write every file of the folder that is built."""
    english = [
        "Reference",
        "Title",
        "Subtitle",
        "Author",
        "Translator",
        "Year",
        "First published",
        "Publisher",
        "ISBN",
        "Language",
    ]
    chinese = ["编号", "书名", "副标题", "作者", "译者", "出版年", "首版年", "出版社", "ISBN", "语言"]
    (FOLDER / "onix.xml").write_text(onix(BOOKS, short=False, release="3.0"), encoding="utf-8")
    (FOLDER / "onix-short.xml").write_text(onix(BOOKS, short=True, release="3.1"), encoding="utf-8")
    (FOLDER / "works.csv").write_bytes(text_table(table(BOOKS, english)).encode("utf-8"))
    (FOLDER / "works-gb18030.csv").write_bytes(text_table(table(BOOKS, chinese)).encode("gb18030"))
    (FOLDER / "works.xlsx").write_bytes(workbook(table(BOOKS, english)))
    with (FOLDER / "works.mrc").open("wb") as file:
        writer = MARCWriter(file)
        for book in BOOKS:
            writer.write(marc(book))
        writer.close()
    bundle = {}
    for book, version in ((BOOKS[0], "3.0"), (BOOKS[3], "2.0"), (BOOKS[7], "3.0"), (BOOKS[11], "3.0")):
        bundle[f"{book.number:02d}.epub"] = epub(book, version=version)
    file_ = io.BytesIO()
    with zipfile.ZipFile(file_, "w") as outer:
        for name, data in bundle.items():
            outer.writestr(zipfile.ZipInfo(name, NOON), data)
    (FOLDER / "epubs.zip").write_bytes(file_.getvalue())


if __name__ == "__main__":
    main()
