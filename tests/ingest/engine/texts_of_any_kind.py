"""Strings for Hypothesis: of any characters, and of kinds of runs that fill, cross and empty groups of 64."""

from __future__ import annotations

from hypothesis import strategies as st

SPECIAL = (
    "aZ09 ,.\n\t'’\u00ad—éßŒﬁøçǆἈςжЙ龍龙国國漢氣気々かが゛ｶﾞー한\u1112\u1161\u11abﷺ㌀½²①ﬃ𠀀𝔘🎉👩\u200d🚀؟"
    "\u0640\u0301\u0345\ud800\udfff"
)
EVERY = st.characters(codec=None)


def _between(low: int, high: int, most: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=low, max_codepoint=high), max_size=most)


TEXTS = st.lists(
    st.one_of(
        st.text(EVERY, max_size=8),
        st.text(st.sampled_from(SPECIAL), max_size=40),
        st.builds(lambda character, times: character * times, EVERY, st.integers(1, 140)),
        st.builds(lambda character, times: character * times, st.sampled_from(SPECIAL), st.integers(1, 140)),
        _between(0x20, 0x7E, 140),
        _between(0x300, 0x36F, 80),
        _between(0x370, 0x6FF, 80),
        _between(0x4E00, 0x9FFF, 80),
        _between(0xAC00, 0xD7A3, 40),
        _between(0x10000, 0x10FFFF, 40),
    ),
    max_size=5,
).map("".join)
