"""Watching: what happens on a deployment, checked as it lands.

Each look reads what is new and audits what it touched: the rounds by all of their events, and
what the contract stores of them and of the accounts concerned. A difference is reported once,
when it is first found. What a look finds is of one block; if that is taken back meanwhile the
next look says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from web3 import Web3

from plumbline.audit.event_checks import note_shortfalls, read_rounds
from plumbline.audit.opening_checks import check_openings
from plumbline.audit.order_checks import check_order
from plumbline.audit.report import Difference, Findings
from plumbline.audit.settlement_checks import check_settlement
from plumbline.audit.storage_checks import check_account, check_holdings, check_round
from plumbline.chain.asset import AssetError
from plumbline.chain.contract import ContractError, LabelRounds
from plumbline.chain.deployment import Deployment, compare
from plumbline.chain.events import Deposited, Event, RoundEvent, RoundOpened, Withdrawn
from plumbline.chain.feed import Feed, NodeUnavailable
from plumbline.chain.log_cache import Checkpoint, LogCache
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.records import Account
from plumbline.history.ledger import Books, Ledger
from plumbline.history.rounds import RoundHistory
from plumbline.progress import Progress, no_progress
from plumbline.settlement.terms import ScoringTerms


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the chain found.

    events            new ones, in the order of the chain
    times             of the blocks they are in, unix seconds, by number
    differences       found for the first time
    reorganised_from  the first block that was taken back, if any was
    head, timestamp   the block up to which everything is known
    remarks           what a watcher should know but is no difference
    """

    events: tuple[Event, ...]
    times: dict[int, int]
    differences: tuple[Difference, ...]
    reorganised_from: int | None
    head: int
    timestamp: int
    remarks: tuple[str, ...]


class Watcher:
    """Looks at one deployment again and again."""

    def __init__(
        self,
        w3: Web3,
        deployment: Deployment,
        cache: LogCache | None = None,
        progress: Progress = no_progress,
    ) -> None:
        """Asks nothing yet."""
        self._w3 = w3
        self._deployment = deployment
        self._feed = Feed(w3, deployment, cache, progress)
        self._rounds = LabelRounds(w3, deployment)
        self._cache = cache
        self._by_round: dict[int, list[RoundEvent]] = {}
        self._ledger = Ledger()
        self._reported: set[Difference] = set()
        self._is_known = False
        self._remarked = 0
        # What a look that failed has left to the next.
        self._pending: list[Event] = []
        self._reorganised: int | None = None

    def look(self) -> Look:
        """Read and check what is new.

        Raises FeedError if this is another chain; NodeUnavailable, EventsError or ContractError if
        the node fails, after which it can be asked again and nothing is lost.
        """
        news = self._feed.poll()
        if news.reorganised_from is not None:
            first = news.reorganised_from
            self._reorganised = (
                first if self._reorganised is None else min(first, self._reorganised)
            )
            self._pending = [event for event in self._pending if event.block < first]
            self._begin_again()
        else:
            self._add(news.events)
        self._pending.extend(news.events)
        pinned = self._feed.checkpoint
        assert pinned is not None, "a feed that was polled has a checkpoint"
        remarks = self._remarks()
        differences, checked = self._check(self._pending, pinned)
        times = {block: self._time(block) for block in sorted({e.block for e in self._pending})}
        if not checked:
            remarks.append(f"the node did not answer for block {pinned.block}: storage unchecked")
        look = Look(
            events=tuple(self._pending),
            times=times,
            differences=tuple(new for new in differences if new not in self._reported),
            reorganised_from=self._reorganised,
            head=pinned.block,
            timestamp=pinned.timestamp,
            remarks=tuple(remarks),
        )
        self._reported.update(differences)
        self._pending, self._reorganised = [], None
        return look

    def rules_of(self, round_id: int) -> ScoringTerms | None:
        """The rules of a round that was opened."""
        opened = self._by_round.get(round_id, [None])[0]
        return opened.rules if isinstance(opened, RoundOpened) else None

    # ---------------------------------------------------------------- internal

    def _add(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, RoundEvent):
                events = self._by_round.setdefault(event.round_id, [])
                events.append(event)
                if not isinstance(events[0], RoundOpened):
                    continue  # no books can be made of it; the order names it
            self._ledger.book(event)

    def _begin_again(self) -> None:
        self._by_round, self._ledger, self._reported = {}, Ledger(), set()
        self._add(self._feed.events)

    def _check(self, new: Sequence[Event], pinned: Checkpoint) -> tuple[list[Difference], bool]:
        """What is wrong with what these events touched; whether storage could be compared."""
        findings = Findings()
        if not self._is_known:
            for sentence in compare(self._w3, self._deployment):
                findings.refuse("deployment", "the contract of the manifest", sentence)
            self._is_known = True
        touched = sorted({event.round_id for event in new if isinstance(event, RoundEvent)})
        histories = [checked for number in touched for checked in self._checked(number, findings)]
        books = self._ledger.books()
        note_shortfalls(books, findings)
        arrived = books.deposited - books.withdrawn - books.swept
        findings.compare("sum of all books", arrived, books.total)
        stored = Findings()
        try:
            # What is held may shrink without any event.
            check_holdings(books, self._rounds, pinned.block, stored)
            if new or self._reorganised is not None:
                self._compare(histories, books, _owners(new, histories), pinned, stored)
        except (ContractError, AssetError):
            return findings.differences, False
        if self._time_and_hash(pinned.block) != (pinned.timestamp, pinned.hash):
            # What was compared may be of another chain: the next look reads that one.
            raise NodeUnavailable("the chain was reorganised during a look at it")
        return [*findings.differences, *stored.differences], True

    def _checked(self, round_id: int, findings: Findings) -> Iterator[RoundHistory]:
        events = self._by_round[round_id]
        check_order(events, findings, round_id)
        for round_history in read_rounds(events, findings).values():
            if check_openings(round_history, self._deployment.domain, findings):
                check_settlement(round_history, findings)
            yield round_history

    def _compare(
        self,
        histories: Sequence[RoundHistory],
        books: Books,
        owners: Iterable[str],
        pinned: Checkpoint,
        findings: Findings,
    ) -> None:
        count = self._rounds.round_count(pinned.block)
        findings.compare("number of rounds", len(self._by_round), count)
        for round_history in histories:
            if round_history.round_id <= count:
                check_round(round_history, self._rounds, pinned, findings)
        for owner in owners:
            expected = books.accounts.get(owner, Account())
            check_account(owner, expected, self._rounds, pinned.block, findings)
        sink = self._rounds.sink_balance(pinned.block)
        findings.compare("sink balance", books.sink, sink)

    def _remarks(self) -> list[str]:
        if self._cache is None:
            return []
        new = self._cache.remarks[self._remarked :]
        self._remarked = len(self._cache.remarks)
        return new

    def _time(self, block: int) -> int:
        return self._time_and_hash(block)[0]

    def _time_and_hash(self, block: int) -> tuple[int, bytes]:
        try:
            header = self._w3.eth.get_block(block)
        except NODE_ERRORS as error:
            raise NodeUnavailable(f"the node does not have block {block} ({error})") from None
        return int(header["timestamp"]), bytes(header["hash"])


def _owners(new: Sequence[Event], histories: Sequence[RoundHistory]) -> list[str]:
    """Whose accounts these events changed."""
    owners = {round_history.requester for round_history in histories}
    for event in new:
        if isinstance(event, Deposited | Withdrawn):
            owners.add(event.account)
        for name in ("labeler", "reporter"):
            if hasattr(event, name):
                owners.add(getattr(event, name))
    return sorted(owners)
