"""Works, their editions, the people who made them and the identifiers they are known by."""

from django.db import models
from django.utils.text import slugify

from registry.models.accounts import Organisation
from registry.models.base import Recorded, is_partial_date, partial_date
from registry.models.holders import Party
from registry.models.searchable import Searchable, search_indexes


class Work(Recorded, Searchable):
    """A book, article or other text as such, whichever edition. Dates left empty are not recorded, never guessed."""

    class Kind(models.TextChoices):
        BOOK = "book", "book"
        ARTICLE = "article", "article"
        POEM = "poem", "poem"
        PLAY = "play", "play"
        MANUAL = "manual", "manual"
        OTHER = "other", "other"

    class Authorship(models.TextChoices):
        INDIVIDUAL = "individual", "individual"
        WORK_FOR_HIRE = "work_for_hire", "work made for hire"
        LEGAL_ENTITY = "legal_entity", "legal entity"
        ANONYMOUS = "anonymous", "anonymous or pseudonymous"

    class Visibility(models.TextChoices):
        PUBLIC = "public", "public"
        DRAFT = "draft", "draft"  # only its own organisation knows of it

    title = models.CharField(max_length=500)
    subtitle = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.BOOK)
    first_published = partial_date()
    country = models.CharField(max_length=2, blank=True)
    authorship = models.CharField(max_length=16, choices=Authorship, default=Authorship.INDIVIDUAL)
    renewed = models.BooleanField(null=True, blank=True)
    description = models.TextField(blank=True)
    source = models.TextField(blank=True)
    record_reference = models.CharField(max_length=200)
    registered_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="works", db_index=False)
    demo = models.BooleanField(default=False)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    revision = models.PositiveIntegerField(default=1)  # rises with every change of its facts
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_works"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    authors: models.ManyToManyField = models.ManyToManyField(Party, through="Contribution", related_name="works")

    class Meta:
        ordering = ["title"]
        constraints = [
            is_partial_date("first_published", "work"),
            models.UniqueConstraint(fields=["registered_by", "record_reference"], name="one_work_per_record_reference"),
        ]
        indexes = search_indexes("work")

    def __str__(self) -> str:
        return self.title

    @property
    def slug(self) -> str:
        return slugify(self.title)[:60]

    @property
    def survivor(self) -> "Work":
        """The work that this one was merged into; itself where it was not."""
        return self.merged_into or self

    @property
    def author_names(self) -> str:
        """The contributors' names in order, as one line; empty when nobody is recorded."""
        return ", ".join(contribution.party.name for contribution in self.contributions.all())


class WorkRevision(Recorded):
    """The facts of a work as they stood before a change: what its history shows and undo restores."""

    class Change(models.TextChoices):
        AMENDED = "amended", "amended"
        IMPORTED = "imported", "changed by an import"
        MERGED = "merged", "merged"
        SPLIT = "split", "split"
        WITHDRAWN = "withdrawn", "withdrawn"
        RESTORED = "restored", "restored"
        PUBLISHED = "published", "published"
        UNDONE = "undone", "undone"

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()  # the revision that these facts were
    change = models.CharField(max_length=16, choices=Change)  # what ended it
    facts = models.JSONField()
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=80)
    entry = models.ForeignKey("registry.Entry", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["work", "number"], name="one_revision_per_number")]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.work}"


class Contribution(models.Model):
    """Who did what for a work."""

    class Role(models.TextChoices):
        AUTHOR = "author", "author"
        EDITOR = "editor", "editor"
        TRANSLATOR = "translator", "translator"

    # no index of its own, here and below: the unique constraint begins with the work
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="contributions", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="contributions")
    role = models.CharField(max_length=16, choices=Role, default=Role.AUTHOR)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["work", "party", "role"], name="one_contribution_per_role")]

    def __str__(self) -> str:
        return f"{self.party}: {self.role} of {self.work}"


class Edition(Recorded):
    """One published form of a work: its own date, publisher, language; a translation says so."""

    moves_with_work = True  # it follows the work where that is merged or split

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="editions")
    title = models.CharField(max_length=500, blank=True)
    published = partial_date()
    publisher = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=16, blank=True)
    translation = models.BooleanField(default=False)
    translator = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="translations")
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["published", "id"]
        constraints = [is_partial_date("published", "edition")]

    def __str__(self) -> str:
        return f"{self.title or self.work.title} ({self.published or 'undated'})"


class Identifier(models.Model):
    """A checked identifier in its canonical form (`registry.identifiers`), of a work or of one of its editions."""

    class Scheme(models.TextChoices):
        ISBN = "isbn", "ISBN"
        ISSN = "issn", "ISSN"
        DOI = "doi", "DOI"
        ISCC = "iscc", "ISCC"
        ASIN = "asin", "ASIN"
        LCCN = "lccn", "LCCN"
        OCLC = "oclc", "OCLC"

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="identifiers", db_index=False)
    edition = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=16, choices=Scheme)
    value = models.CharField(max_length=255)

    class Meta:
        ordering = ["scheme", "value"]
        constraints = [models.UniqueConstraint(fields=["work", "scheme", "value"], name="identifier_once_per_work")]
        indexes = [models.Index(fields=["scheme", "value"])]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Registration(models.Model):
    """A registration with a copyright office."""

    moves_with_work = True  # it follows the work where that is merged or split

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="registrations")
    office = models.CharField(max_length=2)
    number = models.CharField(max_length=64, blank=True)
    date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.office} {self.number}"
