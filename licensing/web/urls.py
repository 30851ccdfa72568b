"""Addresses of the pages that join packages."""

from django.urls import path, re_path

from licensing.web import checks, explained, holders, reconcile, reports, statements, views

urlpatterns = [
    path("", views.home, name="home"),
    path("works/<slug:address>", views.work, name="work"),
    path("works/<slug:public_id>/statements/<slug:kind>", statements.new_statement, name="statement"),
    path(
        "works/<slug:public_id>/statements/<slug:kind>/<slug:statement>/withdraw",
        statements.withdraw_statement,
        name="statement-withdraw",
    ),
    path("datasets/<slug:slug>", views.dataset, name="dataset"),
    path("holders/<slug:public_id>", holders.holder, name="holder"),
    path("id/<slug:public_id>", reconcile.entity, name="entity"),
    path("reconcile", reconcile.EndpointView.as_view(), name="reconcile"),
    re_path(
        "^reconcile/suggest/(?P<what>entity|property|type)$", reconcile.SuggestView.as_view(), name="reconcile-suggest"
    ),
    path("reconcile/properties", reconcile.PropertiesView.as_view(), name="reconcile-properties"),
    path("reconcile/preview", reconcile.preview, name="reconcile-preview"),
    path("checks", checks.check_list, name="checks"),
    path("checks/new", checks.new_check, name="check-new"),
    path("checks/<slug:public_id>", checks.check, name="check"),
    path("checks/<slug:public_id>/cancel", checks.cancel_check, name="check-cancel"),
    path("checks/<slug:public_id>/resume", checks.resume_check, name="check-resume"),
    path("clearances/<slug:public_id>", checks.clearance, name="clearance"),
    path("clearances/<slug:public_id>/reports", reports.request_report, name="report-request"),
    path("verdicts/<slug:public_id>", checks.verdict, name="verdict"),
    path("matches/<slug:public_id>", checks.match, name="match"),
    path("reports", reports.report_list, name="reports"),
    path("reports/<slug:public_id>", reports.report, name="report"),
    path("reports/<slug:public_id>/bundle", reports.bundle, name="report-bundle"),
    path("docs/matches", explained.matches_explained, name="matches-explained"),
    path("reasons", views.reasons, name="reasons"),
    path("reasons/<slug:code>", views.reason, name="reason"),
]
