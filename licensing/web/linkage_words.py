"""Why a row may be a work, in words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOTES: dict[str, Promise] = {
    "same_work": _("The same work is registered more than once; the record that is closest to the row was taken."),
    "several": _("Several works fit equally well; nothing in the row tells them apart."),
    "several_isbn": _("Several works carry this ISBN."),
}

# code → (whether it speaks for the work, the sentence)
REASON_WORDS: dict[str, tuple[bool, Promise]] = {
    "isbn_equal": (True, _("The ISBN is the same.")),
    "isbn_restored": (True, _("The ISBN is the same once its lost zeros are put back.")),
    "isbn_near": (True, _("The ISBN is wrong by one digit; with it put right it would be the same.")),
    "isbn_differs": (False, _("The ISBN is another one; that may be another edition.")),
    "isbn_contradicted": (False, _("Title and author contradict the ISBN.")),
    "title_equal": (True, _("The title is the same.")),
    "title_misspelt": (True, _("The title is the same but for its spelling.")),
    "title_subtitle": (True, _("The title is the same; only one side has a subtitle.")),
    "title_subtitles_differ": (True, _("The main title is the same; the subtitles differ.")),
    "title_longer": (False, _("One title goes on where the other ends.")),
    "title_cut_off": (True, _("One title is cut off; as far as it goes it is the same.")),
    "title_lists_more": (False, _("One side is a collection with more in it.")),
    "title_other": (False, _("The titles differ.")),
    "title_known_as": (True, _("An edition of the work bears this title.")),
    "author_same": (True, _("The author is the same.")),
    "author_compatible": (True, _("The author's name agrees, written in another way.")),
    "author_misspelt": (True, _("The author's name is the same but for its spelling.")),
    "author_surname": (True, _("One side gives only the author's surname, which is the same.")),
    "author_missing": (False, _("One side names no author.")),
    "author_conflict": (False, _("The surname is the same, the given names are not.")),
    "author_different": (False, _("The authors differ.")),
    "part_equal": (True, _("The volume or part is the same.")),
    "part_one_sided": (False, _("Only one side names a volume, part or number.")),
    "part_differs": (False, _("The volumes or parts differ.")),
    "numbers_differ": (False, _("Numbers in the titles differ.")),
    "series_differs": (False, _("The numbers in the series differ.")),
    "generic": (False, _("The title is one that many books have, such as Works or Poems.")),
    "kin": (False, _("One side is a book about the other, or made from it.")),
    "year_equal": (True, _("The year is the same.")),
    "year_near": (True, _("The years are close.")),
    "year_before": (False, _("The row's year lies before the work's first publication.")),
    "year_far": (False, _("The years lie apart, as those of editions do.")),
    "publisher_same": (True, _("The publisher is the same.")),
}


def in_words(codes: Iterable[str]) -> list[tuple[bool, str]]:
    """(speaks for the work, sentence) of each code that is known, in their order."""
    return [(REASON_WORDS[code][0], str(REASON_WORDS[code][1])) for code in codes if code in REASON_WORDS]
