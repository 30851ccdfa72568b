"""Forms of audits and of registered outputs."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ingest.models import OutputCorpus
from ingest.models.audits import MAX_SAMPLED, MAX_SEED
from licensing.web.audit_subjects import SubjectFields
from licensing.web.forms import FilesField
from registry.web.forms import AccessibleForm


class PlanForm(AccessibleForm):
    """What a clean sample is to show."""

    most = forms.FloatField(label=_("Less than, in per cent"), min_value=0.001, max_value=99, initial=1)
    confidence = forms.FloatField(label=_("Confidence in per cent"), min_value=50, max_value=99.999, initial=95)
    records = forms.IntegerField(
        label=_("Records of the batch"), min_value=1, required=False, help_text=_("Empty: many more than are drawn.")
    )


class AuditForm(AccessibleForm, SubjectFields):
    """A dataset, what to compare it with, and how many records to draw."""

    file = FilesField(
        label=_("Files of the dataset"),
        allow_empty_file=True,
        help_text=_(
            "One or more: JSONL, JSON, CSV, TSV or Parquet with a field for the batch; also compressed, or an archive."
        ),
    )
    references = forms.MultipleChoiceField(
        label=_("Compare with"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Registered outputs of the models that may have been used."),
    )
    sampled = forms.IntegerField(
        label=_("Records drawn of each batch"),
        min_value=1,
        max_value=MAX_SAMPLED,
        required=False,
        help_text=_("A smaller batch is looked at whole. Empty: every record."),
    )
    limit = forms.FloatField(
        label=_("Limit in per cent"),
        min_value=0.001,
        max_value=99,
        initial=1,
        help_text=_("A batch is flagged when its share is above this even at the lower end of the interval."),
    )
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=MAX_SEED,
        required=False,
        help_text=_("Empty: one is drawn. Whoever has the file and the seed draws the same sample."),
    )
    batch_field = forms.CharField(label=_("Field of the batch"), max_length=100, required=False, initial="batch")
    annotator_field = forms.CharField(
        label=_("Field of the annotator"), max_length=100, required=False, initial="annotator"
    )
    date_field = forms.CharField(
        label=_("Field of the date"), max_length=100, required=False, help_text=_("Empty: the usual names are tried.")
    )
    prompt_field = forms.CharField(
        label=_("Field of the prompt"), max_length=100, required=False, help_text=_("Empty: the usual names are tried.")
    )
    text_field = forms.CharField(
        label=_("Field of the text"), max_length=100, required=False, help_text=_("Empty: the usual names are tried.")
    )

    field_order = ("file", "dataset", "release", "references", "sampled", "limit", "title", "seed")

    def __init__(self, *arguments: Any, corpora: Sequence[OutputCorpus], **names: Any) -> None:
        super().__init__(*arguments, **names)
        known = [(corpus.public_id, f"{corpus.name} · {corpus.generator}") for corpus in corpora]
        self.fields["references"].choices = known  # type: ignore[attr-defined]


class CorpusForm(AccessibleForm):
    """Outputs of a model, and where they are from."""

    file = forms.FileField(
        label=_("File of outputs"),
        allow_empty_file=True,
        help_text=_("One output a record, as JSONL, JSON, CSV, TSV or Parquet; prompts are used where they are given."),
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    generator = forms.CharField(label=_("Model"), max_length=120, help_text=_("As its provider calls it."))
    provider = forms.CharField(label=_("Provider"), max_length=120, required=False)
    terms = forms.CharField(
        label=_("Licence or terms"), max_length=200, required=False, help_text=_("Under which the outputs were got.")
    )
    source = forms.CharField(
        label=_("Source"), max_length=500, required=False, help_text=_("An address, or who made them.")
    )
    is_public = forms.BooleanField(
        label=_("Other organisations may compare with them"),
        required=False,
        help_text=_("They see passages of an output where a record of theirs is a copy of it."),
    )
