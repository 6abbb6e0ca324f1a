"""A deployment and what people do to it, with the books checked after every action."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from typing import Any, Final

import pytest
from eth_abi.abi import encode
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import is_address
from web3._utils.events import get_event_data
from web3.contract import Contract
from web3.types import TxReceipt

from plumbline.chain.records import Account, Deadlines, Phase, RoundState, Seat, rules_from
from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET
from plumbline.protocol.typed_data import Deployed, digest
from plumbline.settlement import Settlement
from plumbline.settlement.sheet import Sheet
from tests.functional.batch import GOLD_RULES, Batch, Opening, root_of, word
from tests.functional.chain import Chain, Refused
from tests.world.adapter import TASKS_ROOT
from tests.world.jobs import RULES, Row
from tests.world.people import Person

ETHER: Final = 10**18
WINDOW: Final = 3_600  # seconds from one deadline to the next

Event = tuple[str, dict[str, Any]]
Gold = tuple[Sheet, bytes]

NO_GOLD: Final[Gold] = (EMPTY_SHEET, EMPTY_HASH)


def event(name: str, **values: Any) -> Event:
    """An event, to be compared with what an action returned."""
    return name, values


def columns(items: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    """Signed commitments as `commit_signed` takes them, which leaves out what comes with them."""
    labelers = [item[0] for item in items]
    signatures = [(int.from_bytes(item[2]), item[3]) for item in items]
    return labelers, [item[1] for item in items], signatures


def sealed_columns(items: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    """The same as `commit_sealed` takes them."""
    return *columns(items), [item[4:] for item in items]


def wallet_words(key: LocalAccount, message: SignableMessage) -> bytes:
    """A signature as tests/contracts/Wallet.vy takes it: r, s and v."""
    signature = key.unsafe_sign_hash(digest(message))
    return encode(["uint256"] * 3, [signature.r, signature.s, signature.v])


def closed(
    batch: Batch, labelers: Sequence[Person], verdict: Sequence[Any], settlement: Settlement
) -> Event:
    """What a close logs, if nobody was silent."""
    return event(
        "RoundClosed",
        round_id=batch.round_id,
        verdict=tuple(verdict),
        labelers=tuple(labelers),
        rulings=tuple(
            word(one.band, one.kappa_ppm, one.pay, one.slash) for one in settlement.labelers
        ),
        paid=settlement.paid,
        refund=settlement.refund,
        to_sink=settlement.burned,
    )


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """What is done inside must be refused, for exactly this reason."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.reason == reason


class By:
    """Does what is asked in the name of one sender: `market.by(labeler).deposit(1, value=1)`."""

    def __init__(self, market: "Market", sender: str) -> None:
        self._market = market
        self._sender = sender

    def __getattr__(self, name: str) -> Any:
        return partial(self._market.transact, self._sender, name)


class Market:
    """One deployment. Whatever is done through it returns the events it logged."""

    def __init__(
        self,
        chain: Chain,
        rounds: Contract,
        token: Contract | None,
        lens: Contract,
        census: Contract,
        anyone: str,
    ) -> None:
        self.chain = chain
        self.rounds = rounds
        self.address: str = rounds.address
        self.token = token
        self.deployed = Deployed(chain.id, rounds.address)
        # relays, reveals and closes where it does not matter who does
        self.anyone = anyone
        # what was forced upon the contract and belongs to nobody
        self.gifts = 0
        self.lens = lens
        self._census = census
        self._people: set[str] = set()
        self._event_abis = {
            event_abi_to_log_topic(abi): abi for abi in rounds.abi if abi["type"] == "event"
        }

    # ------------------------------------------------------------------ actions

    def by(self, sender: str) -> By:
        return By(self, sender)

    def transact(self, sender: str, name: str, *args: Any, value: int = 0) -> list[Event]:
        data = self.rounds.encode_abi(name, args)
        return self._events(self.chain.send(sender, self.address, data, value))

    def through(
        self, wallet: Contract, sender: str, name: str, *args: Any, value: int = 0
    ) -> list[Event]:
        """The same, from a wallet contract."""
        data = wallet.encode_abi("execute", [self.address, self.rounds.encode_abi(name, args)])
        return self._events(self.chain.send(sender, wallet.address, data, value))

    def fund(self, sender: str, people: Sequence[str], amount: int) -> None:
        """Pays in for others."""
        for person in people:
            value = 0 if self.token else amount
            self.by(sender).deposit_for(person, amount, value=value)

    def opening(self, **changes: Any) -> Opening:
        """A valid opening, with changes to its rules, its deadlines or the rest."""
        start = self.chain.now + WINDOW
        gold_deadline = start + 2 * WINDOW if "gold_root" in changes else 0
        deadlines = Deadlines(start, start + WINDOW, gold_deadline)
        rules = GOLD_RULES if "gold_root" in changes else RULES
        for part, default in (("rules", rules), ("deadlines", deadlines)):
            whole = changes.pop(part, default)
            names = [field.name for field in fields(whole) if field.name in changes]
            own = {name: changes.pop(name) for name in names}
            changes[part] = replace(whole, **own)
        return Opening(**changes)

    def open(
        self, requester: str, rows: Mapping[Person, Row], gold: Any = None, **changes: Any
    ) -> Batch:
        """Opens a round for these labelers, who have not committed yet."""
        gold = gold or {}
        if gold:
            rules = changes.get("rules", GOLD_RULES)
            changes["gold_root"] = root_of(self.deployed, requester, rules, gold)
        opening = self.opening(**changes)
        self.by(requester).open(*opening.args)
        round_id = self.rounds.functions.round_count().call()
        return Batch(round_id, opening, self.deployed, rows, gold)

    def commit(self, batch: Batch, labelers: Sequence[Person] | None = None) -> list[Event]:
        """Anyone relays what labelers signed; all of them unless some are named, as below."""
        labelers = batch.labelers if labelers is None else labelers
        signed = [batch.signed(labeler) for labeler in labelers]
        return self.by(self.anyone).commit_signed(batch.round_id, *columns(signed))

    def reveal(self, batch: Batch, labelers: Sequence[Person] | None = None) -> list[Event]:
        labelers = batch.labelers if labelers is None else labelers
        return self.by(self.anyone).reveal(batch.round_id, *batch.openings(labelers))

    def close(
        self, batch: Batch, labelers: Sequence[Person] | None = None, gold: Gold | None = None
    ) -> list[Event]:
        """Hands in all that was revealed, and the gold answers if the round has any."""
        labelers = batch.labelers if labelers is None else labelers
        gold = gold or batch.gold
        return self.by(self.anyone).close(
            batch.round_id, batch.opening.tasks_root, *batch.entries(labelers), [], *gold
        )

    # -------------------------------------------------------------------- views

    @property
    def held(self) -> int:
        """What the contract holds of its asset."""
        return self.wealth(self.address)

    @property
    def sink_balance(self) -> int:
        return self.rounds.functions.sink_balance().call()

    def wealth(self, owner: str) -> int:
        """What an address holds of the asset itself."""
        if self.token:
            return self.token.functions.balanceOf(owner).call()
        return self.chain.w3.eth.get_balance(owner)

    def account(self, owner: str) -> Account:
        return Account(*self.lens.functions.account(self.address, owner).call())

    def accounts(self, owners: Sequence[str]) -> list[Account]:
        found = self._census.functions.accounts(self.address, list(owners)).call()
        return [Account(*account) for account in found]

    def free(self, owner: str) -> int:
        return self.account(owner).free

    def phase(self, batch: Batch) -> tuple[Phase, int]:
        """The phase and the seconds left."""
        phase, left = self.lens.functions.phase(self.address, batch.round_id).call()
        return Phase(phase), left

    def seat(self, batch: Batch, labeler: str) -> Seat:
        return Seat(*self.lens.functions.seat(self.address, batch.round_id, labeler).call())

    def round(self, round_id: int) -> RoundState:
        found = self.lens.functions.round(self.address, round_id).call()
        requester, rules, deadlines, *rest = found
        phase, _ = self.lens.functions.phase(self.address, round_id).call()
        is_closed = phase == Phase.CLOSED
        return RoundState(requester, rules_from(rules), Deadlines(*deadlines), *rest, is_closed)

    def nonce(self, owner: str) -> int:
        """How many withdrawals that it signed were relayed."""
        return self.rounds.functions.nonces(owner).call()

    def is_verdict(
        self,
        round_id: int,
        verdict: Sequence[Any],
        payroll: bytes,
        tasks_root: bytes = TASKS_ROOT,
    ) -> bool:
        view = self.rounds.functions.is_verdict
        return view(round_id, tasks_root, tuple(verdict), payroll).call()

    # -------------------------------------------------------------------- books

    def check_books(self) -> None:
        """Every wei held is somebody's, and every wei locked is the stake of a live seat."""
        owners = sorted(self._people)
        books = self._census.functions.books(self.address, owners).call()
        free, locked, escrow, staked, sink = books
        assert self.held == free + locked + escrow + sink + self.gifts
        assert locked == staked

    def _events(self, receipt: TxReceipt) -> list[Event]:
        logs = [log for log in receipt["logs"] if log["address"] == self.address]
        events = [self._decoded(log) for log in logs]
        for _, values in events:
            self._people |= {value for value in values.values() if is_address(value)}
            self._people |= set(values.get("labelers", ()))
        self.check_books()
        return events

    def _decoded(self, log: Any) -> Event:
        abi = self._event_abis[bytes(log["topics"][0])]
        data = get_event_data(self.chain.w3.codec, abi, log)
        return data["event"], {name: _plain(value) for name, value in data["args"].items()}


def _plain(value: Any) -> Any:
    """Structs and arrays as tuples."""
    if isinstance(value, Mapping):
        return tuple(_plain(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    return value
