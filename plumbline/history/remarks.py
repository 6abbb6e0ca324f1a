"""What is odd about rounds, for whoever looks at many: which they are, and why.

Nothing here keeps anybody from anything. A stranger may open a thousand such rounds, so there is
one remark for all that have the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import uri_flaw

_NAMED: Final = 12  # rounds in one remark


def remarks(histories: Iterable[RoundHistory], unreadable: Mapping[int, str]) -> list[str]:
    """A sentence for each thing that is odd; both as of `history.rounds.rebuild`."""
    lines = [
        f"round {number} cannot be told and is left out: {why}"
        for number, why in unreadable.items()
    ]
    by_flaw: dict[str, list[int]] = {}
    for history in histories:
        flaw = uri_flaw(history.opened.uri)
        if flaw is not None:
            by_flaw.setdefault(flaw, []).append(history.round_id)
    lines += [f"the uri of {named(by_flaw[flaw])} {flaw}" for flaw in sorted(by_flaw)]
    return lines


def named(rounds: Sequence[int]) -> str:
    """`round 3`, or `rounds 1, 2, 3`, of which the first few."""
    shown = ", ".join(str(number) for number in rounds[:_NAMED])
    more = f" and {len(rounds) - _NAMED} more" if len(rounds) > _NAMED else ""
    return f"round{'s' if len(rounds) > 1 else ''} {shown}{more}"
