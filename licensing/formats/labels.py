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
    """The labels for `values`: for a refusal every label it touches, for a permission those within it."""
    chosen: list[str] = []
    carried: set[str] = set()
    doubtful: set[str] = set()
    for label in labels:
        reach = label.reach(refusing)
        fits = any(value in values for value in label.sure) if refusing else set(reach) <= set(values)
        if fits and reach and not set(reach) <= carried:
            chosen.append(label.name)
            carried |= set(reach)
            doubtful |= set() if refusing else set(label.rough) - set(values)
    left = [value for value in values if value not in carried]
    if refusing:  # what only a doubtful label could carry
        for label in labels:
            if left and label.name not in chosen and set(label.rough) & set(left):
                chosen.append(label.name)
                carried |= set(label.reach(True))
                left = [value for value in values if value not in carried]
    return Said(
        labels=tuple(chosen),
        unsaid=in_order(left),
        besides=in_order(carried - set(values)),
        doubtful=in_order(doubtful),
    )


def lost(number: int, field: str, sentence: str) -> str:
    """A sentence about what a format could not say of one field of rule `number`: "/rules/0/uses: …"."""
    return f"/rules/{number}/{field}: {sentence}"
