"""ONIX for Books 3.0 and 3.1: short tags and the codes that are understood (EDItEUR code lists, issue 72).

Only what is read stands here; codes of a list that are not in its table are kept, reported, and never interpreted.
"""

from __future__ import annotations

NAMESPACES = {
    "http://ns.editeur.org/onix/3.0/reference": "3.0",
    "http://ns.editeur.org/onix/3.0/short": "3.0",
    "http://ns.editeur.org/onix/3.1/reference": "3.1",
    "http://ns.editeur.org/onix/3.1/short": "3.1",
    "": "",
}
RELEASES = ("3.0", "3.1")

# short tag → reference name; composites are the reference name in lower case
_LEAVES = """
a001 RecordReference a002 NotificationType a199 DeletionText b221 ProductIDType b233 IDTypeName b244 IDValue
b202 TitleType x409 TitleElementLevel x410 PartNumber b020 YearOfAnnual b203 TitleText b030 TitlePrefix x501 NoPrefix
b031 TitleWithoutPrefix b029 Subtitle b034 SequenceNumber x329 CollectionType x481 CollectionSequenceNumber
x479 CollectionSequenceType b035 ContributorRole x412 FromLanguage x413 ToLanguage b036 PersonName
b037 PersonNameInverted b038 TitlesBeforeNames b039 NamesBeforeKey b247 PrefixToKey b040 KeyNames b041 NamesAfterKey
b248 SuffixToKey b042 LettersAfterNames b043 TitlesAfterNames b047 CorporateName x443 CorporateNameInverted
b249 UnnamedPersons x414 NameType x415 NameIDType x417 ContributorDateRole j260 DateFormat b306 Date b253 LanguageRole
b252 LanguageCode b057 EditionNumber b056 EditionType b058 EditionStatement x318 EpubUsageType x319 EpubUsageStatus
x320 Quantity x321 EpubUsageUnit x511 EpubLicenseName x508 EpubLicenseExpressionType x509 EpubLicenseExpressionTypeName
x510 EpubLicenseExpressionLink x585 EpubLicenseDateRole x426 TextType d104 Text b291 PublishingRole b081 PublisherName
b079 ImprintName b394 PublishingStatus x448 PublishingDateRole x512 CopyrightType b087 CopyrightYear
x454 WorkRelationCode b201 WorkIDType x298 SenderName x307 SentDateTime b333 ProductFormDetail b012 ProductForm
x314 ProductComposition
"""
_COMPOSITES = """
Header Sender Product ProductIdentifier DescriptiveDetail TitleDetail TitleElement Collection CollectionSequence
Contributor NameIdentifier AlternativeName ContributorDate Language EpubUsageConstraint EpubUsageLimit EpubLicense
EpubLicenseExpression EpubLicenseDate CollateralDetail TextContent PublishingDetail Publisher Imprint PublishingDate
CopyrightStatement CopyrightOwner CopyrightOwnerIdentifier RelatedMaterial RelatedWork WorkIdentifier ONIXMessage
"""
# What is not read at all, whatever stands in it
_PASSED_OVER = """
ProductSupply ContentDetail PromotionDetail ProductionDetail RelatedProduct SupportingResource CitedContent Prize
Subject Measure Extent Audience AudienceRange Complexity Ancillary AncillaryContent ProductFormFeature ProductPart
ProductClassification NameAsSubject Religious Bible Conference Event ProfessionalAffiliation ContributorPlace Website
SalesRights SalesRestriction SalesOutlet Barcode RecordSourceIdentifier Addressee PublisherIdentifier ImprintIdentifier
CollectionIdentifier ProductContact BiographicalNote ContributorDescription ContributorStatement Funding
CopyrightOwnerIdentifier ResourceVersion SubjectHeadingText IllustrationsNote
"""


def _read_leaves(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


REFERENCE_NAMES: dict[str, str] = {
    **_read_leaves(_LEAVES),
    **{name.lower(): name for name in (*_COMPOSITES.split(), *_PASSED_OVER.split())},
    "onixmessage": "ONIXMessage",
    "ONIXmessage": "ONIXMessage",
    "b044": "BiographicalNote",
    "b048": "ContributorDescription",
    "b049": "ContributorStatement",
    "b070": "SubjectHeadingText",
    "b062": "IllustrationsNote",
}
PASSED_OVER = frozenset(_PASSED_OVER.split())

# List 1: what is to be done with the record
NEW_OR_CONFIRMED = frozenset(("01", "02", "03", "09"))
PARTIAL = frozenset(("04", "08", "12", "13", "14"))
DELETION = "05"
SOLD = "08"
TESTS = frozenset(("88", "89"))

# List 5: product identifiers, by scheme of ours; those of the second table are known and have no scheme here
PRODUCT_IDENTIFIERS = {
    "02": "isbn", "03": "isbn", "15": "isbn", "24": "isbn", "06": "doi", "13": "lccn", "23": "oclc", "34": "issn",
}  # fmt: skip
OTHER_PRODUCT_IDENTIFIERS = frozenset(
    ("01", "04", "05", "14", "17", "22", "25", "26", "27", "28", "29", "30", "31", "35", "36", "37", "38", "39", "40")
)
# List 16: work identifiers
WORK_IDENTIFIERS = {
    "01": "proprietary", "02": "isbn", "06": "doi", "11": "istc", "15": "isbn", "18": "isrc", "19": "isan",
    "31": "eidr", "32": "glimir", "33": "owi", "39": "iscc",
}  # fmt: skip
# List 164: relations by which the related work is the work that this product is a form of
MANIFESTATION = frozenset(("01", "06"))
WORK_RELATIONS = MANIFESTATION | frozenset(
    ("02", "03", "04", "05", "98", "99", *map(str, range(21, 32)), *map(str, range(41, 52)))
)

# List 15: title types, those whose text is the title of the product first
TITLE_TYPES = ("01", "00", "13", "10", "05")
ORIGINAL_TITLE = "03"
# List 149: levels of a title element
PRODUCT_LEVEL = "01"

# List 17: contributor roles that are recorded, and what as; B10 is two parts at once
ROLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A14", "A31", "A38", "A42", "A45", "A99"),
        ("author",),
    ),
    **dict.fromkeys(("B03", "B05", "B22"), ("author",)),
    **dict.fromkeys(
        ("B01", "B11", "B12", "B13", "B16", "B19", "B21", "B24", "B29", "B31", "C01", "C02", "C99"), ("editor",)
    ),
    **dict.fromkeys(("B06", "B08"), ("translator",)),
    "B10": ("editor", "translator"),
}
# … and all others of the list: known, not recorded
OTHER_ROLES = frozenset(
    """
    A10 A11 A12 A13 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 A26 A27 A28 A29 A30 A32 A33 A34 A35 A36 A37 A39 A40 A41
    A43 A44 A46 A47 A48 A49 A50 A51 A52 A53 B02 B04 B07 B09 B14 B15 B17 B18 B20 B23 B25 B26 B27 B28 B30 B32 B33 B34 B35
    B36 B99 C03 C04 D01 D02 D03 D04 D99 E01 E02 E03 E04 E05 E06 E07 E08 E09 E10 E11 E99 F01 F02 F99 Z01 Z02 Z03 Z04 Z05
    Z06 Z98 Z99
    """.split()  # noqa: SIM905 - one quoted word each would be longer than the table
)
# List 18: kinds of alternative names that are names of the same person; 07 is a character
ALTERNATIVE_NAMES = frozenset(("00", "01", "02", "03", "04", "05", "06"))
ISNI = "16"  # list 44
BIRTH, DEATH = "50", "51"  # list 177

# List 22: languages of the text
TEXT_LANGUAGES = ("01", "07")
ORIGINAL_LANGUAGES = ("02", "06")
OTHER_LANGUAGE_ROLES = frozenset(("00", "03", "04", "05", "08", "09", "10", "11", "12", "13", "14"))

PUBLISHER = "01"  # list 45
# List 64: publishing status, and what is said about those that put the record in doubt
STATUSES = frozenset(f"{number:02d}" for number in range(20))
DOUBTFUL_STATUSES = {
    "01": ("PRODUCT_CANCELLED", "the publisher cancelled the product: it may never have been published"),
    "05": ("PRODUCT_TRANSFERRED", "the sender says that the product is no longer its own"),
}
# List 163: dates
PUBLICATION, FIRST_PUBLICATION, FIRST_IN_ORIGINAL_LANGUAGE = "01", "11", "20"
# List 55: date formats that hold a date of which the year can be taken, by the number of digits that count
DATE_DIGITS = {"00": 8, "01": 6, "05": 4, "13": 8, "14": 8, "02": 4, "03": 4, "04": 4}
DATE_RANGES = frozenset(("06", "07", "08", "09", "10", "11"))
DATE_TEXT = "12"

# List 145 and 146: usage constraints
MINING = "11"
USAGE_TYPES = frozenset(("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "16"))
UNLIMITED, LIMITED, PROHIBITED = "01", "02", "03"
# List 218: expressions of the product's own licence, and of a licence that can be obtained besides
INTRINSIC_LICENCES = frozenset(("01", "02", "10"))
TERMS_FOR_MINING = frozenset(("03", "04", "20", "21"))
MACHINE_READABLE = frozenset(("10", "20", "21"))
LICENCE_BEGINS, LICENCE_ENDS = "14", "15"  # list 260
