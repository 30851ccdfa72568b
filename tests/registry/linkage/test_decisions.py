"""Which of several works a row is: match, review or none, and what is said of rivals."""

import pytest

from registry.linkage import decisions
from registry.linkage.decisions import MATCH, NONE, REVIEW, Decision
from registry.linkage.facts import RowFacts, WorkFacts, read_isbns, read_row, read_work
from registry.linkage.model import shipped


def decide(row: RowFacts, *works: WorkFacts) -> Decision:
    return decisions.decide(read_row(row), map(read_work, works))


WOMEN = WorkFacts(1, "Little Women", authors=("Louisa May Alcott",), years=(1868,), isbns=("9780141439518",))
MEN = WorkFacts(2, "Little Men", authors=("Louisa May Alcott",), years=(1871,))


def test_title_and_author_word_for_word_are_a_match_by_key() -> None:
    found = decide(RowFacts("Little Women", "Alcott, Louisa May"), WOMEN, MEN)
    assert (found.decision, found.work, found.by) == (MATCH, 1, "key")
    assert found.probability is not None
    assert found.probability >= shipped().match
    assert found.candidates[0].reasons[:2] == ("title_equal", "author_same")


def test_a_slip_of_the_finger_is_a_match_by_score() -> None:
    found = decide(RowFacts("Litle Women", "L. M. Alcott"), WOMEN, MEN)
    assert (found.decision, found.work, found.by) == (MATCH, 1, "score")


def test_another_book_of_the_author_is_no_match() -> None:
    assert decide(RowFacts("Little Men", "Louisa May Alcott"), WOMEN).decision != MATCH


@pytest.mark.parametrize(
    "row",
    [
        RowFacts("Summary of Little Women", "Louisa May Alcott"),
        RowFacts("Little Women and other stories", "Louisa May Alcott"),
        RowFacts("Little Women", "Bernard Alcott"),
        RowFacts("Little Women", "Jane Doe"),
        RowFacts("Little Women, vol. 2", "Louisa May Alcott"),
        RowFacts("Little Women, in three volumes, vol. 3", "Louisa May Alcott"),
    ],
)
def test_what_only_looks_like_a_work_is_no_match(row: RowFacts) -> None:
    assert decide(row, WOMEN).decision != MATCH


def test_an_isbn_of_an_edition_is_a_match_whatever_its_spelling() -> None:
    for isbn in ("0-14-143951-3", "ISBN 978-0-14-143951-8", "9780141439518.0", "141439513"):
        found = decide(RowFacts("Petites femmes", "Alcott", isbn=isbn), WOMEN, MEN)
        assert (found.decision, found.work, found.by) == (MATCH, 1, "isbn"), isbn


def test_an_isbn_that_title_and_author_contradict_is_looked_at() -> None:
    found = decide(RowFacts("Moby Dick", "Herman Melville", isbn="9780141439518"), WOMEN)
    assert found.decision == REVIEW
    assert "isbn_contradicted" in found.candidates[0].reasons


def test_an_isbn_with_a_wrong_check_digit_matches_nothing_alone() -> None:
    assert decide(RowFacts(isbn="9780141439519"), WOMEN).decision != MATCH
    found = decide(RowFacts("Little Women", "Louisa May Alcott", isbn="9780141439519"), WOMEN)
    assert found.decision == MATCH
    assert "isbn_near" in found.candidates[0].reasons


def test_an_isbn_that_two_works_carry_is_looked_at_and_said() -> None:
    other = WorkFacts(3, "Good Wives", authors=("Louisa May Alcott",), isbns=WOMEN.isbns)
    found = decide(RowFacts(isbn="9780141439518"), WOMEN, other)
    assert (found.decision, found.note) == (REVIEW, "several_isbn")
    assert decide(RowFacts("Good Wives", isbn="9780141439518"), WOMEN, other).work == 3


def test_titles_that_many_books_have_are_never_a_match() -> None:
    works = WorkFacts(4, "Works", authors=("Henry Fielding",))
    assert decide(RowFacts("Works", "Fielding, Henry"), works).decision != MATCH
    assert decide(RowFacts("The works of Henry Fielding", "Fielding, Henry"), works).decision != MATCH


def test_of_several_works_with_one_title_the_row_without_author_is_left_open() -> None:
    amelia = [
        WorkFacts(5, "The Long Way Home", authors=("Ann One",)),
        WorkFacts(6, "The Long Way Home", authors=("Bob Two",)),
    ]
    found = decide(RowFacts("The Long Way Home"), *amelia)
    assert found.decision == REVIEW
    assert decide(RowFacts("The Long Way Home", "Two, Bob"), *amelia).work == 6


def test_a_work_that_is_registered_twice_is_matched_and_that_is_said() -> None:
    again = WorkFacts(7, "Little Women", authors=("Alcott, Louisa May",))
    found = decide(RowFacts("Little Women", "Louisa May Alcott", "1868"), again, WOMEN)
    assert (found.decision, found.work, found.note) == (MATCH, 1, "same_work")


def test_a_translation_is_known_by_the_title_of_an_edition_and_a_pen_name_by_the_author_s_other_names() -> None:
    work = WorkFacts(
        8, "紅樓夢", other_titles=("Dream of the Red Chamber",), authors=("曹雪芹",), other_names=("Cao Zhan",)
    )
    assert decide(RowFacts("Dream of the Red Chamber", "Cao Xueqin"), work).work == 8
    assert decide(RowFacts("红楼梦", "Cao, Zhan"), work).work == 8


def test_a_title_that_few_books_can_have_is_a_match_without_an_author_unless_the_row_says_various() -> None:
    work = WorkFacts(9, "The Clockmaker's Daughter of Ashcombe Hollow", authors=("Green, Ann",), years=(1911,))
    assert decide(RowFacts("The clockmakers daughter of Ashcombe Hollow"), work).work == 9
    assert decide(RowFacts("The Clockmaker's Daughter of Ashcombe Hollow", "Various"), work).decision == REVIEW
    shorter = WorkFacts(10, "The Silver Lantern", authors=("Green, Ann",), years=(1911,))
    assert decide(RowFacts("The Silver Lantern"), shorter).decision == REVIEW
    assert decide(RowFacts("The Silver Lantern", year="1911"), shorter).work == 10


def test_an_issue_by_various_hands_is_known_by_its_title_and_numbers_in_whatever_language_nobody_is_named() -> None:
    title = "Punch, or the London Charivari, Volume 100, June 6, 1891"
    work = WorkFacts(11, title, authors=("Various",), other_names=("Verschillende",))
    for nobody in ("Various", "Vafious", "Verschillende", ""):
        assert decide(RowFacts(title, nobody), work).work == 11, nobody
    assert decide(RowFacts(title.replace("June 6", "June 13"), "Various"), work).decision != MATCH
    assert decide(RowFacts(title, "John Bauer"), work).decision != MATCH


def test_one_word_lost_within_a_long_title_is_no_other_book() -> None:
    work = WorkFacts(
        12, "A Popular Account of the Development and Management of Steamships", authors=("Kelley, James",)
    )
    assert decide(RowFacts("A Popular Account of the Development and of Steamships", "J. Kelley"), work).work == 12
    maid = WorkFacts(13, "A Little Maid of Old Maine", authors=("Curtis, Alice",))
    assert decide(RowFacts("A Little Maid of Maine", "Alice Curtis"), maid).decision == REVIEW


def test_a_number_that_both_titles_say_is_not_that_of_a_volume() -> None:
    work = WorkFacts(16, "Three Studies in Literature", authors=("Gates, Lewis",))
    assert decide(RowFacts("Three Studies in Literature, Volume 3", "Lewis Gates"), work).decision == REVIEW
    second = WorkFacts(17, "Studies in Literature 2", authors=("Gates, Lewis",))
    found = decide(RowFacts("Studies in Literature, Volume 2", "Lewis Gates"), second)
    assert "part_equal" in found.candidates[0].reasons


def test_volumes_that_go_by_years_are_not_one_another() -> None:
    title = "Life and Death of John of Barneveld : a view of the Thirty Years' War, {}"
    work = WorkFacts(18, title.format("1610a"), authors=("Motley, John",))
    for other in ("1613-15", "1618", "1610b"):
        assert decide(RowFacts(title.format(other), "Motley, John"), work).decision != MATCH, other


def test_the_very_title_outweighs_one_a_slip_away() -> None:
    near, exact = (WorkFacts(key, title, authors=("Ann Green",)) for key, title in ((14, "Hunter"), (15, "Hunted")))
    assert decide(RowFacts("Hunted", "Green, Ann"), near, exact).work == 15


def test_nothing_to_go_by_is_none() -> None:
    assert decide(RowFacts(), WOMEN).decision == NONE
    assert decide(RowFacts("Little Women")).decision == NONE


def test_what_spreadsheets_do_to_isbns_is_undone_where_that_can_be_known() -> None:
    assert read_isbns("439023483") == (("9780439023481",), (), ())  # as numbers were written before 1970
    assert read_isbns("27436292") == ((), ("9780027436297",), ())
    assert read_isbns("9.78043902348e+12") == ((), (), ())
    assert read_isbns("0439023483; 978-0-14-143951-8") == (("9780439023481", "9780141439518"), (), ())


def test_rows_that_say_the_same_have_one_digest() -> None:
    one = RowFacts("The  Étranger", "CAMUS, Albert", isbn="978-0-14-143951-8")
    assert one.digest() == RowFacts("the etranger", "Camus, Albert", isbn="9780141439518").digest()
    assert one.digest() != RowFacts("the etranger", "Camus, A.", isbn="9780141439518").digest()


@pytest.mark.parametrize("row", ["红楼梦", "紅樓夢", "Dream of the Red Chamber", "红楼梦: Dream of the Red Chamber"])
@pytest.mark.parametrize(
    ("title", "subtitle"), [("红楼梦", "Dream of the Red Chamber"), ("Dream of the Red Chamber", "红楼梦")]
)
def test_a_title_in_two_scripts_is_known_by_either(row: str, title: str, subtitle: str) -> None:
    found = decide(RowFacts(row, "曹雪芹"), WorkFacts(7, title, subtitle, authors=("曹雪芹",)), WOMEN)
    assert (found.decision, found.work) == (MATCH, 7)


def test_chinese_words_in_the_place_of_others_make_another_title() -> None:
    lister = WorkFacts(8, "Lord Lister No. 0014: De verwisselde detective", authors=("Kurt Matull",))
    row = RowFacts("山水小牘 Lister No. 0014: De verwisselde detective", "Matull, Kurt")
    assert decide(row, lister).decision != MATCH
