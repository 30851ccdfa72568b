"""Members that leave a society, over the API: what it granted for their works ends, until they come back."""

from typing import Any

import pytest

from licensing.models import Grant
from tests import factories
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def post(person: clients.Person, address: str, body: Any = None) -> Any:
    return clients.caller(person).post(f"/api/v1/{address}", body or {}, format="json")


def test_a_member_leaves_and_comes_back_and_both_sides_see_it() -> None:
    society = clients.member(factories.organisation("society", "The Society"))
    member, firm = clients.member(), clients.member()
    works = asked.claimed(society, 2, capacity="society", evidence_sha256="a" * 64)
    asked.claim(member, works, capacity="author", verification="none", ai_rights="silent")
    made = post(society, "offers", {"works": [work.public_id for work in works], "terms": asked.TERMS,
                                    "channel": "collective_opt_in"})  # fmt: skip
    assert made.status_code == 201, made.json()
    ids = [work.public_id for work in works]
    assert post(firm, f"offers/{made.json()['first']}/accept", {"works": ids}).status_code == 201
    left = post(member, "member-exits", {"society": "society", "works": ids[:1], "reason": "We license alone."})
    assert (left.status_code, left.json()["works"]) == (201, ids[:1])
    address = f"/api/v1/member-exits/{left.json()['id']}"
    assert left["Location"] == address
    assert set(Grant.objects.filter(withdrawn_at=None).values_list("work__public_id", flat=True)) == {ids[1]}
    for person in (society, member):
        assert clients.caller(person).get(address).json()["member"] == member.organisation.slug
    assert clients.stranger().get(address).status_code == 404
    assert clients.stranger().get("/api/v1/member-exits").json()["results"] == []
    assert post(society, f"member-exits/{left.json()['id']}/withdraw").status_code == 403
    assert post(member, f"member-exits/{left.json()['id']}/withdraw").json()["withdrawn_at"]


def test_an_unknown_society_is_named() -> None:
    refused = post(clients.member(), "member-exits", {"society": "nowhere"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/society")
