"""The files that a publisher puts on its own site, out of one policy, with what each of them cannot say; pure."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from licensing.formats import aipref, cawg, odrl_policy, onix_rights, robots_kit, rsl_embedding, rsl_writing, tdmrep
from licensing.formats.policy import Policy, Written

EPOCH = (1980, 1, 1, 0, 0, 0)  # of every member, so that the same policy is the same zip
FILES = (
    "tdmrep.json",
    "tdm-policy.json",
    "tdm-headers.txt",
    "tdm-meta.html",
    "license.xml",
    "rsl-page.html",
    "rsl-headers.txt",
    "robots.txt",
    "content-usage.txt",
    "policy.jsonld",
    "onix.xml",
    "cawg.json",
)
PLACES = {
    "tdmrep.json": "/.well-known/tdmrep.json",
    "license.xml": "/license.xml",
    "robots.txt": "/robots.txt",
}
OF_ONE_RESOURCE = frozenset(
    {"tdm-headers.txt", "tdm-meta.html", "rsl-page.html", "content-usage.txt", "onix.xml", "cawg.json"}
)


@dataclass(frozen=True)
class KitFile:
    """One file: its name, where on a site it belongs (empty: into something else), and what it could not say."""

    name: str
    content: bytes
    content_type: str
    place: str
    loss: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """Whose kit it is: `site` says it with paths, `alone` of one target; the address where the site is, if known."""

    site: Policy
    alone: Policy | None  # None: a holder's kit, which is about many works
    address: str = ""
    origin: str = ""  # https://press.example


def files(subject: Subject) -> list[KitFile]:
    """Every file that has something to say, in the order of FILES; one that has nothing stands there for its loss."""
    made = []
    for name in FILES:
        if name in OF_ONE_RESOURCE and subject.alone is None:
            continue
        written = _write(name, subject)
        made.append(
            KitFile(name, written.content, written.content_type or "text/plain", PLACES.get(name, ""), written.loss)
        )
    return made


def _write(name: str, subject: Subject) -> Written:
    site = subject.site
    alone = subject.alone or site
    licence = f"{subject.origin}/license.xml" if subject.origin else ""
    match name:
        case "tdmrep.json":
            return tdmrep.write(site)
        case "tdm-policy.json":
            return odrl_policy.write_offer(alone)
        case "tdm-headers.txt":
            return tdmrep.write(alone, tdmrep.Carrier.HEADER)
        case "tdm-meta.html":
            return tdmrep.write(alone, tdmrep.Carrier.HTML)
        case "license.xml":
            return rsl_writing.write(site)
        case "rsl-page.html":
            return rsl_embedding.write(alone, rsl_embedding.Carrier.HTML, address=subject.address)
        case "rsl-headers.txt":
            return rsl_embedding.point(licence, rsl_embedding.Carrier.HEADER)
        case "robots.txt":
            return robots_kit.write(site, licence=licence)
        case "content-usage.txt":
            return aipref.write(alone)
        case "policy.jsonld":
            return odrl_policy.write(alone)
        case "onix.xml":
            return onix_rights.write(alone)
        case _:
            return cawg.write(alone)


def archive(made: Sequence[KitFile], about: str) -> bytes:
    """All files that say something, with LOSS.json: what each could not say. The same files give the same bytes."""
    out = io.BytesIO()
    loss = {one.name: {"place": one.place, "says": bool(one.content), "loss": list(one.loss)} for one in made}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        members = [(one.name, one.content) for one in made if one.content]
        listed = json.dumps({"about": about, "files": loss}, indent=2, ensure_ascii=False) + "\n"
        for name, content in [*members, ("LOSS.json", listed.encode())]:
            packed.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
