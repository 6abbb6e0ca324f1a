"""What the steps of a round take, as measured: docs/gas.md, and `.gas-snapshot` in the sources.

Straight lines through what was measured with up to 256 tasks: so much for a transaction, and so
much for each labeler in it. What is said here is hardly ever too little, and most often too much
by a few percent; by a fifth with few tasks and many options.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from plumbline.settlement.terms import Kind, ScoringTerms

DEPOSIT: Final = 46_814
WITHDRAWAL: Final = 36_949
COMMITMENT: Final = 60_510  # in a transaction of one's own
REVEAL: Final = 49_058  # likewise
SEALED: Final = 6_450  # more for a commitment that carries its answers sealed
OPENING: Final = 146_380
GOLD_ROOT: Final = 20_564  # more for an opening that promises gold answers
AT_ONCE: Final = 64  # labelers in one transaction of a relayer


@dataclass(frozen=True, slots=True)
class _Step:
    """A step that handles several labelers in one transaction."""

    transaction: int
    labeler: int

    def of(self, labelers: int, transactions: int = 1) -> int:
        return transactions * self.transaction + labelers * self.labeler


_EXCLUSION: Final = 250_000  # a policy that excludes who took part in earlier rounds
_EXCLUDED_ROUND: Final = 37_000
_EXCLUDED_SEAT: Final = 1_300
_EXCLUDED: Final = 22_100  # a labeler, in however many of these rounds
_JOINED: Final = 436_000  # a policy of policies
_MEMBER: Final = 2_500
_RELAYED: Final = _Step(31_300, 37_100)
_REVEALED: Final = _Step(32_300, 10_830)
# Most options: closing without gold, and what each labeler takes more with it.
_CLOSINGS: Final = {
    Kind.NOMINAL: (
        (2, _Step(216_000, 13_930), 2_800),
        (4, _Step(254_000, 16_220), 4_000),
        (16, _Step(547_000, 23_720), 11_000),
    ),
    Kind.ORDINAL: ((5, _Step(318_000, 22_110), 9_000), (16, _Step(692_000, 27_420), 14_900)),
}


@dataclass(frozen=True, slots=True)
class JobGas:
    """Gas of a job in which every seat is taken and everybody reveals.

    opening   of all rounds
    closing   of all rounds
    account   the requester's deposit and withdrawal, once; in a token an approval besides
    alone     what labelers send if each commits and reveals in transactions of their own
    relayed   what a relayer and a keeper send instead, a round at a time
    seats     in all rounds
    """

    opening: int
    closing: int
    account: int
    alone: int
    relayed: int
    seats: int

    @property
    def requester(self) -> int:
        """Of what the requester sends, if everything else is sent by others."""
        return self.account + self.opening + self.closing

    @property
    def alone_each(self) -> int:
        """Of one labeler in one round, who sends everything alone."""
        return -(-self.alone // self.seats)


def gas_of(rounds: Iterable[ScoringTerms]) -> JobGas:
    """What rounds of these terms take, one or more."""
    every = list(rounds)
    seats = sum(terms.seats for terms in every)
    return JobGas(
        opening=sum(OPENING + GOLD_ROOT * terms.has_gold for terms in every),
        closing=sum(map(closing, every)),
        account=DEPOSIT + WITHDRAWAL,
        alone=seats * (COMMITMENT + SEALED + REVEAL),
        relayed=sum(relayed(terms.seats) for terms in every),
        seats=seats,
    )


def closing(terms: ScoringTerms) -> int:
    """Of closing a round, all seats revealed."""
    step, gold = next(
        (step, gold) for most, step, gold in _CLOSINGS[terms.kind] if terms.options <= most
    )
    return step.of(terms.seats) + terms.has_gold * gold * terms.seats


def excluding(rounds: int, seats: int, labelers: int) -> int:
    """Of creating a policy that excludes so many labelers, who have answered in so many seats of
    so many earlier rounds."""
    each = rounds * _EXCLUDED_ROUND + seats * _EXCLUDED_SEAT + labelers * _EXCLUDED
    return _EXCLUSION + each


def joining(policies: int) -> int:
    """Of creating a policy of so many policies."""
    return _JOINED + policies * _MEMBER


def relayed(seats: int) -> int:
    """Of bringing in and revealing the commitments of a round's seats, answers sealed."""
    transactions = -(-seats // AT_ONCE)
    carried = _RELAYED.of(seats, transactions) + SEALED * seats
    return carried + _REVEALED.of(seats, transactions)
