"""What docs/specification.md says will happen, in Python: balances, phases, reasons and events.

Every action either raises Refused with the reason that the contract must give, and then changes
nothing, or returns the events that it must log. The numbers are those of the statements.

Two things are taken from the library, which other suites hold against the contract: hashes, and
the settlement of a round by the reference implementation.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from plumbline.chain.events import (
    CommitRefused,
    Committed,
    Deposited,
    Event,
    Forfeited,
    GoldOpened,
    LeakReported,
    Released,
    Revealed,
    RevealRefused,
    RoundClosed,
    RoundExpired,
    RoundOpened,
    Swept,
    Withdrawn,
)
from plumbline.chain.records import Account, Deadlines, Phase, RoundState, Seat, Verdict
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    EMPTY_SHEET,
    LEAKED,
    Opening,
    RollEntry,
    SignedCommitment,
    commitment,
    gold_root,
    roll_of,
)
from plumbline.protocol.outcomes import Outcome, payroll_of
from plumbline.protocol.withdrawal import Withdrawal
from plumbline.settlement import Band, Mode, WorkedSettlement, settle
from plumbline.settlement.sheet import Sheet, SheetError, require_sheet, unpack
from plumbline.settlement.terms import ScoringTerms
from tests.world.chain import Refused

MOST: Final = 2**88 - 1  # wei in all books
EXPIRY: Final = 30 * 86_400  # seconds
MONTH: Final = 30 * 86_400
YEAR: Final = 365 * 86_400
HERE: Final = (0, 0, b"")  # where an event stands is the chain's business


@dataclass
class Page:
    """An account (A2.1, A3)."""

    free: int = 0
    locked: int = 0
    rounds: int = 0
    near: int = 0
    outlier: int = 0
    unrevealed: int = 0
    kappa: int = 0
    opened: int = 0
    void: int = 0

    def end_seat(self, stake: int, slash: int, pay: int, band: Band | None, kappa: int) -> None:
        """`band` is None where a round expired."""
        self.locked -= stake
        self.free += stake - slash + pay
        if self.rounds == 4_095:  # A3.3
            self.rounds //= 2
            self.near //= 2
            self.outlier //= 2
            self.unrevealed //= 2
        self.rounds += 1  # A3.2
        self.near += band is Band.NEAR
        self.outlier += band is Band.OUTLIER
        self.unrevealed += band is Band.UNREVEALED
        if band in (Band.NEAR, Band.FAR, Band.OUTLIER):  # A3.4
            self.kappa = (7 * self.kappa + min(kappa // 100, 10_000)) // 8

    def note_opened(self) -> None:  # A3.5
        if self.opened == 511:
            self.opened //= 2
            self.void //= 2
        self.opened += 1

    def note_void(self) -> None:  # A3.6
        self.void = min(self.void + 1, self.opened)

    def account(self) -> Account:
        return Account(
            self.free,
            self.locked,
            self.rounds,
            self.near,
            self.outlier,
            self.unrevealed,
            self.kappa,
            self.opened,
            self.void,
        )


@dataclass
class Round:
    """A round (T)."""

    round_id: int
    requester: str
    rules: ScoringTerms
    deadlines: Deadlines
    tasks_root: bytes
    gold_root: bytes
    admission: str
    domain: bytes
    # By labeler: the commitment; LEAKED; or zero once revealed or forfeited (D2.4).
    seats: dict[str, bytes] = field(default_factory=dict)
    roll: list[RollEntry] = field(default_factory=list)
    gone: int = 0
    is_over: bool = False
    verdict: Verdict | None = None
    payroll: bytes = EMPTY_HASH

    @property
    def awaited(self) -> int:
        return len(self.seats) - len(self.roll) - self.gone

    def phase(self, now: int) -> Phase:  # T4
        if self.is_over:
            return Phase.CLOSED
        if now < self.deadlines.commit and len(self.seats) < self.rules.seats:
            return Phase.COMMIT
        if now < self.deadlines.reveal and self.awaited > 0:
            return Phase.REVEAL
        if self.gold_root != EMPTY_HASH and now < self.deadlines.gold:
            return Phase.GOLD
        return Phase.DUE

    def seconds_left(self, now: int) -> int:  # V1.3
        ends = {
            Phase.COMMIT: self.deadlines.commit,
            Phase.REVEAL: self.deadlines.reveal,
            Phase.GOLD: self.deadlines.gold,
        }
        return ends.get(self.phase(now), now) - now

    def state(self) -> RoundState:  # V1.4, D2.5
        roll = roll_of(self.tasks_root, ((entry.labeler, entry.sheet) for entry in self.roll))
        if self.is_over:
            roll = EMPTY_HASH
            if self.verdict is not None:
                roll = self.verdict.hash(self.tasks_root, self.payroll)
        return RoundState(
            self.requester,
            self.rules,
            self.deadlines,
            self.gold_root,
            self.admission,
            len(self.seats),
            len(self.roll),
            self.gone,
            roll,
            self.is_over,
        )

    def seat(self, labeler: str) -> Seat:  # V1.5
        held = self.seats.get(labeler, EMPTY_HASH)
        return Seat(EMPTY_HASH, True) if held == LEAKED else Seat(held, False)

    def commitment(self, labeler: str, sheet: Sheet, salt: bytes) -> bytes:
        return commitment(self.domain, self.round_id, labeler, sheet, salt)

    def is_well_formed(self, sheet: Sheet) -> bool:  # D1.4
        try:
            require_sheet(sheet, self.rules.options, self.rules.tasks)
        except SheetError:
            return False
        return True

    def settlement(self, gold: Sheet) -> WorkedSettlement:
        options, tasks = self.rules.options, self.rules.tasks
        rows = [unpack(entry.sheet, options, tasks) for entry in self.roll]
        return settle(self.rules, rows, self.gold_answers(gold))

    def gold_answers(self, gold: Sheet) -> dict[int, int]:
        """Gold answers by task."""
        known = enumerate(unpack(gold, self.rules.options, self.rules.tasks))
        return {task: answer for task, answer in known if answer is not None}

    def is_credible(self, gold: Sheet) -> bool:  # G2
        answers = list(self.gold_answers(gold).values())
        count, width = self.rules.gold_count, self.rules.width
        if count == 0 or len(answers) != count:
            return False
        alike = sum(max(0, width - abs(one - other)) for one in answers for other in answers)
        best = count * count * width - alike
        return best * 16 >= 5 * min(width, self.rules.options - 1) * count * count


class Model:
    """A deployment."""

    def __init__(self, domain: bytes, is_ether: bool, refusing: frozenset[str]) -> None:
        """`refusing` are the addresses that take no ether."""
        self.domain = domain
        self.is_ether = is_ether
        self.refusing = refusing
        self.now = 0
        self.sink = 0
        self.gifts = 0
        self.came_to: list[str] = []  # at the last close
        self.pages: dict[str, Page] = defaultdict(Page)
        self.rounds: dict[int, Round] = {}
        self.nonces: dict[str, int] = defaultdict(int)
        # By policy: by round, whom it admits.
        self.policies: dict[str, dict[int, set[str]]] = {}

    @property
    def held(self) -> int:
        """What the contract holds (A2.2)."""
        escrow = sum(
            round.rules.price * round.rules.seats
            for round in self.rounds.values()
            if not round.is_over
        )
        owned = sum(page.free + page.locked for page in self.pages.values())
        return owned + escrow + self.sink + self.gifts

    def account(self, owner: str) -> Account:
        return self.pages[owner].account()

    # ------------------------------------------------------------------ accounts

    def deposit(self, payer: str, owner: str, amount: int, value: int) -> list[Event]:
        _refuse(owner == ZERO, "deposit: no account")  # A1.4
        _refuse(amount == 0, "deposit: nothing")
        if self.is_ether:
            _refuse(value != amount, "deposit: value is not the amount")  # A1.5
        else:
            _refuse(value != 0, "deposit: this deployment takes no ether")  # A1.6
        _refuse(self.held + amount > MOST, "deposit: more than the books hold")  # A1.7
        self.pages[owner].free += amount
        return [Deposited(*HERE, owner, payer, amount)]

    def withdraw(self, owner: str, amount: int, receiver: str) -> list[Event]:  # A1.8
        return self._pay_out(owner, owner, amount, receiver, 0)

    def withdraw_for(
        self, relayer: str, withdrawal: Withdrawal, is_good: bool
    ) -> list[Event]:  # A4
        """With whether it is the owner's signature."""
        owner = withdrawal.owner
        _refuse(self.now >= withdrawal.deadline, "withdraw: too late")  # A4.3
        is_next = withdrawal.nonce == self.nonces[owner]
        _refuse(not (is_good and is_next), "withdraw: invalid signature")  # A4.4
        paid = self._pay_out(relayer, owner, withdrawal.amount, withdrawal.receiver, withdrawal.fee)
        self.nonces[owner] += 1  # A4.5
        return paid

    def _pay_out(
        self, sender: str, owner: str, amount: int, receiver: str, fee: int
    ) -> list[Event]:  # A1.9
        _refuse(amount <= fee, "withdraw: nothing")
        _refuse(receiver == ZERO, "withdraw: no receiver")
        _refuse(self.pages[owner].free < amount, "account: not enough free")
        _refuse(self.is_ether and receiver in self.refusing, "withdraw: receiver refused")
        self.pages[owner].free -= amount
        self.pages[sender].free += fee  # A4.2
        return [Withdrawn(*HERE, owner, receiver, amount, fee, sender)]

    def sweep(self) -> list[Event]:  # A1.10
        _refuse(self.sink == 0, "sweep: nothing")
        amount, self.sink = self.sink, 0
        return [Swept(*HERE, amount)]

    # ---------------------------------------------------------------- requesters

    def open(
        self,
        requester: str,
        rules: ScoringTerms,
        deadlines: Deadlines,
        tasks_root: bytes,
        gold_root: bytes,
        admission: str,
    ) -> list[Event]:
        """With rules that are allowed, but that they may not go with the gold root."""
        has_gold = gold_root != EMPTY_HASH
        promises = rules.gold_count > 0
        _refuse(has_gold and not promises, "open: gold_root without gold_count")  # T1.27
        _refuse(promises and not has_gold, "open: gold_count without gold_root")
        _refuse(deadlines.commit <= self.now, "open: commit deadline is over")  # T2.1
        _refuse(deadlines.reveal < deadlines.commit + 300, "open: reveal window too short")  # T2.2
        if has_gold:
            _refuse(deadlines.gold <= deadlines.reveal, "open: gold not after reveal")  # T2.3
            too_late = deadlines.gold > deadlines.reveal + MONTH
            _refuse(too_late, "open: gold window too long")  # T2.6
        else:
            _refuse(deadlines.gold != 0, "open: gold deadline without gold")  # T2.4
        _refuse(deadlines.last > self.now + YEAR, "open: round too long")  # T2.5
        escrow = rules.price * rules.seats
        _refuse(self.pages[requester].free < escrow, "account: not enough free")  # T3.3
        self.pages[requester].free -= escrow
        self.pages[requester].note_opened()
        round_id = len(self.rounds) + 1  # T3.4
        self.rounds[round_id] = Round(
            round_id, requester, rules, deadlines, tasks_root, gold_root, admission, self.domain
        )
        return [
            RoundOpened(
                *HERE, round_id, requester, rules, deadlines, tasks_root, gold_root, admission, ""
            )
        ]

    # ------------------------------------------------------------------ labelers

    def commit(self, labeler: str, round_id: int, made: bytes, stake: int) -> list[Event]:  # C2.1
        round = self._in_commit(round_id)
        _refuse(stake != round.rules.stake, "commit: stake is another")
        reason = self._take_seat(round, labeler, made)
        _refuse(bool(reason), reason)
        return [Committed(*HERE, round_id, labeler, made, b"")]

    def commit_signed(
        self, round_id: int, signed: Sequence[tuple[SignedCommitment, bool]]
    ) -> list[Event]:
        """Each with whether it is the labeler's signature (C2.3, C2.4)."""
        round = self._in_commit(round_id)
        events: list[Event] = []
        reason = "commit: empty batch"
        taken = 0
        for item, is_good in signed:
            if not is_good:
                reason = "commit: invalid signature"
            elif len(round.seats) == round.rules.seats:
                reason = "commit: no seat left"
            else:
                reason = self._take_seat(round, item.labeler, item.commitment)
            if reason:
                events.append(CommitRefused(*HERE, round_id, item.labeler, reason))
            else:
                taken += 1
                events.append(
                    Committed(*HERE, round_id, item.labeler, item.commitment, item.sealed)
                )
        _refuse(not taken, reason)
        return events

    def commit_for_wallet(
        self, round_id: int, labeler: str, made: bytes, is_good: bool
    ) -> list[Event]:  # C2.6
        round = self._in_commit(round_id)
        _refuse(not is_good, "commit: invalid signature")
        reason = self._take_seat(round, labeler, made)
        _refuse(bool(reason), reason)
        return [Committed(*HERE, round_id, labeler, made, b"")]

    def report_leak(
        self, reporter: str, round_id: int, labeler: str, sheet: Sheet, salt: bytes
    ) -> list[Event]:  # L1
        round = self._in_commit(round_id)
        _refuse(reporter == labeler, "leak: one's own")
        made = round.commitment(labeler, sheet, salt)
        _refuse(round.seats.get(labeler) != made, "leak: not what was committed")
        slash = self._silent_slash(round)
        bounty = round.rules.stake * 500 // 10_000
        round.seats[labeler] = LEAKED
        round.gone += 1
        self.pages[labeler].end_seat(round.rules.stake, slash, 0, Band.UNREVEALED, 0)
        self.pages[reporter].free += bounty
        self.sink += slash - bounty
        return [LeakReported(*HERE, round_id, labeler, reporter, salt, sheet, slash, bounty)]

    # -------------------------------------------------------------------- anyone

    def reveal(self, round_id: int, openings: Sequence[Opening]) -> list[Event]:  # R1
        round = self._in_reveal(round_id)
        events: list[Event] = []
        reason = "reveal: empty batch"
        before = len(round.roll)
        for opening in openings:
            reason = self._refusal(round, opening, round.seats)
            if reason:
                events.append(RevealRefused(*HERE, round_id, opening.labeler, reason))
            else:
                events.append(self._reveal(round, opening))
        _refuse(len(round.roll) == before, reason)
        return events

    def close(
        self,
        round_id: int,
        tasks_root: bytes,
        entries: Sequence[RollEntry],
        gold: Sheet,
        salt: bytes,
    ) -> list[Event]:  # P1.1
        round = self._unfinished(round_id)
        is_roll = list(entries) == round.roll and tasks_root == round.tasks_root
        _refuse(not is_roll, "close: not what was revealed")
        phase = round.phase(self.now)
        _refuse(phase not in (Phase.GOLD, Phase.DUE), "close: not yet")
        opened = self._open_gold(round, phase, gold, salt)
        return [*opened, *self._settle(round, gold)]

    def conclude(
        self,
        round_id: int,
        tasks_root: bytes,
        openings: Sequence[Opening],
        gold: Sheet,
        salt: bytes,
    ) -> list[Event]:  # P2
        if not openings:
            return self.close(round_id, tasks_root, [], gold, salt)
        self._unfinished(round_id)
        round = self._in_reveal(round_id)
        _refuse(bool(round.roll), "close: some have revealed")
        _refuse(len(openings) != round.awaited, "close: not all seats")
        left = dict(round.seats)
        for opening in openings:
            reason = self._refusal(round, opening, left)
            _refuse(bool(reason), reason)
            left[opening.labeler] = EMPTY_HASH
        _refuse(tasks_root != round.tasks_root, "close: not what was revealed")
        phase = Phase.GOLD if round.gold_root != EMPTY_HASH else Phase.DUE  # P2.4
        opened = self._open_gold(round, phase, gold, salt)
        revealed = [self._reveal(round, opening) for opening in openings]
        return [*revealed, *opened, *self._settle(round, gold)]

    def forfeit(self, round_id: int, labelers: Sequence[str]) -> list[Event]:  # F1
        round = self._known(round_id)
        _refuse(self.now < round.deadlines.reveal, "forfeit: not yet")
        events: list[Event] = []
        for labeler in labelers:
            if round.seats.get(labeler, EMPTY_HASH) in (EMPTY_HASH, LEAKED):
                continue
            slash = self._silent_slash(round)
            round.seats[labeler] = EMPTY_HASH
            round.gone += 1
            self.pages[labeler].end_seat(round.rules.stake, slash, 0, Band.UNREVEALED, 0)
            self.sink += slash
            events.append(Forfeited(*HERE, round_id, labeler, slash))
        _refuse(not events, "forfeit: nobody was silent")
        return events

    def expire(
        self, round_id: int, tasks_root: bytes, entries: Sequence[RollEntry]
    ) -> list[Event]:  # X1
        round = self._unfinished(round_id)
        _refuse(self.now < round.deadlines.last + EXPIRY, "expire: not yet")
        is_roll = list(entries) == round.roll and tasks_root == round.tasks_root
        _refuse(not is_roll, "close: not what was revealed")
        round.is_over = True
        stake = round.rules.stake
        for entry in entries:
            self.pages[entry.labeler].end_seat(stake, 0, 0, None, 0)
        refund = round.rules.price * round.rules.seats
        self.pages[round.requester].free += refund
        self.pages[round.requester].note_void()
        released = [Released(*HERE, round_id, entry.labeler, stake) for entry in entries]
        return [*released, RoundExpired(*HERE, round_id, refund)]

    # ------------------------------------------------------------------ internal

    def _known(self, round_id: int) -> Round:
        _refuse(round_id not in self.rounds, "round: no such round")
        return self.rounds[round_id]

    def _unfinished(self, round_id: int) -> Round:
        round = self._known(round_id)
        _refuse(round.is_over, "round: closed")
        return round

    def _in_commit(self, round_id: int) -> Round:
        round = self._known(round_id)
        _refuse(round.phase(self.now) != Phase.COMMIT, "round: commit phase is over")
        return round

    def _in_reveal(self, round_id: int) -> Round:
        round = self._known(round_id)
        phase = round.phase(self.now)
        _refuse(phase < Phase.REVEAL, "round: reveal phase not begun")
        _refuse(phase > Phase.REVEAL, "round: reveal phase is over")
        return round

    def _take_seat(self, round: Round, labeler: str, made: bytes) -> str:  # C1.4
        if labeler in round.seats:
            return "commit: seat already taken"
        if made in (EMPTY_HASH, LEAKED):
            return "commit: not a commitment"
        if round.admission != ZERO:
            admitted = self.policies[round.admission].get(round.round_id, set())
            if labeler not in admitted:
                return "commit: not admitted"
        page = self.pages[labeler]
        if page.free < round.rules.stake:
            return "commit: stake not covered"
        page.free -= round.rules.stake
        page.locked += round.rules.stake
        round.seats[labeler] = made
        return ""

    def _refusal(self, round: Round, opening: Opening, seats: Mapping[str, bytes]) -> str:  # R1.3
        held = seats.get(opening.labeler, EMPTY_HASH)
        if held == EMPTY_HASH:
            return "reveal: nothing to reveal"
        if held != round.commitment(opening.labeler, opening.sheet, opening.salt):
            return "reveal: not what was committed"
        if not round.is_well_formed(opening.sheet):
            return "reveal: answers do not fit"
        return ""

    def _reveal(self, round: Round, opening: Opening) -> Event:  # R1.2
        round.seats[opening.labeler] = EMPTY_HASH
        round.roll.append(RollEntry(opening.labeler, opening.sheet))
        return Revealed(*HERE, round.round_id, opening.labeler, opening.salt, opening.sheet)

    def _silent_slash(self, round: Round) -> int:  # L1.3, F1.4
        return round.rules.stake * round.rules.slash_max_bps // 10_000

    def _open_gold(self, round: Round, phase: Phase, gold: Sheet, salt: bytes) -> list[Event]:
        if phase != Phase.GOLD:  # G1.2
            _refuse(gold != EMPTY_SHEET, "gold: not awaited")
            return []
        root = gold_root(self.domain, round.requester, gold, salt)  # G1.1
        _refuse(root != round.gold_root, "gold: not what was committed")
        _refuse(not round.is_well_formed(gold), "gold: answers do not fit")
        return [GoldOpened(*HERE, round.round_id, salt, gold)]

    def _settle(self, round: Round, gold: Sheet) -> list[Event]:  # P1.6, P3
        settlement = round.settlement(gold)
        is_credible = round.is_credible(gold)
        assert is_credible == (settlement.usable_gold != ())
        round.is_over = True
        rules, stake = round.rules, round.rules.stake
        # What can go back of a seat (P3.3).
        most = rules.price * rules.refund_bps // 10_000
        if rules.gold_count > 0 and not is_credible:
            most = 0
        outcomes, paid, back, slashed = [], 0, 0, 0
        for entry, each in zip(round.roll, settlement.labelers, strict=True):
            band, kappa, pay, slash = each.band, each.kappa_ppm, each.pay, each.slash
            self.pages[entry.labeler].end_seat(stake, slash, pay, band, kappa)
            outcomes.append(Outcome(entry.labeler, band, kappa, pay, slash))
            paid += pay
            slashed += slash
            back += min(rules.price - pay, most)
        refund = rules.price * (rules.seats - len(round.roll)) + back  # P3.4
        to_sink = slashed + rules.price * len(round.roll) - paid - back  # P3.5
        page = self.pages[round.requester]
        page.free += refund
        if settlement.mode is Mode.VOID:  # P3.7
            page.note_void()
        self.sink += to_sink
        round.verdict = Verdict.of(settlement, rules.options)
        round.payroll = payroll_of(outcomes)
        self.came_to = self._what_gold_did(round, gold, settlement)
        if any(rules.price - each.pay > most > 0 for each in outcomes):
            self.came_to.append("refund capped")
        money = (paid, refund, to_sink)
        return [RoundClosed(*HERE, round.round_id, round.verdict, tuple(outcomes), *money)]

    def _what_gold_did(self, round: Round, gold: Sheet, settlement: WorkedSettlement) -> list[str]:
        """For the record of what runs came to."""
        promised, opened = round.rules.gold_count, len(round.gold_answers(gold))
        if promised == 0:
            return ["golds none"]
        if not round.is_credible(gold):
            if opened == 0:
                return ["golds withheld"]
            return ["golds one-sided" if opened == promised else "golds not as many as promised"]
        verification = settlement.working.verification
        did = ["golds credible"]
        did += ["few passed"] if verification.few else []
        did += ["captured"] if verification.captured else []
        return did


def _refuse(applies: bool, reason: str) -> None:
    if applies:
        raise Refused(reason)
