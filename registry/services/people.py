"""The people of works: each is one party, whoever names them first; what drafts alone name stays hidden."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q

from registry import identifiers
from registry.actors import system
from registry.models import Organisation, Party
from registry.search.kinds import BY_MODEL, Columns
from registry.services import copying, log
from registry.services.work_facts import AuthorFacts

BATCH_ROWS = 1_000
LOGGED_AT_ONCE = 100  # parties in one entry of the log
CHANGED = ("name_zh", "isni", "other_names", "known_to", "search_text", "search_tokens")

_Key = tuple[str, str, str, str]


def parties_of(people: Sequence[AuthorFacts], *, organisation: Organisation, is_public: bool) -> list[Party]:
    """The party of each person, in their order, made where it is new: few statements however many people.

    Two people of one name differ by their dates or their ISNI. An organisation finds the parties that everybody may
    know and those of its own drafts, never those of others' drafts. `is_public`: the people of a public work, whom
    from then on everybody may know; what a draft says of a party that others know is not written into it. What a
    public work adds to such a party is logged, so that it stays known who said it. Search finds them by their names.
    """
    if not people:
        return []
    known = _known({person.name.strip() for person in people}, organisation)
    owner = None if is_public else organisation
    made: list[Party] = []
    changed: dict[int, Party] = {}
    added: dict[int, dict[str, object]] = {}
    found: list[Party] = []
    for person in people:
        party = _best(known[_key_of(person)], _isni(person))
        if party is None:
            party = _new(person, owner)
            known[_key_of(person)].append(party)
            made.append(party)
        elif is_public or party.known_to_id:
            was_public = party.pk and party.known_to_id is None
            news = _complete(party, person, is_public)
            if news and party.pk:
                changed[party.pk] = party
            if news and was_public:
                added.setdefault(party.pk, {"party": party.public_id}).update(news)
        found.append(party)
    for party in (*made, *changed.values()):
        _make_findable(party)
    copying.create(made)
    Party.objects.bulk_update(changed.values(), CHANGED, batch_size=BATCH_ROWS)
    _log(list(added.values()), organisation)
    return found


def _log(added: Sequence[dict[str, object]], organisation: Organisation) -> None:
    for start in range(0, len(added), LOGGED_AT_ONCE):
        log.stage(
            "parties.completed",
            subject=f"organisation:{organisation.slug}",
            facts={"parties": list(added[start : start + LOGGED_AT_ONCE])},
            actor=system("people", organisation),
        )


def _known(names: set[str], organisation: Organisation) -> defaultdict[_Key, list[Party]]:
    rows = Party.objects.filter(Q(known_to=None) | Q(known_to=organisation), name__any_of=names).defer(*Columns._fields)
    known: defaultdict[_Key, list[Party]] = defaultdict(list)
    for party in rows.order_by("id"):
        known[party.name, party.born, party.died, party.kind].append(party)
    return known


def _key_of(person: AuthorFacts) -> _Key:
    return person.name.strip(), person.born, person.died, str(person.kind)


def _isni(person: AuthorFacts) -> str:
    return identifiers.normalise("isni", person.isni) if person.isni else ""


def _best(parties: Iterable[Party], isni: str) -> Party | None:
    """The one with this ISNI; else the first that has none, or any where none was given."""
    rows = list(parties)
    same = [party for party in rows if isni and party.isni == isni]
    fitting = [party for party in rows if not isni or not party.isni]
    return next(iter([*same, *fitting]), None)


def _new(person: AuthorFacts, owner: Organisation | None) -> Party:
    return Party(
        name=person.name.strip(),
        born=person.born,
        died=person.died,
        kind=person.kind,
        name_zh=person.name_zh,
        isni=_isni(person),
        other_names=list(dict.fromkeys(person.other_names)),
        known_to=owner,
    )


def _make_findable(party: Party) -> None:
    """The columns of search; facets of a party that is there already may be other tables' too, and do not change."""
    columns = BY_MODEL[Party].document(party).columns
    party.search_text, party.search_tokens = columns.search_text, columns.search_tokens
    if party.pk is None:
        party.search_facets = columns.search_facets


def _complete(party: Party, person: AuthorFacts, is_public: bool) -> dict[str, object]:
    """Add what was not known of the party; nothing is overwritten. Returns the columns that changed."""
    if not (person.name_zh or person.isni or person.other_names or party.known_to_id):
        return {}
    before = _facts(party)
    party.name_zh = party.name_zh or person.name_zh
    party.isni = party.isni or _isni(person)
    party.other_names = list(dict.fromkeys([*party.other_names, *person.other_names]))
    news = {name: value for name, value in _facts(party).items() if value != before[name]}
    if is_public and party.known_to_id:
        party.known_to = None
        news["known_to"] = None
    return news


def _facts(party: Party) -> dict[str, object]:
    return {"name_zh": party.name_zh, "isni": party.isni, "other_names": party.other_names}
