"""Random terms and questions: small vocabularies, so that dimensions meet, contain and miss each other often."""

from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from licensing.rules.agreement import parse_terms
from licensing.rules.facts import Question
from licensing.rules.terms import LicenseeKind, Purpose, Use

QUICK = settings(max_examples=150, deadline=None)
USES = ["pretraining", "fine_tuning", "rag_grounding"]
PURPOSES = ["commercial", "research"]
TERRITORIES = ["DE", "FR", "NO", "US", "EU", "EEA", "WORLD"]
DAYS = ["2026-01-01", "2026-06-30", "2027-01-01", "2027-12-31", "2029-05-05"]
KINDS = ["company", "research_organisation"]
NAMES = ["Alpha", "Beta", "Gamma"]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    """Nothing said, or one to all of the values."""
    return st.just([]) | st.lists(st.sampled_from(values), min_size=1, unique=True)


notes = st.sampled_from(["", "quotes only", "no code\nno poems", "no poems\nno code"])
limits = st.none() | st.fixed_dictionaries({"verbatim_words": st.sampled_from([0, 50, 200]), "note": notes})
fees = st.sampled_from(
    [
        None,
        {"model": "free"},
        {"model": "flat", "amount": "12.50", "currency": "EUR", "per": "year"},
        {"model": "flat", "amount": "12.5", "currency": "EUR", "per": "year"},
        {"model": "per_work", "amount": "3", "currency": "USD"},
    ]
)


days = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted)
is_given = st.booleans()
facts = st.fixed_dictionaries(
    {
        "uses": st.lists(st.sampled_from(USES), min_size=1, unique=True),
        "purposes": some(PURPOSES),
        "territory": some(TERRITORIES),
        "licensee_kinds": some(KINDS),
        "affiliates": some(["asia", "labs"]) | st.just(["none"]),
        "models": some(NAMES),
        "products": some(NAMES),
        "exclusive": st.booleans(),
        "sublicensing": st.sampled_from(["none", "affiliates", "allowed"]),
        "output_limits": limits,
        "fee": fees,
        "attribution": st.booleans(),
        "audit": st.booleans(),
        "survival": st.sampled_from([None, "keep", "no_new_training", "delete"]),
        "note": notes,
    }
)


@st.composite
def terms_as_json(draw: st.DrawFn) -> dict[str, Any]:
    """Any terms; the strategies above are made once, as making them takes longer than drawing from them."""
    first, last = draw(days)
    period = {"valid_from": first if draw(is_given) else None, "valid_to": last if draw(is_given) else None}
    return draw(facts) | period


terms = st.builds(parse_terms, terms_as_json())

LICENSEE = "acme"
questions = st.builds(
    Question,
    use=st.sampled_from([Use(use) for use in USES]),
    purpose=st.sampled_from([Purpose(purpose) for purpose in PURPOSES]),
    territory=st.sampled_from(TERRITORIES),
    on=st.dates(min_value=date(2025, 12, 30), max_value=date(2029, 6, 1)),
    licensee=st.sampled_from(["org:acme", "org:asia", "org:labs"]),
    licensee_kind=st.sampled_from([LicenseeKind(kind) for kind in KINDS]),
    affiliates=st.just(("org:acme",)),
    product=st.sampled_from([None, *NAMES]),
    model=st.sampled_from([None, *NAMES]),
)
