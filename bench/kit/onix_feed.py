"""Large ONIX feeds as publishers send them, made up: `python -m bench.kit.onix_feed feed.xml --records 100000`.

The same seed gives the same bytes on every machine. Each product has what products in the trade have (identifiers,
title, contributors, languages, subjects, descriptions, dates, rights, prices: some 5 KB with reference names, 3 KB with
short tags); a third reserves text and data mining, some carry a licence. Products of one work share its identifier.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from registry.importers.onix_codes import REFERENCE_NAMES

SHORT_NAMES = {name: tag for tag, name in REFERENCE_NAMES.items() if tag != "ONIXmessage"}
# Elements that the reader passes over, which stand in every real feed all the same
SHORT_NAMES |= {
    "SubjectSchemeIdentifier": "b067", "SubjectCode": "b069", "ExtentType": "b218", "ExtentValue": "b219",
    "ExtentUnit": "b220", "MeasureType": "x315", "Measurement": "c094", "MeasureUnitCode": "c095",
    "ContentAudience": "x427", "CityOfPublication": "b209", "CountryOfPublication": "b083", "SalesRightsType": "b089",
    "Territory": "territory", "RegionsIncluded": "x450", "Supplier": "supplier", "SupplierRole": "j292",
    "SupplierName": "j137", "ProductAvailability": "j396", "Price": "price", "PriceType": "x462", "PriceAmount": "j151",
    "CurrencyCode": "j152", "SupplyDetail": "supplydetail", "BiographicalNote": "b044", "ONIXMessage": "ONIXmessage",
    "AudienceCodeType": "b204", "AudienceCodeValue": "b206", "ProductRelationCode": "x455",
}  # fmt: skip
OPENINGS = """
    The A On Beyond Against Towards After Before Under Inside Without Notes#on Letters#from Songs#of
""".split()  # noqa: SIM905
ADJECTIVES = """
    silent northern crooked hollow distant ordinary forgotten electric winter second borrowed patient narrow golden
    unfinished quiet salted inland foreign moonlit restless paper wooden common hidden early
""".split()  # noqa: SIM905
NOUNS = """
    harbour orchard ledger river alphabet garden machine letters island bridge kitchen winter library railway
    mountain weather lantern republic archive shoreline grammar observatory lighthouse theatre meadow engine museum
    border clockmaker daughter botanist cartographer sailor mirror tide stranger village
""".split()  # noqa: SIM905
FORENAMES = """
    Ada Amara Beatrice Carlos Chiara Daniel Dorota Elena Emeka Farah Georg Hana Ingrid Ivan Jun Karim Leila Lukas
    Mairead Marta Naoko Olga Pascal Petra Ravi Rosa Samuel Sigrid Tomas Ursula Viktor Wanjiru Xin Yusuf Zofia
""".split()  # noqa: SIM905
SURNAMES = """
    Abara Bergström Castellanos Dąbrowska Eriksen Fofana Grünwald Haddad Ishikawa Jovanović Kowalczyk Lindqvist
    Moreau Ndiaye Okafor Pereira Quispe Rahman Saarinen Takahashi Urrutia Vasileva Whitlock Yamamoto Zamora Ærlund
""".split()  # noqa: SIM905
HAN_TITLES = ("山水笔记", "夜航船上", "雨中的城", "北方来信", "无声的河", "纸上园林", "长街旧事", "灯塔与海")
HAN_NAMES = (("李", "远山"), ("王", "若水"), ("陈", "立"), ("周", "明月"))
SENTENCES = (
    "An account of a year in a small town, told by those who stayed.",
    "What begins as a favour for a neighbour ends in a question that nobody wants to answer.",
    "With maps, a glossary and an index of places.",
    "The author follows the papers through four countries and three languages.",
    "A revised edition with a new chapter on the years after the flood.",
    "For readers who like their history with people in it.",
)
LANGUAGES = (("eng", 70), ("ger", 8), ("fre", 8), ("spa", 6), ("chi", 5), ("swe", 3))

Element = Callable[[str, str], str]


def write_feed(
    path: Path,
    *,
    records: int = 0,
    size_bytes: int = 0,
    short: bool = False,
    release: str = "3.0",
    seed: int = 0,
    revision: int = 0,
) -> int:
    """Write a message of so many records, or of at least so many bytes; the number of its records.

    A `revision` above 0 changes the subtitle of every twentieth work and leaves the rest as it was.
    """
    count = written = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        written += file.write(_open_message(short, release))
        for product in products(seed=seed, short=short, revision=revision):
            if (count == records and records) or (size_bytes and written >= size_bytes):
                break
            written += file.write(product)
            count += 1
        file.write(f"</{'ONIXmessage' if short else 'ONIXMessage'}>\n")
    return count


def products(*, seed: int = 0, short: bool = False, revision: int = 0) -> Iterator[str]:
    """Products without end, each a function of the seed and its own number alone."""
    number = 0
    while True:
        number += 1
        chance = random.Random(f"{seed}:{number}")
        work = number if chance.random() < 0.7 else max(1, number - chance.randrange(1, 3))
        yield _product(number, work, chance, random.Random(f"{seed}:work {work}"), short=short, revision=revision)


def isbn(number: int) -> str:
    """A valid ISBN-13 of its own for each number below 1,000,000,000."""
    digits = f"978{number:09d}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return f"{digits}{check}"


def _open_message(short: bool, release: str) -> str:
    tagged = _tagger(short)
    root = "ONIXmessage" if short else "ONIXMessage"
    namespace = f"http://ns.editeur.org/onix/{release}/{'short' if short else 'reference'}"
    header = tagged(
        "Header", tagged("Sender", tagged("SenderName", "Example Press")) + tagged("SentDateTime", "20260601T0800Z")
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} release="{release}" xmlns="{namespace}">\n{header}\n'


def _tagger(short: bool) -> Element:
    def tagged(name: str, content: str) -> str:
        tag = SHORT_NAMES.get(name, name.lower()) if short else name
        return f"<{tag}>{content}</{tag}>"

    return tagged


def _product(number: int, work: int, chance: random.Random, made: random.Random, *, short: bool, revision: int) -> str:
    """`chance` decides about the product, `made` about the work, so that products of one work agree about it."""
    tagged = _tagger(short)

    def texts(name: str, **leaves: str) -> str:
        return tagged(name, "".join(tagged(key, escape(value)) for key, value in leaves.items()))

    language = made.choices([code for code, _ in LANGUAGES], [weight for _, weight in LANGUAGES])[0]
    descriptive = "".join(
        (
            tagged("ProductComposition", "00"),
            tagged("ProductForm", chance.choice(("BB", "BC", "ED"))),
            *(
                texts(
                    "Measure",
                    MeasureType=f"{kind:02d}",
                    Measurement=str(chance.randrange(100, 300)),
                    MeasureUnitCode="mm",
                )
                for kind in (1, 2, 3)
            ),
            _collection(chance, texts, tagged),
            _rights(chance, texts, tagged),
            _title(work, made, language, texts, tagged, revision=revision),
            _people(made, language, texts),
            texts("Language", LanguageRole="01", LanguageCode=language),
            texts("Language", LanguageRole="02", LanguageCode="swe")
            if chance.random() < 0.1 and language == "eng"
            else "",
            texts("Extent", ExtentType="00", ExtentValue=str(chance.randrange(80, 900)), ExtentUnit="03"),
            *(
                texts("Subject", SubjectSchemeIdentifier=scheme, SubjectCode=f"F{chance.randrange(100, 999)}")
                for scheme in ("93", "93", "94", "10", "12")
            ),
            texts("Audience", AudienceCodeType="01", AudienceCodeValue="01"),
        )
    )
    blurb = " ".join(chance.choice(SENTENCES) for _ in range(chance.randrange(4, 10)))
    collateral = texts("TextContent", TextType="02", ContentAudience="00", Text=SENTENCES[number % 6]) + texts(
        "TextContent", TextType="03", ContentAudience="00", Text=blurb
    )
    year = chance.randrange(1990, 2027)
    publishing = "".join(
        (
            texts("Imprint", ImprintName="Example Editions"),
            texts("Publisher", PublishingRole="01", PublisherName="Example Press"),
            tagged("CityOfPublication", "London"),
            tagged("CountryOfPublication", "GB"),
            tagged("PublishingStatus", "04"),
            texts(
                "PublishingDate",
                PublishingDateRole="01",
                DateFormat="00",
                Date=f"{year}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}",
            ),
            texts("PublishingDate", PublishingDateRole="11", DateFormat="05", Date=str(year - chance.randrange(0, 30))),
            tagged("SalesRights", tagged("SalesRightsType", "01") + texts("Territory", RegionsIncluded="WORLD")),
        )
    )
    related = tagged(
        "RelatedMaterial",
        tagged(
            "RelatedWork",
            tagged("WorkRelationCode", "01")
            + texts("WorkIdentifier", WorkIDType="01", IDTypeName="Example works", IDValue=f"W{work}"),
        ),
    )
    price = texts("Price", PriceType="02", PriceAmount=f"{chance.randrange(5, 60)}.99", CurrencyCode="GBP")
    supply = tagged(
        "ProductSupply",
        tagged(
            "SupplyDetail",
            texts("Supplier", SupplierRole="01", SupplierName="Example Distribution")
            + tagged("ProductAvailability", "20")
            + price * 3,
        ),
    )
    return (
        tagged(
            "Product",
            "\n  ".join(
                (
                    tagged("RecordReference", f"com.example.press.{number:08d}"),
                    tagged("NotificationType", "03"),
                    texts("ProductIdentifier", ProductIDType="03", IDValue=isbn(number)),
                    texts("ProductIdentifier", ProductIDType="15", IDValue=isbn(number)),
                    tagged("DescriptiveDetail", descriptive),
                    tagged("CollateralDetail", collateral),
                    tagged("PublishingDetail", publishing),
                    related,
                    supply,
                )
            ),
        )
        + "\n"
    )


Texts = Callable[..., str]


def _title(number: int, chance: random.Random, language: str, texts: Texts, tagged: Element, *, revision: int) -> str:
    if language == "chi":
        words = {"TitleText": chance.choice(HAN_TITLES) + str(number)}
    else:
        opening = chance.choice(OPENINGS).replace("#", " ")
        rest = (
            f"{chance.choice(ADJECTIVES).title()} {chance.choice(NOUNS).title()} of the {chance.choice(NOUNS).title()}"
        )
        words = {"TitlePrefix": opening, "TitleWithoutPrefix": rest}
    if chance.random() < 0.4:
        words["Subtitle"] = (
            f"{chance.choice(ADJECTIVES).title()} {chance.choice(NOUNS)}s, {chance.randrange(1700, 2020)}"
        )
    if revision and number % 20 == 0:
        words["Subtitle"] = f"revised, {revision}"
    return tagged("TitleDetail", tagged("TitleType", "01") + texts("TitleElement", TitleElementLevel="01", **words))


def _people(chance: random.Random, language: str, texts: Texts) -> str:
    people = []
    for place in range(1, chance.choice((2, 2, 2, 3, 4))):
        role = "A01" if place == 1 else chance.choice(("A01", "B06", "B01", "A12"))
        if language == "chi":
            surname, forename = chance.choice(HAN_NAMES)
            names = {"PersonName": surname + forename, "NamesBeforeKey": forename, "KeyNames": surname}
        else:
            forename, surname = chance.choice(FORENAMES), chance.choice(SURNAMES)
            names = {
                "PersonName": f"{forename} {surname}", "PersonNameInverted": f"{surname}, {forename}",
                "NamesBeforeKey": forename, "KeyNames": surname,
            }  # fmt: skip
        note = f"<p>{names['PersonName']} lives and works by the sea.</p>"
        people.append(
            texts("Contributor", SequenceNumber=str(place), ContributorRole=role, **names, BiographicalNote=note)
        )
    return "".join(people)


def _collection(chance: random.Random, texts: Texts, tagged: Element) -> str:
    if chance.random() > 0.3:
        return ""
    element = texts(
        "TitleElement", TitleElementLevel="02", TitleText="Example Library", PartNumber=str(chance.randrange(1, 90))
    )
    return tagged(
        "Collection", tagged("CollectionType", "10") + tagged("TitleDetail", tagged("TitleType", "01") + element)
    )


def _rights(chance: random.Random, texts: Texts, tagged: Element) -> str:
    drawn = chance.random()
    if drawn > 0.45:
        return ""
    status = "03" if drawn < 0.35 else "01"
    constraint = texts("EpubUsageConstraint", EpubUsageType="11", EpubUsageStatus=status)
    if chance.random() > 0.2:
        return constraint
    link = (
        "https://press.example/tdm-policy.json" if status == "03" else "https://creativecommons.org/licenses/by-nc/4.0/"
    )
    expression = texts(
        "EpubLicenseExpression",
        EpubLicenseExpressionType="21" if status == "03" else "01",
        EpubLicenseExpressionLink=link,
    )
    return constraint + tagged("EpubLicense", tagged("EpubLicenseName", "Example terms") + expression)


def main() -> None:
    """Write one feed and say what it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=0, help="at least this size instead of a number of records")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--release", default="3.0", choices=("3.0", "3.1"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--revision", type=int, default=0)
    given = parser.parse_args()
    count = write_feed(
        given.path,
        records=0 if given.megabytes else given.records,
        size_bytes=given.megabytes * 1_000_000,
        short=given.short,
        release=given.release,
        seed=given.seed,
        revision=given.revision,
    )
    print(f"{given.path}: {count} records, {given.path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
