"""A draft for the public summary of training content (Art. 53(1)(d) of Regulation (EU) 2024/1689): its section 2.5.

The template is the AI Office's, C(2025) 5235 of 24 July 2025 and C(2025) 8311 of 5 December 2025. Section 2.5 asks
whether synthetic data was created by the provider or on its behalf, its modality, the general-purpose models on the
market that generated it, other models (the provider's own), and has room for comments. Its structure is known here from
published summaries and other people's copies, so it is marked as not verified.
"""

from licensing.formats.filing import Field, Filing, Section, Statement
from licensing.formats.training_facts import ACQUIRED, Output, TrainingFacts, described, shares, ways

KIND = "eu-summary"
TITLE = "Public summary of training content, section 2.5: synthetic data"
LAW = (
    "Article 53(1)(d) of Regulation (EU) 2024/1689 (AI Act); template of the AI Office, C(2025) 5235 of 24 July 2025 "
    "and C(2025) 8311 of 5 December 2025."
)
NOTICES = (
    "Made from what is on record; it is filed with nobody and is not legal advice. Whoever publishes the summary "
    "answers for it.",
    "It holds section 2.5, and of section 1 what names provider and model. All other sections of the template have to "
    "be written by the provider.",
)
UNVERIFIED = (
    "The numbering and wording of the template's fields were taken from published summaries and secondary copies, not "
    "from the Commission's own document.",
    "That data which somebody else generated belongs under 2.1 or 2.2.2, and scraped output under 2.3, is a reading of "
    "the question in 2.5 (“by the provider or on their behalf”).",
)


def draft(facts: TrainingFacts) -> Filing:
    """The draft. English, as the template is."""
    return Filing(
        kind=KIND,
        title=TITLE,
        law=LAW,
        language="en",
        organisation=facts.organisation.name,
        subject=facts.subject,
        on=facts.on,
        notices=NOTICES,
        sections=(_general(facts), _synthetic(facts)),
        unverified=UNVERIFIED,
    )


def _general(facts: TrainingFacts) -> Section:
    named = facts.model_record
    names = [facts.model] if facts.model else []
    sources = () if named is None else (named,)
    return Section(
        "1",
        "General information",
        (
            Field("1.1", "Provider name", (Statement(facts.organisation.name, (facts.organisation,)),)),
            Field("1.1", "Contact details"),
            Field("1.1", "Authorised representative name and contact details"),
            Field(
                "1.2", "Versioned model name(s)", tuple(Statement(name, sources) for name in [*names, *facts.versions])
            ),
            Field("1.2", "Model dependencies", facts.dependencies),
            Field("1.2", "Date of placement of the model on the Union market"),
        ),
    )


def _synthetic(facts: TrainingFacts) -> Section:
    created = [output for output in facts.outputs if output.is_created]
    bought = tuple(described(output) for output in created if not output.by_own_model)
    own = tuple(described(output) for output in created if output.by_own_model)
    modality = (Statement("Text.", tuple(output.source for output in created)),) if created else ()
    return Section(
        "2.5",
        "Synthetic data",
        (
            Field(
                "2.5",
                "Was synthetic AI-generated data created by the provider or on their behalf to train the model?",
                _created(facts, created),
            ),
            Field("2.5 (i)", "Modality of the synthetic data", modality),
            Field(
                "2.5 (ii)",
                "General-purpose AI model(s) used to generate the synthetic data, if available on the market",
                (*bought, *_market(created)),
            ),
            Field(
                "2.5 (iii)",
                "Other AI models used to generate synthetic data, including the provider's own not on the market",
                own,
            ),
            Field("2.5 (iv)", "Additional comments", tuple(_comments(facts, created)), optional=True),
        ),
    )


def _created(facts: TrainingFacts, created: list[Output]) -> tuple[Statement, ...]:
    """Yes where a record says so. No record is no “no”."""
    if created:
        return (Statement("Yes.", tuple(output.source for output in created)),)
    if facts.outputs:
        told = (
            "No record says that the provider had a model write training data; data that others generated is on record."
        )
        return (Statement(told, tuple(output.source for output in facts.outputs)),)
    if any(audit.positive for audit in facts.audits):
        told = "Nothing is recorded, yet an audit found model output in the data: see the additional comments."
        return (Statement(told, tuple(audit.source for audit in facts.audits if audit.positive)),)
    return ()


def _market(created: list[Output]) -> list[Statement]:
    """What the provider still has to find out about each model."""
    said = []
    for name in dict.fromkeys(output.model for output in created if not output.by_own_model):
        rows = [output for output in created if output.model == name]
        released = next((output.released_on for output in rows if output.released_on), "")
        known = f"released {released} according to the catalogue; " if released else ""
        said.append(Statement(f"{name}: {known}whether it is available on the market of the Union is not recorded."))
    return said


def _comments(facts: TrainingFacts, created: list[Output]) -> list[Statement]:
    said: list[Statement] = []
    for output in facts.outputs:
        if output not in created:
            told = described(output)
            where = "2.3" if output.acquired == "scraped" else "2.1 or 2.2.2"
            how = ACQUIRED.get(output.acquired, output.acquired)
            reason = f"It came {how}" if output.is_own else "It is on record for a dataset that others made"
            said.append(Statement(f"{told.text} {reason}: to be listed under {where}.", told.sources))
    for output in facts.outputs:
        if output.prompts:
            said.append(
                Statement(f"Prompts for {output.model} in {output.dataset}: {output.prompts}", (output.source,))
            )
        if output.cleaning:
            said.append(Statement(f"Done to it afterwards in {output.dataset}: {output.cleaning}", (output.source,)))
    return [*said, *ways(facts), *shares(facts)]
