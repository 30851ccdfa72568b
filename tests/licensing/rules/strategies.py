"""Random cases: small vocabularies, so that scopes, parties and dates meet often."""

from typing import Any

from hypothesis import strategies as st

from licensing.rules.terms import Capacity, LicenseeKind, Purpose, Use, Verification

PARTIES = ["org:press", "org:other", "person:writer"]
TERRITORIES = ["DE", "FR", "EU", "EEA", "US", "GB", "JP", "SG", "CN", "BR", "WORLD"]
DAYS = ["2018-01-01", "2020-05-05", "2021-06-07", "2022-02-02", "2024-04-04", "2026-11-22", "2030-01-01"]
USES = ["pretraining", "fine_tuning", "rag_grounding"]


def words(vocabulary: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([word.value for word in vocabulary])


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


questions = st.fixed_dictionaries(
    {
        "use": st.sampled_from(USES) | words(Use),
        "purpose": words(Purpose),
        "territory": st.sampled_from(TERRITORIES),
        "on": st.sampled_from(DAYS),
        "licensee": st.sampled_from(["org:acme", None]),
        "licensee_kind": words(LicenseeKind),
    }
)

authors = st.lists(
    st.fixed_dictionaries({"name": st.just("A"), "died": optional(st.sampled_from(["1817", "1950", "1990"]))}),
    max_size=2,
)

works = st.fixed_dictionaries(
    {
        "id": st.just("w1"),
        "first_published": optional(st.sampled_from(["1813", "1925", "1950", "1980", "1998-03-01"])),
        "country": optional(st.sampled_from(["US", "GB", "CN"])),
        "authors": authors,
        "renewed": optional(st.booleans()),
        "identity": st.sampled_from(["strong", "strong", "strong", "weak"]),
        "relation": st.sampled_from([None, "copy", "partial", "excerpt", "quotation"]),
    }
)

copies = st.fixed_dictionaries(
    {
        "acquisition": st.sampled_from(["lawful", "licensed", "shadow_library", "unknown"]),
        "copied_on": optional(st.sampled_from(DAYS)),
        "copied_in": optional(st.sampled_from(["DE", "PL", "US"])),
        "reservation_search": st.sampled_from(["evidenced", "not_done"]),
    }
)

generations = st.fixed_dictionaries(
    {
        "provider": st.just("OpenAI"),
        "generated_on": optional(st.sampled_from(["2023-03-13", "2023-03-20", "2025-01-01"])),
        "terms": st.sampled_from([None, "LicenseRef-scancode-openai-tou-20230314", "LicenseRef-unheard-of"]),
        "bound_by_terms": st.sampled_from(["accepted", "not_accepted", "unknown"]),
        "acquired": st.sampled_from(["own_api", "experiment", "third_party", "relay", "scraped"]),
        "competing_model": optional(st.booleans()),
        "released": st.booleans(),
    }
)

_common = {
    "asserted_by": st.sampled_from(PARTIES),
    "capacity": words(Capacity),
    "verification": words(Verification),
    "uses": optional(some(USES)),
    "purposes": optional(some(["commercial", "research"])),
    "territory": optional(some(TERRITORIES)),
    "valid_from": optional(st.sampled_from(DAYS[:4])),
    "valid_to": optional(st.sampled_from(DAYS[4:])),
    "observed_at": optional(st.sampled_from(DAYS)),
}


def assertions_of(kind: str, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(_common | {"kind": st.just(kind)} | more)


reservations = assertions_of("reservation", machine_readable=st.booleans()) | assertions_of(
    "takedown", machine_readable=st.booleans()
)
grants = assertions_of(
    "grant", licensee=st.sampled_from(["org:acme", "org:else"]), duties=st.sampled_from([[], ["pay"]])
)
anything = st.one_of(
    reservations,
    grants,
    assertions_of("offer"),
    assertions_of("registration"),
    assertions_of("preference", signal=st.sampled_from(["allow", "disallow"])),
    assertions_of(
        "ownership", exclusive=st.booleans(), ai_rights=st.sampled_from([None, "granted", "retained", "silent"])
    ),
    assertions_of("open_licence", licence=st.sampled_from(["CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "MIT", "OpenAI"])),
)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    stated = draw(st.lists(anything, max_size=5))
    return {
        "question": draw(questions),
        "work": draw(works),
        "copy": draw(copies),
        "generated_by": draw(st.none() | generations),
        "assertions": [{"id": f"a{number}"} | assertion for number, assertion in enumerate(stated)],
    }
