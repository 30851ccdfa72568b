"""The terms of a licence: one value for templates, requests, offers, counter-offers and agreements.

The face of four modules: what terms are (`agreement_facts`), how they are read from JSON and written
(`agreement_reading`), how they are held against each other (`agreement_algebra`) and against a question
(`agreement_answers`). Everything is pure. docs/terms.md says it in words.
"""

from licensing.rules.agreement_algebra import contains, contradictions, excess, fee_in_words, intersect, overlaps
from licensing.rules.agreement_answers import Gap, explain, find_gaps, gaps
from licensing.rules.agreement_facts import (
    Fee,
    FeeModel,
    OutputLimits,
    Sublicensing,
    Survival,
    Terms,
    duties_of,
    open_points,
    scope_of,
)
from licensing.rules.agreement_reading import TermsError, TermsFault, parse_terms, terms_json

__all__ = [
    "Fee",
    "FeeModel",
    "Gap",
    "OutputLimits",
    "Sublicensing",
    "Survival",
    "Terms",
    "TermsError",
    "TermsFault",
    "contains",
    "contradictions",
    "duties_of",
    "excess",
    "explain",
    "fee_in_words",
    "find_gaps",
    "gaps",
    "intersect",
    "open_points",
    "overlaps",
    "parse_terms",
    "scope_of",
    "terms_json",
]
