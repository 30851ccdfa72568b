"""Whatever terms say, the form shows, and hands back as they were."""

from django.http import QueryDict
from hypothesis import given, settings

from licensing.rules.agreement import Terms, parse_terms, terms_json
from licensing.web.agreements_forms import TermsForm, initial_of
from licensing.web.agreements_sheet import differing, sheet
from tests.licensing.rules.termed import terms


def filled_in(said: Terms) -> TermsForm:
    """The form as a browser sends it back untouched."""
    shown = TermsForm(initial=initial_of(terms_json(said)))
    data = QueryDict(mutable=True)
    for field in shown:
        value = field.value()
        if isinstance(value, list | tuple):
            data.setlist(field.html_name, [str(each) for each in value])
        elif value is True:
            data[field.html_name] = "on"
        elif value is not None and value is not False:
            data[field.html_name] = str(value).replace("\n", "\r\n")  # as browsers send lines
    return TermsForm(data)


@settings(max_examples=100, deadline=None)
@given(terms)
def test_a_form_hands_terms_back_as_they_were(said: Terms) -> None:
    form = filled_in(said)
    assert form.is_valid(), form.errors
    assert parse_terms(form.to_terms()) == said


@settings(max_examples=60, deadline=None)
@given(terms, terms)
def test_a_sheet_marks_a_clause_only_where_the_terms_differ(one: Terms, other: Terms) -> None:
    assert differing(terms_json(one), terms_json(one)) == []
    if one == other:
        return
    rows = sheet(terms_json(one), terms_json(other))
    assert all(row.was != row.value for row in rows)
    assert any(row.differs for row in rows)


def faults(**said: str) -> dict[str, list[str]]:
    """What the form says of a fee."""
    data = QueryDict(mutable=True)
    data.update({"uses": "pretraining", "affiliates": "all", "sublicensing": "none", **said})
    form = TermsForm(data)
    form.is_valid()
    return {name: list(map(str, errors)) for name, errors in form.errors.items()}


def test_an_amount_that_is_none_is_told_in_words_for_people() -> None:
    for amount in ("12,50", "-5", "1e3", "12.50 EUR", "\uff11\uff12"):
        said = faults(fee_model="flat", fee_amount=amount, fee_currency="EUR")
        assert said == {"fee_amount": ["Write digits with a point: 12.50."]}
    assert faults(fee_model="free", fee_amount="1", fee_currency="EUR") == {
        "fee_model": ["What is free of charge has no amount."]
    }


def test_countries_are_listed_with_commas_of_either_script_and_every_wrong_one_is_named() -> None:
    data = QueryDict(mutable=True)
    data.update({"uses": "pretraining", "other_territories": "it\uff0c nl\u3001kr\uff1bBE;pt fi"})
    form = TermsForm(data)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["territory"] == ["IT", "NL", "KR", "BE", "PT", "FI"]
    said = faults(other_territories="Atlantis, IT, Narnia")
    assert said == {"other_territories": ["ATLANTIS is not a country code.", "NARNIA is not a country code."]}
