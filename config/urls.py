"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("registry.web.urls")),  # first: works/new is not a work's id
    path("", include("ingest.web.urls")),
    path("", include("licensing.web.urls")),
    path("api/", include("config.api")),
    path("language", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]
