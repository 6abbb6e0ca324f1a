"""Plays rounds of made-up honest labelers, and measures every step."""

import random
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final, TypeVar

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.chain.call import Call
from plumbline.formats.gold_choice import evenly
from plumbline.history.rounds import EXPIRY
from plumbline.lab.crowds import know_or_guess
from plumbline.lab.gas import floor
from plumbline.lab.gas.cases import WARM_UP, Case, Course
from plumbline.lab.gas.fees import Posted, posted
from plumbline.lab.gas.floor import Floor, RoundFloors
from plumbline.lab.play import Holding, Play, SentCall, Stage, chunks, entries_of
from plumbline.planning.worlds import PRICE
from plumbline.progress import Progress, track
from plumbline.protocol.commitment import SignedCommitment
from plumbline.protocol.limits import MAX_RELAYED, MAX_REVEALED
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.sealing import seal
from plumbline.settlement.sheet import pack, unpack
from plumbline.settlement.terms import ScoringTerms, usual_gold_count, usual_terms

T = TypeVar("T")

DEPOSIT, WITHDRAW, OPEN, COMMIT = "deposit", "withdraw", "open", "commit"
RELAYED, SEALED, REVEAL, CLOSE = "relayed", "relayed, sealed", "reveal", "close"
CONCLUDE, LEAK, FORFEIT, EXPIRE = "conclude", "report_leak", "forfeit", "expire"

STAKE: Final = 10**17  # wei
HOUR: Final = 3_600  # seconds
_TASKS_ROOT: Final = b"\x01" * 32
_ACCURACY: Final = 0.75
_SKIPS: Final = 0.02
# Labelers in one transaction, the most that it takes first; where there are too few labelers for
# that, the first batch has what the others leave.
_AT_ONCE: Final = (10, 1)
_SEALED_AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """One transaction of a round, by its hash.

    `labelers` share it; `gas` is what it used, `floor` what it must, `least` what its calldata
    alone would cost (EIP-7623) and `draft_least` would by the draft EIP-7976.
    """

    case: Case
    step: str
    transaction: str
    labelers: int
    gas: int
    floor: int
    least: int
    draft_least: int
    posted: Posted

    @property
    def name(self) -> str:
        """The step, and how many labelers share the transaction where that varies."""
        varies = self.step in (RELAYED, SEALED, REVEAL, FORFEIT)
        return f"{self.step}, {self.labelers} at a time" if varies else self.step

    @property
    def where(self) -> str:
        """The round by its name, or empty for a step that belongs to none."""
        return "" if self.step in (DEPOSIT, WITHDRAW) else self.case.name


def measure(stage: Stage, cases: Sequence[Case], progress: Progress) -> tuple[Measured, ...]:
    """A deposit, a withdrawal, and every step of interest of all rounds, in order.

    Of the two accounts of the stage the first is requester, relayer and keeper and pays for all
    but one commitment; the second is the labeler who commits in a transaction of its own.
    """
    dice = random.Random("labelers of the gas measurement")
    most = max(case.labelers for case in (WARM_UP, *cases))
    others = (Account.from_key(dice.randbytes(32)) for _ in range(most - 1))
    labelers = (stage.keys[1], *others)
    measured = [_fund(stage, labelers, (WARM_UP, *cases), progress)]
    _play(stage, WARM_UP, labelers)
    owner = stage.keys[0].address
    taken = _send(stage, stage.client.withdraw(1, owner))  # a little of what the round left over
    measured.append(_measured(WARM_UP, WITHDRAW, 1, taken, floor.withdrawal(owner, 1)))
    for case in track(cases, "Playing rounds", progress):
        with nullcontext() if case.is_settled else stage.undone():
            measured += _play(stage, case, labelers)
    return tuple(measured)


def _fund(
    stage: Stage, labelers: Sequence[LocalAccount], cases: Sequence[Case], progress: Progress
) -> Measured:
    """Deposit all escrow, and stakes for every labeler: the first of these deposits.

    Each has more than is locked at once, so that no slot is ever empty.
    """
    escrow = sum(PRICE * terms_of(case).seats for case in cases)
    _send(stage, stage.client.deposit(escrow + 2))
    amount = (len(cases) + 1) * STAKE
    sent = [
        _send(stage, stage.client.deposit_for(key.address, amount))
        for key in track(labelers, "Funding labelers", progress)
    ]
    return _measured(WARM_UP, DEPOSIT, 1, sent[0], floor.deposit(labelers[0].address, amount))


def _send(stage: Stage, call: Call) -> SentCall:
    return SentCall(call, stage.send(stage.keys[0], call))


def _play(stage: Stage, case: Case, labelers: Sequence[LocalAccount]) -> list[Measured]:
    """Play a round: each step of it that is of interest, batches from the largest on."""
    by, terms, options = stage.keys[0], terms_of(case), case.options
    dice = random.Random(case.seed)
    truth, held = crowd(dice, case, labelers)
    walker, *others = held
    openings = [seat.opening for seat in held]
    entries, gold = entries_of(openings), gold_of(dice, case, truth)
    # A multiple of an hour has as many zero bytes whenever it is measured.
    begin = stage.now() // HOUR * HOUR
    play = Play(stage, by, terms, 2 * HOUR, gold, _TASKS_ROOT, begin)
    floors, steps = RoundFloors(play.round_id, terms), list[Measured]()

    def note(step: str, labelers: int, sent: SentCall, lowest: Floor) -> None:
        steps.append(_measured(case, step, labelers, sent, lowest))

    def relay(step: str, signed: Sequence[SignedCommitment]) -> None:
        note(step, len(signed), play.relay(by, signed), floors.commit_signed(signed))

    def sealed(seat: Holding) -> SignedCommitment:
        master, deployed = MasterKey(dice.randbytes(32), epoch=0), stage.deployment.deployed
        answers = unpack(seat.sheet, options, case.tasks)
        where = (deployed, play.round_id, seat.labeler)
        return play.signed(seat, seal(master, *where, answers, options))

    def reveal() -> None:
        batches, left = _split(openings, MAX_REVEALED)
        for batch in batches:
            note(REVEAL, len(batch), play.reveal(by, batch), floors.reveal(batch))
        for rest in chunks(left, MAX_REVEALED):
            play.reveal(by, rest)

    lowest = floor.opening(terms, play.deadlines, _TASKS_ROOT, play.gold_root)
    note(OPEN, case.labelers, play.opening, lowest)
    digest = play.commitment(walker)
    note(COMMIT, 1, play.commit(walker.key, digest), floors.commit(digest))
    batches, left = _split(others, MAX_RELAYED)
    for batch in batches:
        relay(RELAYED, [play.signed(seat) for seat in batch])
    if left:
        relay(SEALED, [sealed(seat) for seat in left[:_SEALED_AT_ONCE]])
    for rest in chunks(left[_SEALED_AT_ONCE:], MAX_RELAYED):
        play.relay(by, [play.signed(seat) for seat in rest])
    match case.course:
        case Course.USUAL | Course.GOLD:
            reveal()
            note(CLOSE, case.labelers, play.close(by, entries), floors.close(entries, play.gold))
        case Course.CONCLUDED:
            sent = play.conclude(by, openings)
            note(CONCLUDE, case.labelers, sent, floors.conclude(openings))
        case Course.SILENT:
            steps.clear()
            note(LEAK, 1, play.report_leak(by, walker), floors.leak(walker.opening))
            stage.advance(4 * HOUR)
            silent = [seat.labeler for seat in others]
            note(FORFEIT, len(silent), play.forfeit(by, silent), floors.forfeit(silent))
        case Course.EXPIRED:
            reveal()
            steps.clear()
            stage.advance(4 * HOUR + EXPIRY)
            note(EXPIRE, case.labelers, play.expire(by, entries), floors.expiry(entries))
    return steps


def crowd(
    dice: random.Random, case: Case, labelers: Sequence[LocalAccount]
) -> tuple[list[int], list[Holding]]:
    """What there is to be found, and what so many of these labelers answer."""
    truth = [dice.randrange(case.options) for _ in range(case.tasks)]
    sheets = [
        pack(know_or_guess(dice, truth, case.options, _ACCURACY, _SKIPS), case.options)
        for _ in range(case.labelers)
    ]
    seated = zip(labelers, sheets, strict=False)
    return truth, [Holding(key, sheet, dice.randbytes(32)) for key, sheet in seated]


def gold_of(
    dice: random.Random, case: Case, truth: Sequence[int]
) -> tuple[dict[int, int], bytes] | None:
    """Gold answers by task and their salt, if the case has any."""
    if case.course is not Course.GOLD:
        return None
    tasks = evenly(truth, range(case.tasks))[: terms_of(case).gold_count]
    return {task: truth[task] for task in tasks}, dice.randbytes(32)


def terms_of(case: Case) -> ScoringTerms:
    """The rules of a round that is played: the usual ones."""
    shape = (case.kind, case.options, case.width, case.tasks)
    # A seat more than labelers keeps a round open for leaks.
    seats = case.labelers + (case.course is Course.SILENT)
    gold = usual_gold_count(case.options, case.tasks) if case.course is Course.GOLD else 0
    return usual_terms(*shape, PRICE, STAKE, seats, gold)


def once(measured: Iterable[Measured]) -> list[Measured]:
    """Of steps that were taken several times alike, the first."""
    first: dict[tuple[str, str], Measured] = {}
    for item in measured:
        first.setdefault((item.where, item.name), item)
    return list(first.values())


def _measured(case: Case, step: str, labelers: int, sent: SentCall, lowest: Floor) -> Measured:
    data, gas = sent.call.data, sent.receipt.gas_used
    least, draft = floor.least(data), floor.draft_least(data)
    sizes, transaction = posted(sent.call, gas), sent.receipt.transaction
    return Measured(case, step, transaction, labelers, gas, lowest.gas, least, draft, sizes)


def _split(items: list[T], most: int) -> tuple[list[list[T]], list[T]]:
    """A batch of as many as there may be, one of ten and one of one; then what is left.

    The first is smaller where items are short, and has them all if it could not be the largest.
    """
    first = min(most, len(items) - sum(_AT_ONCE))
    if first < max(_AT_ONCE):
        return [items], []
    ends = list(accumulate((0, first, *_AT_ONCE)))
    return [items[start:end] for start, end in pairwise(ends)], items[ends[-1] :]
