"""The API of documents that are made from records: the certificate of an audit as one page of paper."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

import ingest.access
from licensing.api.kits import id_in_path
from licensing.api.views import AnyFormat
from licensing.evidence.wording import LANGUAGES
from licensing.services import audit_papers
from registry.api.base import ApiView

PDF = "application/pdf"


class AuditPageView(ApiView):
    """The certificate of an audit as a PDF of one page."""

    scope = "scans"
    parameters = frozenset({"language"})
    action = "page"
    conflicting_reads = ("page",)

    def get_content_negotiator(self) -> AnyFormat:
        """A PDF, whatever `Accept` says."""
        return AnyFormat()

    @extend_schema(
        parameters=[
            id_in_path("audit"),
            OpenApiParameter("language", str, enum=list(LANGUAGES), default="en", description="Of the page."),
        ],
        responses={(200, PDF): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, audit: str) -> HttpResponse:
        """Rates with intervals, method, seed and how to verify them; 409 until the log has both entries."""
        found = ingest.access.audit(self.actor, audit)
        content = audit_papers.pdf(found, request.query_params.get("language", "en"))
        disposition = content_disposition_header(as_attachment=True, filename=audit_papers.file_name(found)) or ""
        return HttpResponse(content, content_type=PDF, headers={"Content-Disposition": disposition})
