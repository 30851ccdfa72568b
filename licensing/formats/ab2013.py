"""A draft for the line on synthetic data of California's training data documentation (AB 2013, Civil Code § 3111).

§ 3111(a)(12) asks whether the system used or continuously uses synthetic data generation in its development, and lets
the developer describe its functional need or desired purpose. § 3110(e) defines the term by seed data.
"""

from licensing.formats.filing import Field, Filing, Section, Statement
from licensing.formats.training_facts import Output, TrainingFacts, described, shares, ways

KIND = "ab2013"
TITLE = "Training data documentation: synthetic data generation"
LAW = "California Civil Code § 3111(a)(12), added by AB 2013 (2024); in force from 1 January 2026."
NOTICES = (
    "Made from what is on record; it is posted nowhere and is not legal advice. Whoever posts it answers for it.",
    "It holds the line on synthetic data alone. The other lines of § 3111(a) have to be written by the developer.",
    "§ 3110(e) means by synthetic data generation a process in which seed data are used to create artificial data with "
    "some of its statistical characteristics. Whether having a model answer prompts is such a process is for a person "
    "to decide.",
)
UNVERIFIED = (
    "The number (12) and the wording of the line were taken from secondary copies of the statute, not compared with "
    "the legislature's own text.",
)
PURPOSES = {
    "experiment": "an experiment",
    "evaluation": "evaluation",
    "annotation_aid": "help for annotators",
    "synthetic_data": "synthetic training data",
    "product": "a product's answers",
}


def draft(facts: TrainingFacts) -> Filing:
    """The draft. English, as the statute is."""
    created = [output for output in facts.outputs if output.is_created]
    fields = (
        Field(
            "(12)",
            "Whether the system or service used or continuously uses synthetic data generation in its development",
            tuple(_used(facts, created)),
        ),
        Field("(12)", "Whether it goes on", tuple(_continues(facts, created))),
        Field(
            "(12)",
            "Functional need or desired purpose of the synthetic data in relation to the system's intended purpose",
            tuple(_purposes(created)),
            optional=True,
        ),
        Field("", "Model output that others generated, and what was measured", tuple(_others(facts)), optional=True),
    )
    return Filing(
        kind=KIND,
        title=TITLE,
        law=LAW,
        language="en",
        organisation=facts.organisation.name,
        subject=facts.subject,
        on=facts.on,
        notices=NOTICES,
        sections=(Section("§ 3111(a)", "Synthetic data", fields),),
        unverified=UNVERIFIED,
    )


def _used(facts: TrainingFacts, created: list[Output]) -> list[Statement]:
    if created:
        used = "Used: the developer had models write parts of the training data."
        return [Statement(used, tuple(output.source for output in created)), *map(described, created)]
    if any(audit.positive for audit in facts.audits):
        told = "Nothing is recorded, yet an audit found model output in the data."
        return [Statement(told, tuple(audit.source for audit in facts.audits if audit.positive))]
    return []


def _continues(facts: TrainingFacts, created: list[Output]) -> list[Statement]:
    """The last day on record; whether it goes on is for a person to say."""
    dated = [output for output in created if output.last]
    if not dated:
        return []
    latest = max(dated, key=lambda output: output.last)
    told = f"The last output on record was generated on {latest.last}; whether more is being generated is not recorded."
    return [Statement(told, (latest.source,))]


def _purposes(created: list[Output]) -> list[Statement]:
    said = []
    for output in created:
        if output.declaration is not None:
            purpose = PURPOSES.get(output.purpose, output.purpose)
            told = (
                f"Declared for {purpose}: “{output.declaration.name}” (output of {output.model} in {output.dataset})."
            )
            said.append(Statement(told, (output.declaration, output.source)))
    return said


def _others(facts: TrainingFacts) -> list[Statement]:
    return [*(described(output) for output in facts.outputs if not output.is_created), *ways(facts), *shares(facts)]
