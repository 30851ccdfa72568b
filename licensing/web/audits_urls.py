"""Addresses of the pages of audits and of the registered outputs that they compare with."""

from django.urls import path, re_path

from licensing.web import audit_papers, audit_subjects, audits, output_corpora

urlpatterns = [
    path("audits", audits.audit_list, name="audits"),
    path("audits/new", audits.new_audit, name="audit-new"),
    path("audits/<slug:public_id>", audits.audit, name="audit"),
    path("audits/<slug:public_id>/cancel", audits.cancel, name="audit-cancel"),
    path("audits/<slug:public_id>/about", audit_subjects.about, name="audit-about"),
    path("audits/<slug:public_id>/names", audits.names, name="audit-names"),
    re_path(r"^audits/(?P<public_id>[-\w]+)/results\.(?P<form>csv|json)$", audits.results, name="audit-results"),
    re_path(
        r"^audits/(?P<public_id>[-\w]+)/(?P<kind>batch|annotator)/(?P<number>\d{1,9})$",
        audits.examples,
        name="audit-examples",
    ),
    path("audits/<slug:public_id>/certificate.json", audits.certificate, name="audit-certificate"),
    path("audits/<slug:public_id>/certificate.pdf", audit_papers.certificate_page, name="audit-page"),
    path("outputs", output_corpora.corpus_list, name="outputs"),
    path("outputs/new", output_corpora.new_corpus, name="outputs-new"),
    path("outputs/<slug:public_id>/withdraw", output_corpora.withdraw, name="outputs-withdraw"),
]
