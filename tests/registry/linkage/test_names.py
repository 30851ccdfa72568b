"""Authors' names: who may be the same, whatever the order, initials, honorifics, spelling and script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.linkage import names
from registry.linkage.names import Agreement


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Austen, Jane", "Jane Austen", Agreement.SAME),
        ("Jane Austen, 1775-1817", "Miss Jane Austen", Agreement.SAME),
        ("De La Roche, Mazo", "De la Roche, Mazo", Agreement.SAME),
        ("George Orwell, Erich Fromm", "Orwell, George", Agreement.SAME),
        ("King, Stephen", "Stephen King, Peter Straub", Agreement.SAME),
        ("羅貫中", "罗贯中", Agreement.SAME),
        ("H. C. Bailey", "Bailey, Henry Christopher", Agreement.COMPATIBLE),
        ("J.R.R. Tolkien", "Tolkien, J. R. R. (John Ronald Reuel), 1892-1973", Agreement.COMPATIBLE),
        ("Pearce, Don", "Donald Pearce", Agreement.COMPATIBLE),
        ("Lu Xun", "鲁迅", Agreement.COMPATIBLE),
        ("Ts'ao Hsüeh-ch'in", "曹雪芹", Agreement.COMPATIBLE),
        ("Lu Hsün", "Lu Xun", Agreement.COMPATIBLE),
        ("Sue, Eug??ne", "Sue, Eugène", Agreement.MISSPELT),
        ("Green, Graham", "Greene, Graham", Agreement.MISSPELT),
        ("Müller, Max", "Mueller, Max", Agreement.MISSPELT),
        ("Castaneda", "Castaneda, Carlos", Agreement.SURNAME),
        ("Various", "Jane Austen", Agreement.MISSING),
        ("", "Jane Austen", Agreement.MISSING),
        ("Brontë, Anne", "Brontë, Charlotte", Agreement.CONFLICT),
        ("C. Castaneda", "Castaneda, Dorothy", Agreement.CONFLICT),
        ("J. Smith", "A. Smith", Agreement.CONFLICT),
        ("Charles Dickens", "Mark Twain", Agreement.DIFFERENT),
        ("鲁迅", "老舍", Agreement.DIFFERENT),
    ],
)
def test_names_agree_as_a_librarian_would_say(one: str, other: str, expected: Agreement) -> None:
    assert names.compare(names.read(one), names.read(other)) == expected
    assert names.compare(names.read(other), names.read(one)) == expected


def test_another_name_that_is_a_surname_alone_does_not_outweigh_other_given_names() -> None:
    known = (*names.read("Mitford, Mary Russell"), *names.read("Mitford, Miss"))
    assert names.compare(names.read("Mitford, Gustav"), known) == Agreement.CONFLICT
    assert names.compare(names.read("Mitford"), known) >= Agreement.SURNAME


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_compared_from_either_side(one: str, other: str) -> None:
    mine, yours = names.read(one), names.read(other)
    assert names.compare(mine, yours) == names.compare(yours, mine)
    if mine:
        assert names.compare(mine, mine) == Agreement.SAME
