"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door for everybody

urlpatterns = [
    path("", include("registry.web.urls")),  # first: works/new is not a work's id
    path("", include("ingest.web.urls")),
    path("", include("licensing.web.urls")),
    path("api/", include("config.api")),
    path("language", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]
