"""The routes of the REST API v1. Nouns are the glossary's."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from ingest.api import views as ingest_views
from licensing.api import views as licensing_views
from registry.api import views as registry_views

router = SimpleRouter(trailing_slash=False)
router.register("works", registry_views.WorkViewSet, "api-work")
router.register("datasets", registry_views.DatasetViewSet, "api-dataset")
router.register(r"releases/(?P<release>[^/.]+)/items", registry_views.ItemViewSet, "api-item")
router.register("models", registry_views.AIModelViewSet, "api-model")
router.register("claims", registry_views.ClaimViewSet, "api-claim")
router.register("jobs", registry_views.JobViewSet, "api-job")
router.register("scans", ingest_views.ScanViewSet, "api-scan")
router.register(r"scans/(?P<scan>[^/.]+)/matches", ingest_views.MatchViewSet, "api-match")
router.register("clearances", licensing_views.ClearanceViewSet, "api-clearance")
router.register(r"clearances/(?P<clearance>[^/.]+)/verdicts", licensing_views.VerdictViewSet, "api-verdict")
router.register("reports", licensing_views.ReportViewSet, "api-report")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/explain", licensing_views.ExplainView.as_view(), name="api-explain"),
    path("v1/log", registry_views.LogView.as_view(), name="api-log"),
    path("v1/log/entries/<int:position>", registry_views.LogEntryView.as_view(), name="api-log-entry"),
    path("v1/log/consistency", registry_views.LogConsistencyView.as_view(), name="api-log-consistency"),
    path("v1/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
]
