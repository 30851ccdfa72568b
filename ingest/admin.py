"""What operators see of deposits, segments, scans, matches and audits; only scans are resumed and cancelled here."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ingest.models import Audit, Deposit, Fingerprint, Match, OutputCorpus, Scan, Segment, Shard, Skipped
from ingest.services import scans
from registry.actors import system
from registry.admin import ReadOnlyAdmin
from registry.errors import Conflict


@admin.register(Deposit)
class DepositAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "work", "organisation", "mode", "file_name", "size_bytes", "withdrawn_at"]
    list_filter = ["mode", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["=public_id", "=sha256", "work__title"]
    list_select_related = ["work", "organisation"]


@admin.register(Fingerprint)
class FingerprintAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "deposit", "parameter_set", "words", "letters", "recorded_at"]
    list_filter = ["parameter_set"]
    search_fields = ["=public_id", "=digest"]
    exclude = ["data"]
    list_select_related = ["deposit__work"]


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "parameter_set", "digest", "published_at", "retired_at"]
    list_filter = ["parameter_set", ("retired_at", admin.EmptyFieldListFilter)]
    exclude = ["fingerprints"]


@admin.register(Scan)
class ScanAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "release", "organisation", "state", "documents", "acquisition", "reason", "closed_at"]
    list_filter = ["state", "acquisition"]
    search_fields = ["=public_id", "release__dataset__name", "organisation__slug"]
    list_select_related = ["release__dataset", "organisation"]
    actions = ["resume", "cancel"]

    @admin.action(description="Resume failed scans where they broke", permissions=["operate"])
    def resume(self, request: HttpRequest, chosen: QuerySet[Scan]) -> None:
        for scan in chosen.select_related("organisation"):
            try:
                scans.resume(scan=scan, actor=system("admin", scan.organisation))
            except Conflict as error:
                messages.warning(request, f"{scan.public_id}: {error.sentence}")
            else:
                messages.success(request, f"{scan.public_id} is under way again.")

    @admin.action(description="Cancel scans that are under way", permissions=["operate"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Scan]) -> None:
        for scan in chosen.select_related("organisation", "job"):
            try:
                scans.cancel(scan=scan, actor=system("admin", scan.organisation))
            except Conflict as error:
                messages.warning(request, f"{scan.public_id}: {error.sentence}")
            else:
                messages.success(request, f"{scan.public_id} is asked to stop.")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may resume and cancel: those with the permission to change scans."""
        return request.user.has_perm("ingest.change_scan")


@admin.register(Shard)
class ShardAdmin(ReadOnlyAdmin):
    list_display = ["scan", "position", "documents", "state", "finished_at"]
    list_filter = ["state"]
    search_fields = ["=scan__public_id"]
    list_select_related = ["scan__release__dataset"]


@admin.register(Skipped)
class SkippedAdmin(ReadOnlyAdmin):
    list_display = ["name", "cause_code", "cause", "scan"]
    list_filter = ["cause_code"]
    search_fields = ["=scan__public_id", "name"]
    list_select_related = ["scan__release__dataset"]


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "item", "work", "relation", "precision", "matched_words", "coverage_work"]
    list_filter = ["relation", "precision"]
    search_fields = ["=public_id", "=scan__public_id", "work__title"]
    list_select_related = ["item", "work"]
    raw_id_fields = ["item"]


@admin.register(OutputCorpus)
class OutputCorpusAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "name", "generator", "organisation", "state", "outputs", "is_public"]
    list_filter = ["state", "is_public"]
    search_fields = ["=public_id", "=sha256", "name", "generator"]
    list_select_related = ["organisation"]


@admin.register(Audit)
class AuditAdmin(ReadOnlyAdmin):
    """Without result and key: who the annotators are is for the organisation's owners."""

    list_display = ["public_id", "title", "organisation", "state", "sampled", "seed", "reason", "ended_at"]
    list_filter = ["state"]
    search_fields = ["=public_id", "=sha256", "title", "organisation__slug"]
    list_select_related = ["organisation"]
    exclude = ["result", "shown", "skipped"]
