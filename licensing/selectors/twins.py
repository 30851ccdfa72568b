"""What the machine-readable twins of pages say: public facts of a work, dataset, model or holder, as formats read them.

Grants are between their two sides and stand in no twin.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q

import registry.access
from licensing.formats import croissant, odrl, schema_org
from licensing.models import Offer, OpenLicence, Preference, Reservation
from licensing.models.assertions import Assertion
from licensing.rules.licences import find_licence
from registry.actors import ANONYMOUS
from registry.models import AIModel, Component, Dataset, Identifier, Party, ProvenanceClaim, RightsClaim, Work

Json = dict[str, Any]
Address = Callable[[Any], str]  # the path of the page of a work, dataset, model or party
KINDS: tuple[tuple[str, type[Assertion]], ...] = (
    ("reservation", Reservation),
    ("offer", Offer),
    ("open_licence", OpenLicence),
)
CONDITIONS = ("attribution", "share_alike", "non_commercial", "no_derivatives")
MAX_WORKS = 500


def work(row: Work, address: Address) -> Json:
    """A work as schema.org, with what is said about its use as ODRL policies."""
    place = settings.SITE_URL + address(row)
    policies, loss = [], []
    for kind, model in KINDS:
        for said in model._default_manager.filter(work=row, withdrawn_at=None).select_related("asserted_by"):
            policy, lost = odrl.policy(_statement(kind, said, place))
            policies.append(policy)
            loss += lost
    if Preference.objects.filter(work=row, withdrawn_at=None).exists():
        loss.append("Preference signals are no licences and no reservations: they stand in no policy.")
    claims = RightsClaim.objects.filter(work=row, withdrawn_at=None).select_related("holder")
    editions = row.editions.select_related("translator").prefetch_related("identifiers")
    return schema_org.work(
        schema_org.Work(
            address=place,
            title=row.title,
            subtitle=row.subtitle,
            kind=row.kind,
            language=row.language,
            first_published=row.first_published,
            country=row.country,
            description=row.description,
            people=[(one.role, party(one.party, address)) for one in row.contributions.select_related("party")],
            claimants=[party(one, address) for one in {claim.holder_id: claim.holder for claim in claims}.values()],
            identifiers=_identifiers(row.identifiers.filter(edition=None)),
            editions=[
                schema_org.Edition(
                    f"{place}#{one.public_id}",
                    one.title,
                    one.published,
                    one.publisher,
                    one.language,
                    party(one.translator, address) if one.translator else None,
                    _identifiers(one.identifiers.all()),
                )
                for one in editions
            ],
            policies=policies,
            loss=loss,
        )
    )


def _statement(kind: str, said: Any, target: str) -> odrl.Statement:
    given = (kind == "offer" and said.address) or said.source_address
    return odrl.Statement(
        kind=kind,
        uid=f"{target}#{said.public_id}",
        target=target,
        asserted_by=said.licensor or said.asserted_by.name,
        capacity=said.capacity,
        verification=said.verification,
        uses=said.uses,
        purposes=said.purposes,
        territory=said.territory,
        valid_from=said.valid_from.isoformat() if said.valid_from else "",
        valid_to=said.valid_to.isoformat() if said.valid_to else "",
        observed_at=said.observed_at.isoformat(),
        machine_readable=said.machine_readable if kind == "reservation" else True,
        licence=said.licence if kind == "open_licence" else "",
        conditions=_conditions(said.licence) if kind == "open_licence" else None,
        address=given if given.startswith(("http://", "https://")) else "",
        terms=said.terms if kind == "offer" else "",
        agreed_terms=said.agreed_terms if kind == "offer" else None,
        at_most=said.at_most if kind == "offer" else None,
        words=said.statement,
        source=" ".join(filter(None, (said.source_format, said.source_version))),
        sha256=said.source_sha256,
    )


def _conditions(licence: str) -> frozenset[str] | None:
    known = find_licence(licence)
    return frozenset(name for name in CONDITIONS if getattr(known, name)) if known else None


def _identifiers(rows: Iterable[Identifier]) -> list[tuple[str, str]]:
    return [(row.scheme, row.value) for row in rows]


def party(row: Party, address: Address) -> schema_org.Party:
    """A party as formats read it."""
    place = settings.SITE_URL + address(row)
    return schema_org.Party(row.name, place, row.kind, row.isni, row.other_names, row.born, row.died)


def holder(row: Party, works: Iterable[Work], address: Address) -> Json:
    """A holder as schema.org, with the works that name them."""
    listed = [(settings.SITE_URL + address(work), work.title) for work in works]
    loss = [f"Only the first {MAX_WORKS} works are listed."] if len(listed) > MAX_WORKS else []
    return schema_org.holder(party(row, address), listed[:MAX_WORKS], loss)


def dataset(row: Dataset, address: Address) -> Json:
    """A dataset as Croissant 1.1."""
    place = settings.SITE_URL + address(row)
    release = row.releases.first()
    terms = [said for said in row.licences if said["kind"] == "terms"]
    made = [
        odrl.restriction(place, said.get("provider", said["name"]), f"{place}#terms-{n}")
        for n, said in enumerate(terms)
    ]
    parts = Component.objects.filter(release__dataset=row, dataset__in=registry.access.datasets(ANONYMOUS))
    return croissant.dataset(
        croissant.Dataset(
            address=place,
            name=row.name,
            description=row.description,
            licences=row.licences,
            declared_licence=row.declared_licence,
            homepage=row.address,
            creators=[schema_org.Party(name, kind="organisation") for name in row.creators],
            published=release.released_on if release else "",
            version=release.version if release else "",
            languages=row.languages,
            keywords=[*row.said.get("keywords", []), *row.said.get("tasks", [])],
            citation=row.said.get("citation", ""),
            rai=row.said.get("rai", {}),
            parts=[
                (one.dataset.name, settings.SITE_URL + address(one.dataset)) for one in parts.select_related("dataset")
            ],
            claims=[_ends(claim, address) for claim in _claims(Q(subject_dataset=row))],
            conditions=[policy for policy, _lost in made],
            loss=[sentence for _policy, lost in made for sentence in lost],
        )
    )


def model(row: AIModel, address: Address) -> Json:
    """An AI model as schema.org, with what is claimed about its training data."""
    claims = []
    for claim in _claims(Q(subject_model=row)):
        relation, status, name, place = _ends(claim, address)
        sources = [(source.title, source.address) for source in claim.sources.all()]
        claims.append(
            schema_org.claim(
                relation=relation, status=status, about=place, name=name, sources=sources, detail=claim.detail
            )
        )
    return schema_org.model(
        address=settings.SITE_URL + address(row),
        name=row.name,
        developer=party(row.developer, address),
        released_on=row.released_on,
        licence=row.licence,
        description=row.description,
        claims=claims,
    )


def _claims(about: Q) -> Any:
    """Public claims only, whoever asks: a twin says what everybody may know."""
    rows = registry.access.claims(ANONYMOUS).filter(about).select_related("object_model", "object_dataset")
    return rows.prefetch_related("sources").order_by("key")


def _ends(claim: ProvenanceClaim, address: Address) -> tuple[str, str, str, str]:
    named = claim.object
    assert named is not None
    return claim.relation, claim.status, named.name, settings.SITE_URL + address(named)
