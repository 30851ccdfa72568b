"""Rows for tests, made by the services that pages and the API use."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from allauth.account.models import EmailAddress

from registry.actors import Actor, system
from registry.models import Organisation, User, Work
from registry.models.base import new_public_id
from registry.services import organisations, works

PASSWORD = "a long enough phrase"


def organisation(slug: str = "", name: str = "", **facts: Any) -> Organisation:
    """An organisation; without a slug a new one each time."""
    slug = slug or f"press-{new_public_id()}"
    return organisations.create(slug=slug, name=name or slug.replace("-", " ").title(), actor=system("tests"), **facts)


def actor(of: Organisation | None = None) -> Actor:
    """Somebody who may write for this organisation, or for a new one."""
    return system("tests", of or organisation())


def person(email: str, *, of: Organisation | None = None, role: str = "owner", password: str = PASSWORD) -> User:
    """Somebody who can sign in with a verified address; with `of` a member of that organisation."""
    user = User.objects.create_user(username=email, email=email, password=password)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if of is not None:
        organisations.add_member(organisation=of, user=user, role=role, actor=system("tests"))
    return user


def work(
    title: str = "A Work", authors: Sequence[str | works.AuthorFacts] = (), *, by: Actor | None = None, **facts: Any
) -> Work:
    """A registered work; `facts` are those of `works.WorkFacts`, authors are names or `works.AuthorFacts`."""
    people = [works.AuthorFacts(name=author) if isinstance(author, str) else author for author in authors]
    return works.register(works.WorkFacts(title=title, authors=people, **facts), actor=by or actor())


def changed(facts: works.WorkFacts, **values: Any) -> works.WorkFacts:
    """The same facts but for these."""
    return replace(facts, **values)
