"""A title is taken apart: what names the work, what numbers the part, what is said of the edition or the series."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.linkage import titles
from registry.linkage.title_relations import Relation, compare_titles


def relation(ours: str, theirs: str) -> Relation:
    return compare_titles(titles.read(ours), titles.read(theirs)).relation


@pytest.mark.parametrize(
    ("text", "words", "parts"),
    [
        ("The Hunger Games (The Hunger Games, #1)", "hunger games", set()),
        ("Homes and Haunts of the Poets, Vol. 1 (of 2)", "homes and haunts of the poets", {"1"}),
        ("Storia dei musulmani, vol. III, parte I", "storia dei musulmani", {"3", "1"}),
        ("The prose tales. Second series", "prose tales", {"2"}),
        ("Les Contemporains, 2ème Série\nÉtudes et Portraits", "contemporains etudes et portraits", {"2"}),
        ("Faust: 2. Teil", "faust", {"2"}),
        ("Faust. Zweiter Teil", "faust", {"2"}),
        ("De bello gallico liber secundus", "de bello gallico", {"2"}),
        ("The mill, part the second", "mill", {"2"}),
        ("Histoire du Consulat (Vol. 12 / 20)", "histoire du consulat", {"12"}),
        ("Chronicles (1 of 6): The Historie of England (2 of 8)", "chronicles the historie of england", {"1", "2"}),
        ("Die schwarzen Brüder: Eine Geschichte. 3/3", "schwarzen bruder eine geschichte", {"3"}),
        ("The First Book of Calamity Leek", "first book of calamity leek", set()),
        ("三国演义 第二卷", "三 国 演 义", {"2"}),
        (
            "Introduction to Algorithms, Third Edition (revised and enlarged edition)",
            "introduction to algorithms",
            set(),
        ),
        ("Nineteen Eighty-Four", "1984", set()),
        ("Books of Blood: Volumes One to Three", "books of blood", {"1-3"}),
        ("紅樓夢（上）", "红 楼 梦", {"1"}),
        ("三国演义 第二版", "三 国 演 义", set()),
        ("[Works]", "works", set()),
        ("Salt & Iron", "salt and iron", set()),
        ("", "", set()),
    ],
)
def test_numbers_editions_and_series_are_told_from_the_words(text: str, words: str, parts: set[str]) -> None:
    found = titles.read(text)
    assert " ".join(found.words) == words
    assert set(found.parts) == parts


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("The Newcomes", "Newcomes", Relation.EQUAL),
        ("The Virginians", "The Virgians", Relation.MISSPELT),
        ("The break-fast table", "The breakfast table", Relation.EQUAL),
        ("Vanity Fair: a novel without a hero", "Vanity Fair", Relation.SUBTITLE),
        ("The history of Tom Jones", "The history of Tom Jones, a foundling", Relation.SUBTITLE),
        ("The Hobbit or There and Back Again", "The Hobbit", Relation.SUBTITLE),
        (
            "Shades of character; or, The infant pilgrim",
            "Shades of character : or, Delineations",
            Relation.SUBTITLES_DIFFER,
        ),
        ("Little men", "Little women", Relation.OTHER),
        ("History of the United Netherlands, 1588c", "History of the United Netherlands, 1587c", Relation.OTHER),
        ("The poet at the table", "The professor at the table", Relation.OTHER),
        ("Soul", "Soul and other stories", Relation.LISTS_MORE),
        ("Soul", "Soul (The Long Road, #4), and other tales", Relation.LISTS_MORE),
        (
            "Stair-building and the boxed square: a manual of practical instruction in the art",
            "Stair-building and the steel square: a manual of practical instruction in the art of stairs",
            Relation.OTHER,
        ),
        (
            "Narrative of the expedition of the Messrs. Shoot from the river to the cape",
            "Narrative of the expedition of the Messrs. Green from the river to the cape",
            Relation.OTHER,
        ),
        ("The Night", "The Night Watch", Relation.LONGER),
        ("Kentucky ln American Letters", "Kentucky in American Letters", Relation.MISSPELT),
        ("Tbe Magic Bed: A Book of Tales", "The Magic Bed: A Book of Tales", Relation.MISSPELT),
        ("Prmncess of the Midnihgt sll", "Princess of the Midnight Ball", Relation.MISSPELT),
        ("Anirnal Life and Intelligence", "Animal Life and Intelligence", Relation.MISSPELT),
        ("The Mother's Recompense", "The Father's Recompense", Relation.OTHER),
        ("The Retribution of Mara Dyer", "The Evolution of Mara Dyer", Relation.OTHER),
        ("Salem's Lot. A romance", "Salem's Lot", Relation.SUBTITLE),
        (
            "The history of the Bastile, and of its pr",
            "The history of the Bastile, and of its principal",
            Relation.CUT_OFF,
        ),
        ("Wild Youth, Volum 2.", "Wild Youth, Volume 2.", Relation.EQUAL),
        ("The Little Review, Vo1. 3", "The Little Review, Vol. 3", Relation.EQUAL),
        (
            "Uncle Philip's conversations with the children about the",
            "Uncle Philip's conversations with the children about the whale fishery",
            Relation.CUT_OFF,
        ),
        ("紅樓夢", "红楼梦", Relation.EQUAL),
        ("補紅樓夢", "紅樓夢", Relation.LONGER),
        ("Hong lou meng", "紅樓夢", Relation.MISSPELT),
        ("Mr. & Mrs. Sên", "Mr and Mrs Sen", Relation.EQUAL),
        ("The story of Andr?? Cornelis", "The story of André Cornélis", Relation.MISSPELT),
    ],
)
def test_titles_relate_as_a_reader_would_say(ours: str, theirs: str, expected: Relation) -> None:
    assert relation(ours, theirs) == expected
    assert relation(theirs, ours) == expected


@pytest.mark.parametrize(
    ("title", "names", "expected"),
    [
        ("Works", set(), True),
        ("The works of William Makepeace Thackeray", {"william", "makepe", "thackeray"}, True),
        ("Selected poems", set(), True),
        ("鲁迅全集", set(), True),
        ("Moral tales", set(), False),
        ("Amelia", {"fielding"}, False),
    ],
)
def test_titles_that_many_books_have_are_known(title: str, names: set[str], expected: bool) -> None:
    assert titles.is_generic(titles.read(title), names) is expected


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_a_title_and_comparison_does_not_depend_on_the_side(ours: str, theirs: str) -> None:
    one, other = titles.read(ours), titles.read(theirs)
    assert len(one.words) == len(one.cuts)
    assert titles.read(ours) == one
    there, back = compare_titles(one, other), compare_titles(other, one)
    assert 0 <= there.similarity <= 1
    assert there.relation == back.relation
    if one.words:
        assert compare_titles(one, one).relation == Relation.EQUAL
