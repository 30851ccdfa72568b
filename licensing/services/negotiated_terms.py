"""The terms on the table of a negotiation: put there by a side, and what stands there once an offer is taken back."""

from collections.abc import Mapping
from typing import Any

from licensing.models import Negotiation
from licensing.rules.agreement import FeeModel, Terms, contains, excess, fee_in_words, parse_terms, terms_json
from licensing.rules.lifecycle import Move
from licensing.services import assertions
from licensing.services.terms_input import read_terms, require_settled
from registry.errors import InvalidInput

Json = dict[str, Any]


def put(held: Negotiation, chosen: Move, given: Mapping[str, Any]) -> Json:
    """Put the terms on the table. An offer has to be one that can be accepted as it stands."""
    terms = read_terms(dict(given))
    if chosen is not Move.COUNTER:
        require_settled(terms, on=assertions.today())
    if chosen is Move.GRANT:
        _require_no_less(parse_terms(held.terms), terms)
    held.terms = terms_json(terms)
    return held.terms


def asked_last(held: Negotiation) -> Json:
    """The firm's last word: what stands on the table once an offer is taken back."""
    own = held.steps.filter(organisation=held.request.organisation, terms__isnull=False)
    said = own.order_by("id").values_list("terms", flat=True).last()
    return dict(said or held.request.terms)


def _require_no_less(asked: Terms, given: Terms) -> None:
    """A grant without an offer gives at least what was asked, at no other price: else the firm has to agree first."""
    clauses = list(excess(given, asked))
    is_free = given.fee is not None and given.fee.model is FeeModel.FREE
    if not is_free and given.fee != asked.fee:
        price = fee_in_words(given.fee) if given.fee else "nothing stated"
        clauses.append(f"the fee, {price}, is not what was asked for")
    if clauses or not contains(given, asked):
        errors = [{"pointer": "/terms", "cause": clause} for clause in clauses]
        sentence = f"These terms are not what was asked for: {'; '.join(clauses)}. Make them an offer."
        raise InvalidInput(sentence, errors=errors)
