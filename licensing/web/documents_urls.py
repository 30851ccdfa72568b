"""Addresses of documents of agreements, and of notices."""

from django.urls import path, re_path

from licensing.web import agreement_documents, notices

urlpatterns = [
    path("verify", agreement_documents.verify, name="verify"),
    path("agreements/<slug:public_id>/document", agreement_documents.document, name="agreement-document"),
    re_path(
        r"^agreements/(?P<public_id>[-\w]+)/document\.(?P<form>jsonld|pdf)$",
        agreement_documents.file,
        name="agreement-file",
    ),
    path("notices", notices.notice_list, name="notices"),
    path("notices/new", notices.new_notice, name="notice-new"),
    path("notices/<slug:public_id>", notices.notice, name="notice"),
    path("notices/<slug:public_id>/amend", notices.amend, name="notice-amend"),
    re_path(
        r"^notices/(?P<public_id>[-\w]+)/(?P<step>send|answer|resolve|withdraw)$", notices.step, name="notice-step"
    ),
    path("notices/<slug:public_id>/letter.txt", notices.letter, name="notice-letter"),
    path("notices/<slug:public_id>/works.csv", notices.works, name="notice-works"),
]
