"""Two pages for people: the API's reference, and what each problem's code means."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.views import View
from drf_spectacular.views import SpectacularSwaggerSplitView

from registry.api.problems import CODES

# Nothing inline, so that the site's content security policy holds here as everywhere.
PROBLEMS = Engine().from_string("""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Problems · Colophon API</title></head>
<body><main>
<h1>Problems</h1>
<p>Every error of the API is a problem document (RFC 9457). Decide by its <code>code</code>; its <code>type</code>
leads here. <a href="/api/docs">The API's reference</a></p>
<dl>{% for code in codes %}<dt id="{{ code.anchor }}"><code>{{ code.name }}</code></dt><dd>{{ code.meaning }}</dd>
{% endfor %}</dl>
</main></body></html>
""")


class ReferenceView(SpectacularSwaggerSplitView):
    """The reference, drawn from the schema by the bundled Swagger UI; its script has an address of its own."""

    permission_classes = []
    authentication_classes = []


class ProblemsView(View):
    """The page that a problem's `type` points at."""

    def get(self, request: HttpRequest) -> HttpResponse:
        codes = [
            {"name": name, "anchor": name.lower().replace("_", "-"), "meaning": meaning}
            for name, meaning in CODES.items()
        ]
        return HttpResponse(PROBLEMS.render(Context({"codes": codes})))
