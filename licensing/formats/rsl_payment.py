"""What an RSL licence asks in return: its payment element; pure. And how elements of RSL are named, placed and read."""

import re
from decimal import Decimal, InvalidOperation

from lxml import etree

from licensing.formats.policy import Fault, Payment
from licensing.formats.rsl_schema import NAMESPACE
from licensing.formats.rsl_terms import ATTRIBUTION, MODELS
from licensing.formats.untrusted import shown

Element = etree._Element


def named(name: str) -> str:
    """The name with its namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


def line_of(node: Element) -> str:
    """Where it stands, as faults say it."""
    return f"line {node.sourceline}"


def text_of(node: Element | None) -> str:
    """All its text, blanks unified; empty for none."""
    return "" if node is None else " ".join("".join(str(part) for part in node.itertext()).split())


def read_payment(node: Element | None, faults: list[Fault]) -> Payment | None:
    """What is asked for; None where nothing is said, or attribution alone, which is a duty."""
    if node is None:
        return None
    model = node.get("type") or ""
    if model and model not in MODELS:
        faults.append(
            Fault("unknown_token", line_of(node), f"{shown(model)} is no payment type of RSL: kept as not said")
        )
        model = ""
    amount, currency = _amount(node.find(named("amount")), faults)
    accepts = node.find(named("accepts"))
    payment = Payment(
        model=model,
        amount=amount,
        currency=currency,
        address=text_of(node.find(named("standard"))),
        custom=text_of(node.find(named("custom"))),
        accepts="" if accepts is None else (accepts.get("type") or ""),
    )
    return None if payment == Payment(ATTRIBUTION) else payment  # that alone is a duty


def _amount(node: Element | None, faults: list[Fault]) -> tuple[str, str]:
    if node is None:
        return "", ""
    text, currency = text_of(node), node.get("currency") or ""
    try:
        fits = (
            Decimal(text).is_finite() and Decimal(text) >= 0 and bool(re.fullmatch(r"[0-9]{0,15}\.?[0-9]{1,9}", text))
        )
    except InvalidOperation:
        fits = False
    if not fits or not re.fullmatch("[A-Z]{3}", currency):
        faults.append(
            Fault("unknown_amount", line_of(node), f"no amount with a currency: {shown(text)} {shown(currency)}")
        )
        return "", ""
    return text, currency
