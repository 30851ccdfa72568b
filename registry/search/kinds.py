"""What can be searched: for each kind its rows, who may see them, and what a row is called.

Both engines index what `document` returns. `visible` is the only way from a candidate to a row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from registry import access
from registry.actors import Actor
from registry.models import AIModel, Dataset, Party, Work
from registry.search import folding

PUBLIC = "public"


@dataclass(frozen=True)
class Document:
    """What is indexed of one row: `names` it is known by, `context` that belongs to it, and the readers who may know.

    `readers` holds "public", or `org:` and the key of the only organisation that may see it.
    """

    names: tuple[str, ...]
    context: tuple[str, ...]
    readers: tuple[str, ...] = (PUBLIC,)

    @property
    def text(self) -> str:
        """Folded: a line a name, an empty line, a line a piece of context."""
        return "\n\n".join("\n".join(_folded(lines)) for lines in (self.names, self.context)).strip()

    @property
    def tokens(self) -> list[str]:
        return folding.index_tokens("\n".join([*self.names, *self.context]))


def _folded(lines: Iterable[str]) -> list[str]:
    return [line for line in dict.fromkeys(map(folding.fold, lines)) if line]


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can be found."""

    name: str
    model: Any  # the model class; django-stubs cannot say "a Searchable model with a manager"
    visible: Callable[[Actor], QuerySet[Any]]
    document: Callable[[Any], Document]
    detail: Callable[[Any], str]  # the line under a hit's name
    related: tuple[str, ...] = ()  # what `document` and a page's line read of other tables

    def rows(self) -> QuerySet[Any]:
        """Every row, with what `document` needs, for indexing."""
        return self.model.objects.prefetch_related(*self.related)

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)


def _work(work: Work) -> Document:
    editions = list(work.editions.all())
    names = [work.title, *(edition.title for edition in editions)]
    if work.subtitle:
        names.append(f"{work.title} {work.subtitle}")
    people = [contribution.party for contribution in work.contributions.all()]
    people += [edition.translator for edition in editions if edition.translator]
    context = [name for party in people for name in (party.name, party.name_zh)]
    stands = work.withdrawn_at is None and work.merged_into_id is None
    is_public = stands and work.visibility == Work.Visibility.PUBLIC
    readers = (PUBLIC,) if is_public else (f"org:{work.registered_by_id}",)
    return Document(tuple(names), tuple(context), readers)


def _dataset(dataset: Dataset) -> Document:
    private = dataset.visibility == Dataset.Visibility.PRIVATE
    readers = (f"org:{dataset.organisation_id}",) if private else (PUBLIC,)
    return Document((dataset.name, dataset.name_zh, dataset.slug.replace("-", " ")), (), readers)


def _model(model: AIModel) -> Document:
    versions = [version.name for version in model.versions.all()]
    names = (model.name, model.name_zh, model.slug.replace("-", " "), *versions)
    return Document(names, (model.developer.name, model.developer.name_zh))


def _holder(party: Party) -> Document:
    readers = (f"org:{party.known_to_id}",) if party.known_to_id else (PUBLIC,)
    return Document((party.name, party.name_zh), (party.isni,), readers)


def _work_detail(work: Work) -> str:
    return ", ".join(part for part in (work.author_names, work.first_published) if part)


def _dataset_detail(dataset: Dataset) -> str:
    return ", ".join(part for part in (dataset.name_zh, str(dataset.get_kind_display())) if part)


def _model_detail(model: AIModel) -> str:
    return ", ".join(part for part in (model.developer.name, model.released_on) if part)


def _holder_detail(party: Party) -> str:
    years = f"{party.born[:4]}–{party.died[:4]}" if party.born or party.died else ""
    return ", ".join(part for part in (party.name_zh, years) if part)


def _everyone(model: type[Model]) -> Callable[[Actor], QuerySet[Any]]:
    """The catalogue of models and parties is public (registry.access)."""
    return lambda actor: model._default_manager.all()


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("work", Work, access.works, _work, _work_detail, ("editions__translator", "contributions__party")),
        Kind("dataset", Dataset, access.datasets, _dataset, _dataset_detail),
        Kind("model", AIModel, _everyone(AIModel), _model, _model_detail, ("developer", "versions")),
        Kind("holder", Party, access.parties, _holder, _holder_detail),
    )
}
BY_MODEL: dict[type[Model], Kind] = {kind.model: kind for kind in KINDS.values()}


def readers_of(actor: Actor) -> list[str]:
    """The marks of documents this actor may see, as `Document.readers` writes them."""
    return [PUBLIC, f"org:{actor.organisation.pk}"] if actor.organisation else [PUBLIC]
