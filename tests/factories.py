"""Rows for tests, made by the services that pages and the API use."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.actors import Actor, system
from registry.models import Organisation, Work
from registry.models.base import new_public_id
from registry.services import organisations, works


def organisation(slug: str = "", name: str = "", **facts: Any) -> Organisation:
    """An organisation; without a slug a new one each time."""
    slug = slug or f"press-{new_public_id()}"
    return organisations.create(slug=slug, name=name or slug.replace("-", " ").title(), actor=system("tests"), **facts)


def actor(of: Organisation | None = None) -> Actor:
    """Somebody who may write for this organisation, or for a new one."""
    return system("tests", of or organisation())


def work(
    title: str = "A Work", authors: Sequence[str | works.AuthorFacts] = (), *, by: Actor | None = None, **facts: Any
) -> Work:
    """A registered work; `facts` are those of `works.WorkFacts`, authors are names or `works.AuthorFacts`."""
    people = [works.AuthorFacts(name=author) if isinstance(author, str) else author for author in authors]
    return works.register(works.WorkFacts(title=title, authors=people, **facts), actor=by or actor())


def changed(facts: works.WorkFacts, **values: Any) -> works.WorkFacts:
    """The same facts but for these."""
    return replace(facts, **values)
