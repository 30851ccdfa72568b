"""Addresses of drafts of filings."""

from django.urls import path, re_path

from licensing.web import filings

FORM = r"\.(?P<form>html|json|md)$"

urlpatterns = [
    path("filings", filings.filing, name="filings"),
    re_path(rf"^filings/(?P<kind>eu-summary|ab2013){FORM}", filings.filing_file, name="filing-file"),
    re_path(rf"^audits/(?P<public_id>[-\w]+)/gbt45654{FORM}", filings.sampling_record, name="audit-record"),
]
