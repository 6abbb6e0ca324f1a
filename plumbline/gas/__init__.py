"""What each step of a round costs, measured by playing rounds.

A case is a round of made-up honest labelers; its figures are gas per labeler, in the largest
batches that are usual. The snapshot is a text file with one figure a line, so that a change
shows in a diff:

    nominal K=2 T=256 N=100    close    19876
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.call import Call, Sender
from plumbline.commitment import Entry, Opening, commitment, sign
from plumbline.contract import LabelRounds
from plumbline.errors import PlumblineError
from plumbline.masterkey import MasterKey
from plumbline.sealing import seal
from plumbline.sheet import Sheet, pack, unpack
from plumbline.terms import Kind, ScoringTerms, gold_presets
from plumbline.views import Deadlines

T = TypeVar("T")

_BATCH: Final = 50  # labelers in one transaction, where several are handled
_PRICE: Final = 10**16  # wei
_STAKE: Final = 10**17  # wei
_WINDOW: Final = 3_600  # seconds; no phase is waited for, all seats commit and reveal
_ACCURACY: Final = 0.75
_SKIPS: Final = 0.02
_TOLERANCE_BPS: Final = 50  # a figure may grow by this before it is a regression


class GasError(PlumblineError):
    """A snapshot that cannot be read, or a transaction that should not have failed."""


@dataclass(frozen=True, slots=True)
class Case:
    """A round to be played: K options, T tasks, N labelers."""

    kind: Kind
    options: int
    width: int
    labelers: int
    tasks: int = 256

    @property
    def name(self) -> str:
        """As the snapshot has it."""
        width = "" if self.kind is Kind.NOMINAL else f" w={self.width}"
        return f"{self.kind.label} K={self.options}{width} T={self.tasks} N={self.labelers}"


@dataclass(frozen=True, slots=True)
class Figure:
    """Gas of one step of one case, per labeler unless the step says otherwise."""

    case: str
    step: str
    gas: int


CASES: Final[tuple[Case, ...]] = (
    Case(Kind.NOMINAL, 2, 1, 10),
    Case(Kind.NOMINAL, 2, 1, 100),
    Case(Kind.NOMINAL, 4, 1, 100),
    Case(Kind.NOMINAL, 16, 1, 100),
    Case(Kind.ORDINAL, 5, 3, 100),
    Case(Kind.ORDINAL, 16, 8, 100),
)


def crowd() -> list[LocalAccount]:
    """As many labelers as the largest case has, always the same."""
    dice = random.Random("labelers of the gas measurement")
    return [_key(dice) for _ in range(max(case.labelers for case in CASES))]


def fund(rounds: LabelRounds, send: Sender, labelers: Sequence[str]) -> Iterator[str]:
    """Deposit the escrow of all cases, and stakes for every labeler; yields who is funded.

    Each has more than is locked at once, so that no slot is ever empty.
    """
    send(rounds.deposit(sum(_PRICE * case.labelers for case in CASES) + 1))
    for labeler in labelers:
        send(rounds.deposit_for(labeler, (len(CASES) + 1) * _STAKE))
        yield labeler


def play(
    rounds: LabelRounds,
    case: Case,
    send: Sender,
    keys: Sequence[LocalAccount],
    walker: str,
    walk: Sender,
) -> Iterator[Figure]:
    """Play a round and yield a figure for each of its steps.

    `send` pays for everything but one commitment, which `walker` sends alone through `walk`; the
    others are those of `keys`. All of them are funded.
    """
    dice = random.Random(case.name)
    terms = _terms(case)
    keys = keys[: case.labelers - 1]
    labelers = [walker, *(key.address for key in keys)]

    receipt = send(rounds.open(terms, _deadlines(rounds), tasks_root=b"\x01" * 32))
    yield Figure(case.name, "open (whole)", receipt.gas_used)
    round_id = rounds.round_count()

    domain = rounds.deployment.domain
    sheets = _sheets(dice, case)
    openings = []
    for labeler, sheet in zip(labelers, sheets, strict=True):
        openings.append(Opening(labeler, sheet, dice.randbytes(32)))
    commitments = [
        commitment(domain, round_id, item.labeler, item.sheet, item.salt) for item in openings
    ]

    receipt = walk(rounds.commit(round_id, commitments[0], terms.stake))
    yield Figure(case.name, "commit, own transaction", receipt.gas_used)
    deployed = rounds.deployment.deployed
    signed = []
    for number, (key, made) in enumerate(zip(keys, commitments[1:], strict=True)):
        # The first batch is without sealed answers, those that follow are with them.
        master = MasterKey(dice.randbytes(32))
        answers = unpack(sheets[number + 1], case.options, case.tasks)
        sealed = seal(master, deployed, round_id, key.address, answers, case.options)
        sealed = b"" if number < _BATCH else sealed
        signed.append(sign(key, deployed, round_id, terms.stake, made, sealed))
    for step, part in (("", signed[:_BATCH]), (", sealed", signed[_BATCH:])):
        if part:
            used = _in_batches(send, part, lambda some: rounds.commit_signed(round_id, some))
            yield Figure(case.name, f"commit, relayed{step}", used)
    yield Figure(
        case.name,
        "reveal",
        _in_batches(send, openings, lambda part: rounds.reveal(round_id, part)),
    )
    entries = [Entry(item.labeler, item.sheet) for item in openings]
    receipt = send(rounds.close(round_id, entries))
    yield Figure(case.name, "close", receipt.gas_used // case.labelers)
    yield Figure(case.name, "close (whole)", receipt.gas_used)


def per_label(figures: Sequence[Figure], case: Case) -> float:
    """Gas of one settled label over its whole life, with relayed commitments."""
    steps = {figure.step: figure.gas for figure in figures if figure.case == case.name}
    shared = steps["open (whole)"] / case.labelers
    return (shared + steps["commit, relayed"] + steps["reveal"] + steps["close"]) / case.tasks


def to_snapshot(figures: Sequence[Figure]) -> str:
    """The text of a snapshot."""
    return "".join(f"{item.case:<30} {item.step:<26} {item.gas:>10}\n" for item in figures)


def from_snapshot(text: str) -> list[Figure]:
    """The figures of a snapshot. Raises GasError with the line number."""
    figures = []
    for number, line in enumerate(text.splitlines(), start=1):
        case, step, gas = line[:30].strip(), line[30:57].strip(), line[57:].strip()
        if not (case and step and gas.isdigit()):
            raise GasError(f".gas-snapshot, line {number} is no figure: write it anew")
        figures.append(Figure(case, step, int(gas)))
    return figures


def regressions(before: Sequence[Figure], now: Sequence[Figure]) -> list[str]:
    """A line for each figure that grew by more than half a percent, or is missing."""
    known = {(item.case, item.step): item.gas for item in before}
    measured = {(item.case, item.step): item.gas for item in now}
    lines = []
    for key, gas in measured.items():
        where = f"{key[0]}, {key[1]}"
        if key not in known:
            lines.append(f"{where}: {gas} is not in the snapshot")
        elif gas * 10_000 > known[key] * (10_000 + _TOLERANCE_BPS):
            lines.append(f"{where}: {known[key]} before, {gas} now")
    lines += [f"{case}, {step}: not measured" for case, step in known.keys() - measured.keys()]
    return lines


def _terms(case: Case) -> ScoringTerms:
    gold_pass, gold_slash = gold_presets(case.options)
    return ScoringTerms(
        kind=case.kind,
        options=case.options,
        width=case.width,
        tasks=case.tasks,
        price=_PRICE,
        stake=_STAKE,
        seats=case.labelers,
        r_min=5,
        tau_bps=200,
        rho_bps=5_000,
        slash_base_bps=2_500,
        slash_max_bps=5_000,
        showup_bps=1_000,
        gold_pass_bps=gold_pass,
        gold_slash_bps=gold_slash,
    )


def _deadlines(rounds: LabelRounds) -> Deadlines:
    now = int(rounds.w3.eth.get_block("latest")["timestamp"])
    # A multiple of an hour has as many zero bytes whenever it is measured.
    base = now // _WINDOW * _WINDOW
    return Deadlines(base + 2 * _WINDOW, base + 4 * _WINDOW, 0)


def _key(dice: random.Random) -> LocalAccount:
    key: LocalAccount = Account.from_key(dice.randbytes(32))
    return key


def _sheets(dice: random.Random, case: Case) -> list[Sheet]:
    truth = [dice.randrange(case.options) for _ in range(case.tasks)]
    return [
        pack([_answer(dice, case, known) for known in truth], case.options)
        for _ in range(case.labelers)
    ]


def _answer(dice: random.Random, case: Case, truth: int) -> int | None:
    if dice.random() < _SKIPS:
        return None
    return truth if dice.random() < _ACCURACY else dice.randrange(case.options)


def _in_batches(send: Sender, items: Sequence[T], call: Callable[[Sequence[T]], Call]) -> int:
    """Gas per item of the first full batch, or of the only one; sends them all."""
    first = 0
    for start in range(0, len(items), _BATCH):
        part = items[start : start + _BATCH]
        used = send(call(part)).gas_used // len(part)
        first = first or used
    return first
