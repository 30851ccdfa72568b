"""What can be searched: for each kind its rows, who may see them, and what a row is called.

Both engines index what `document` returns. `visible` is the only way from a candidate to a row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, Prefetch, QuerySet

from registry import access, folding, pinyin
from registry.actors import Actor
from registry.models import AIModel, Contribution, Dataset, Party, ProvenanceClaim, RightsClaim, Work

PUBLIC = "public"


class Columns(NamedTuple):
    """The three columns that search reads of a row (`registry.models.searchable`)."""

    search_text: str
    search_tokens: list[str]
    search_facets: list[str]


@dataclass(frozen=True)
class Document:
    """What is indexed of one row: `names` it is known by, `context` that belongs to it, and the readers who may know.

    `readers` holds "public", or `org:` and the key of the only organisation that may see it. `facets` are those that
    the row itself tells, each "name:value"; `registry.search.facets` adds what other tables say.
    """

    names: tuple[str, ...]
    context: tuple[str, ...]
    readers: tuple[str, ...] = (PUBLIC,)
    facets: tuple[str, ...] = ()

    @property
    def columns(self) -> Columns:
        """`search_text` is folded: a line a name, an empty line, a line a piece of context."""
        return _columns(self.names, self.context, self.facets)


def _columns(names: Iterable[str], context: Iterable[str], facets: Iterable[str]) -> Columns:
    named, described = _folded(names), _folded(context)
    text = "\n\n".join(("\n".join(named), "\n".join(described))).strip()
    whole_names = dict.fromkeys(folding.name_token(name) for name in named)
    whole = "\n".join([*named, *described])
    tokens = [*folding.index_folded(whole), *whole_names, *pinyin.tokens(folding.split(whole)[1])]
    return Columns(text, tokens, sorted(set(facets)))


def _folded(lines: Iterable[str]) -> list[str]:
    return [line for line in dict.fromkeys(map(folding.fold, lines)) if line]


def work_columns(
    *,
    title: str,
    subtitle: str = "",
    edition_titles: Iterable[str] = (),
    people: Iterable[str] = (),
    language: str = "",
    first_published: str = "",
    kind: str = "",
    holders: Iterable[str] = (),
) -> Columns:
    """What search reads of a work, from its facts alone, for writers of many works; it asks no database.

    `people`: every name of its authors, editors and translators, the Chinese and the other ones included. `holders`:
    the public ids of those people and of the parties that claim rights in it. `first_published`: a partial date.
    Facets that other tables tell (status, datasets) follow with `registry.search.sync.queue`.
    """
    names = [title, *edition_titles]
    if subtitle:
        names.append(f"{title} {subtitle}")
    return _columns(names, people, _work_facets(language, first_published, kind, holders))


def _work_facets(language: str, first_published: str, kind: str, holders: Iterable[str]) -> list[str]:
    facets = [f"holder:{public_id}" for public_id in holders]
    if language:
        facets.append(f"language:{language.lower()}")
    if first_published:
        facets += [f"year:{first_published[:4]}", f"decade:{first_published[:3]}0"]
    if kind:
        facets.append(f"work_kind:{kind}")
    return facets


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can be found."""

    name: str
    model: Any  # the model class; django-stubs cannot say "a Searchable model with a manager"
    visible: Callable[[Actor], QuerySet[Any]]
    document: Callable[[Any], Document]
    detail: Callable[[Any], str]  # the line under a hit's name
    related: tuple[Any, ...] = ()  # what `document` reads of other tables
    shown: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows  # with what a page's line reads of other tables
    title: Callable[[Any], str] = str

    def rows(self) -> QuerySet[Any]:
        """Every row, with what `document` needs, for indexing."""
        return self.model.objects.prefetch_related(*self.related)

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)


def _names_of(party: Party) -> list[str]:
    return [party.name, party.name_zh, *party.other_names]


def _work(work: Work) -> Document:
    editions = list(work.editions.all())
    people = [contribution.party for contribution in work.contributions.all()]
    people += [edition.translator for edition in editions if edition.translator]
    claimants = [claim.holder for claim in work.rights_claims.all()]
    names = [work.title, *(edition.title for edition in editions)]
    if work.subtitle:
        names.append(f"{work.title} {work.subtitle}")
    context = [name for party in people for name in _names_of(party)]
    holders = [party.public_id for party in (*people, *claimants)]
    stands = work.withdrawn_at is None and work.merged_into_id is None
    is_public = stands and work.visibility == Work.Visibility.PUBLIC
    readers = (PUBLIC,) if is_public else (f"org:{work.registered_by_id}",)
    facets = _work_facets(work.language, work.first_published, work.kind, holders)
    return Document(tuple(names), tuple(context), readers, tuple(facets))


def _dataset(dataset: Dataset) -> Document:
    facets = (f"dataset_kind:{dataset.kind}",)
    return Document((dataset.name, dataset.name_zh, dataset.slug.replace("-", " ")), (), _readers(dataset), facets)


def _readers(dataset: Dataset) -> tuple[str, ...]:
    private = dataset.visibility == Dataset.Visibility.PRIVATE
    return (f"org:{dataset.organisation_id}",) if private else (PUBLIC,)


def _model(model: AIModel) -> Document:
    versions = [version.name for version in model.versions.all()]
    names = (model.name, model.name_zh, model.slug.replace("-", " "), *versions)
    return Document(names, (model.developer.name, model.developer.name_zh))


def _holder(party: Party) -> Document:
    readers = (f"org:{party.known_to_id}",) if party.known_to_id else (PUBLIC,)
    return Document(tuple(_names_of(party)), (party.isni,), readers, (f"holder_kind:{party.kind}",))


def _claim(claim: ProvenanceClaim) -> Document:
    """A claim about a private dataset is for its organisation alone; about those of two organisations, for nobody."""
    ends = (claim.subject, claim.object)
    restricted = {reader for end in ends if isinstance(end, Dataset) for reader in _readers(end)} - {PUBLIC}
    readers = (PUBLIC,) if not restricted else tuple(restricted) if len(restricted) == 1 else ()
    chinese = [end.name_zh for end in ends if end is not None and end.name_zh]
    status = str(claim.get_status_display())
    return Document((claim_title(claim),), (*chinese, status), readers, (f"claim_status:{claim.status}",))


def claim_title(claim: ProvenanceClaim) -> str:
    """Who was made from what: "GPT-4 trained on Books3"."""
    return f"{claim.subject} {claim.get_relation_display()} {claim.object}"


def _with_people(works: QuerySet[Work]) -> QuerySet[Any]:
    """In the statement that reads the works: pages of hits are read more often than anything else."""
    people = Contribution.objects.filter(work=OuterRef("pk")).order_by("position", "pk")
    return works.annotate(people_shown=ArraySubquery(people.values("party__name")))


def _work_detail(work: Any) -> str:
    return ", ".join(part for part in (*work.people_shown, work.first_published) if part)


def _dataset_detail(dataset: Dataset) -> str:
    return ", ".join(part for part in (dataset.name_zh, str(dataset.get_kind_display())) if part)


def _model_detail(model: AIModel) -> str:
    return ", ".join(part for part in (model.developer.name, model.released_on) if part)


def _holder_detail(party: Party) -> str:
    years = f"{party.born[:4]}–{party.died[:4]}" if party.born or party.died else ""
    return ", ".join(part for part in (party.name_zh, years) if part)


def _with_developer(models: QuerySet[AIModel]) -> QuerySet[Any]:
    return models.select_related("developer")


def _with_ends(claims: QuerySet[ProvenanceClaim]) -> QuerySet[Any]:
    return claims.prefetch_related(*_ENDS)


def _claim_detail(claim: ProvenanceClaim) -> str:
    return ", ".join(part for part in (str(claim.get_status_display()), claim.claimed_on) if part)


def _everyone(model: type[Model]) -> Callable[[Actor], QuerySet[Any]]:
    """The catalogue of models is public (registry.access)."""
    return lambda actor: model._default_manager.all()


_INDEXED = [f"party__{column}" for column in Columns._fields]  # of people, what only search itself reads
_PEOPLE = Prefetch("contributions", Contribution.objects.select_related("party").defer(*_INDEXED))
_CLAIMANTS = Prefetch("rights_claims", RightsClaim.objects.filter(withdrawn_at=None).select_related("holder"))
_ENDS = ("subject_model", "subject_dataset", "object_model", "object_dataset")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "work",
            Work,
            access.works,
            _work,
            _work_detail,
            ("editions__translator", _PEOPLE, _CLAIMANTS),
            _with_people,
        ),
        Kind("dataset", Dataset, access.datasets, _dataset, _dataset_detail),
        Kind("model", AIModel, _everyone(AIModel), _model, _model_detail, ("developer", "versions"), _with_developer),
        Kind("holder", Party, access.parties, _holder, _holder_detail),
        Kind("claim", ProvenanceClaim, access.claims, _claim, _claim_detail, _ENDS, _with_ends, claim_title),
    )
}
BY_MODEL: dict[type[Model], Kind] = {kind.model: kind for kind in KINDS.values()}


def readers_of(actor: Actor) -> list[str]:
    """The marks of documents this actor may see, as `Document.readers` writes them."""
    return [PUBLIC, f"org:{actor.organisation.pk}"] if actor.organisation else [PUBLIC]
