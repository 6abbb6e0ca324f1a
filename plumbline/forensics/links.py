"""What links labelers besides their answers: whose money it is, and who relayed for them.

Neither is evidence of anything alone. A service deposits for many, and a relayer sends for
strangers in one transaction; both are meant to be. It is said as a note, and weighs only where
those who are linked are also those who agree too much: then the chance is given that as many of
them would be linked if links had nothing to do with answers (hypergeometric).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from plumbline.chain.events import Deposited, Event, LabelerEvent, Withdrawn


@dataclass(frozen=True, slots=True)
class SharedAddress:
    """Labelers whose money comes from or goes to one address, which may be one of them.

    paid, received   how many of them it paid for, and how many had it receive their money
    elsewhere        accounts that are not among the round's labelers it did the same for
    """

    address: str
    labelers: tuple[str, ...]
    paid: int
    received: int
    elsewhere: int


def shared_addresses(events: Iterable[Event], labelers: Sequence[str]) -> list[SharedAddress]:
    """Addresses that two or more of the labelers share, those of most first.

    An account's own deposits and withdrawals to itself link it to nobody else, but whoever
    pays for another is linked to it.
    """
    paid: dict[str, set[str]] = {}
    received: dict[str, set[str]] = {}
    for event in events:
        if isinstance(event, Deposited) and event.payer != event.account:
            paid.setdefault(event.payer, set()).add(event.account)
        elif isinstance(event, Withdrawn) and event.receiver != event.account:
            received.setdefault(event.receiver, set()).add(event.account)
    shared = []
    for address in paid.keys() | received.keys():
        payees, payers = paid.get(address, set()), received.get(address, set())
        linked = payees | payers | {address}
        inside = tuple(labeler for labeler in labelers if labeler in linked)
        if len(inside) > 1:
            shared.append(
                SharedAddress(
                    address,
                    inside,
                    len(payees & set(inside)),
                    len(payers & set(inside)),
                    len((payees | payers) - set(labelers)),
                )
            )
    return sorted(shared, key=lambda link: (-len(link.labelers), link.address))


@dataclass(frozen=True, slots=True)
class SharedTransaction:
    """Labelers of one transaction, of those whose events were looked at."""

    transaction: bytes
    block: int
    labelers: tuple[str, ...]


def shared_transactions(events: Sequence[LabelerEvent]) -> list[SharedTransaction]:
    """Who came in one transaction, those of more than one labeler."""
    sent: dict[bytes, list[LabelerEvent]] = {}
    for event in events:
        sent.setdefault(event.transaction, []).append(event)
    return [
        SharedTransaction(transaction, batch[0].block, tuple(event.labeler for event in batch))
        for transaction, batch in sent.items()
        if len(batch) > 1
    ]


def chance_of_overlap(everybody: int, linked: int, suspected: int, both: int) -> float:
    """The chance that `both` or more of `suspected` are among `linked`, if drawn blindly."""
    ways = sum(
        comb(linked, k) * comb(everybody - linked, suspected - k)
        for k in range(both, min(linked, suspected) + 1)
    )
    return ways / comb(everybody, suspected)


def most_together(
    batches: Sequence[SharedTransaction], suspected: Sequence[str], everybody: int
) -> tuple[SharedTransaction, int, float] | None:
    """The transaction that is least likely to hold so many of the suspected, how many, and the
    chance that any of the transactions would; None if none holds two."""
    sizes: Mapping[bytes, int] = Counter(
        {batch.transaction: len(set(batch.labelers) & set(suspected)) for batch in batches}
    )
    best: tuple[SharedTransaction, int, float] | None = None
    for batch in batches:
        both = sizes[batch.transaction]
        if both < 2:
            continue
        chance = chance_of_overlap(everybody, len(batch.labelers), len(suspected), both)
        chance = min(1.0, chance * len(batches))
        if best is None or chance < best[2]:
            best = (batch, both, chance)
    return best
