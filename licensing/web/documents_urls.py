"""Addresses of documents of agreements, and of notices."""

from django.urls import path, re_path

from licensing.web import agreement_documents

urlpatterns = [
    path("verify", agreement_documents.verify, name="verify"),
    path("agreements/<slug:public_id>/document", agreement_documents.document, name="agreement-document"),
    re_path(
        r"^agreements/(?P<public_id>[-\w]+)/document\.(?P<form>jsonld|pdf)$",
        agreement_documents.file,
        name="agreement-file",
    ),
]
