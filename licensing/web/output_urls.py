"""Addresses of the pages about model output: terms, open questions, declarations, generated parts."""

from django.urls import path, re_path

from licensing.web import dataset_terms, declarations, legal_questions, provider_terms

urlpatterns = [
    path("terms-of-providers", provider_terms.terms_of_providers, name="provider-terms"),
    path("terms-of-providers/versions/<slug:public_id>", provider_terms.terms_version, name="terms-version"),
    path("terms-of-providers/<slug:key>", provider_terms.terms_of_provider, name="provider-terms-of"),
    path("questions", legal_questions.question_list, name="legal-questions"),
    path("questions/<slug:key>", legal_questions.question, name="legal-question"),
    path("questions/<slug:key>/answer", legal_questions.answer, name="opinion-new"),
    path("declarations", declarations.declaration_list, name="declarations"),
    path("declarations/new", declarations.new_declaration, name="declaration-new"),
    path("declarations/<slug:public_id>", declarations.declaration, name="declaration"),
    path("declarations/<slug:public_id>/amend", declarations.amend_declaration, name="declaration-amend"),
    re_path(
        r"^declarations/(?P<public_id>[-\w]+)/(?P<step>approve|end|discard)$",
        declarations.step,
        name="declaration-step",
    ),
    path("datasets/<slug:slug>/terms", dataset_terms.dataset_terms, name="dataset-terms"),
    path("datasets/<slug:slug>/generated/new", dataset_terms.new_part, name="generated-new"),
    path("generated/<slug:public_id>/withdraw", dataset_terms.withdraw_part, name="generated-withdraw"),
]
