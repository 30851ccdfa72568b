"""Files of many records that an organisation hands in: what each row was, and what became of it."""

from django.db import models

from registry.models.accounts import Organisation, User
from registry.models.base import Capacity, Recorded
from registry.models.datasets import Dataset
from registry.models.holders import RightsClaim
from registry.models.jobs import Job
from registry.models.log import Entry
from registry.models.works import Work


class Import(Recorded):
    """One file: looked at first (a dry run), then taken over whole, or its valid rows by choice."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "uploaded"  # columns have to be named before it can be looked at
        CHECKING = "checking", "checking"
        CHECKED = "checked", "checked"
        APPLYING = "applying", "applying"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    class Content(models.TextChoices):
        WORKS = "works", "works"
        DATASETS = "datasets", "datasets"

    class MessageStatus(models.TextChoices):
        """How the whole message fared (ONIX Acknowledgement, message status)."""

        NONE = "", "not looked at yet"
        ACCEPTED = "00", "accepted"
        WITH_WARNINGS = "01", "accepted with warnings"
        PARTLY = "02", "accepted in part"
        REFUSED = "03", "refused"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="imports")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    content = models.CharField(max_length=8, choices=Content, default=Content.WORKS)
    file_name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    blob = models.CharField(max_length=200, blank=True)
    file_format = models.CharField(
        max_length=20, blank=True
    )  # onix, csv, tsv, xlsx, marc, marcxml, epub, dpi, croissant
    format_version = models.CharField(max_length=40, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    sent_on = models.CharField(max_length=10, blank=True)  # the day the message itself names
    sender = models.CharField(max_length=300, blank=True)
    head = models.JSONField(default=dict, blank=True)  # columns of a table in their order, remarks about the file
    columns = models.JSONField(default=dict, blank=True)  # {column of the file: field of ours}
    valid_rows_only = models.BooleanField(default=False)
    capacity = models.CharField(max_length=16, choices=Capacity, default=Capacity.PUBLISHER)
    ai_rights = models.CharField(max_length=16, choices=RightsClaim.AiRights, default=RightsClaim.AiRights.SILENT)
    visibility = models.CharField(max_length=8, choices=Work.Visibility, default=Work.Visibility.PUBLIC)  # of new works
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    message_status = models.CharField(max_length=2, choices=MessageStatus, default=MessageStatus.NONE, blank=True)
    counts = models.JSONField(default=dict, blank=True)  # rows, new, updated, unchanged, deleted, refused, warnings …
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")  # with the root of its rows
    undo_entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")  # where it was undone
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"import {self.public_id} of {self.file_name}"


class ImportRow(models.Model):
    """One record of the file, counted from 1, with every fault found in it."""

    class Action(models.TextChoices):
        NEW = "new", "new"
        UPDATE = "update", "update"
        UNCHANGED = "unchanged", "unchanged"
        DELETE = "delete", "delete"
        REFUSED = "refused", "refused"

    # Found by the index of `import_row_once`: one of its own would have to be written for every row once more
    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=10, choices=Action)
    severity = models.CharField(max_length=1, blank=True)  # the worst of its faults: I Q W E F (ONIX Acknowledgement)
    faults = models.JSONField(default=list, blank=True)  # [{column, value, severity, code, cause, fix}]
    title = models.CharField(max_length=500, blank=True)
    raw = models.TextField(blank=True)  # the record as it stood in the file, where it was refused
    work = models.ForeignKey(Work, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    dataset = models.ForeignKey(Dataset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    leaf = models.BinaryField(null=True)  # the facts taken over: its hash is a leaf under the root in the log's entry

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "severity", "number"])]

    def __str__(self) -> str:
        return f"row {self.number} of {self.batch}"


class ColumnMapping(models.Model):
    """What an organisation said about columns of a table with this head; offered again for the next one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    head = models.CharField(max_length=64)  # SHA-256 of the column names in order
    columns = models.JSONField(default=dict)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "head"], name="one_mapping_per_head")]

    def __str__(self) -> str:
        return f"columns of {self.organisation}"
