"""Addresses of the registry's pages."""

from django.urls import include, path

from registry.web import changing, members, registering, searching, views

urlpatterns = [
    path("search", searching.search, name="search"),
    path("search/suggestions", searching.suggest, name="search-suggestions"),
    path("works", views.works, name="works"),
    path("works/new", registering.register, name="register"),
    path("works/<slug:public_id>/receipt", registering.receipt, name="receipt"),
    path("works/<slug:public_id>/receipt.json", registering.receipt_file, name="receipt-file"),
    path("works/<slug:public_id>/amend", changing.amend, name="work-amend"),
    path("works/<slug:public_id>/editions/<slug:edition>", changing.edition, name="edition"),
    path("works/<slug:public_id>/merge", changing.merge, name="work-merge"),
    path("works/<slug:public_id>/split", changing.split, name="work-split"),
    path("works/<slug:public_id>/withdraw", changing.withdraw, name="work-withdraw"),
    path("works/<slug:public_id>/restore", changing.restore, name="work-restore"),
    path("works/<slug:public_id>/publish", changing.publish, name="work-publish"),
    path("works/<slug:public_id>/undo", changing.undo, name="work-undo"),
    path("datasets", views.datasets, name="datasets"),
    path("models", views.models, name="models"),
    path("log", views.log_page, name="log"),
    path("log/entries/<int:position>", views.log_entry, name="log-entry"),
    path("docs/problems", views.problems, name="problems"),
    path("jobs", members.job_list, name="jobs"),
    path("jobs/<slug:public_id>", members.job, name="job"),
    path("jobs/<slug:public_id>/cancel", members.cancel_job, name="job-cancel"),
    path("account", members.account, name="account"),
    path("account/tokens", members.create_token, name="token-create"),
    path("account/tokens/<slug:public_id>/revoke", members.revoke_token, name="token-revoke"),
    path("", include("registry.web.account_urls")),
    path("", include("registry.web.webhooks_urls")),
]
