"""The certificate of an audit as one page of paper."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

import ingest.access
from licensing.services import audit_papers
from registry.web.pages import actor_of, member_page


@member_page
@require_safe
def certificate_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The PDF, in the language of the page or `?language=`."""
    found = ingest.access.audit(actor_of(request), public_id)
    spoken = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    content = audit_papers.pdf(found, request.GET.get("language", spoken))
    disposition = content_disposition_header(as_attachment=True, filename=audit_papers.file_name(found)) or ""
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
