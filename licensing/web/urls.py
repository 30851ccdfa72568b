"""Addresses of the pages that join packages."""

from django.urls import include, path, re_path

from licensing.web import (
    checks,
    datasets,
    explained,
    holders,
    imports,
    linkages,
    models,
    reconcile,
    reports,
    statements,
    views,
    works,
)

TWIN = r"(?:\.jsonld)?"  # the machine-readable twin of a page

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("licensing.web.authority_urls")),
    path("", include("licensing.web.signals_urls")),
    path("", include("licensing.web.documents_urls")),
    path("", include("licensing.web.requests_urls")),
    path("", include("licensing.web.policies_urls")),
    re_path(rf"^works/(?P<address>[-\w]+){TWIN}$", works.work, name="work"),
    path("works/<slug:public_id>/statements/<slug:kind>", statements.new_statement, name="statement"),
    path(
        "works/<slug:public_id>/statements/<slug:kind>/<slug:statement>/withdraw",
        statements.withdraw_statement,
        name="statement-withdraw",
    ),
    re_path(rf"^datasets/(?P<slug>[-\w]+){TWIN}$", datasets.dataset, name="dataset"),
    re_path(rf"^models/(?P<slug>[-\w]+){TWIN}$", models.model, name="model"),
    re_path(rf"^holders/(?P<public_id>[-\w]+){TWIN}$", holders.holder, name="holder"),
    path("id/<slug:public_id>", reconcile.entity, name="entity"),
    re_path("^reconcile/?$", reconcile.EndpointView.as_view(), name="reconcile"),  # tools add a slash
    re_path(
        "^reconcile/suggest/(?P<what>entity|property|type)$", reconcile.SuggestView.as_view(), name="reconcile-suggest"
    ),
    path("reconcile/properties", reconcile.PropertiesView.as_view(), name="reconcile-properties"),
    path("reconcile/preview", reconcile.preview, name="reconcile-preview"),
    path("checks", checks.check_list, name="checks"),
    path("checks/new", checks.new_check, name="check-new"),
    path("checks/<slug:public_id>", checks.check, name="check"),
    path("checks/<slug:public_id>/cancel", checks.cancel_check, name="check-cancel"),
    path("checks/<slug:public_id>/withhold", checks.withhold_check, name="check-withhold"),
    path("checks/<slug:public_id>/resume", checks.resume_check, name="check-resume"),
    path("imports", imports.import_list, name="imports"),
    path("imports/new", imports.new_import, name="import-new"),
    path("imports/sample", imports.load_sample, name="import-sample"),
    path("imports/<slug:public_id>", imports.show_import, name="import"),
    path("imports/<slug:public_id>/columns", imports.name_columns, name="import-columns"),
    path("imports/<slug:public_id>/apply", imports.apply_import, name="import-apply"),
    path("imports/<slug:public_id>/cancel", imports.cancel_import, name="import-cancel"),
    path("imports/<slug:public_id>/undo", imports.undo_import, name="import-undo"),
    path("imports/<slug:public_id>/refused", imports.refused_rows, name="import-refused"),
    path("imports/<slug:public_id>/acknowledgement", imports.acknowledgement, name="import-acknowledgement"),
    path("linkages", linkages.linkage_list, name="linkages"),
    path("linkages/new", linkages.new_linkage, name="linkage-new"),
    path("linkages/<slug:public_id>", linkages.linkage, name="linkage"),
    path("linkages/<slug:public_id>/cancel", linkages.cancel, name="linkage-cancel"),
    path("linkages/<slug:public_id>/review", linkages.review, name="linkage-review"),
    path("linkages/<slug:public_id>/rows/<int:number>/decision", linkages.decide, name="linkage-decision"),
    re_path(r"^linkages/(?P<public_id>[-\w]+)/results\.(?P<form>csv|jsonl)$", linkages.results, name="linkage-results"),
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
