"""The API's reference for people to read."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template import Context, Engine
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
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
