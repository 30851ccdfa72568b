"""Addresses of the pages of texts."""

from django.urls import path

from ingest.web import views

urlpatterns = [
    path("works/<slug:public_id>/text", views.add_text, name="text"),
    path("deposits/<slug:public_id>/withdraw", views.withdraw_text, name="text-withdraw"),
]
