"""What was measured as tables of text, the same for terminals and for docs/gas.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from plumbline.lab.gas.bundles import bundle
from plumbline.lab.gas.cases import JOB, Course
from plumbline.lab.gas.fees import CHAINS, Chain, Fees
from plumbline.lab.gas.job import LABELS, ROUNDS, Bill
from plumbline.lab.gas.life import Life
from plumbline.lab.gas.snapshot import Contract
from plumbline.lab.gas.spent import Traced
from plumbline.lab.gas.steps import CLOSE, CONCLUDE, OPEN, RELAYED, REVEAL, Measured

SIZE_LIMIT: Final = 24_576  # bytes of code, EIP-170
_WEI: Final = 10**18


@dataclass(frozen=True, slots=True)
class Table:
    """A table; columns that begin with `>` are right-aligned. A row of one cell is a heading."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def markdown(self) -> str:
        """As GitHub draws it, without the title."""
        lines = [
            [column.lstrip(">") for column in self.columns],
            ["---:" if column.startswith(">") else "---" for column in self.columns],
        ]
        for row in self.rows:
            is_heading = len(row) < len(self.columns)
            lines.append(
                [f"**{row[0]}**", *[""] * (len(self.columns) - 1)] if is_heading else [*row]
            )
        text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return f"{text}\n{self.caption}\n" if self.caption else text


def steps(measured: Sequence[Measured]) -> Table:
    """Every step of every round: gas, floor, and how near to what calldata costs at least."""
    rows: list[tuple[str, ...]] = []
    seen: set[tuple[str, str]] = set()
    case = None
    for item in measured:
        if (item.where, item.name) in seen:
            continue
        seen.add((item.where, item.name))
        if item.where and item.case != case:
            case = item.case
            rows.append((case.name,))
        each = item.labelers
        rows.append(
            (
                item.name,
                f"{item.gas // each:,}",
                f"{item.gas / each / item.case.tasks:.1f}" if item.where else "",
                f"{item.floor // each:,}",
                f"{item.gas / item.floor:.2f}",
                f"{item.least / item.gas:.0%}",
                f"{item.draft_least / item.gas:.0%}",
            )
        )
    columns = ("step", ">gas a labeler", ">a label", ">floor", ">ratio", ">EIP-7623", ">EIP-7976")
    caption = (
        "floor: what the step must cost however its contract is written. EIP-7623: what calldata "
        "alone makes the transaction cost, as a share of what it used; beyond 100% it would bind. "
        "EIP-7976: the same by that draft."
    )
    return Table("Gas of every step", columns, tuple(rows), caption)


def spent(traced: Sequence[Traced]) -> Table:
    """What steps spend their gas on, per labeler, a heading for each round."""
    rows: list[tuple[str, ...]] = []
    case = None
    for item in traced:
        step, parts = item.step, item.spent
        if step.case != case:
            case = step.case
            rows.append((case.name,))
        shares = (
            step.gas,
            parts.transaction + parts.storage + parts.logs,
            parts.hashing + parts.calls,
            parts.computing,
            parts.memory,
            parts.stack,
            -parts.refund,
        )
        each = (f"{int(share / step.labelers):,}" for share in shares)
        rows.append((step.name, *each, f"{parts.stripped / step.floor:.2f}"))
    names = ("gas", "fees", "calls", "logic", "memory", "stack", "refund", "bare")
    caption = (
        "fees: transaction, calldata, storage and logs, which the floor has too. calls: of the "
        "judge, and hashing. logic: bits, sums and comparisons. stack: with jumps. bare: the ratio "
        "to the floor if memory, stack and jumps cost nothing."
    )
    columns = ("step", *(f">{name}" for name in names))
    return Table("What the gas goes on, per labeler", columns, tuple(rows), caption)


def lives(found: Sequence[Life]) -> Table:
    """A row for each round: gas per label over its whole life."""
    rows = tuple(
        (
            life.case.name,
            _one(life.gas_of(OPEN)),
            _one(life.gas_of(RELAYED)),
            "" if life.case.course is Course.CONCLUDED else _one(life.gas_of(REVEAL)),
            _one(life.gas_of(CLOSE, CONCLUDE)),
            _one(life.gas()),
            _one(life.floor()),
            f"{float(life.gas() / life.floor()):.2f}",
        )
        for life in found
    )
    columns = ("round", ">open", ">commit", ">reveal", ">close", ">gas a label", ">floor", ">ratio")
    return Table("Gas per label, whole life, relayed in the largest batches", columns, rows)


def sizes(found: Sequence[Life]) -> Table:
    """Bytes per label, before and after the compression of rollups."""
    rows = tuple(
        (life.case.name, _two(life.raw()), _two(life.fastlz()), _two(life.brotli()))
        for life in found
    )
    columns = ("round", ">bytes a label", ">FastLZ", ">brotli")
    return Table("Bytes posted per label, whole life", columns, rows)


def prices(found: Sequence[Life], fees: Fees) -> Table:
    """What a thousand labels cost in dollars, and how much of it is for the bytes."""
    rows = tuple(
        (life.case.name, *(_price(life, chain, fees) for chain in CHAINS)) for life in found
    )
    columns = ("round", *(f">{chain.name}" for chain in CHAINS))
    caption = f"{said(fees)} In brackets: the share that is for the bytes posted."
    return Table("Dollars for a thousand labels", columns, rows, caption)


def deployments(contracts: Sequence[Contract]) -> Table:
    """Gas and size of what is deployed."""
    rows = tuple(
        (item.name, f"{item.gas:,}", f"{item.size:,}", f"{item.size / SIZE_LIMIT:.0%}")
        for item in contracts
    )
    columns = ("contract", ">gas", ">bytes of code", f">of {SIZE_LIMIT:,}")
    return Table("Deployment", columns, rows)


def job(made: Sequence[Bill], fees: Fees) -> Table:
    """What the million answers take."""
    rows = []
    for bill in made:
        costs = tuple("" if wei is None else _whole_dollars(wei, fees) for wei in bill.wei)
        rows.append((bill.name, f"{bill.gas / LABELS:,.0f}", f"{bill.gas / 10**6:,.0f}", *costs))
    columns = ("", ">a label", ">million gas", *(f">{chain.name}" for chain in CHAINS))
    title = f"{LABELS:,} answers, in {ROUNDS} rounds like {JOB.name}: gas and dollars"
    return Table(title, columns, tuple(rows), said(fees))


def bundles() -> Table:
    """What one signature for several rounds of a job could save of a commitment."""
    rows = []
    for made in (bundle(rounds) for rounds in (1, 2, 4, 8, 16)):
        others = (made.one_signature, made.one_slot)
        saved = (f"{other:,} ({other / made.apart - 1:+.0%})" for other in others)
        rows.append((str(made.rounds), f"{made.apart:,}", *saved, f"{made.proof:,}"))
    columns = (">rounds", ">apart", ">one signature", ">one slot", ">a reveal more")
    title = "Floor of a commitment, if a labeler takes several rounds at once"
    return Table(title, columns, tuple(rows))


def said(fees: Fees) -> str:
    """The fees in words."""
    return (
        f"At a base fee of {_gwei(fees.base_fee)}, a blob fee of {_gwei(fees.blob_fee)}, "
        f"{_gwei(fees.l2_fee)} on the rollup, and {fees.cents / 100:,.0f} dollars an ether; "
        f"scalars of the OP stack {fees.base_scalar:,} and {fees.blob_scalar:,}."
    )


def dollars(wei: Fraction | int, fees: Fees) -> Fraction:
    """What an amount is worth."""
    return Fraction(wei * fees.cents, 100 * _WEI)


def _gwei(wei: int) -> str:
    return f"{(Decimal(wei) / 10**9).normalize():f} gwei"


def _price(life: Life, chain: Chain, fees: Fees) -> str:
    wei = life.wei(chain, fees)
    share = f" ({float(life.data_wei(chain, fees) / wei):.0%})" if chain.is_rollup and wei else ""
    return f"{float(dollars(wei * 1_000, fees)):,.4f}{share}"


def _whole_dollars(wei: int, fees: Fees) -> str:
    return f"{float(dollars(wei, fees)):,.0f}"


def _one(amount: Fraction) -> str:
    return f"{float(amount):.1f}"


def _two(amount: Fraction) -> str:
    return f"{float(amount):.2f}"
