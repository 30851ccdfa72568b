"""What ONIX for Books 3.0 and 3.1 says of text and data mining and of licences, read and written; pure.

Source: EDItEUR's specification and code lists, issue 72. A product's DescriptiveDetail holds EpubUsageConstraint (list
145 code 11 is text and data mining, list 146 code 03 prohibits it to the full extent of the law, 01 does not limit it)
and one EpubLicense, whose expressions (list 218) link to the licence (01, 02, 10, 20) or to one that can be had besides
(03, 04, 21). Elements are understood as the importer of catalogues understands them (`registry.importers.onix_rights`).
"""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from licensing.formats.fitting import fit, fit_frame, fit_uses
from licensing.formats.labels import REFUSING, TRAINING, Label, lost
from licensing.formats.plain_text import bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule, Written
from licensing.formats.untrusted import is_address, parse_xml, shown
from registry.importers import onix_codes as codes
from registry.importers.onix_builder import Fault as BrokenOff
from registry.importers.onix_builder import Product
from registry.importers.onix_identifiers import read_identifiers
from registry.importers.onix_messages import read_message
from registry.importers.onix_nodes import first, nodes
from registry.importers.onix_rights import MAX_ADDRESS_CHARS, find_open_licence, read_rights
from registry.importers.rows import CatalogueError, RightsStatement
from registry.importers.values import Remarks

FORMAT, NAME = "onix", "ONIX"
MINING = Label("145/11", sure=TRAINING)
EFFECTS = {
    "reservation": Effect.RESERVE,
    "preference": Effect.PREFER_ALLOW,
    "offer": Effect.OFFER,
    "open_licence": Effect.PERMIT,
}
CONDITIONS = {"BY": "attribution", "SA": "share_alike", "NC": "non_commercial", "ND": "no_derivatives"}
TARGETS = {"isbn": "urn:isbn:", "doi": "https://doi.org/"}
MESSAGE, DETAIL, CONSTRAINT, LICENCE = "ONIXMessage", "DescriptiveDetail", "EpubUsageConstraint", "EpubLicense"
MESSAGE_TAG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ONIX[Mm]essage[\s>]")
SHORT_NAMES = {name: short for short, name in codes.REFERENCE_NAMES.items() if short != "ONIXmessage"}
INTRINSIC, ADDITIONAL, ADDITIONAL_ODRL = "01", "03", "21"
LICENCE_NAME = "Licence for text and data mining"
DAYS = frozenset({"valid_from", "valid_to"})
CAN = frozenset({"machine_readable"}) | DAYS  # of a licence; 3.0 has no EpubLicenseDate


def read(content: bytes) -> Reading:
    """A message, a policy a product; or one of the elements DescriptiveDetail, EpubUsageConstraint, EpubLicense."""
    if MESSAGE_TAG.search(content[:4096]):  # of any length: read product by product
        return _read_message(content)
    root, fault = parse_xml(content)
    if root is None or fault:
        return Reading(FORMAT, faults=(fault,) if fault else ())
    namespace, _, local = str(root.tag).removeprefix("{").rpartition("}")
    name = codes.REFERENCE_NAMES.get(local, local)
    if namespace not in codes.NAMESPACES:
        return _refused("namespace_unknown", f"{shown(namespace)} is no namespace of ONIX 3")
    if name == MESSAGE:
        return _read_message(content)
    if name not in (DETAIL, CONSTRAINT, LICENCE):
        return _refused("root_unknown", f"{shown(local)} is neither a message nor {DETAIL}, {CONSTRAINT} or {LICENCE}")
    release = codes.NAMESPACES[namespace] or codes.RELEASES[0]
    return _read_message(_in_message(root, name, namespace, release))


def _refused(code: str, cause: str) -> Reading:
    return Reading(FORMAT, faults=(Fault(code, "", cause),))


def _in_message(fragment: etree._Element, name: str, namespace: str, release: str) -> bytes:
    """A message around a fragment, so that it is read by the same reader."""

    def element(name: str, *inner: etree._Element, **attributes: str) -> etree._Element:
        made = etree.Element(f"{{{namespace}}}{name}" if namespace else name, attributes, nsmap=_default(namespace))
        made.extend(inner)
        return made

    detail = fragment if name == DETAIL else element(DETAIL, fragment)
    return etree.tostring(element(MESSAGE, element("Product", detail), release=release))


def _default(namespace: str) -> dict[Any, str] | None:
    """The namespace as the one of names without a prefix."""
    return {None: namespace} if namespace else None


def _read_message(content: bytes) -> Reading:
    faults: list[Fault] = []
    policies: list[Policy] = []
    release = ""
    try:
        for part in read_message(io.BytesIO(content), NAME, None):
            if isinstance(part, Product):
                policies += _read_product(part, release, faults)
            elif isinstance(part, BrokenOff):
                faults.append(Fault(part.code.lower(), "", part.cause))
            else:
                release = part.release
    except CatalogueError as error:
        faults.append(Fault(error.code.lower(), "", error.cause))
    return Reading(FORMAT, release, tuple(policies), bounded(faults))


def _read_product(product: Product, release: str, faults: list[Fault]) -> list[Policy]:
    remarks = Remarks()
    place = f"/{product.number - 1}"
    kind = first(product.node, "NotificationType")
    if kind == codes.DELETION or kind in codes.TESTS:
        faults.append(Fault("not_in_force", place, f"a deletion or a test (list 1, code {kind}) says nothing"))
        return []
    statements = [
        statement for detail in nodes(product.node, DETAIL) for statement in read_rights(detail, release, remarks)
    ]
    identifiers = read_identifiers(product.node, remarks)
    faults += [
        Fault(
            said.code.lower(),
            f"{place}/{said.column}",
            f"{said.cause}: {shown(said.value)}" if said.value else said.cause,
        )
        for said in remarks.messages
    ]
    rules = tuple(dict.fromkeys(_rule(statement) for statement in statements))
    if {Effect.RESERVE, Effect.PREFER_ALLOW} <= {rule.effect for rule in rules}:
        faults.append(Fault("constraints_contradict", f"{place}/{CONSTRAINT}", "mining is prohibited and permitted"))
    target = next((TARGETS[scheme] + value for scheme, value in identifiers if scheme in TARGETS), "")
    return [Policy(rules, target=target)] if rules else []


def _rule(said: RightsStatement) -> Rule:
    return Rule(
        EFFECTS[said.kind],
        said.uses,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        duties=duties_of(said.licence),
        policy_address=said.address,
        words=said.raw.decode("utf-8", "replace"),
        machine_readable=said.machine_readable,
    )


def duties_of(licence: str) -> tuple[str, ...]:
    """What a Creative Commons licence asks for, by its SPDX id."""
    return tuple(duty for part, duty in CONDITIONS.items() if part in licence.split("-")[1:])


# --- writing -----------------------------------------------------------------------------------------------------


def write(policy: Policy, *, release: str = "3.0", short: bool = False) -> Written:
    """A DescriptiveDetail with nothing but the constraint and the licence: they go into the product's own."""
    loss = fit_frame(policy, NAME, ())
    can = CAN if release != "3.0" else CAN - DAYS
    answers: dict[str, list[int]] = {}
    licences: list[tuple[int, Rule, str]] = []
    for number, rule in enumerate(policy.rules):
        is_open = rule.effect == Effect.PERMIT and bool(rule.policy_address)
        is_licence = is_open or rule.effect == Effect.OFFER
        is_said, lost_of_rule = fit(rule, number, NAME, can | {"duties"} if is_open else can if is_licence else ())
        loss += lost_of_rule
        if not is_said:
            continue
        if is_licence:
            _collect(licences, rule if can >= DAYS else replace(rule, valid_from="", valid_to=""), number, loss)
        elif status := _status(rule, number, loss):
            answers.setdefault(status, []).append(number)
    if len(answers) > 1:
        cause = "another rule prohibits what this one allows: that is said"
        loss += [lost(number, "effect", cause) for number in answers[codes.UNLIMITED]]
    status = max(answers, default="")  # 03 prohibited is more than 01 unlimited
    build = _Builder(release, short=short)
    parts = [build.constraint(status)] if status else []
    parts += [build.licence(licences)] if licences else []
    if not parts:
        return Written(b"", "", "", tuple(loss))
    return Written(build.document(parts), "application/xml", "onix-rights.xml", tuple(loss))


def _status(rule: Rule, number: int, loss: list[str]) -> str:
    """The code of list 146 for a rule about mining; "" where none says it."""
    said, lost_uses = fit_uses(rule, number, NAME, (MINING,))
    loss += lost_uses
    if not said.labels:
        return ""
    if rule.policy_address:
        loss.append(
            lost(number, "policy_address", "a constraint names no terms: they stand in the licence of an offer")
        )
    if rule.effect in REFUSING:
        if rule.effect != Effect.RESERVE:
            loss.append(
                lost(number, "effect", "said as prohibited to the full extent of the law, which is a reservation")
            )
        return codes.PROHIBITED
    if rule.effect == Effect.PERMIT:
        loss.append(lost(number, "effect", "unlimited is a wish of the sender, and no licence"))
    return codes.UNLIMITED


def _collect(licences: list[tuple[int, Rule, str]], rule: Rule, number: int, loss: list[str]) -> None:
    """Add a licence with the code of list 218 that says it, if one does and the one period of the licence fits."""
    address = rule.policy_address
    if not is_address(address) or len(address) > MAX_ADDRESS_CHARS:
        loss.append(lost(number, "policy_address", "ONIX links to terms, and there is no address to link to: left out"))
        return
    licence = find_open_licence(address)
    if rule.effect == Effect.PERMIT:
        if not licence or set(rule.duties) != set(duties_of(licence)) or rule.uses:
            loss.append(
                lost(number, "effect", "only an open licence, and all of it, is a licence of a product: left out")
            )
            return
        kind = INTRINSIC
        if not rule.machine_readable:
            loss.append(lost(number, "machine_readable", "an open licence is known to machines"))
    else:
        said, lost_uses = fit_uses(rule, number, NAME, (MINING,))
        loss += lost_uses
        if licence or not said.labels:
            cause = "a link to an open licence gives it" if licence else "ONIX would offer more uses"
            loss.append(lost(number, "effect", f"{cause}: left out"))
            return
        kind = ADDITIONAL_ODRL if rule.machine_readable else ADDITIONAL
    for _, other, other_kind in licences:
        if (other.valid_from, other.valid_to) != (rule.valid_from, rule.valid_to):
            loss.append(lost(number, "valid_from", "a product has one licence and one period: left out"))
            return
        if other.policy_address == address and other_kind != kind:
            loss.append(lost(number, "machine_readable", "the same address stands there already: left out"))
            return
    licences.append((number, rule, kind))


class _Builder:
    """Makes elements in the names and namespace of one release."""

    def __init__(self, release: str, *, short: bool) -> None:
        if release not in codes.RELEASES:
            raise ValueError(f"no release of ONIX 3: {release}")
        self.short = short
        self.namespace = f"http://ns.editeur.org/onix/{release}/{'short' if short else 'reference'}"

    def element(self, name: str, *inner: etree._Element, text: str = "", **attributes: str) -> etree._Element:
        tag = SHORT_NAMES.get(name, name) if self.short else name
        made = etree.Element(f"{{{self.namespace}}}{tag}", attributes, nsmap=_default(self.namespace))
        made.extend(inner)
        if text:
            made.text = text
        return made

    def constraint(self, status: str) -> etree._Element:
        return self.element(
            CONSTRAINT,
            self.element("EpubUsageType", text=codes.MINING),
            self.element("EpubUsageStatus", text=status),
        )

    def licence(self, licences: Sequence[tuple[int, Rule, str]]) -> etree._Element:
        links = [
            self.element(
                "EpubLicenseExpression",
                self.element("EpubLicenseExpressionType", text=kind),
                self.element("EpubLicenseExpressionLink", text=rule.policy_address),
            )
            for _, rule, kind in licences
        ]
        period = ((codes.LICENCE_BEGINS, licences[0][1].valid_from), (codes.LICENCE_ENDS, licences[0][1].valid_to))
        dates = [
            self.element(
                "EpubLicenseDate",
                self.element("EpubLicenseDateRole", text=role),
                self.element("Date", text=day.replace("-", ""), dateformat="00"),
            )
            for role, day in period
            if day
        ]
        return self.element(LICENCE, self.element("EpubLicenseName", text=LICENCE_NAME), *links, *dates)

    def document(self, parts: list[etree._Element]) -> bytes:
        root = self.element(DETAIL, *parts)
        etree.cleanup_namespaces(root)
        made: Any = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
        return bytes(made)
