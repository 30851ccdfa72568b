"""Addresses of the pages of webhooks."""

from django.urls import path

from registry.web import webhooks

urlpatterns = [
    path("webhooks", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new", webhooks.new_webhook, name="webhook-new"),
    path("webhooks/<slug:public_id>", webhooks.webhook, name="webhook"),
    path("webhooks/<slug:public_id>/test", webhooks.test, name="webhook-test"),
    path("webhooks/<slug:public_id>/enable", webhooks.enable, name="webhook-enable"),
    path("webhooks/<slug:public_id>/secret", webhooks.renew_secret, name="webhook-secret"),
    path("webhooks/<slug:public_id>/remove", webhooks.remove, name="webhook-remove"),
    path("webhooks/<slug:public_id>/messages/<slug:message>/again", webhooks.redeliver, name="webhook-again"),
]
