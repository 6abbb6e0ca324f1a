"""What a seat of a round promises and puts at risk, for people to see before they sign."""

from dataclasses import dataclass

from plumbline.chain.records import Account
from plumbline.history.rounds import RoundHistory
from plumbline.settlement.terms import BPS


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """One seat of a round; amounts in the smallest unit, shares and kappas in bps.

    price           full pay
    spent           of it, what labelers or the sink get of a revealed seat whatever happens
    stake           what is locked until the round is closed
    reveal_by       unix seconds; `silent` is what is lost by not revealing until then, and by
                    letting anybody show the answers to the contract before
    outlier_least, outlier_most    what an outlier loses
    tasks, gold_count    of so many tasks so many are gold tasks; 0 without gold
    gold_pass       kappa on the gold tasks from which on a sheet is counted and may be paid
    gold_fail       who is so far below chance on them is an outlier
    gold_by         when the gold answers count as withheld, unix seconds; 0 without gold
    opened, void    rounds that the requester has opened, and of these void or expired
    """

    price: int
    spent: int
    stake: int
    reveal_by: int
    silent: int
    outlier_least: int
    outlier_most: int
    tasks: int
    gold_count: int
    gold_pass: int
    gold_fail: int
    gold_by: int
    opened: int
    void: int

    @classmethod
    def of(cls, history: RoundHistory, requester: Account) -> "SeatOffer":
        """The offer of a round; `requester` is the account of who opened it."""
        rules = history.rules
        return cls(
            price=rules.price,
            spent=rules.never_refunded,
            stake=rules.stake,
            reveal_by=history.deadlines.reveal,
            silent=rules.stake * rules.slash_max_bps // BPS,
            outlier_least=rules.stake * rules.slash_base_bps // BPS,
            outlier_most=rules.stake * rules.slash_max_bps // BPS,
            tasks=rules.tasks,
            gold_count=rules.gold_count,
            gold_pass=rules.gold_pass_bps if rules.has_gold else 0,
            gold_fail=rules.gold_slash_bps if rules.has_gold else 0,
            gold_by=history.deadlines.gold,
            opened=requester.opened,
            void=requester.void,
        )

    @property
    def has_gold(self) -> bool:
        """Whether gold answers are promised."""
        return self.gold_count > 0
