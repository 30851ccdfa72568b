"""Labels and uses, in both directions."""

from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.labels import USES, Label, in_order, lost, say
from licensing.formats.rsl_terms import AI_USES, USAGE, USER
from licensing.rules.terms import Use

BY_NAME = {label.name: label for label in USAGE}
some_uses = st.sets(st.sampled_from(USES), min_size=1).map(in_order)


def test_the_uses_are_those_of_the_rules() -> None:
    assert tuple(Use) == USES


@given(some_uses)
def test_labels_of_a_refusal_cover_all_of_it_or_name_what_they_leave_out(uses: tuple[str, ...]) -> None:
    said = say(uses, USAGE, refusing=True)
    read = {use for name in said.labels for use in BY_NAME[name].reach(True)}
    assert read == (set(uses) - set(said.unsaid)) | set(said.besides)


@given(some_uses)
def test_labels_of_a_permission_reach_no_further_than_it_does(uses: tuple[str, ...]) -> None:
    said = say(uses, USAGE, refusing=False)
    read = {use for name in said.labels for use in BY_NAME[name].reach(False)}
    assert read == set(uses) - set(said.unsaid)
    assert said.besides == ()


def test_everything_is_said_in_one_word() -> None:
    assert say(USES, USAGE, refusing=True).labels == ("all",)
    assert say(AI_USES, USAGE, refusing=False).labels == ("ai-all",)


def test_a_refusal_is_said_in_the_narrowest_labels_there_are() -> None:
    assert say(("education",), USER, refusing=True).labels == ("education",)
    assert say(("pretraining",), USAGE, refusing=True).besides == ("fine_tuning", "preference_tuning")


def test_a_permission_of_less_than_a_label_means_is_not_said() -> None:
    said = say(("pretraining",), USAGE, refusing=False)
    assert (said.labels, said.unsaid) == ((), ("pretraining",))


def test_what_others_may_read_into_a_permission_is_named() -> None:
    assert say(("rag_grounding",), USAGE, refusing=False).doubtful == ("synthetic_generation",)


def test_a_use_that_only_a_doubtful_label_carries_is_refused_by_it() -> None:
    labels = (Label("input", ("rag_grounding",), ("evaluation",)),)
    assert say(("evaluation",), labels, refusing=True).labels == ("input",)
    assert say(("evaluation",), labels, refusing=False).labels == ()


def test_a_loss_points_at_the_field_of_the_rule() -> None:
    assert lost(2, "uses", "there is no word") == "/rules/2/uses: there is no word"
