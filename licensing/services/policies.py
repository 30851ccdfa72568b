"""Policies of an organisation's own: which verdicts block its use. Versions are kept; no policy changes a verdict."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from licensing.models import Policy
from licensing.rules import policy as rules
from licensing.rules.terms import Verdict
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Organisation
from registry.services import log

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_NAME = 60
MAX_FILE_BYTES = 16 << 10


@transaction.atomic
def write(
    *,
    name: str,
    blocks: Mapping[str, Any],
    actor: Actor,
    quotations: bool = False,
    note: str = "",
    profile: str = rules.DEFAULT_PROFILE,
) -> Policy:
    """Write a policy, or the next version of the one that has this name.

    `blocks`: verdict → whether it blocks; what is left out is as in `profile`. The same again is no new version.
    Raises InvalidInput with every fault, among them what no policy may ask for.
    """
    organisation = actor.require_writer()
    faults = [*_name_faults(name), *_block_faults(blocks)]
    if profile not in rules.PROFILES:
        faults.append({"pointer": "/profile", "cause": f"{profile!r} is not one of {', '.join(rules.PROFILES)}."})
    if faults:
        raise InvalidInput(faults[0]["cause"], errors=faults)
    complete = rules.load_profile(profile).table | dict(blocks)
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # two versions at once are one after the other
    latest = Policy.objects.filter(organisation=organisation, name=name).order_by("version").last()
    if latest is not None and latest.withdrawn_at is None and _is_same(latest, complete, quotations, note):
        return latest
    row = Policy.objects.create(
        organisation=organisation,
        name=name,
        version=latest.version + 1 if latest else 1,
        blocks=complete,
        quotations=quotations,
        note=note,
        written_by=actor.user,
    )
    _record("policy.written", row, {"blocks": complete, "quotations": quotations, "note": note}, actor)
    return row


def write_file(*, name: str, raw: bytes, actor: Actor, note: str = "") -> Policy:
    """Write a policy from a TOML file as `licensing.rules.policy` reads it (its own `version` is not kept)."""
    if len(raw) > MAX_FILE_BYTES:
        cause = f"A policy has at most {MAX_FILE_BYTES >> 10} KiB."
        raise InvalidInput(cause, errors=[{"pointer": "/file", "cause": cause}])
    try:
        read = rules.read_policy(raw, name)
    except rules.PolicyError as error:
        cause = f"The policy {error.cause}." if error.cause.startswith("asks") else f"{error.cause}."
        raise InvalidInput(cause, errors=[{"pointer": "/file", "cause": cause}]) from None
    return write(name=name, blocks=read.table, quotations=read.quotations, note=note, actor=actor)


@transaction.atomic
def withdraw(*, policy: Policy, actor: Actor) -> None:
    """Offer a policy no longer: all its versions. Answers that were given under it keep it."""
    if actor.require_writer() != policy.organisation:
        raise NotAllowed("A policy is withdrawn by the organisation that wrote it.")
    rows = Policy.objects.select_for_update().filter(organisation=policy.organisation, name=policy.name)
    if not rows.filter(withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict("This policy is withdrawn already.")
    _record("policy.withdrawn", policy, {}, actor)


def choose(name: str, organisation: Organisation) -> rules.Policy | str:
    """A profile, or the organisation's own policy: `house` is its latest version, `house@2` that one; or why not."""
    if name in rules.PROFILES:
        return rules.load_profile(name)
    wanted, _, version = name.partition("@")
    rows = Policy.objects.filter(organisation=organisation, name=wanted, withdrawn_at__isnull=True)
    if version:
        rows = rows.filter(version=int(version)) if version.isascii() and version.isdecimal() else rows.none()
    row = rows.order_by("version").last() if len(name) <= MAX_NAME + 8 and "\0" not in name else None
    if row is None:
        own = sorted(set(standing(organisation)))
        return f"{name!r} is not one of {', '.join([*rules.PROFILES, *own])}."
    return as_rules(row)


def standing(organisation: Organisation) -> list[str]:
    """The names of the organisation's policies that can be chosen."""
    rows = Policy.objects.filter(organisation=organisation, withdrawn_at__isnull=True)
    return list(rows.order_by("name").values_list("name", flat=True).distinct())


def as_rules(row: Policy) -> rules.Policy:
    """A stored policy as the rules apply it."""
    blocked = frozenset(Verdict(word) for word, blocks in row.blocks.items() if blocks)
    return rules.Policy(profile=row.name, version=str(row.version), blocked=blocked, quotations=row.quotations)


def as_toml(row: Policy) -> str:
    """The policy as a file that `colophon check --policy` and `python -m licensing.rules --policy` read."""
    lines = [
        f"# {row.name}, version {row.version}",
        f'profile = "{rules.DEFAULT_PROFILE}"',
        f'version = "{row.version}"',
    ]
    lines += [f"quotations = {str(row.quotations).lower()}", "", "[blocks]"]
    return "\n".join([*lines, *(f"{word} = {str(blocks).lower()}" for word, blocks in sorted(row.blocks.items())), ""])


def _name_faults(name: str) -> list[dict[str, str]]:
    if name in rules.PROFILES:
        cause = f"{name} is a profile that comes with the rules; give yours another name."
    elif not NAME.fullmatch(name) or len(name) > MAX_NAME:
        cause = f"A name has small letters, digits and hyphens, at most {MAX_NAME}."
    else:
        return []
    return [{"pointer": "/name", "cause": cause}]


def _block_faults(blocks: Mapping[str, Any]) -> list[dict[str, str]]:
    faults = []
    for word, value in blocks.items():
        pointer = f"/blocks/{str(word).replace('~', '~0').replace('/', '~1')}"
        if word not in Verdict.__members__:
            faults.append({"pointer": pointer, "cause": f"{word!r} is not a verdict: {', '.join(Verdict)}."})
        elif not isinstance(value, bool):
            faults.append({"pointer": pointer, "cause": "Write true or false."})
        elif word == Verdict.NOT_CLEARED and not value:
            cause = (
                "The policy asks for more than a policy may: what is not cleared always blocks; letting it pass is a"
                " decision about the work, and somebody has to make it."
            )
            faults.append({"pointer": pointer, "cause": cause})
    return faults


def _is_same(row: Policy, blocks: dict[str, bool], quotations: bool, note: str) -> bool:
    return (row.blocks, row.quotations, row.note) == (blocks, quotations, note)


def _record(kind: str, row: Policy, facts: dict[str, object], actor: Actor) -> None:
    named = {"policy": f"{row.name}@{row.version}", "organisation": row.organisation.slug}
    log.stage(kind, subject=f"policy:{row.public_id}", facts=named | facts, actor=actor)
