"""The API of publishing kits: the files for a publisher's own site, of a work and of a holder, as one zip."""

import io
import zipfile

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

import registry.access
from licensing.api.views import AnyFormat
from licensing.formats.kit import archive, files
from licensing.selectors import kits
from licensing.services.assertions import today
from registry.actors import ANONYMOUS
from registry.api.base import PUBLIC_ID, ApiView

ZIP = "application/zip"


def id_in_path(name: str) -> OpenApiParameter:
    """How the id in an address is described."""
    return OpenApiParameter(name, str, OpenApiParameter.PATH, pattern=f"^{PUBLIC_ID}$")


class KitView(ApiView):
    """What both kits have in common."""

    read_scopes = None

    def get_content_negotiator(self) -> AnyFormat:
        """A zip, whatever `Accept` says."""
        return AnyFormat()


class WorkKitView(KitView):
    """The publishing kit of a work."""

    @extend_schema(parameters=[id_in_path("work")], responses={(200, ZIP): OpenApiTypes.BINARY})
    def get(self, request: Request, work: str) -> HttpResponse:
        """What stands about a work: TDMRep, RSL, robots.txt lines, aipref, ODRL, ONIX, CAWG, each with its losses."""
        found = registry.access.work(self.actor, work)
        return _zip(archive(files(kits.of_work(found, today())), found.title), f"kit-{found.public_id}.zip")


class HolderKitView(KitView):
    """The publishing kit of a holder."""

    @extend_schema(parameters=[id_in_path("holder")], responses={(200, ZIP): OpenApiTypes.BINARY})
    def get(self, request: Request, holder: str) -> HttpResponse:
        """The same for all works of a holder: a zip in it for each site on which they stand."""
        found = registry.access.one(registry.access.parties(self.actor), "holder", public_id=holder)
        hosts, _unplaced = kits.of_holder(found, kits.works_of(found, ANONYMOUS), today())
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for host, subject in hosts:
                name = zipfile.ZipInfo(f"{host.replace(':', '-')}.zip")
                packed.writestr(name, archive(files(subject), found.name))
        return _zip(out.getvalue(), f"kit-{found.public_id}.zip")


def _zip(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=ZIP, headers={"Content-Disposition": content_disposition_header(True, name) or ""}
    )
