"""Words of the pages about signals."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ORIGINS: dict[str, str | Promise] = {
    "upload": _("handed in"),
    "crawl": _("from a crawl record"),
    "fetch": _("read by the registry"),
}
FORMATS: dict[str, str | Promise] = {
    "tdmrep": "TDMRep",
    "aipref": "AI Preferences (IETF)",
    "rsl": "RSL",
    "robots": "robots.txt",
    "ai.txt": "ai.txt",
    "content-signal": "Content-Signal",
    "cawg": "CAWG",
    "onix": "ONIX",
    "odrl": "ODRL",
    "text": _("words for people"),
}
SAYS: dict[str, str | Promise] = {
    "reserved": _("reserved"),
    "disallow": _("not wanted"),
    "allow": _("not objected to"),
    "conditional": _("on terms"),
    "unknown": _("nothing derived"),
}
FILES: dict[str, str | Promise] = {
    "tdmrep.json": _("TDMRep file, for the whole site"),
    "tdm-policy.json": _("TDMRep policy: what can be had"),
    "tdm-headers.txt": _("TDMRep headers, for the answer of a server"),
    "tdm-meta.html": _("TDMRep lines for the head of a page"),
    "license.xml": _("RSL licence"),
    "robots.txt": _("robots.txt: crawl rules, Content-Usage, Content-Signal"),
    "rsl-page.html": _("RSL for the head of a page"),
    "rsl-headers.txt": _("the HTTP header that points at the licence"),
    "content-usage.txt": _("AI Preferences (IETF): the value of the header Content-Usage"),
    "policy.jsonld": _("ODRL policy as JSON-LD"),
    "onix.xml": _("ONIX: goes into the product's DescriptiveDetail"),
    "cawg.json": _("CAWG assertion for a manifest"),
}
