"""The operators' pages of licensing: every list and row opens, and nothing can be changed there."""

import pytest
from django.contrib import admin
from django.urls import reverse

from licensing.models import Grant
from licensing.services import reports
from registry.models import User
from tests.licensing import evidenced

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("loaded")
def test_every_list_and_row_opens_and_nothing_is_edited(client):
    scene = evidenced.scene()
    reports.request(clearance=scene.clearance, actor=scene.lab)
    client.force_login(User.objects.create_superuser("operator", password="irrelevant here"))
    opened = []
    for model, page in admin.site._registry.items():
        if model._meta.app_label != "licensing":
            continue
        name = f"admin:licensing_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist")).status_code == 200
        assert client.get(reverse(f"{name}_add")).status_code == 403
        row = page.model._default_manager.first()
        if row is not None:
            opened.append(model)
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
            assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert Grant in opened
    assert len(opened) >= 6
