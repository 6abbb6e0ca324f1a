"""SeatDraw, typed: its views, and the calls to it, built but not sent.

Whatever can be seen to be wrong is refused here with a line of its own, before anything is signed;
the rest the contract refuses, with a reason that `revert_reason` extracts.
"""

from collections.abc import Sequence
from typing import Final

from eth_typing import BlockIdentifier

from plumbline.chain.builds import seating_abi
from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.chain.creation import encode_arguments
from plumbline.chain.preconditions import CallError, require_account, require_round
from plumbline.chain.records import RoundState
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import require_word
from plumbline.protocol.limits import MAX_EVIDENCE
from plumbline.seating.client import (
    SeatingContract,
    SeatingError,
    ask,
    call_data,
    code_at,
    kind_of,
)
from plumbline.seating.draw import (
    MAX_WINDOW,
    MIN_WINDOW,
    SPAN,
    Draw,
    DrawRefusal,
    PlannedDraw,
    RefusalReason,
    fee,
)
from plumbline.seating.packing import draw_from, mask_of
from plumbline.seating.policies import build_of, read_pool_terms
from plumbline.seating.records import PoolState, PoolTerms, PoolUnit, unit_from
from plumbline.seating.seed import MAX_HEADER_BYTES

KIND: Final = "SeatDraw"
"""The name of its source."""

MAX_SEED_DELAY: Final = 2**16  # blocks
STRIKES_OF_BOND: Final = 10  # strikes that a bond would pay for


class SeatDraw(SeatingContract):
    """One pool, and the draws from it. Amounts are in wei (or the smallest unit of its ERC-20).

    What reads the chain raises SeatingError.
    """

    def __init__(self, rounds: LabelRounds, address: str) -> None:
        """`rounds` is the deployment whose seats are drawn. Asks the node nothing yet."""
        super().__init__(rounds.w3, address, KIND)
        self.rounds = rounds
        self._terms: PoolTerms | None = None

    # ------------------------------------------------------------------- views

    def terms(self) -> PoolTerms:
        """What never changes, asked once. Raises SeatingError if it is of another deployment."""
        if self._terms is None:
            self._terms = self._read_terms()
        return self._terms

    def _read_terms(self) -> PoolTerms:
        terms = read_pool_terms(self)
        if terms.label_rounds != self.rounds.address:
            raise SeatingError(
                f"the pool {self.address} draws seats of {terms.label_rounds}, not of"
                f" {self.rounds.address}: check the address"
            )
        return terms

    def state(self, block: BlockIdentifier = "latest") -> PoolState:
        """What is known of all units, as of a block."""
        return PoolState(*self.read("state", block=block))

    def unit(self, number: int, block: BlockIdentifier = "latest") -> PoolUnit:
        """What is known of a unit."""
        return unit_from(self.read("unit", number, block=block))

    def drawn(self, number: int, block: BlockIdentifier = "latest") -> Draw:
        """A draw. Raises SeatingError if there is none."""
        terms, luck = self.read("drawn", number, block=block)
        if not terms:
            raise SeatingError(f"there is no draw {number}: check the number")
        return draw_from(number, terms, luck)

    def is_drawn(self, round_id: int, block: BlockIdentifier = "latest") -> bool:
        """Whether a round is in a draw."""
        return bool(self.read("is_drawn", round_id, block=block))

    def credit(self, owner: str, block: BlockIdentifier = "latest") -> int:
        """What an account may withdraw."""
        return int(self.read("credit", checksum(owner), block=block))

    def sink_balance(self, block: BlockIdentifier = "latest") -> int:
        """What the sink may collect."""
        return int(self.read("sink_balance", block=block))

    def refusal(
        self,
        round_id: int,
        labeler: str,
        evidence: Sequence[bytes],
        block: BlockIdentifier = "latest",
    ) -> DrawRefusal:
        """Whether the contract refuses a seat; `Draw.refusal` knows the rank, too."""
        given = (round_id, checksum(labeler), list(evidence))
        reason, until = self.read("refusal", *given, block=block)
        return DrawRefusal(RefusalReason(reason), until or None)

    # ---------------------------------------------------------- calls: members

    def approve(self, amount: int) -> Call:
        """Let the pool take so much of the ERC-20: a bond, or the fee of a draw, needs it first."""
        return self.rounds.money.approve(self.address, amount)

    def join(self, evidence: Sequence[bytes] = ()) -> Call:
        """Add a unit of the sender's, who pays the bond."""
        if len(evidence) > MAX_EVIDENCE:
            raise CallError(
                f"{len(evidence)} words of evidence: a policy is shown {MAX_EVIDENCE} at most"
            )
        for word in evidence:
            require_word("evidence", word)
        terms = self.terms()
        return self.call(
            "join",
            [list(evidence)],
            f"Join the pool {self.address} with one unit, for a bond of"
            f" {self.rounds.in_words(terms.bond)}, a tenth of which is lost each time you are"
            " drawn and stay away.",
            value=self._ether(terms.bond),
        )

    def join_for(self, owner: str) -> Call:
        """Add a unit of somebody else's; the sender pays the bond, the owner gets it back.

        Raises CallError where a gate is asked about whoever joins.
        """
        member = require_account("owner", owner)
        terms = self.terms()
        if terms.has_gate:
            raise CallError(
                f"the pool {self.address} asks {terms.gate} about whoever joins:"
                f" {member} has to join for itself"
            )
        return self.call(
            "join_for",
            [member],
            f"Add one unit of {member} to the pool {self.address}, for a bond of"
            f" {self.rounds.in_words(terms.bond)} from you, which will be {member}'s.",
            value=self._ether(terms.bond),
        )

    def is_joining(self, call: Call, owner: str | None) -> bool:
        """Whether a call adds a unit of `owner`'s; None for one of the sender's, whatever it shows
        to the gate.
        """
        if call.to != self.address:
            return False
        if owner is None:
            return call.data[:4] == call_data(KIND, "join", [[]])[:4]
        return call.data == call_data(KIND, "join_for", [checksum(owner)])

    def leave(self, unit: int) -> Call:
        """End the membership of a unit of the sender's."""
        return self.call(
            "leave",
            [unit],
            f"Leave the pool {self.address} with unit {unit}; it can still be called upon in"
            " rounds that were drawn before.",
        )

    def release(self, unit: int) -> Call:
        """Credit what is left of a bond to its owner, some time after the unit left."""
        return self.call(
            "release",
            [unit],
            f"Credit the bond of unit {unit} in the pool {self.address} to its owner.",
        )

    def withdraw(self, receiver: str) -> Call:
        """Pay out all that is credited to the sender."""
        to = require_account("receiver", receiver)
        return self.call(
            "withdraw",
            [to],
            f"Withdraw all that is credited to you in the pool {self.address} to {to}.",
        )

    def sweep(self) -> Call:
        """Pay out to the sink what was lost, and the fees."""
        return self.call(
            "sweep",
            [],
            f"Pay out what the pool {self.address} holds for the sink"
            f" {self.rounds.deployment.sink}.",
        )

    # ------------------------------------------------------- calls: requesters

    def draw(self, round_ids: Sequence[int], load: int, requester: str) -> Call:
        """Draw for rounds that `requester`, the sender, has opened.

        `load` is how many of them list a unit at most. Raises CallError for rounds that cannot be
        drawn, or a pool that is too small for them, with what would do.
        """
        rounds = tuple(sorted(set(round_ids)))
        if not rounds:
            raise CallError("no round to draw: name the rounds")
        if rounds[-1] - rounds[0] >= SPAN:
            raise CallError(
                f"rounds {rounds[0]} to {rounds[-1]}: a draw spans {SPAN} numbers, so draw"
                " several times"
            )
        if not 0 < load <= len(rounds):
            raise CallError(f"load {load} is not in 1..{len(rounds)}, the number of rounds")
        terms, latest = self.terms(), self.w3.eth.get_block("latest")["timestamp"]
        states = {each: self.rounds.round(each) for each in rounds}
        first = states[rounds[0]]
        for each, state in states.items():
            self._require_drawable(each, state, terms, checksum(requester), int(latest))
            if state.rules.seats != first.rules.seats:
                raise CallError(
                    f"round {rounds[0]} has {first.rules.seats} seats, round {each} has"
                    f" {state.rules.seats}: draw them apart"
                )
        draw = PlannedDraw(rounds, first.rules.seats, load)
        self._require_large_enough(draw)
        cost = fee(sum(state.rules.price * state.rules.seats for state in states.values()))
        listed = ", ".join(map(str, rounds))
        return self.call(
            "draw",
            [rounds[0], mask_of(rounds), load],
            f"Draw who may take the seats of rounds {listed} from the pool {self.address}, for a"
            f" fee of {self.rounds.in_words(cost)}.",
            value=self._ether(cost),
        )

    # ----------------------------------------------------------- calls: anyone

    def capture(self, draw_id: int, header: bytes) -> Call:
        """Fix the seed of a draw, see `seed.header_of`."""
        if len(header) > MAX_HEADER_BYTES:
            raise CallError(f"a header of {len(header)} bytes: a pool takes {MAX_HEADER_BYTES}")
        return self.call(
            "capture",
            [draw_id, header],
            f"Fix the seed of draw {draw_id} in the pool {self.address}.",
        )

    def rearm(self, draw_id: int) -> Call:
        """Name another seed block, where the hash of the last one is gone."""
        return self.call(
            "rearm",
            [draw_id],
            f"Name another seed block for draw {draw_id} in the pool {self.address}.",
        )

    def can_rearm(self, draw_id: int, block: BlockIdentifier = "latest") -> bool:
        """Whether another seed block may be named: how long the hash of one can be had depends on
        the chain, so the pool is asked.
        """
        return ask(self.w3, self.address, self.rearm(draw_id).data, block=block) is not None

    def report(self, round_id: int, draw_id: int, unit: int) -> Call:
        """Strike a drawn unit whose owner has no seat."""
        require_round(round_id)
        return self.call(
            "report",
            [round_id, draw_id, unit],
            f"Report to the pool {self.address} that unit {unit} was drawn for round {round_id}"
            " and stayed away, which costs its owner a tenth of the bond.",
        )

    # ---------------------------------------------------------------- internal

    def _ether(self, amount: int) -> int:
        """What of an amount is sent along: all, unless the asset is a token."""
        return amount if self.rounds.money.is_ether else 0

    def _require_drawable(
        self, round_id: int, state: RoundState, terms: PoolTerms, requester: str, now: int
    ) -> None:
        rules, in_words = state.rules, self.rounds.in_words
        if state.requester != requester:
            raise CallError(f"round {round_id} was opened by {state.requester}, who has to draw it")
        if state.admission == ZERO:
            raise CallError(
                f"round {round_id} is open to everybody: open one whose admission is"
                f" {self.address}, or a policy that asks it"
            )
        if self.is_drawn(round_id):
            raise CallError(f"round {round_id} is drawn already: leave it out")
        if state.committed:
            raise CallError(f"round {round_id} has seats that are taken: leave it out")
        if rules.stake > terms.most_stake:
            raise CallError(
                f"round {round_id} asks a stake of {in_words(rules.stake)}, the pool allows"
                f" {in_words(terms.most_stake)}: open one with less"
            )
        if rules.price < terms.least_price * rules.tasks:
            raise CallError(
                f"round {round_id} pays {in_words(rules.price)} for {rules.tasks} tasks, the pool"
                f" asks for {in_words(terms.least_price * rules.tasks)}: open one with more"
            )
        left = state.deadlines.commit - now
        if not MIN_WINDOW <= left <= MAX_WINDOW:
            raise CallError(
                f"the commit deadline of round {round_id} is {left:,} seconds away: a draw takes"
                f" rounds that have {MIN_WINDOW:,} to {MAX_WINDOW:,} left"
            )

    def _require_large_enough(self, draw: PlannedDraw) -> None:
        drawable = self.state().drawable
        if drawable >= draw.needed:
            return
        for load in range(draw.load + 1, len(draw.rounds) + 1):
            if drawable >= PlannedDraw(draw.rounds, draw.seats, load).needed:
                raise CallError(
                    f"{drawable} units can be drawn, and {len(draw.rounds)} rounds of {draw.seats}"
                    f" seats with a load of {draw.load} need {draw.needed}: a load of {load} would"
                    " do"
                )
        needed = PlannedDraw(draw.rounds, draw.seats, len(draw.rounds)).needed
        raise CallError(
            f"{drawable} units can be drawn, and {draw.seats} seats need {needed} at least: wait"
            " for members, or open rounds with fewer seats"
        )


def pool_at(rounds: LabelRounds, address: str) -> SeatDraw:
    """The pool at an address, which draws seats of this deployment. Raises SeatingError."""
    if kind_of(code_at(rounds.w3, address)) != KIND:
        raise SeatingError(
            f"{checksum(address)} is no pool that seats are drawn from: check the address"
        )
    pool = SeatDraw(rounds, address)
    pool.terms()
    return pool


def create_pool(terms: PoolTerms, evm_version: str) -> Call:
    """The call that creates a pool. Raises CallError for terms that it would refuse."""
    if terms.bond < STRIKES_OF_BOND:
        raise CallError(f"a bond of {terms.bond} is too small to take a tenth of: ask for more")
    if terms.least_price < 1:
        raise CallError("the least price of a task is above 0: the fee of a draw depends on it")
    if not 0 < terms.seed_delay <= MAX_SEED_DELAY:
        raise CallError(f"the seed is 1 to {MAX_SEED_DELAY:,} blocks after a draw: 96 is usual")
    if not 0 <= terms.most_stake < 1 << 256 or max(terms.bond, terms.least_price) >= 1 << 256:
        raise CallError("an amount does not fit into 256 bits: give a smaller one")
    values = {
        "label_rounds": terms.label_rounds,
        "gate": terms.gate,
        "bond": terms.bond,
        "most_stake": terms.most_stake,
        "least_price": terms.least_price,
        "seed_delay": terms.seed_delay,
    }
    data = build_of(KIND, evm_version).init_code + encode_arguments(seating_abi(KIND), values)
    return Call(None, data, 0, f"Create {KIND}, a pool that seats are drawn from.")
