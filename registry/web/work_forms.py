"""Forms of one work: registered, amended, given an edition, merged, split."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import identifiers
from registry.models import Contribution, Edition, Identifier, Work
from registry.models.base import ALPHABET
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from registry.web import words
from registry.web.forms import AccessibleForm, PartialDateField, choices

MAX_AUTHORS = 50
DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
PERSON = re.compile(
    rf"(?P<name>.+?)(?:\s*\((?P<born>{DATE})?\s*[–—-]\s*(?P<died>{DATE})?\s*\))?(?:\s*\[(?P<role>\w+)\])?"
)
HALF_WIDTH = str.maketrans("（）【】［］－～", "()[][]--")  # as Chinese keyboards write them
ROLES_IN_CHINESE = {"作者": "author", "编者": "editor", "編者": "editor", "译者": "translator", "譯者": "translator"}
Pair = tuple[str, str]


class LanguageField(forms.RegexField):
    """A language tag."""

    def __init__(self, **options: Any) -> None:
        fault = _("Write a language tag: en, zh, zh-Hant.")
        super().__init__(
            label=_("Language"),
            regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
            required=False,
            help_text=_("A language tag: en, zh, zh-Hant."),
            error_messages={"invalid": fault},
            **options,
        )


class IdentifiersField(forms.CharField):
    """Identifiers of one scheme, with commas or line ends between them, in their canonical form."""

    def __init__(self, scheme: str, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.scheme = str(scheme)

    def clean(self, value: Any) -> list[Pair]:
        """The identifiers; every wrong one is named."""
        text = super().clean(value) or ""
        found, faults = [], []
        for part in re.split(r"[,;\n]", text):
            if not part.strip():
                continue
            try:
                found.append((self.scheme, identifiers.normalise(self.scheme, part.strip())))
            except identifiers.IdentifierError as error:
                faults.append(str(error))
        if faults:
            raise forms.ValidationError(faults)
        return found


class AnyIdentifiersField(forms.CharField):
    """Identifiers of any scheme, one a line: `lccn n79021614`."""

    def clean(self, value: Any) -> list[Pair]:
        """The identifiers; every wrong line is named."""
        found, faults = [], []
        for line in (super().clean(value) or "").splitlines():
            scheme, _sign, rest = re.sub(r"[:\s]+", " ", line.strip(), count=1).partition(" ")
            if not line.strip():
                continue
            scheme = scheme.lower()
            try:
                found.append((scheme, identifiers.normalise(scheme, rest.strip())))
            except (identifiers.IdentifierError, KeyError, ValueError) as error:
                faults.append(f"{line.strip()[:80]}: {error}")
        if faults:
            raise forms.ValidationError(faults)
        return found


class WorkForm(AccessibleForm):
    """The facts of a work; what few people fill in is folded away."""

    SHORT: tuple[str, ...] = ("title", "authors", "first_published", "isbn", "doi", "language")

    title = forms.CharField(label=_("Title"), max_length=500)
    authors = forms.CharField(
        label=_("Authors"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Jane Austen (1775–1817)"}),
        help_text=_("One a line. Years of birth and death in brackets where they are known; [editor] or [translator]."),
    )
    first_published = PartialDateField(
        label=_("First published"), help_text=_("Year, month or day, as far as it is known. Leave unknown dates empty.")
    )
    isbn = IdentifiersField(
        Identifier.Scheme.ISBN,
        label=_("ISBN"),
        help_text=_("ISBN-10 or ISBN-13, with or without hyphens; several with commas."),
    )
    doi = IdentifiersField(Identifier.Scheme.DOI, label=_("DOI"))
    language = LanguageField()
    subtitle = forms.CharField(label=_("Subtitle"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: choices(Work.Kind.values), initial=Work.Kind.BOOK)
    authorship = forms.ChoiceField(
        label=_("Authorship"), choices=lambda: choices(Work.Authorship.values), initial=Work.Authorship.INDIVIDUAL
    )
    country = forms.RegexField(
        label=_("Country of first publication"),
        regex=r"^[A-Za-z]{2}$",
        required=False,
        help_text=_("Two letters: GB, US, CN."),
        error_messages={"invalid": _("Write the two letters of a country: GB, US, CN.")},
    )
    other_identifiers = AnyIdentifiersField(
        label=_("Other identifiers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "lccn n79021614"}),
        help_text=_("One a line, its scheme first: issn, iscc, asin, lccn, oclc."),
    )
    record_reference = forms.CharField(
        label=_("Your reference"), max_length=200, required=False, help_text=_("Your own number for this work.")
    )
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def short(self) -> list[forms.BoundField]:
        """The fields that are always seen."""
        return [self[name] for name in self.SHORT if name in self.fields]

    def folded(self) -> list[forms.BoundField]:
        """The fields in the part that opens on request."""
        return [field for field in self if field.name not in self.SHORT and not field.is_hidden]

    @property
    def opens(self) -> bool:
        """Whether the folded part has to be seen: something in it is wrong, or was filled in."""
        return any(field.errors for field in self.folded())

    def clean_authors(self) -> list[AuthorFacts]:
        """One person a line, `Name (born–died) [role]`."""
        lines = [line.strip() for line in self.cleaned_data["authors"].splitlines() if line.strip()]
        if len(lines) > MAX_AUTHORS:
            self.add_error("authors", _("More than 50 authors: name the first ones."))
        return [read_author(line) for line in lines[:MAX_AUTHORS]]

    def changes(self) -> dict[str, Any]:
        """What the form says, as fields of `WorkFacts`."""
        data = self.cleaned_data
        names = ("title", "subtitle", "authors", "first_published", "language", "kind", "authorship", "description")
        return {name: data[name] for name in names} | {
            "country": data["country"].upper(),
            "record_reference": data["record_reference"],
            "identifiers": [*data["isbn"], *data["doi"], *data["other_identifiers"]],
        }


class RegisterForm(WorkForm):
    """One work that is new."""

    SHORT = (*WorkForm.SHORT, "visibility", "text")

    visibility = forms.ChoiceField(
        label=_("Who may know of it"),
        required=False,
        initial=Work.Visibility.PUBLIC,
        widget=forms.RadioSelect,
        choices=[
            (Work.Visibility.PUBLIC, _("everybody: it is found, listed and shown")),
            (Work.Visibility.DRAFT, _("only your organisation, until you publish it")),
        ],
    )
    text = forms.ChoiceField(
        label=_("Its text"),
        required=False,
        initial="later",
        widget=forms.RadioSelect,
        choices=[
            ("later", _("not now")),
            ("text", _("hand it in next")),
            ("fingerprint", _("hand in only a fingerprint next")),
        ],
        help_text=_("Without a text or a fingerprint the work is on record, but is not found in datasets."),
    )

    def to_facts(self) -> WorkFacts:
        """What the service registers."""
        return WorkFacts(**self.changes(), visibility=self.cleaned_data["visibility"] or Work.Visibility.PUBLIC)


class AmendForm(WorkForm):
    """Changes of a registered work; `revision` is the one that the person read."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label=_("Why"), max_length=500, required=False, help_text=_("Kept in the history, beside the change.")
    )

    SHORT = (*WorkForm.SHORT, "reason")

    def to_facts(self, now: WorkFacts) -> WorkFacts:
        """The work's facts as the form changes them; a person whose line is as it was stays who they are."""
        known = {author_line(person): person for person in now.authors}
        changes = self.changes()
        people = [known.get(author_line(person), person) for person in changes["authors"]]
        return replace(now, **changes | {"authors": people})


def of_facts(facts: WorkFacts) -> dict[str, Any]:
    """The facts as the form shows them."""
    by_scheme: dict[str, list[str]] = {}
    for scheme, value in facts.identifiers:
        by_scheme.setdefault(scheme, []).append(identifiers.display(scheme, value))
    others = (f"{scheme} {value}" for scheme, value in facts.identifiers if scheme not in ("isbn", "doi"))
    names = ("title", "subtitle", "first_published", "language", "kind", "authorship", "country", "description")
    return {name: getattr(facts, name) for name in names} | {
        "record_reference": facts.record_reference,
        "authors": "\n".join(map(author_line, facts.authors)),
        "isbn": ", ".join(by_scheme.get("isbn", [])),
        "doi": ", ".join(by_scheme.get("doi", [])),
        "other_identifiers": "\n".join(others),
    }


def author_line(person: AuthorFacts) -> str:
    """`Jane Austen (1775–1817) [editor]`, which `read_author` reads."""
    years = f" ({person.born}–{person.died})" if person.born or person.died else ""
    role = "" if person.role == Contribution.Role.AUTHOR else f" [{person.role}]"
    return f"{person.name}{years}{role}"


def read_author(line: str) -> AuthorFacts:
    """`Jane Austen (1775–1817)` → name and dates; a bracket that holds none stays part of the name."""
    found = PERSON.fullmatch(line.strip().translate(HALF_WIDTH))
    said = (found["role"] or "author").lower() if found else ""
    role = ROLES_IN_CHINESE.get(said, said)
    if found is None or role not in Contribution.Role.values:
        return AuthorFacts(name=line.strip())
    name = line.strip()[found.start("name") : found.end("name")].strip()  # as it was typed
    return AuthorFacts(name=name, born=found["born"] or "", died=found["died"] or "", role=role)


class EditionForm(AccessibleForm):
    """One published form of a work."""

    title = forms.CharField(
        label=_("Title"), max_length=500, required=False, help_text=_("Where it differs from the work's.")
    )
    published = PartialDateField(label=_("Published"))
    publisher = forms.CharField(label=_("Publisher"), max_length=300, required=False)
    language = LanguageField()
    translation = forms.BooleanField(label=_("It is a translation"), required=False)
    translator = forms.CharField(label=_("Translator"), max_length=300, required=False)
    isbn = IdentifiersField(Identifier.Scheme.ISBN, label=_("ISBN"))
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def to_facts(self, now: EditionFacts) -> EditionFacts:
        """The edition's facts as the form changes them; its identifiers of other schemes stay."""
        data = self.cleaned_data
        translator = read_author(data["translator"]) if data["translator"] else None
        if translator and now.translator and author_line(translator) == author_line(now.translator):
            translator = now.translator
        names = ("title", "published", "publisher", "language", "translation")
        others = [pair for pair in now.identifiers if pair[0] != Identifier.Scheme.ISBN]
        return replace(
            now,
            **{name: data[name] for name in names},
            translator=translator and replace(translator, role=now.translator.role if now.translator else "author"),
            identifiers=[*data["isbn"], *others],
        )


def of_edition(facts: EditionFacts) -> dict[str, Any]:
    """The edition as its form shows it."""
    names = ("title", "published", "publisher", "language", "translation")
    isbn = [identifiers.display(scheme, value) for scheme, value in facts.identifiers if scheme == "isbn"]
    translator = author_line(replace(facts.translator, role="author")) if facts.translator else ""
    return {name: getattr(facts, name) for name in names} | {"isbn": ", ".join(isbn), "translator": translator}


class MergeForm(AccessibleForm):
    """Which work of the organisation is the one that stays."""

    into = forms.ChoiceField(label=_("It is this work"), required=False, widget=forms.RadioSelect)
    number = forms.CharField(
        label=_("or another one"), max_length=200, required=False, help_text=_("Its address or its number here.")
    )
    reason = forms.CharField(label=_("Why"), max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *arguments: Any, works: Sequence[Work], **names: Any) -> None:
        super().__init__(*arguments, **names)
        known = [(work.public_id, f"{work.title} · {work.author_names or '–'} · {work.public_id}") for work in works]
        self.fields["into"].choices = known  # type: ignore[attr-defined]
        if not known:
            only = self.fields["number"]
            only.label, only.required = self.fields.pop("into").label, True

    def clean(self) -> dict[str, Any]:
        """`target`: the public id that was chosen or written."""
        data = super().clean() or {}
        written = re.search(rf"(?<![0-9a-z])[{ALPHABET}]{{12}}(?![0-9a-z])", data.get("number") or "")
        if data.get("number") and written is None:
            self.add_error("number", _("This is neither the address nor the number of a work."))
        data["target"] = written.group() if written else data.get("into", "")
        if not data["target"] and not self.errors:
            self.add_error("number", _("Say which work it is."))
        return data


class SplitForm(AccessibleForm):
    """What of a work becomes a work of its own."""

    title = forms.CharField(label=_("Title of the new work"), max_length=500)
    editions = forms.MultipleChoiceField(
        label=_("Its editions"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Their identifiers and texts go with them."),
    )  # fmt: skip
    identifiers = forms.MultipleChoiceField(
        label=_("Its identifiers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Why"), max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *arguments: Any, editions: Sequence[Edition], marks: Sequence[Identifier], **names: Any) -> None:
        super().__init__(*arguments, **names)
        self._offer("editions", [(row.public_id, _edition_words(row)) for row in editions])
        self._offer(
            "identifiers",
            [(str(row), f"{row.get_scheme_display()} {identifiers.display(row.scheme, row.value)}") for row in marks],
        )

    def _offer(self, name: str, offered: list[tuple[str, str]]) -> None:
        self.fields[name].choices = offered  # type: ignore[attr-defined]
        if not offered:
            del self.fields[name]

    def pairs(self) -> list[Pair]:
        """The chosen identifiers."""
        found = (text.partition(":") for text in self.cleaned_data.get("identifiers", []))
        return [(scheme, value) for scheme, _sign, value in found]


def _edition_words(row: Edition) -> str:
    facts = (row.title or row.work.title, row.published, row.publisher, words.term("translation") * row.translation)
    return " · ".join(str(part) for part in facts if part)


class WithdrawForm(AccessibleForm):
    """Why a work is taken out of the answers."""

    reason = forms.CharField(label=_("Why"), max_length=500)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


def pointers(fields: Mapping[str, str]) -> dict[str, str]:
    """Where a service's faults belong in a work's form."""
    return {"authors": "authors", "identifiers": "isbn", **fields}
