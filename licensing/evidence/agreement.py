"""An agreement's document: what it says, gathered from its rows, and how that reads as one page."""

import datetime
from typing import Any

from django.conf import settings

from licensing.evidence.blocks import heading, mono, text
from licensing.evidence.render import pdf
from licensing.evidence.wording import Wording, shown, wording
from licensing.formats import odrl_agreement
from licensing.formats.odrl_agreement import AgreementSaid, PartySaid, WorkSaid
from licensing.models import Agreement, Grant
from licensing.rules.terms import territory_in_words
from registry.models import Identifier, Organisation, Work

Json = dict[str, Any]
WORKS_SHOWN = 10  # on the page; the document names all
URNS = {"isbn": "urn:isbn:", "issn": "urn:issn:", "doi": "https://doi.org/", "iscc": "ISCC:"}


def address_of(agreement: Agreement) -> str:
    """Where the parties find the agreement: its name in its document, for good."""
    return f"{settings.SITE_URL}/agreements/{agreement.public_id}"


def document(agreement: Agreement) -> Json:
    """The agreement as ODRL, from its rows as they are now. Not signed."""
    offer, under, renews = agreement.offer, agreement.under, agreement.renews
    said = AgreementSaid(
        address=address_of(agreement),
        registry=settings.SITE_URL,
        granted_by=_party(agreement.granted_by),
        licensee=_party(agreement.licensee),
        channel=agreement.channel,
        terms=agreement.terms,
        valid_from=agreement.valid_from.isoformat() if agreement.valid_from else "",
        valid_to=agreement.valid_to.isoformat() if agreement.valid_to else "",
        issued=agreement.recorded_at.date().isoformat(),
        works=_works(agreement),
        entry=agreement.entry.public_id if agreement.entry else "",
        offer=offer.public_id if offer else "",
        under=address_of(under) if under else "",
        renews=address_of(renews) if renews else "",
    )
    about = odrl_agreement.document(said)
    return about | {"colophon:demo": True} if agreement.demo else about


def _party(organisation: Organisation) -> PartySaid:
    return PartySaid(organisation.slug, organisation.name)


def _works(agreement: Agreement) -> list[WorkSaid]:
    """The works of its grants, by their ids, so that the order says nothing."""
    keys = Grant.objects.filter(agreement=agreement).values("work")
    works = Work.objects.filter(pk__in=keys).order_by("public_id")
    identifiers: dict[int, list[str]] = {}
    for row in Identifier.objects.filter(work__in=works, scheme__in=URNS).order_by("scheme", "value"):
        identifiers.setdefault(row.work_id, []).append(f"{URNS[row.scheme]}{row.value}")
    return [
        WorkSaid(f"{settings.SITE_URL}/works/{work.public_id}", work.title, identifiers.get(work.pk, ()))
        for work in works
    ]


def page(signed: Json, agreement_id: str, sha256: str, language: str) -> bytes:
    """The signed document as a PDF of one calm page, in English (en) or Chinese (zh-hans)."""
    words = wording(language)
    issued = datetime.date.fromisoformat(signed["dct:issued"]["@value"])
    facts = {"agreement": agreement_id, "date": issued.isoformat()}
    laid_out = {
        "title": words.say("agreement.title"),
        "subtitle": words.say("agreement.subtitle", **facts),
        "running": words.say("agreement.running", agreement=agreement_id),
        "footer": words.say("agreement.footer"),
        "page": str(words.messages["report"]["page"]),
        "blocks": [
            *_parties(signed, words),
            *_terms(signed["colophon:terms"], words),
            *_listed(signed, words),
            *_proof(signed, sha256, words),
        ],
    }
    return pdf(laid_out, language=language, on=issued)


def _parties(signed: Json, words: Wording) -> list[Json]:
    say = words.say
    terms = signed["colophon:terms"]
    first, last = _first_day(signed), terms.get("valid_to")
    term = say("agreement.from_to", first=first, last=last) if last else say("agreement.from_on", first=first)
    rows: list[list[Any]] = [
        [say("agreement.granted_by"), {"title": signed["odrl:assigner"][odrl_agreement.SCHEMA_NAME]}],
        [say("agreement.licensee"), {"title": signed["odrl:assignee"][odrl_agreement.SCHEMA_NAME]}],
        [say("agreement.channel"), words.word("channel", signed["colophon:channel"])],
        [say("agreement.term"), term],
    ]
    links = (("offer", "colophon:offer"), ("under", "colophon:under"), ("renews", "dct:replaces"))
    rows += [[say(f"agreement.{key}"), mono(signed[name])] for key, name in links if name in signed]
    demo = [text({"strong": say("agreement.demo")})] if signed.get("colophon:demo") else []
    return [*demo, {"kind": "facts", "rows": rows}]


def _first_day(signed: Json) -> str:
    for rule in signed["odrl:permission"]:
        for constraint in rule.get("odrl:constraint", []):
            if constraint["odrl:operator"] == {"@id": "odrl:gteq"}:
                return str(constraint["odrl:rightOperand"]["@value"])
    return str(signed["dct:issued"]["@value"])


def _terms(terms: Json, words: Wording) -> list[Json]:
    say = words.say

    def named(section: str, codes: list[str]) -> str:
        return _listed_words([words.word(section, code) for code in codes], words) or say("agreement.anywhere")

    places = [words.territory(code, territory_in_words(code)) for code in terms.get("territory") or []]
    rows: list[list[Any]] = [
        [say("agreement.uses"), named("use", terms["uses"])],
        [say("agreement.purposes"), named("purpose", terms.get("purposes") or [])],
        [say("agreement.territory"), _listed_words(places, words) or say("agreement.anywhere")],
    ]
    if terms.get("licensee_kinds"):
        rows.append([say("agreement.licensee_kinds"), named("licensee_kind", terms["licensee_kinds"])])
    affiliates = terms.get("affiliates") or []
    if affiliates:
        alone = affiliates == [odrl_agreement.NOBODY]
        said = say("agreement.affiliates_none") if alone else _listed_words(affiliates, words)
        rows.append([say("agreement.affiliates"), said])
    rows += [
        [say(f"agreement.{name}"), _listed_words(terms[name], words)]
        for name in ("models", "products")
        if terms.get(name)
    ]
    rows.append([say("agreement.exclusive"), say(f"agreement.exclusive_{'yes' if terms.get('exclusive') else 'no'}")])
    rows.append([say("agreement.sublicensing"), say(f"agreement.sublicensing_{terms.get('sublicensing', 'none')}")])
    limits = terms.get("output_limits")
    if limits:
        most = limits.get("verbatim_words")
        verbatim = say("agreement.verbatim", words=most) if most is not None else ""
        rows.append([say("agreement.output"), "; ".join(part for part in (verbatim, limits.get("note")) if part)])
    return [
        heading(say("agreement.terms_heading")),
        {"kind": "facts", "rows": rows},
        heading(say("agreement.duties_heading")),
        {"kind": "facts", "rows": _owed(terms, words)},
    ]


def _owed(terms: Json, words: Wording) -> list[list[Any]]:
    say = words.say
    fee = terms.get("fee") or {"model": "free"}
    price = f"{fee.get('currency')} {fee['amount']}" if fee.get("amount") else ""
    rows: list[list[Any]] = [
        [
            say("agreement.fee"),
            " · ".join(part for part in (say(f"agreement.fee_{fee['model']}"), price, fee.get("per")) if part),
        ]
    ]
    owed = [name for name in ("attribution", "audit") if terms.get(name)]
    rows += [[say(f"agreement.{name}"), say(f"agreement.{name}_yes")] for name in owed]
    if terms.get("survival"):
        rows.append([say("agreement.survival"), say(f"agreement.survival_{terms['survival']}")])
    if terms.get("note"):
        rows.append([say("agreement.note"), terms["note"]])
    return rows


def _listed(signed: Json, words: Wording) -> list[Json]:
    works = signed["colophon:works"]
    items: list[Any] = []
    for work in works[:WORKS_SHOWN]:
        known = work.get("dct:identifier", [])
        items.append([work[odrl_agreement.SCHEMA_NAME], {"soft": "  "}, {"mono": known[0] if known else work["@id"]}])
    blocks: list[Json] = [
        heading(words.say("agreement.works_heading", count=len(works))),
        {"kind": "list", "items": items},
    ]
    if len(works) > WORKS_SHOWN:
        blocks.append(text(words.say("agreement.works_more", count=len(works) - WORKS_SHOWN)))
    return blocks


def _proof(signed: Json, sha256: str, words: Wording) -> list[Json]:
    say = words.say
    proof = signed["colophon:proof"]
    rows: list[list[Any]] = [
        [say("agreement.address"), mono(f"{signed['@id']}/document.jsonld")],
        [say("agreement.sha256"), mono(sha256)],
        [say("agreement.key"), mono(proof["key"])],
        [say("agreement.signature"), mono(proof["signature"])],
    ]
    if "colophon:entry" in signed:
        rows.append([say("agreement.entry"), mono(signed["colophon:entry"])])
    verify = f"{signed['dct:publisher']['@id']}/verify"
    return [
        heading(say("agreement.proof_heading")),
        text(say("agreement.proof", verify=verify)),
        {"kind": "facts", "rows": rows},
    ]


def _listed_words(words_listed: list[str], words: Wording) -> str:
    between = "、" if words.language == "zh-hans" else ", "
    return between.join(shown(word) for word in words_listed)
