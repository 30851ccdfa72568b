"""The reference, and the page that problems point at, under the site's content security policy."""

import pytest
from django.test import RequestFactory
from drf_spectacular.views import SpectacularAPIView

from registry.api.problems import CODES
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def test_nothing_is_inline_so_that_the_policy_needs_no_exception():
    answer = clients.nobody().get("/api/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count("<script src=")


def test_the_references_script_names_the_schema():
    answer = clients.nobody().get("/api/docs?script=")
    assert answer["Content-Type"] == "application/javascript"
    assert b"/api/v1/schema" in answer.content


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("language", ["", "en", "zh-hans", "xx"])
def test_the_schema_is_what_is_generated_anew_however_often_it_is_asked_for(form, language):
    address = f"/api/v1/schema?format={form}&lang={language}"
    made = SpectacularAPIView.as_view()(RequestFactory().get(address)).render()
    for _ in range(2):
        answer = clients.nobody().get(address)
        assert answer.content == made.content
        for name in ("Content-Type", "Content-Disposition"):
            assert answer[name] == made[name]


def test_every_code_has_its_place_on_the_page_of_problems():
    page = clients.nobody().get("/docs/problems").content.decode()
    assert all(f'id="{code.lower().replace("_", "-")}"' in page for code in CODES)
