"""What operators see of the registry. Legal facts are shown and never edited here: a change needs its log entry."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet, URLField
from django.http import HttpRequest

from registry import jobs
from registry.models import (
    AIModel,
    Checkpoint,
    Dataset,
    Delivery,
    Entry,
    Invitation,
    Job,
    Membership,
    Organisation,
    Party,
    Proceeding,
    ProvenanceClaim,
    Release,
    Source,
    Token,
    User,
    Webhook,
    Work,
)

admin.site.site_header = admin.site.site_title = "Colophon operations"


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts are closed here (*active*), never deleted: memberships and tokens would end without their log entries.

    Their own person deletes them, by a service (`registry.services.accounts.close`).
    """

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows; adds, changes and deletes none."""

    list_per_page = 50
    show_full_result_count = False
    formfield_overrides = {URLField: {"assume_scheme": "https"}}  # the form is made even where it is only read

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Quarantined jobs are those that wait for a person: read the error, mend the cause, retry."""

    list_display = ["public_id", "kind", "state", "organisation", "stage", "done", "total", "attempts", "cause"]
    list_filter = ["state", "kind", "queue"]
    search_fields = ["public_id", "reason", "error", "organisation__slug"]
    list_select_related = ["organisation"]
    ordering = ["-id"]
    date_hierarchy = "recorded_at"
    actions = ["retry", "cancel"]
    raw_id_fields = ["parent"]

    @admin.display(description="cause")
    def cause(self, job: Job) -> str:
        return (job.error or job.reason)[:120]

    @admin.action(description="Retry: give the jobs their attempts back and send them again", permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for job in chosen:
            jobs.release(job)
        messages.success(request, "Jobs that had not reached their end were sent again.")

    @admin.action(description="Cancel: stop the jobs and what they started", permissions=["operate"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for job in chosen:
            jobs.cancel(job)
        messages.success(request, "Waiting jobs are cancelled; running ones stop at their next step.")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may retry and cancel: those with the permission to change jobs."""
        return request.user.has_perm("registry.change_job")


SHOWN_OF_ENTRY = (
    "position",
    "kind",
    "subject",
    "organisation_slug",
    "actor",
    "content",
    "hash",
    "staged_at",
    "sequenced_at",
)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """The log, as it stands. Positions are given by the sequencer alone."""

    list_display = ["position", "kind", "subject", "organisation_slug", "actor", "staged_at", "sequenced_at"]
    list_filter = ["kind"]
    search_fields = ["=subject", "=public_id", "=organisation_slug"]
    fields = SHOWN_OF_ENTRY
    readonly_fields = SHOWN_OF_ENTRY
    ordering = ["-id"]

    @admin.display(description="leaf")
    def content(self, entry: Entry) -> str:
        return bytes(entry.leaf).decode()

    @admin.display(description="leaf hash")
    def hash(self, entry: Entry) -> str:
        return bytes(entry.leaf_hash).hex()


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ["size", "signed_at"]
    fields = ["size", "note", "signed_at"]


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ["name", "slug", "kind", "country", "demo", "recorded_at"]
    list_filter = ["kind", "demo"]
    search_fields = ["name", "slug"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["user", "organisation", "role", "since"]
    list_filter = ["role"]
    list_select_related = ["user", "organisation"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "organisation", "role", "expires_at", "accepted_at", "revoked_at"]
    exclude = ["digest"]
    list_select_related = ["organisation"]


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Tokens by their visible prefix; the secret is not stored."""

    list_display = ["prefix", "name", "organisation", "user", "scopes", "expires_at", "revoked_at", "last_used_at"]
    exclude = ["digest"]
    search_fields = ["prefix", "organisation__slug"]
    list_select_related = ["organisation", "user"]


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    list_display = ["title", "public_id", "kind", "registered_by", "record_reference", "withdrawn_at", "recorded_at"]
    list_filter = ["kind", "demo", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["title", "=public_id", "=record_reference", "=identifiers__value"]
    exclude = ["search_text", "search_tokens"]
    list_select_related = ["registered_by"]


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ["name", "slug", "kind", "visibility", "organisation", "declared_licence", "status"]
    list_filter = ["visibility", "kind", "demo"]
    search_fields = ["name", "slug"]
    list_select_related = ["organisation"]


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ["dataset", "version", "released_on", "public_id"]
    search_fields = ["dataset__name", "=public_id"]
    list_select_related = ["dataset"]


@admin.register(ProvenanceClaim)
class ProvenanceClaimAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "public_id", "recorded_at"]


@admin.register(AIModel)
class AIModelAdmin(ReadOnlyAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name", "slug"]


@admin.register(Party)
class PartyAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "born", "died"]
    list_filter = ["kind"]
    search_fields = ["name", "name_zh"]


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    list_display = ["__str__"]


@admin.register(Proceeding)
class ProceedingAdmin(ReadOnlyAdmin):
    list_display = ["__str__"]


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Who is told what, and which addresses are disabled for which reason."""

    list_display = ["public_id", "organisation", "address", "failures", "disabled_at", "disabled_reason"]
    list_filter = ["disabled_at"]
    search_fields = ["=public_id", "organisation__slug"]
    list_select_related = ["organisation"]
    exclude = ["secret"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was told, and what became of it; what stands in a message is its organisation's."""

    list_display = ["public_id", "webhook", "event", "state", "attempts", "status", "cause"]
    list_filter = ["state", "event"]
    list_select_related = ["webhook"]
    exclude = ["payload"]
