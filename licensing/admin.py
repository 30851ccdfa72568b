"""What operators see of statements, clearances and reports. Nothing is edited here: statements are made by services."""

from django.contrib import admin

from licensing.models import (
    Clearance,
    GeneratedPart,
    Grant,
    LegalQuestion,
    Offer,
    OpenLicence,
    ProviderTerms,
    Report,
    Reservation,
    UseDeclaration,
    Verdict,
)
from registry.admin import ReadOnlyAdmin


class StatementAdmin(ReadOnlyAdmin):
    """What all dated statements show."""

    list_display = ["public_id", "work", "asserted_by", "capacity", "verification", "valid_from", "valid_to", "demo"]
    list_filter = ["capacity", "verification", "demo", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["=public_id", "work__title", "asserted_by__slug"]
    list_select_related = ["work", "asserted_by"]


@admin.register(Grant)
class GrantAdmin(StatementAdmin):
    list_display = [*StatementAdmin.list_display, "licensee"]
    list_select_related = [*StatementAdmin.list_select_related, "licensee"]


@admin.register(Reservation)
class ReservationAdmin(StatementAdmin):
    list_display = [*StatementAdmin.list_display, "machine_readable"]


@admin.register(OpenLicence)
class OpenLicenceAdmin(StatementAdmin):
    list_display = [*StatementAdmin.list_display, "licence"]


@admin.register(Offer)
class OfferAdmin(StatementAdmin):
    pass


@admin.register(Clearance)
class ClearanceAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "scan", "organisation", "use", "purpose", "territory", "as_of", "state", "blocks"]
    list_filter = ["state", "use", "territory", "blocks"]
    search_fields = ["=public_id", "organisation__slug", "scan__release__dataset__name"]
    list_select_related = ["scan__release__dataset", "organisation"]


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "clearance", "work", "verdict", "status", "relation", "blocks"]
    list_filter = ["verdict", "status", "relation", "blocks"]
    search_fields = ["=public_id", "=clearance__public_id", "work__title"]
    list_select_related = ["clearance__scan__release__dataset", "work"]


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "clearance", "organisation", "language", "state", "reason", "ready_at"]
    list_filter = ["state", "language"]
    search_fields = ["=public_id", "=clearance__public_id", "=sha256"]
    list_select_related = ["clearance__scan__release__dataset", "organisation"]


@admin.register(ProviderTerms)
class ProviderTermsAdmin(ReadOnlyAdmin):
    list_display = ["key", "provider", "effective_from", "effective_to", "forbids_competing_models", "verified"]
    list_filter = ["verified", "forbids_competing_models"]
    list_select_related = ["provider"]


@admin.register(LegalQuestion)
class LegalQuestionAdmin(ReadOnlyAdmin):
    list_display = ["key", "question", "verified"]
    list_filter = ["verified"]


@admin.register(UseDeclaration)
class UseDeclarationAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "organisation", "title", "provider", "purpose", "state", "begins_on", "ended_on"]
    list_filter = ["state", "purpose"]
    list_select_related = ["organisation", "provider"]


@admin.register(GeneratedPart)
class GeneratedPartAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "dataset", "model", "organisation", "acquired", "share_percent", "verified"]
    list_filter = ["acquired", "verified"]
    list_select_related = ["dataset", "model", "organisation"]
