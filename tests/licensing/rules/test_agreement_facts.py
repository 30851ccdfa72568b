"""What two parties still have to settle before terms can bind them."""

import pytest

from licensing.rules.agreement import open_points, parse_terms


@pytest.mark.parametrize(
    ("fee", "points"),
    [
        (None, ("/fee",)),
        ({"model": "free"}, ()),
        ({"model": "flat"}, ("/fee/amount",)),
        ({"model": "per_work"}, ("/fee/amount",)),
        ({"model": "per_token"}, ("/fee/amount",)),
        ({"model": "subscription"}, ("/fee/amount",)),
        ({"model": "flat", "amount": "0", "currency": "EUR"}, ()),
        ({"model": "royalty"}, ("/fee/per",)),
        ({"model": "royalty", "per": "5 % of net receipts"}, ()),
        ({"model": "contribution"}, ()),
    ],
)
def test_a_fee_is_settled_with_its_amount_or_its_words(fee, points):
    assert open_points(parse_terms({"uses": ["pretraining"], "fee": fee})) == points
