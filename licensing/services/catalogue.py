"""The starting catalogue: data files with sources, loaded as often as one likes.

Rows are found again by their key or slug and brought to what the file says; nothing is doubled, and what people added
beside them stays. A load that changes the files' content is one log entry with their digest.
"""

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from licensing.models import OutputChange
from licensing.services import catalogue_terms, output_dependents
from licensing.services.catalogue_terms import Row, cite
from registry.actors import system
from registry.errors import InvalidInput
from registry.merkle import tree
from registry.models import (
    AIModel,
    Component,
    Dataset,
    DatasetFigure,
    Entry,
    Party,
    Proceeding,
    ProvenanceClaim,
    Release,
    Source,
)
from registry.search import sync
from registry.services import log

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"
Written = TypeVar("Written")


class CatalogueReader:
    """The files of one folder, with errors that name file and row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents: dict[str, bytes] = {}

    def rows(self, file: str, table: str) -> list[Row]:
        """The rows of `[[table]]` in `file`; an absent file is an error, an absent table is no rows."""
        if file not in self.contents:
            try:
                self.contents[file] = (self.folder / file).read_bytes()
            except OSError as error:
                raise InvalidInput(f"{file}: {error.strerror}", file=file) from None
        try:
            found = tomllib.loads(self.contents[file].decode()).get(table, [])
            return [found] if isinstance(found, dict) else list(found)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file}: {error}", file=file) from None

    def write(self, file: str, table: str, write: Callable[[Row], Written]) -> dict[str, Written]:
        """Write every row of the table; returns what was written by key or slug. InvalidInput names file and row."""
        written: dict[str, Written] = {}
        for number, row in enumerate(self.rows(file, table), start=1):
            name = str(row.get("key") or row.get("slug") or f"row {number}")
            try:
                written[name] = write(row)
            except KeyError as error:
                raise InvalidInput(f"{file}: {name}: {error} is missing or unknown.", file=file) from None
            except (InvalidInput, ValidationError, DatabaseError) as error:
                raise InvalidInput(f"{file}: {name}: {error}", file=file) from None
        return written

    def root(self) -> str:
        """The Merkle root over the files' names and bytes, hex."""
        leaves = (
            tree.leaf_hash(name.encode() + b"\0" + data.replace(b"\r\n", b"\n"))
            for name, data in sorted(self.contents.items())
        )
        return tree.root(leaves).hex()


@transaction.atomic
def load(folder: Path = FOLDER) -> dict[str, int]:
    """Load every file of the catalogue in one transaction; returns rows by noun. InvalidInput names file and row."""
    reader = CatalogueReader(folder)
    counts: Counter[str] = Counter()
    sources = reader.write("sources.toml", "sources", _source)
    datasets = reader.write("datasets.toml", "datasets", lambda row: _dataset(row, sources))

    def parts(row: Row) -> None:
        counts["figures"] += _figures(row, datasets, sources)
        counts["components"] += _releases(row, datasets, sources)

    reader.write("datasets.toml", "datasets", parts)
    parties = reader.write("models.toml", "developers", _party) | reader.write("generators.toml", "developers", _party)
    models: dict[str, AIModel] = {}
    for file in ("models.toml", "generators.toml"):
        models |= reader.write(file, "models", lambda row: _ai_model(row, parties, sources))
    claims = reader.write("claims.toml", "claims", lambda row: _claim(row, models, datasets, sources))

    def proceeding(row: Row) -> Proceeding:
        return _proceeding(row, models, datasets, sources)

    proceedings = reader.write("proceedings.toml", "proceedings", proceeding)
    points = reader.rows("initiative.toml", "points")
    initiatives = reader.write(
        "initiative.toml",
        "initiative",
        lambda row: proceeding(row | {"points": points, "parties": row["named_organisations"]}),
    )
    known = catalogue_terms.Known(parties, models, datasets, sources)
    terms = reader.write("provider_terms.toml", "provider_terms", lambda row: catalogue_terms.terms(row, known))
    questions = reader.write(
        "legal_questions.toml", "legal_questions", lambda row: catalogue_terms.question(row, known)
    )
    generated = reader.write(
        "generated_parts.toml", "generated_parts", lambda row: catalogue_terms.generated_part(row, known)
    )
    named = Party.objects.filter(proceedings__in=[*proceedings.values(), *initiatives.values()]).distinct()
    sync.refresh_many([*datasets.values(), *models.values(), *parties.values(), *named])
    counts |= {
        "sources": len(sources),
        "datasets": len(datasets),
        "parties": len(parties),
        "models": len(models),
        "claims": len(claims),
        "proceedings": len(proceedings) + len(initiatives),
        "provider_terms": len(terms),
        "legal_questions": len(questions),
        "generated_parts": len(generated),
    }
    _log(reader, counts)
    return dict(counts)


def slugs(folder: Path = FOLDER) -> frozenset[str]:
    """The datasets that the catalogue's own files describe: those files decide their names and licences."""
    return frozenset(row["slug"] for row in CatalogueReader(folder).rows("datasets.toml", "datasets"))


def _log(reader: CatalogueReader, counts: Counter[str]) -> None:
    """One entry for a load whose content is new; loading the same files again says nothing."""
    root = reader.root()
    latest = Entry.objects.filter(kind="catalogue.loaded").order_by("id").last()
    if latest is not None and root.encode() in bytes(latest.leaf):
        return
    facts: Row = {"files": sorted(reader.contents), "root": root, "rows": dict(counts)}
    log.stage("catalogue.loaded", subject=f"catalogue:{root[:12]}", facts=facts, actor=system("catalogue"))
    output_dependents.after(OutputChange.Cause.TERMS, None)


def _columns(row: Row, *names: str) -> Row:
    return {name: row.get(name, "") for name in names}


def _source(row: Row) -> Source:
    columns = _columns(row, "title", "publisher", "published", "address") | {"verified": row.get("verified", False)}
    return Source.objects.update_or_create(key=row["key"], defaults=columns)[0]


def _dataset(row: Row, sources: dict[str, Source]) -> Dataset:
    columns = _columns(row, "name", "name_zh", "kind", "description", "origin", "declared_licence", "address", "status")
    columns["record_reference"] = row.get("record_reference", "")
    dataset, _ = Dataset.objects.update_or_create(slug=row["slug"], defaults=columns)
    cite(dataset, row, sources)
    return dataset


def _figures(row: Row, datasets: dict[str, Dataset], sources: dict[str, Source]) -> int:
    """The dataset's figures. What a cited source is no longer said to state goes; figures from other sources stay."""
    dataset = datasets[row["slug"]]
    stated = [
        DatasetFigure.objects.update_or_create(
            dataset=dataset,
            name=figure["name"],
            value=str(figure["value"]),
            source=sources[figure["source"]],
            defaults=_columns(figure, "unit", "note"),
        )[0]
        for figure in row.get("figures", [])
    ]
    of_same_sources = DatasetFigure.objects.filter(dataset=dataset, source__in=[figure.source for figure in stated])
    of_same_sources.exclude(pk__in=[figure.pk for figure in stated]).delete()
    return len(stated)


def _releases(row: Row, datasets: dict[str, Dataset], sources: dict[str, Source]) -> int:
    count = 0
    for said in row.get("releases", []):
        release, _ = Release.objects.update_or_create(
            dataset=datasets[row["slug"]], version=said["version"], defaults=_columns(said, "released_on", "address")
        )
        for part in said.get("components", []):
            Component.objects.update_or_create(
                release=release,
                dataset=datasets[part["dataset"]],
                defaults={
                    "raw_gib": str(part["raw_gib"]),
                    "weight_percent": str(part["weight_percent"]),
                    "source": sources[part["source"]],
                },
            )
            count += 1
    return count


def _party(row: Row) -> Party:
    columns = _columns(row, "name", "name_zh", "country") | {"kind": row.get("kind", Party.Kind.ORGANISATION)}
    return Party.objects.update_or_create(key=row["key"], defaults=columns)[0]


def _party_named(name: str) -> Party:
    """The party of this name that everybody knows already, or a new one about whom nothing else is recorded.

    Somebody of that name whom only drafts know is not brought to light.
    """
    return Party.objects.filter(name=name, known_to=None).order_by("id").first() or Party.objects.create(name=name)


def _ai_model(row: Row, parties: dict[str, Party], sources: dict[str, Source]) -> AIModel:
    columns = _columns(row, "name", "name_zh", "released_on", "licence", "description")
    columns["developer"] = parties[row["developer"]]
    model, _ = AIModel.objects.update_or_create(slug=row["slug"], defaults=columns)
    cite(model, row, sources)
    return model


def _end(side: str, said: Row, models: dict[str, AIModel], datasets: dict[str, Dataset]) -> Row:
    """One end of a claim, as its two columns of which one is set."""
    if "model" in said:
        return {f"{side}_model": models[said["model"]], f"{side}_dataset": None}
    return {f"{side}_model": None, f"{side}_dataset": datasets[said["dataset"]]}


def _claim(
    row: Row, models: dict[str, AIModel], datasets: dict[str, Dataset], sources: dict[str, Source]
) -> ProvenanceClaim:
    columns = _columns(row, "relation", "status", "detail", "claimed_on")
    columns |= _end("subject", row["subject"], models, datasets) | _end("object", row["object"], models, datasets)
    share = row.get("share_percent")
    columns |= {"share_percent": None if share is None else str(share), "verified": row.get("verified", False)}
    claim, _ = ProvenanceClaim.objects.update_or_create(key=row["key"], defaults=columns)
    cite(claim, row, sources)
    return claim


def _proceeding(
    row: Row, models: dict[str, AIModel], datasets: dict[str, Dataset], sources: dict[str, Source]
) -> Proceeding:
    columns = _columns(row, "name", "name_zh", "court", "docket", "opened_on", "status", "summary")
    columns |= {
        "kind": row.get("kind", Proceeding.Kind.LAWSUIT),
        "points": row.get("points", []),
        "verified": row.get("verified", False),
    }
    proceeding, _ = Proceeding.objects.update_or_create(key=row["key"], defaults=columns)
    proceeding.datasets.set([datasets[slug] for slug in row.get("datasets", [])])
    proceeding.ai_models.set([models[slug] for slug in row.get("models", [])])
    proceeding.parties.set([_party_named(name) for name in row.get("parties", [])])
    cite(proceeding, row, sources)
    return proceeding
