"""The state machine of P2 drawn from the code, so that the picture in the docs cannot be wrong."""

from escalation.models import Escalation
from escalation.models.escalation import State

BEGIN, END = "<!-- drawn from the code by `make diagrams`: begin -->", "<!-- end -->"


def state_diagram() -> str:
    """Return a Mermaid state diagram of all transitions of `Escalation.state`, each under its method's name."""
    moves = sorted(
        (transition.source, transition.target, transition.name)
        for transition in Escalation().get_all_state_transitions()
    )
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {State.FLOOR_1.value}: arrival"]
    lines += [f"    [*] --> {state.value}: a rule names it (P2.2)" for state in (State.FLOOR_2, State.FLOOR_3)]
    lines += [f"    {source} --> {target}: {name}" for source, target, name in moves]
    return "\n".join([*lines, "```"])


def drawn_into(text: str) -> str:
    """Return the document TEXT with its diagram drawn anew; ValueError where it has no place for one."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document has no place for a diagram; it needs the lines {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{state_diagram()}\n{END}{after}"
