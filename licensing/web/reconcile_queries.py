"""What comes to /reconcile, read and checked: every fault with its JSON pointer, nothing of a faulty batch answered."""

import datetime
import json
import re
from typing import Any

from licensing.selectors.standing import USES
from licensing.services.assertions import today
from licensing.services.reconciliation import DEFAULT_LIMIT, MAX_LIMIT, Query
from licensing.web.words import COMMON_TERRITORIES
from registry.api.parsers import TooLarge
from registry.errors import InvalidInput
from registry.importers import documents

MAX_QUERIES = 50
MAX_IDS, MAX_PROPERTIES, MAX_VALUES, MAX_CHARS = 500, 30, 20, 1_000
MAX_CURSOR = 10_000
QUERY_FIELDS = {"query", "type", "limit", "properties", "type_strict"}
Faults = list[dict[str, str]]


def batch(text: str) -> dict[str, Query]:
    """The queries by their names. Raises InvalidInput, or TooLarge (413) for more than MAX_QUERIES."""
    said = _object(text, "queries")
    if len(said) > MAX_QUERIES:
        raise TooLarge(f"At most {MAX_QUERIES} queries are answered at once.")
    faults: Faults = []
    found = {name: _query(value, f"/queries/{_pointer(name)}", faults) for name, value in said.items()}
    _raise(faults)
    return found


def extension(text: str) -> tuple[list[str], list[tuple[str, dict[str, Any]]]]:
    """The ids and the properties with their settings. Raises InvalidInput, or TooLarge for too many of either."""
    said = _object(text, "extend")
    faults: Faults = []
    ids = said.get("ids")
    properties = said.get("properties")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        faults.append(_fault("/extend/ids", "A list of entity identifiers is expected."))
        ids = []
    if not isinstance(properties, list):
        faults.append(_fault("/extend/properties", "A list of properties is expected."))
        properties = []
    if len(ids) > MAX_IDS or len(properties) > MAX_PROPERTIES:
        raise TooLarge(f"At most {MAX_IDS} entities and {MAX_PROPERTIES} properties are answered at once.")
    asked = [_asked(one, f"/extend/properties/{place}", faults) for place, one in enumerate(properties)]
    _raise(faults)
    return list(dict.fromkeys(one[:100] for one in ids)), asked


def cursor(text: str, name: str = "cursor") -> int:
    """A number from 0 to MAX_CURSOR."""
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        cause = "is not a whole number from 0"
        raise InvalidInput(f"{name} {cause}.", errors=[{"parameter": name, "cause": cause}])
    return min(int(text), MAX_CURSOR)


def _object(text: Any, name: str) -> dict[str, Any]:
    try:
        found = documents.parse(str(text).encode("utf-8", "surrogatepass"))
    except documents.Unreadable as error:
        raise InvalidInput(f"{name} {error}.", errors=[_fault(f"/{name}", str(error))]) from None
    if not isinstance(found, dict):
        raise InvalidInput(f"{name} is not a JSON object.", errors=[_fault(f"/{name}", "A JSON object is expected.")])
    if "\\ud" in str(text).lower() and not _is_sayable(found):
        cause = "holds half of a surrogate pair, which is no character"
        raise InvalidInput(f"{name} {cause}.", errors=[_fault(f"/{name}", cause)])
    return found


def _is_sayable(value: Any) -> bool:
    """Whether every text in it can be written as UTF-8: names of queries and ids are given back."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _query(value: Any, pointer: str, faults: Faults) -> Query:
    if not isinstance(value, dict):
        faults.append(_fault(pointer, "A query is an object."))
        return Query()
    faults += [
        _fault(f"{pointer}/{_pointer(name)}", "is not a field of a query.")
        for name in value
        if name not in QUERY_FIELDS
    ]
    text = value.get("query", "")
    if not isinstance(text, str):
        faults.append(_fault(f"{pointer}/query", "A text is expected."))
        text = ""
    properties = _properties(value.get("properties", []), f"{pointer}/properties", faults)
    if "query" not in value and not value.get("properties"):  # a blank query is one: the cell was blank
        faults.append(_fault(pointer, "It has neither a query nor properties."))
    if value.get("type_strict", "any") not in ("any", "should", "all"):
        faults.append(_fault(f"{pointer}/type_strict", "It is one of any, should, all."))
    limit = value.get("limit", DEFAULT_LIMIT)
    wanted = min(limit, MAX_LIMIT) if isinstance(limit, int | float) and not isinstance(limit, bool) else 0
    if wanted < 1 or wanted != int(wanted):
        faults.append(_fault(f"{pointer}/limit", "A whole number from 1 is expected."))
    types = _types(value.get("type", []), f"{pointer}/type", faults)
    return Query(_sayable(text).strip(), types, int(wanted), properties)


def _types(value: Any, pointer: str, faults: Faults) -> tuple[str, ...]:
    named = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in named):
        faults.append(_fault(pointer, "A type identifier, or a list of them, is expected."))
        return ()
    return tuple(one for one in named[:MAX_VALUES] if one)


def _properties(value: Any, pointer: str, faults: Faults) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, list):
        faults.append(_fault(pointer, "A list of properties is expected."))
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for place, one in enumerate(value[:MAX_PROPERTIES]):
        if not isinstance(one, dict) or not isinstance(one.get("pid"), str) or "v" not in one:
            faults.append(_fault(f"{pointer}/{place}", "It needs a pid, which is a text, and a v."))
            continue
        said = one["v"] if isinstance(one["v"], list) else [one["v"]]
        values = [_value(each, f"{pointer}/{place}/v", faults) for each in said[:MAX_VALUES]]
        found[one["pid"]] = (*found.get(one["pid"], ()), *(text for text in values if text))
    return found


def _value(value: Any, pointer: str, faults: Faults) -> str:
    """A property's value as text; of an entity its name, or its id where that is all there is."""
    if isinstance(value, str | int | float):
        return _sayable(str(value))
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        name = value.get("name")
        return _sayable(name if isinstance(name, str) and name else value["id"])
    faults.append(_fault(pointer, "A text, a number, true or false, or an entity with an id is expected."))
    return ""


def _asked(value: Any, pointer: str, faults: Faults) -> tuple[str, dict[str, Any]]:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        faults.append(_fault(pointer, "A property with an id is expected."))
        return "", {}
    given = value.get("settings", {})
    if not isinstance(given, dict):
        faults.append(_fault(f"{pointer}/settings", "An object is expected."))
        given = {}
    return value["id"][:100], _settings(given, f"{pointer}/settings", faults)


def _settings(given: dict[str, Any], pointer: str, faults: Faults) -> dict[str, Any]:
    chosen: dict[str, Any] = {"as_of": today()}
    for name, known in (("use", USES), ("territory", COMMON_TERRITORIES)):
        if given.get(name) in (None, ""):
            continue
        if given[name] not in known:
            faults.append(_fault(f"{pointer}/{name}", f"It is one of {', '.join(known)}."))
        chosen[name] = given[name]
    if given.get("as_of") not in (None, ""):
        try:
            chosen["as_of"] = datetime.date.fromisoformat(str(given["as_of"])[:20])
        except ValueError:
            faults.append(_fault(f"{pointer}/as_of", "A day like 2026-05-31 is expected."))
    limit = given.get("limit") or 0  # a field that was emptied is sent as an empty text
    if isinstance(limit, str) and limit.isascii() and limit.isdigit():
        limit = int(limit[:6])
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 <= limit < 10**6:
        faults.append(_fault(f"{pointer}/limit", "A whole number from 0 is expected."))
        limit = 0
    return chosen | {"limit": int(limit)}


def _sayable(text: str) -> str:
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()[:MAX_CHARS]


def _pointer(name: str) -> str:
    """A member's name as a step of a JSON pointer (RFC 6901)."""
    return name[:100].replace("~", "~0").replace("/", "~1")


def _fault(pointer: str, cause: str) -> dict[str, str]:
    return {"pointer": pointer, "cause": cause}


def _raise(faults: Faults) -> None:
    if faults:
        raise InvalidInput(faults[0]["cause"], errors=faults[:100])
