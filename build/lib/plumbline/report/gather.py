"""Everything that a page needs, from a node, as of one block."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from web3 import Web3

from plumbline.audit import audit
from plumbline.audit.report import AuditReport
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Deposited, Event, RoundEvent, fetch
from plumbline.chain.nodes import NODE_ERRORS
from plumbline.chain.records import Account
from plumbline.chain.reverts import revert_reason
from plumbline.history.ledger import replay
from plumbline.history.rounds import RoundHistory, history
from plumbline.report.facts import ReportError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the pages are made of; see `page.render_round`."""

    rounds: Mapping[int, RoundHistory]
    report: AuditReport
    now: int
    times: Mapping[int, int]
    deposits: tuple[Deposited, ...]
    accounts: Mapping[str, Account]
    events: tuple[Event, ...]


def gather(
    w3: Web3,
    deployment: Deployment,
    wanted: Collection[int],
    to_block: int | None = None,
    progress: Progress = lambda what, done, total: None,
    books: bool = False,
) -> Gathered:
    """Read and audit: the whole deployment with all its `books`, or the one round wanted.

    `progress` is told what is under way, how much is done and of how much. Raises ReportError
    for a round that does not exist by that block, and what `audit` and `fetch` raise.
    """
    progress("reading events", 0, 1)
    block, block_hash = _block(w3, to_block)
    events = fetch(w3, deployment, to_block=block)
    told = history(events)
    for number in sorted(wanted):
        if number not in told:
            raise ReportError(
                f"there is no round {number} by block {block}: "
                + (f"1 to {max(told)} exist" if told else "none is open yet")
            )
    progress("working it all out again", 0, 1)
    one = next(iter(wanted)) if len(wanted) == 1 and not books else None
    report = audit(w3, deployment, one, block)
    if report.block_hash != block_hash:
        raise ReportError(f"the chain was reorganised at block {block}: try again")
    rounds = {number: told[number] for number in sorted(wanted)}
    deposits = tuple(event for event in events if isinstance(event, Deposited))
    times = _times(w3, _shown(events, deposits, wanted, block), progress)
    accounts = replay(events).accounts
    return Gathered(rounds, report, times[block], times, deposits, accounts, tuple(events))


def _shown(
    events: Iterable[Event], deposits: Iterable[Deposited], wanted: Collection[int], block: int
) -> list[int]:
    """The blocks whose times a page shows."""
    inside = [e for e in events if isinstance(e, RoundEvent) and e.round_id in wanted]
    blocks = {block, *(event.block for event in inside)}
    if len(wanted) == 1:
        people = {labeler for e in inside if (labeler := getattr(e, "labeler", None)) is not None}
        blocks.update(event.block for event in deposits if event.account in people)
    return sorted(blocks)


def _times(w3: Web3, blocks: list[int], progress: Progress) -> dict[int, int]:
    times = {}
    for done, number in enumerate(blocks):
        progress("reading the times of blocks", done, len(blocks))
        try:
            times[number] = int(w3.eth.get_block(number)["timestamp"])
        except NODE_ERRORS as error:
            raise ReportError(
                f"the node does not have block {number} ({revert_reason(error)}): try again, "
                "or use another node"
            ) from None
    return times


def _block(w3: Web3, number: int | None) -> tuple[int, str]:
    """Number and hash of a block, the latest if none is named."""
    try:
        found = w3.eth.get_block("latest" if number is None else number)
    except NODE_ERRORS as error:
        raise ReportError(
            f"the node does not have the block ({revert_reason(error)}): check its address"
        ) from None
    return int(found["number"]), "0x" + bytes(found["hash"]).hex()
