"""The words of imports' pages: what becomes of rows, how a file fares, the fields that columns can be."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTION_WORDS: dict[str, Promise] = {
    "new": _("new"),
    "update": _("changed"),
    "unchanged": _("unchanged"),
    "delete": _("withdrawn"),
    "refused": _("refused"),
}
SEVERITY_WORDS: dict[str, Promise] = {
    "I": _("remark"),
    "Q": _("question"),
    "W": _("warning"),
    "E": _("error"),
    "F": _("end of reading"),
}
STATUS_SENTENCES: dict[str, Promise] = {
    "00": _("Every row can be taken over."),
    "01": _("Every row can be taken over; look at the warnings."),
    "02": _("Some rows are refused."),
    "03": _("No row can be taken over."),
}
FIELD_WORDS: dict[str, Promise] = {
    "title": _("title"),
    "subtitle": _("subtitle"),
    "author": _("author"),
    "editor": _("editor"),
    "translator": _("translator"),
    "record_reference": _("your reference"),
    "isbn": _("ISBN"),
    "year": _("year of this edition"),
    "first_published": _("first published"),
    "publisher": _("publisher"),
    "language": _("language"),
    "original_language": _("original language"),
    "kind": _("kind of work"),
    "country": _("country"),
    "series": _("series"),
    "volume": _("volume"),
    "edition": _("edition statement"),
    "holder": _("rights holder"),
    "description": _("description"),
    "doi": _("DOI"),
    "issn": _("ISSN"),
    "iscc": _("ISCC"),
    "asin": _("ASIN"),
    "oclc": _("OCLC"),
    "lccn": _("LCCN"),
}
