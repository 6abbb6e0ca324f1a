"""A deployment in ether or in a token, and everything that can be done to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields, replace
from typing import Any, Final

import pytest

from plumbline.chain.events import Event, RoundClosed, decode
from plumbline.chain.records import Account, Deadlines
from plumbline.history.ledger import Books, replay
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement import Band
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import ScoringTerms
from tests.build import Compiled
from tests.world.adapter import TASKS_ROOT, Calls, Views
from tests.world.chain import MOST_GAS, Chain, Contract, Refused
from tests.world.jobs import GOLD_SALT, RULES, Job, Row, with_gold
from tests.world.people import Person, person

START: Final = 1_800_000_000  # unix seconds at which every world begins
WINDOW: Final = 3_600  # seconds from one deadline to the next
ETHER: Final = 10**18


class World:
    """One deployment. Whatever is done to it returns the events it logged."""

    def __init__(
        self,
        built: Compiled,
        token: str | None = None,
        chain: Chain | None = None,
        sink: str | None = None,
    ) -> None:
        """`token` names the mock that is the asset, None for ether; `chain` may be another's."""
        self.chain = chain or Chain(START)
        self.sink: str = sink or person("sink")
        self.token = self.chain.mock(token) if token else None
        asset = self.token.address if self.token else ZERO
        judge = self.chain.deploy(built["Judge"])
        self.contract = self.chain.deploy(built["LabelRounds"], asset, self.sink, judge.address)
        self.address = self.contract.address
        self.calls = Calls(self.contract.abi)
        self.multicall = self.chain.deploy(built["Multicall"], self.address)
        self.views = Views(self.contract, self.chain.deploy(built["Lens"]))
        self.events: list[Event] = []
        # What was sent to the contract without a deposit and belongs to nobody.
        self.gifts = 0

    @property
    def deployed(self) -> Deployed:
        return Deployed(self.chain.id, self.address)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done inside has not happened afterwards."""
        told, gifts = len(self.events), self.gifts
        try:
            with self.chain.undone():
                yield
        finally:
            del self.events[told:]
            self.gifts = gifts

    # ------------------------------------------------------------------ actions

    def do(self, sender: str, data: bytes, value: int = 0, gas: int = MOST_GAS) -> list[Event]:
        """Send a call, see `calls`. Raises Refused."""
        return self._heard(self.chain.send(sender, self.address, data, value, gas))

    def send(self, sender: str, data: bytes) -> None:
        """The same where nobody listens, as for what will be undone."""
        self.chain.send(sender, self.address, data)

    def _heard(self, logs: Sequence[Any]) -> list[Event]:
        block = len(self.events) + 1
        events = [replace(event, block=block) for event in decode(logs, self.contract.abi.entries)]
        self.events += events
        return events

    def through(self, wallet: Contract, sender: str, data: bytes, value: int = 0) -> list[Event]:
        """The same, from a wallet contract of the tests."""
        order = wallet.abi.data("execute", self.address, data)
        logs = self.chain.send(sender, wallet.address, order, value, logged_by=self.address)
        return self._heard(logs)

    def together(
        self, sender: str, calls: Sequence[bytes], each: int = 2_000_000, gas: int = MOST_GAS
    ) -> tuple[list[Event], list[int]]:
        """The same with several calls in one transaction, each with so much gas; and the places of
        those that failed.
        """
        parts = [(len(call), each) for call in calls]
        data = self.multicall.abi.data("multicall", parts, b"".join(calls))
        logs = self.chain.send(
            sender, self.multicall.address, data, gas=gas, logged_by=self.address
        )
        failed = [log.topics[1] for log in self.chain.logs_of(self.multicall.address)]
        return self._heard(logs), [int.from_bytes(position) for position in failed]

    def fund(self, people: Sequence[str], amount: int = ETHER) -> None:
        """Somebody pays in for each of them, wei."""
        for owner in people:
            self.pay_in(person("bank"), owner, amount)

    def pay_in(self, payer: str, owner: str, amount: int) -> list[Event]:
        """A deposit, with the money made out of nothing."""
        self.enrich(payer, amount)
        value = 0 if self.token else amount
        return self.do(payer, self.calls.deposit_for(owner, amount), value)

    def enrich(self, owner: str, amount: int) -> None:
        """Gives somebody so much of the asset, and of a token the allowance to pay it in."""
        if self.token is None:
            self.chain.give(owner, amount)
            return
        self.token.send(owner, "mint", owner, amount)
        allowed = self.token.ask("allowance", owner, self.address)
        self.token.send(owner, "approve", self.address, allowed + amount)

    def force(self, amount: int) -> None:
        """Forces some of the asset upon the contract: by a self-destruction, or a transfer."""
        if self.token is None:
            self.chain.mock("Bomb", self.address, value=amount)
        else:
            self.token.send(person("bank"), "mint", self.address, amount)
        self.gifts += amount

    def open(
        self,
        requester: str,
        rows: Mapping[str, Row] | None = None,
        gold: Sheet | None = None,
        admission: str = ZERO,
        **changes: Any,
    ) -> Job:
        """Opens a round for these labelers, who have not committed yet.

        `changes` are those to the rules (RULES) and to the deadlines, an hour apart.
        """
        job = self.plan(requester, rows or {}, gold, admission, **changes)
        opening = (job.rules, job.deadlines, TASKS_ROOT, job.gold_root, job.admission)
        self.do(requester, self.calls.open(*opening))
        return job

    def plan(
        self,
        requester: str,
        rows: Mapping[str, Row],
        gold: Sheet | None = None,
        admission: str = ZERO,
        **changes: Any,
    ) -> Job:
        """The round that would be opened."""
        own = {name: changes.pop(name) for name in _RULES if name in changes}
        usual = RULES if gold is None else with_gold(RULES, gold)
        rules: ScoringTerms = replace(usual, **own)
        commit = changes.pop("commit", self.chain.now + WINDOW)
        reveal = changes.pop("reveal", commit + WINDOW)
        gold_deadline = changes.pop("gold_deadline", 0 if gold is None else reveal + WINDOW)
        assert not changes, f"no such term: {', '.join(changes)}"
        return Job(
            round_id=self.views.round_count() + 1,
            requester=requester,
            rules=rules,
            deadlines=Deadlines(commit, reveal, gold_deadline),
            deployed=self.deployed,
            sheets={labeler: pack(row, rules.options) for labeler, row in rows.items()},
            gold=EMPTY_SHEET if gold is None else gold,
            gold_salt=EMPTY_HASH if gold is None else GOLD_SALT,
            admission=admission,
        )

    def commit(self, job: Job, labelers: Sequence[str] | None = None) -> list[Event]:
        """Each of them takes a seat; all unless some are named, as below."""
        events = []
        for labeler in job.labelers if labelers is None else labelers:
            data = self.calls.commit(job.round_id, job.commitment(labeler), job.rules.stake)
            events += self.do(labeler, data)
        return events

    def relay(self, job: Job, labelers: Sequence[Person]) -> list[Event]:
        """Somebody relays what they signed."""
        signed = [job.signed(labeler) for labeler in labelers]
        return self.do(person("relayer"), self.calls.commit_signed(job.round_id, signed))

    def reveal(self, job: Job, labelers: Sequence[str] | None = None) -> list[Event]:
        """Somebody reveals for them."""
        openings = job.openings(labelers)
        return self.do(person("keeper"), self.calls.reveal(job.round_id, openings))

    def close(self, job: Job, labelers: Sequence[str] | None = None) -> list[Event]:
        """Somebody closes the round, with its gold answers, if these revealed in this order."""
        entries = job.entries(labelers)
        data = self.calls.close(job.round_id, entries, job.gold, job.gold_salt)
        return self.do(person("keeper"), data)

    def play(self, job: Job, withheld: bool = False) -> list[Event]:
        """All commit, wait, reveal and are judged; what the close logged. If the gold answers are
        `withheld`, their requester closes without them once that is allowed.
        """
        self.commit(job)
        if self.chain.now < job.deadlines.commit:
            self.chain.wait_until(job.deadlines.commit)
        self.reveal(job)
        if not withheld:
            return self.close(job)
        self.chain.wait_until(job.deadlines.gold)
        return self.do(job.requester, self.calls.close(job.round_id, job.entries()))

    # -------------------------------------------------------------------- money

    @property
    def held(self) -> int:
        """What the contract holds of its asset."""
        return self.wealth(self.address)

    def wealth(self, owner: str) -> int:
        """What an address holds of the asset itself."""
        if self.token is None:
            return self.chain.balance(owner)
        return int(self.token.ask("balanceOf", owner))

    def account(self, owner: str) -> Account:
        return self.views.account(owner)

    def free(self, owner: str) -> int:
        return self.account(owner).free

    def total(self, owner: str) -> int:
        """Free and locked."""
        account = self.account(owner)
        return account.free + account.locked

    def books(self) -> Books:
        """What follows from the events."""
        return replay(self.events)

    def check_books(self) -> None:
        """Storage is what the events say, and every wei held is somebody's or a gift."""
        books = self.books()
        assert books.shortfalls == ()
        assert self.held == books.total + self.gifts
        assert self.views.sink_balance() == books.sink
        for owner, account in books.accounts.items():
            assert self.account(owner) == account


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """What is done inside must be refused, for exactly this reason."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.reason == reason


def bare(event: Event) -> tuple[Any, ...]:
    """An event without where it stands: its kind and what it says."""
    return type(event).__name__, *astuple(event)[len(fields(Event)) :]


def outcomes(events: Sequence[Event]) -> list[tuple[Band, int]]:
    """Band and pay (wei) of all who were judged, in the order of the roll."""
    (closed,) = of_kind(events, RoundClosed)
    return [(each.band, each.pay) for each in closed.outcomes]


def of_kind(events: Sequence[Event], kind: type[Event]) -> list[Any]:
    """Those of that kind."""
    return [event for event in events if isinstance(event, kind)]


_RULES: Final = {item.name for item in fields(ScoringTerms)}
