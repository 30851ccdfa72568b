"""The API's description for machines, and its reference for people to read."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template import Context, Engine
from django.utils.translation import get_language, override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

# Nothing inline, so that the site's content security policy holds here as everywhere.
REFERENCE = Engine().from_string("""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<link rel="icon" href="{{ favicon_href }}"><link rel="stylesheet" href="{{ swagger_ui_css }}"></head>
<body>
<noscript><p>This page draws <a href="/api/v1/schema">the schema</a> with a script; the schema can be read without.</p>
</noscript>
<main id="swagger-ui"></main>
<script src="{{ swagger_ui_bundle }}"></script>
<script src="{{ swagger_ui_standalone }}"></script>
<script src="{{ script_url }}"></script>
</body></html>
""")


class DescriptionView(SpectacularAPIView):
    """The schema (OpenAPI 3.1), the same for everybody: made once by each process for a language and a form."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        renderer = request.accepted_renderer
        asked = request.query_params.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else get_language()
        return HttpResponse(
            _described(language, renderer.format),
            content_type=f"{renderer.media_type}; charset=utf-8" if renderer.charset else renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="{self._get_filename(request, None)}"'},
        )


@lru_cache(maxsize=16)
def _described(language: str | None, form: str) -> str | bytes:
    renderer = OpenApiYamlRenderer() if form == OpenApiYamlRenderer.format else OpenApiJsonRenderer()
    with override(language):
        return renderer.render(SchemaGenerator().get_schema(request=None, public=True), renderer.media_type, {})


class ReferenceView(SpectacularSwaggerSplitView):
    """The reference, drawn from the schema by the bundled Swagger UI; its script has an address of its own."""

    permission_classes = []
    authentication_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().get(request, *args, **kwargs)
        if "script" in request.query_params:
            return answer
        return HttpResponse(REFERENCE.render(Context(answer.data)))
