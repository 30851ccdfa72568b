"""Words about model output in the reader's language: terms, clauses, declarations, contradictions."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]
DOCUMENTS: Words = {
    "consumer_terms": _("terms for consumers"),
    "business_terms": _("terms for businesses and the API"),
    "usage_policy": _("usage policy"),
    "model_licence": _("licence of the model"),
    "": _("terms"),
}
EFFECTS: Words = {"forbids": _("forbids"), "asks": _("asks for"), "allows": _("allows")}
ACTS: Words = {
    "develop_competing_model": _("using output to develop competing models"),
    "train_other_model": _("using output to train or improve other models"),
    "commercial_use": _("using output for commercial purposes"),
    "redistribute": _("passing output on"),
    "extract": _("extracting output by programs or scraping"),
    "reverse_engineer": _("reverse engineering by means of output"),
    "claim_human_made": _("passing output off as written by people"),
    "name_after_model": _("naming a model trained on output after the generator"),
    "credit_model": _("crediting the generator of a model trained on output"),
    "keep_terms": _("keeping these terms for a model trained on output"),
}
CLAUSE_PURPOSES: Words = {"any": _("any purpose"), "commercial": _("commercial purposes")}
PARTIES: Words = {
    "customer": _("whoever accepted the terms"),
    "recipient": _("whoever gets output from a customer"),
    "anyone": _("everybody"),
}
BINDINGS: Words = {
    "binds": _("binds"),
    "contested": _("contested whether it binds"),
    "allowed": _("allowed"),
}
ACCOUNTS: Words = {
    "": _("not known"),
    "consumer_terms": _("private, under terms for consumers"),
    "business_terms": _("of a business, or over the API"),
}
ACCEPTANCE: Words = {
    "accepted": _("had accepted them"),
    "not_accepted": _("had not accepted them"),
    "unknown": _("nobody knows whether they had"),
}
ASKED_OF: Words = {
    "accepted": _("For output of somebody who had accepted them."),
    "not_accepted": _("For output of somebody who had not accepted them."),
    "unknown": _("For output of somebody of whom nobody knows whether they had accepted them."),
}
ACCEPTING: Words = {
    "accepted": _("your organisation accepted them"),
    "not_accepted": _("your organisation did not accept them"),
    "unknown": _("nobody knows whether it accepted them"),
}
PURPOSES: Words = {
    "experiment": _("experiment"),
    "evaluation": _("evaluation"),
    "annotation_aid": _("help for annotators"),
    "synthetic_data": _("synthetic data"),
    "product": _("product"),
}
DESTINATIONS: Words = {
    "datasets": _("datasets that train nothing"),
    "training": _("training sets"),
    "product": _("answers of a product"),
}
ACQUIRED: Words = {
    "own_api": _("own account with the provider"),
    "experiment": _("own experiment"),
    "third_party": _("shared by a third party"),
    "relay": _("mirror or relay"),
    "scraped": _("scraped"),
}
STATES: Words = {"draft": _("draft"), "approved": _("approved"), "ended": _("ended")}
EVENTS: Words = {
    "drafted": _("drafted"),
    "amended": _("changed"),
    "approved": _("approved"),
    "ended": _("ended"),
}
ANSWERS: Words = {"yes": _("yes"), "no": _("no"), "depends": _("it depends")}
CONTRADICTIONS: Words = {
    "no_declaration": _("No declaration covers this output."),
    "not_approved": _("The declaration is a draft that nobody approved."),
    "before_approval": _("The output is older than the declaration."),
    "after_end": _("The declaration had ended before the output was made."),
    "other_provider": _("The declaration is for another provider."),
    "other_model": _("The declaration is for another model."),
    "goes_nowhere": _("By the declaration the output goes nowhere, and it is in a dataset."),
    "other_dataset": _("The declaration names other datasets."),
    "not_for_training": _("The declared use trains nothing, and the dataset trains models."),
}
CHANGES: Words = {
    "part": _("what a model wrote was recorded, or a record taken back"),
    "claim": _("what is said of the dataset’s origin changed"),
    "terms": _("other versions of a provider’s terms are on record"),
    "declaration": _("a declared use was approved or ended"),
    "opinion": _("your organisation answered an open question"),
    "audit": _("a sampling audit was concluded, or is about another dataset now"),
}
TABLES: dict[str, Words] = {
    "document": DOCUMENTS,
    "effect": EFFECTS,
    "act": ACTS,
    "clause_purpose": CLAUSE_PURPOSES,
    "party": PARTIES,
    "binding": BINDINGS,
    "account": ACCOUNTS,
    "acceptance": ACCEPTANCE,
    "asked_of": ASKED_OF,
    "accepting": ACCEPTING,
    "declared": PURPOSES,
    "destination": DESTINATIONS,
    "acquired": ACQUIRED,
    "declaration": STATES,
    "event": EVENTS,
    "answer": ANSWERS,
    "contradiction": CONTRADICTIONS,
    "change": CHANGES,
}


def said(table: str, code: object) -> str:
    """The word for a code; a code without one is shown as it is spelt, without underscores."""
    return str(TABLES[table].get(str(code), str(code).replace("_", " ")))


def choices(table: str) -> list[tuple[str, str]]:
    """(code, word) pairs in the reader's language."""
    return [(code, str(word)) for code, word in TABLES[table].items()]
