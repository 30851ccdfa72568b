"""Labels of a format and the uses they mean, in both directions; pure.

Two directions that do not mirror each other, so that translating never makes a permission wider or a refusal narrower:
a label that refuses is read as all it may mean, one that permits as what it means without doubt; a permission is
written only in labels that reach no further than it does, a refusal in every label that it touches.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from licensing.formats.policy import Effect

# licensing.rules.terms.Use in its order; a test holds the two lists together
USES = (
    "pretraining", "fine_tuning", "preference_tuning", "rag_grounding", "evaluation", "synthetic_generation",
    "search_index", "research_experiment",
)  # fmt: skip
TRAINING = ("pretraining", "fine_tuning", "preference_tuning")
REFUSING = frozenset({Effect.RESERVE, Effect.PROHIBIT, Effect.PREFER_DISALLOW})
PERMITTING = frozenset({Effect.PERMIT, Effect.OFFER, Effect.PREFER_ALLOW})


@dataclass(frozen=True)
class Label:
    """A word of a format: what it means without doubt, and what it may mean besides (our reading)."""

    name: str
    sure: tuple[str, ...] = ()
    rough: tuple[str, ...] = ()
    parent: str = ""  # the label that answers where this one says nothing

    def reach(self, refusing: bool) -> tuple[str, ...]:
        """The values that the label is read as."""
        return in_order({*self.sure, *self.rough}, (*self.sure, *self.rough)) if refusing else self.sure


@dataclass(frozen=True)
class Said:
    """What some values become in a format: its labels, what is left unsaid, and what is said besides."""

    labels: tuple[str, ...]
    unsaid: tuple[str, ...] = ()  # values that no label carries
    besides: tuple[str, ...] = ()  # values that a label carries although they were not meant
    doubtful: tuple[str, ...] = ()  # values that others may read into a label of a permission


def in_order(values: Collection[str], order: Sequence[str] = USES) -> tuple[str, ...]:
    """The values in the order of the vocabulary, once each; what is not in it stands at the end."""
    known = [value for value in dict.fromkeys(order) if value in values]
    return (*known, *(value for value in values if value not in known))


def say(values: Collection[str], labels: Iterable[Label], refusing: bool) -> Said:
    """The labels for `values`: for a refusal all that it touches, for a permission those within it; few, if they do."""
    labels = list(labels)
    exact = next((label for label in labels if label.sure and set(label.reach(refusing)) == set(values)), None)
    chosen: list[Label] = [exact] if exact else []
    carried = set(exact.reach(refusing)) if exact else set()
    for label in labels:
        reach = set(label.reach(refusing))
        adds = set(label.sure) & set(values) - carried
        if adds and (refusing or reach <= set(values)):
            chosen.append(label)
            carried |= reach
    for label in labels if refusing else ():  # what only a doubtful label could carry
        if set(label.rough) & set(values) - carried:
            chosen.append(label)
            carried |= set(label.reach(True))
    doubtful = set() if refusing else {use for label in chosen for use in label.rough} - set(values)
    return Said(
        labels=tuple(label.name for label in labels if label in chosen),
        unsaid=in_order([value for value in values if value not in carried]),
        besides=in_order(carried - set(values)),
        doubtful=in_order(doubtful),
    )


def lost(number: int, field: str, sentence: str) -> str:
    """A sentence about what a format could not say of one field of rule `number`: "/rules/0/uses: …"."""
    return f"/rules/{number}/{field}: {sentence}"
