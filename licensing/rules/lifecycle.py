"""A negotiation from the enquiry to the grant and beyond: which move leads where, and whose move it is.

The table `MOVES` is the whole machine. It is pure: whoever calls it brings the state and the side and keeps the result.
`next_state` refuses what the table does not hold and says what is possible instead. docs/lifecycle.md shows the table
and the diagram that this module makes of it.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Side(StrEnum):
    """Who makes a move: the firm that asks, the holder that answers, or the registry by itself."""

    FIRM = "firm"
    HOLDER = "holder"
    SYSTEM = "system"


class State(StrEnum):
    ENQUIRY = "enquiry"
    AUTHORITY_CHECK = "authority_check"
    REQUESTED = "requested"
    OFFERED = "offered"
    COUNTERED = "countered"
    GRANTED = "granted"
    DELIVERED = "delivered"
    RENEWED = "renewed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    CHECK = "check"  # whether the holder has the rights
    CONFIRM = "confirm"  # it has
    DISCLAIM = "disclaim"  # it has not, or nobody is known who has
    OFFER = "offer"
    COUNTER = "counter"
    ACCEPT = "accept"
    GRANT = "grant"  # as asked, without an offer between
    REFUSE = "refuse"
    RETRACT = "retract"  # an offer that nobody has accepted yet
    WITHDRAW = "withdraw"
    DELIVER = "deliver"
    REPORT = "report"
    PAY = "pay"
    RENEW = "renew"
    EXPIRE = "expire"
    REVOKE = "revoke"
    MESSAGE = "message"


FINAL = frozenset({State.REVOKED, State.REFUSED, State.WITHDRAWN})
BEFORE_GRANT = (State.ENQUIRY, State.AUTHORITY_CHECK, State.REQUESTED, State.OFFERED, State.COUNTERED)
RUNNING = (State.GRANTED, State.DELIVERED, State.RENEWED)  # an agreement is in force
# these carry the terms that the move puts on the table or settles
WITH_TERMS = frozenset({Move.OFFER, Move.COUNTER})
CONCLUDES = frozenset({Move.ACCEPT, Move.GRANT})


@dataclass(frozen=True)
class Step:
    """One row of the table: from which state, by which move, of which sides, to which state."""

    state: State
    move: Move
    sides: frozenset[Side]
    to: State


def _step(state: State, move: Move, *sides: Side, to: State) -> Step:
    return Step(state, move, frozenset(sides), to)


_FIRM, _HOLDER, _SYSTEM = Side.FIRM, Side.HOLDER, Side.SYSTEM

STEPS: tuple[Step, ...] = (
    _step(State.ENQUIRY, Move.CHECK, _SYSTEM, to=State.AUTHORITY_CHECK),
    _step(State.AUTHORITY_CHECK, Move.CONFIRM, _HOLDER, _SYSTEM, to=State.REQUESTED),
    _step(State.AUTHORITY_CHECK, Move.DISCLAIM, _HOLDER, _SYSTEM, to=State.REFUSED),
    _step(State.REQUESTED, Move.OFFER, _HOLDER, to=State.OFFERED),
    _step(State.REQUESTED, Move.GRANT, _HOLDER, to=State.GRANTED),
    _step(State.REQUESTED, Move.REFUSE, _HOLDER, to=State.REFUSED),
    _step(State.OFFERED, Move.ACCEPT, _FIRM, to=State.GRANTED),
    _step(State.OFFERED, Move.COUNTER, _FIRM, to=State.COUNTERED),
    _step(State.OFFERED, Move.REFUSE, _FIRM, to=State.REFUSED),
    _step(State.OFFERED, Move.RETRACT, _HOLDER, to=State.REQUESTED),
    _step(State.COUNTERED, Move.ACCEPT, _HOLDER, to=State.GRANTED),
    _step(State.COUNTERED, Move.OFFER, _HOLDER, to=State.OFFERED),
    _step(State.COUNTERED, Move.REFUSE, _HOLDER, to=State.REFUSED),
    *(_step(state, Move.WITHDRAW, _FIRM, to=State.WITHDRAWN) for state in BEFORE_GRANT),
    _step(State.GRANTED, Move.DELIVER, _HOLDER, to=State.DELIVERED),
    _step(State.RENEWED, Move.DELIVER, _HOLDER, to=State.DELIVERED),
    _step(State.DELIVERED, Move.DELIVER, _HOLDER, to=State.DELIVERED),
    *(_step(state, Move.REPORT, _FIRM, to=state) for state in (*RUNNING, State.EXPIRED, State.REVOKED)),
    *(_step(state, Move.PAY, _FIRM, _HOLDER, to=state) for state in (*RUNNING, State.EXPIRED, State.REVOKED)),
    *(_step(state, Move.RENEW, _HOLDER, _SYSTEM, to=State.RENEWED) for state in (*RUNNING, State.EXPIRED)),
    *(_step(state, Move.EXPIRE, _SYSTEM, to=State.EXPIRED) for state in RUNNING),
    *(_step(state, Move.REVOKE, _HOLDER, to=State.REVOKED) for state in RUNNING),
    *(_step(state, Move.MESSAGE, _FIRM, _HOLDER, to=state) for state in State),
)

MOVES: Mapping[tuple[State, Move], Step] = {(step.state, step.move): step for step in STEPS}

# Who has to act next, so that something goes on; a state without an entry waits for nobody.
_WAITS_FOR: Mapping[State, Side] = {
    State.ENQUIRY: _SYSTEM,
    State.AUTHORITY_CHECK: _HOLDER,
    State.REQUESTED: _HOLDER,
    State.OFFERED: _FIRM,
    State.COUNTERED: _HOLDER,
    State.GRANTED: _HOLDER,
}

SIDE_WORDS: Mapping[Side, str] = {
    _FIRM: "the firm that asks",
    _HOLDER: "the rightsholder",
    _SYSTEM: "the registry",
}
STATE_WORDS: Mapping[State, str] = {
    State.ENQUIRY: "an enquiry that has not been checked yet",
    State.AUTHORITY_CHECK: "waiting for the rightsholder's authority to be confirmed",
    State.REQUESTED: "a request that waits for an answer",
    State.OFFERED: "an offer that waits for an answer",
    State.COUNTERED: "a counter-offer that waits for an answer",
    State.GRANTED: "granted",
    State.DELIVERED: "granted and delivered",
    State.RENEWED: "granted and renewed",
    State.EXPIRED: "expired",
    State.REVOKED: "revoked",
    State.REFUSED: "refused",
    State.WITHDRAWN: "withdrawn",
}


class IllegalMove(ValueError):
    """A move that the table does not hold. `code` is one of negotiation_ended, not_your_move, move_not_possible."""

    def __init__(self, code: str, sentence: str, *, state: State, move: Move, side: Side) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
        self.state, self.move, self.side = state, move, side
        self.possible = allowed(state, side)


def next_state(state: State, move: Move, side: Side) -> State:
    """Where `move` of `side` leads from `state`. Raises IllegalMove, which says why not and what is possible."""
    step = MOVES.get((State(state), Move(move)))
    if step is not None and side in step.sides:
        return step.to
    raise _refuse(State(state), Move(move), Side(side), step)


def allowed(state: State, side: Side) -> tuple[Move, ...]:
    """The moves that `side` can make in `state`, in the order of the table."""
    return tuple(step.move for step in STEPS if step.state == state and side in step.sides)


def waits_for(state: State) -> Side | None:
    """Whose move brings the negotiation on; None where nobody's is due."""
    return _WAITS_FOR.get(state)


def _refuse(state: State, move: Move, side: Side, step: Step | None) -> IllegalMove:
    now = f"This negotiation is {STATE_WORDS[state]}"
    possible = [other.value for other in allowed(state, side) if other is not Move.MESSAGE]
    instead = f"{SIDE_WORDS[side].capitalize()} can {_either(possible)}." if possible else ""
    if step is not None:
        code = "not_your_move"
        sentence = f"{now}: to {move} is for {_either(sorted(SIDE_WORDS[who] for who in step.sides))}. {instead}"
    elif state in FINAL:
        code, sentence = "negotiation_ended", f"{now} and has ended: it cannot be followed by “{move}”. {instead}"
    else:
        code, sentence = "move_not_possible", f"{now}: it cannot be followed by “{move}”. {instead}"
    return IllegalMove(code, sentence.strip(), state=state, move=move, side=side)


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# --- documentation -----------------------------------------------------------------------------------------------


def diagram() -> str:
    """The machine as a Mermaid state diagram. Moves that keep the state are left out; `table_of_moves` lists them."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.ENQUIRY}"]
    for step in STEPS:
        if step.to is not step.state:
            sides = ", ".join(side for side in Side if side in step.sides)
            lines.append(f"    {step.state} --> {step.to}: {step.move} ({sides})")
    lines += [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(lines)


def table_of_moves() -> str:
    """The machine as a Markdown table: one row a state and move; “any” where every state has the row."""
    rows = ["| state | move | who | then |", "|---|---|---|---|"]
    for step in STEPS:
        if step.move is not Move.MESSAGE:
            rows.append(f"| {step.state} | {step.move} | {_who(step)} | {_then(step)} |")
    message = MOVES[State.ENQUIRY, Move.MESSAGE]
    rows.append(f"| any | {Move.MESSAGE} | {_who(message)} | {_then(message)} |")
    return "\n".join(rows)


def _who(step: Step) -> str:
    return ", ".join(side for side in Side if side in step.sides)


def _then(step: Step) -> str:
    return "unchanged" if step.to is step.state else step.to.value


BEGIN, END = "<!-- made by python -m licensing.rules.lifecycle -->", "<!-- end -->"


def documentation() -> str:
    """Diagram and table as they stand in docs/lifecycle.md, between the two marks."""
    return f"{BEGIN}\n\n```mermaid\n{diagram()}\n```\n\n{table_of_moves()}\n\n{END}"


def write_into(page: str) -> str:
    """The text of a page with what stands between its marks made anew. Raises ValueError where it has no marks."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"The page has no marks {BEGIN} and {END}.")
    return f"{before}{documentation()}{after}"


def main(paths: list[str]) -> None:
    """Print the documentation, or write it into the pages named."""
    if not paths:
        sys.stdout.write(f"{documentation()}\n")
    for path in map(Path, paths):
        path.write_text(write_into(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
