"""Texts given for works, and the fingerprints made from them."""

from django.db import models

from registry.models import Edition, Job, Organisation, Work
from registry.models.base import Recorded


class Deposit(Recorded):
    """A text handed in for an edition of a work. Only a kept deposit's text stays after fingerprinting."""

    moves_with_work = True  # it follows the work where that is merged or split

    class Mode(models.TextChoices):
        KEPT = "kept", "kept"
        TRANSIENT = "transient", "transient"
        FINGERPRINT_ONLY = "fingerprint_only", "fingerprint only"

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+")
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=16, choices=Mode, default=Mode.TRANSIENT)
    file_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of the file as handed in; empty for a fingerprint alone
    size_bytes = models.PositiveBigIntegerField(default=0)
    blob = models.CharField(max_length=200, blank=True)  # empty once the text was dropped
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")  # makes the fingerprint
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [  # few among many, and every scan that begins asks for them
            models.Index(fields=["work"], name="deposit_withdrawn", condition=models.Q(withdrawn_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.mode} deposit for {self.work}"


class Fingerprint(Recorded):
    """The sketch of a deposit. All index segments can be rebuilt from these rows (and the kept texts)."""

    deposit = models.OneToOneField(Deposit, on_delete=models.CASCADE, related_name="fingerprint")
    parameter_set = models.CharField(max_length=40)
    parameters_digest = models.CharField(max_length=80)
    data = models.BinaryField()  # a .fp file with one record
    digest = models.CharField(max_length=80)
    letters = models.PositiveBigIntegerField()
    words = models.PositiveBigIntegerField()
    chars = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.parameter_set} of {self.deposit}"


class Segment(models.Model):
    """A published index segment file: which fingerprints it holds. The files can be deleted and rebuilt."""

    digest = models.CharField(max_length=80, unique=True)
    file_name = models.CharField(max_length=120)
    parameter_set = models.CharField(max_length=40)
    engine = models.CharField(max_length=20, blank=True)  # that wrote it: another version may write other bytes
    size_bytes = models.PositiveBigIntegerField(default=0)
    fingerprints: models.ManyToManyField = models.ManyToManyField(Fingerprint, related_name="segments")
    published_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.file_name
