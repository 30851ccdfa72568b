"""The structure of an RSL 1.0 document as RELAX NG, and what in a document departs from it; pure.

The specification has a schema of its own (Appendix A, RELAX NG compact); it could not be had as a file, so this one
was written from what RSL 1.0 says of each element (sections 3.2 to 3.17, with the errata up to August 2026). Elements
and attributes of other namespaces are extensions and pass; of RSL's own namespace only the known ones do.
"""

from functools import cache

from lxml import etree

from licensing.formats.policy import Fault
from licensing.formats.untrusted import shown

NAMESPACE = "https://rslstandard.org/rsl"
MOST = 20  # departures that are listed

QNAME = "[A-Za-z_][A-Za-z0-9_.\\-]*:[A-Za-z_][A-Za-z0-9_.\\-]*"


def _values(*values: str) -> str:
    return "".join(f"<value>{value}</value>" for value in values)


def _choice(*values: str) -> str:
    return f"<choice>{_values(*values)}</choice>"


def _tokens(*values: str) -> str:
    """A list of known tokens, or of such that carry the prefix of an extension."""
    extension = f'<data type="token"><param name="pattern">{QNAME}</param></data>'
    return f"<list><oneOrMore><choice>{_values(*values)}{extension}</choice></oneOrMore></list>"


def _typed(element: str, kind: str, content: str) -> str:
    return (
        f'<element name="{element}"><attribute name="type"><value>{kind}</value></attribute>'
        f'<ref name="others"/>{content}</element>'
    )


USAGE = ("all", "ai-all", "ai-train", "ai-input", "ai-index", "search")
USER = ("commercial", "non-commercial", "education", "government", "personal")
PAYMENT = ("purchase", "subscription", "training", "crawl", "use", "contribution", "attribution", "free")
WARRANTY = ("ownership", "authority", "no-infringement", "privacy-consent", "no-malware")
DISCLAIMER = ("as-is", "no-warranty", "no-liability", "no-indemnity")
GEO = '<list><oneOrMore><data type="token"><param name="pattern">[A-Z]{2}</param></data></oneOrMore></list>'
TEXT = "<text/>"

# RELAX NG allows an element's name in one branch of an interleave only: so each name has one, with a choice of types
_PERMITS, _PROHIBITS = (
    "<zeroOrMore><choice>"
    + "".join(
        _typed(element, kind, tokens)
        for kind, tokens in (("usage", _tokens(*USAGE)), ("user", _tokens(*USER)), ("geo", GEO))
    )
    + "</choice></zeroOrMore>"
    for element in ("permits", "prohibits")
)
_LEGAL = (
    "<zeroOrMore><choice>"
    + _typed("legal", "warranty", _tokens(*WARRANTY))
    + _typed("legal", "disclaimer", _tokens(*DISCLAIMER))
    + _typed("legal", "attestation", _choice("true", "false"))
    + _typed("legal", "contact", TEXT)
    + _typed("legal", "proof", TEXT)
    + "</choice></zeroOrMore>"
)


def _optional(element: str, attributes: str = "", content: str = TEXT) -> str:
    return f'<optional><element name="{element}">{attributes}<ref name="others"/>{content}</element></optional>'


def _attribute(name: str, content: str = TEXT) -> str:
    return f'<optional><attribute name="{name}">{content}</attribute></optional>'


DECIMAL = '<data type="decimal"><param name="minInclusive">0</param></data>'
CURRENCY = '<attribute name="currency"><data type="token"><param name="pattern">[A-Z]{3}</param></data></attribute>'
_ACCEPTS = _optional("accepts", '<attribute name="type"/>', '<ref name="anything"/>')
_PRICE = _optional("standard") + _optional("custom") + _optional("amount", CURRENCY, DECIMAL) + _ACCEPTS
_PAYMENT = (
    f'<optional><element name="payment">{_attribute("type", _choice(*PAYMENT))}<ref name="others"/>'
    f'<interleave>{_PRICE}<ref name="extensions"/></interleave></element></optional>'
)
_REPORTING = (
    f'<zeroOrMore><element name="reporting"><attribute name="type">{_choice("telemetry", "provenance", "audit")}'
    f'</attribute><attribute name="profile"/>{_attribute("endpoint")}<ref name="others"/><ref name="anything"/>'
    "</element></zeroOrMore>"
)
_ENCRYPTED = _attribute("encrypted", _choice("true", "false"))
_COPYRIGHT = _optional(
    "copyright",
    _attribute("type", _choice("person", "organization")) + _attribute("contactEmail") + _attribute("contactUrl"),
)
GRAMMAR = f"""<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="{NAMESPACE}"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<start><element name="rsl">{_attribute("max-age", '<data type="positiveInteger"/>')}<ref name="others"/>
  <oneOrMore><choice><ref name="content"/><ref name="extension"/></choice></oneOrMore></element></start>
<define name="content"><element name="content"><attribute name="url"/>{_attribute("server")}
  {_ENCRYPTED}
  {_attribute("lastmod", '<data type="dateTime"/>')}<ref name="others"/>
  <interleave><oneOrMore><ref name="license"/></oneOrMore>
  {_optional("schema", _attribute("type"), '<ref name="anything"/>')}
  <zeroOrMore><element name="alternate">{_attribute("type")}<ref name="others"/><text/></element></zeroOrMore>
  {_COPYRIGHT}
  {_optional("terms")}<ref name="extensions"/></interleave></element></define>
<define name="license"><element name="license"><ref name="others"/>
  <interleave>{_PERMITS}{_PROHIBITS}{_PAYMENT}{_REPORTING}{_LEGAL}<ref name="extensions"/></interleave>
  </element></define>
<define name="extensions"><zeroOrMore><ref name="extension"/></zeroOrMore></define>
<define name="extension"><element><anyName><except><nsName/></except></anyName><ref name="whatever"/></element></define>
<define name="others"><zeroOrMore><attribute><anyName><except><nsName/><nsName ns=""/></except></anyName></attribute>
  </zeroOrMore></define>
<define name="anything"><mixed><zeroOrMore><ref name="extension"/></zeroOrMore></mixed></define>
<define name="whatever"><zeroOrMore><choice><attribute><anyName/></attribute><text/>
  <element><anyName/><ref name="whatever"/></element></choice></zeroOrMore></define>
</grammar>"""


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.fromstring(GRAMMAR))


def departures(root: etree._Element) -> list[Fault]:
    """What keeps a document from being RSL 1.0; empty where it conforms."""
    schema = _schema()
    if schema.validate(root):
        return []
    errors = list(schema.error_log)
    found = [Fault("not_conformant", f"line {error.line}", shown(error.message)) for error in errors[:MOST]]
    return found or [Fault("not_conformant", "", "the document departs from RSL 1.0")]
