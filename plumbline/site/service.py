"""The decision for each request: what is refused, what is kept, and what is answered.

What a labeler hands in is checked against the last look at the chain and, where money is meant,
against the chain itself; it is on the disk before it is acknowledged. What is then
done with it is up to the keeper, and whoever waits gets the outcome.
"""

import functools
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from web3.types import RPCEndpoint

from plumbline.chain.call import Sender
from plumbline.chain.logs import EventsError
from plumbline.chain.node_errors import NODE_ERRORS
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.keeper.activity import Tick
from plumbline.keeper.relay_decisions import HeldCommitment, by_round
from plumbline.keeper.service_loop import LogWriter
from plumbline.labeler import consents, delegated_reveals, withdrawals
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.drawn_seats import DrawnSeats
from plumbline.labeler.open_rounds import policy_at, refusal_at
from plumbline.labeler.relay import applicable
from plumbline.protocol.addresses import ZERO, AddressError, checksum
from plumbline.protocol.withdrawal import SignedWithdrawal
from plumbline.seating.client import SeatingError
from plumbline.seating.gates import Policy, SeatRefusal
from plumbline.seating.policies import ChainFacts
from plumbline.seating.pool_history import Lot
from plumbline.site.errands import BusyError, Errands
from plumbline.site.errors import RequestError
from plumbline.site.inbox import Inbox
from plumbline.site.lookups import Lookups
from plumbline.site.records import (
    LabelerStanding,
    TasksAsked,
    ended_json,
    held_json,
    round_json,
)
from plumbline.site.tasks import TaskLibrary
from plumbline.site.view import MarketView

_REQUEST: Final = "the request"  # what errors call it
_STALE: Final = 120.0  # seconds after which a look at the chain is too old to decide by
_MOST_ROUNDS: Final = 100  # that a labeler is shown
_LOOKED_AT: Final = 64  # commitments, to make room for another
_STANDINGS: Final = 4_096  # that are remembered of one look
_AGAIN: Final = "try again in a minute"

_READS: Final = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_getBalance",
        "eth_getBlockByHash",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getLogs",
        "eth_getTransactionByHash",
        "eth_getTransactionReceipt",
    }
)


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What a site offers.

    account         the address that relays
    confirmations   blocks after which no reorganisation is expected
    withdrawal_fee  least fee for which withdrawals are relayed, smallest unit; None for never
    published       folders of tasks
    """

    account: str
    confirmations: int
    withdrawal_fee: int | None
    published: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Landed:
    """What is on the chain: the block, and the transaction, 0x hex."""

    block: int
    transaction: str


class Site:
    """What the page is shown, and what it may hand in. For several threads at a time."""

    def __init__(
        self,
        market: Market,
        inbox: Inbox,
        settings: SiteSettings,
        wake: Callable[[], None],
        log: LogWriter,
    ) -> None:
        """`wake` has the keeper look at the chain at once. Asks the node what does not change."""
        self.market = market
        self.inbox = inbox
        self.tasks = TaskLibrary(market, settings.published, inbox.tasks)
        self._settings = settings
        self._wake = wake
        self._log = log
        self._errands = Errands(market, inbox, wake)
        self._questions: Lookups[int, str] = Lookups(self._question, workers=4)
        self._policies: Lookups[str, Policy] = Lookups(self._policy, workers=2)
        self._view: MarketView | None = None
        self._lock = threading.Lock()
        self._standings: dict[tuple[int, str], tuple[SeatRefusal | None, tuple[Lot, ...]]] = {}
        self._pools: dict[str, Any] = {}
        self._about = self._description()

    # ---------------------------------------------------------------- the keeper's thread

    def before_tick(self, send: Sender) -> None:
        """See `keeper.service_loop.Companion`."""
        self._errands.run(send)

    def after_tick(self, tick: Tick) -> None:
        """See `keeper.service_loop.Companion`."""
        view = MarketView.of(tick, self.market.node.is_local)
        with self._lock:
            if self._view is None or self._view.head != view.head:
                self._standings, self._pools = {}, {}
            self._view = view
        committing = view.committing
        # Those that labelers have still to reveal are asked for too: they review what they said.
        unsettled = [each for each in view.rounds.values() if not each.is_over]
        self._questions.keep(each.round_id for each in unsettled)
        named = {each.opened.admission for each in committing} - {ZERO}
        self._policies.keep(sorted(named))
        self.inbox.clean(view, self._settings.confirmations)
        self.tasks.keep(each.opened.tasks_root.hex() for each in unsettled)

    def stop(self) -> None:
        """Begin no more look-ups."""
        self._questions.stop()
        self._policies.stop()

    # ---------------------------------------------------------------- what is answered

    @property
    def view(self) -> MarketView:
        """The last look at the chain. Raises RequestError before the first, or if it is old."""
        view = self._view
        if view is None:
            raise RequestError(
                HTTPStatus.SERVICE_UNAVAILABLE, "the site has only just started", _AGAIN, 2
            )
        if view.age > _STALE:
            raise node_is_away()
        return view

    def about(self) -> dict[str, Any]:
        """The deployment, the chain, and what the site offers."""
        return self._about

    def rounds(self, labeler: str | None) -> dict[str, Any]:
        """Open rounds, and those in which a labeler has a seat that is not settled."""
        view = self.view
        shown = {each.round_id: each for each in view.committing}
        address = None if labeler is None else _address(labeler)
        if address is not None:
            own = (each for each in view.by_labeler.get(address, ()) if not each.is_over)
            shown |= {each.round_id: each for each in own}
        free = None if address is None else self._free(address)
        shown_rounds = [self._round_json(view, each, address, free) for each in shown.values()]
        return {"now": view.now, "rounds": shown_rounds}

    def round(self, number: int, labeler: str | None) -> dict[str, Any]:
        """One round, whatever its phase."""
        view = self.view
        address = None if labeler is None else _address(labeler)
        free = None if address is None else self._free(address)
        return self._round_json(view, self._history(view, number), address, free)

    def labeler(self, labeler: str) -> dict[str, Any]:
        """The balance of a labeler, and all its rounds, newest first."""
        view, address = self.view, _address(labeler)
        rounds = view.by_labeler.get(address, ())[:_MOST_ROUNDS]
        try:
            account = self.market.contract.account(address)
            nonce = self.market.contract.nonce(address)
            times = [self._ended_at(each) for each in rounds]
        except NODE_ERRORS:
            raise node_is_away() from None
        return {
            "free": str(account.free),
            "locked": str(account.locked),
            "nonce": nonce,
            "rounds": [
                ended_json(view, each, address, self._asked(each).question, at)
                for each, at in zip(rounds, times, strict=True)
            ],
        }

    # ---------------------------------------------------------------- commitments

    def take_commitment(self, values: Any) -> Consent:
        """Keep a signed commitment to relay it. Raises RequestError if it cannot be relayed, or is
        not what a labeler signed.
        """
        view = self.view
        try:
            consent = consents.parse(values, _REQUEST, self.market.deployment.deployed)
        except PlumblineError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
        history = self._history(view, consent.round_id)
        obstacle = by_round(consent, history, view.now, attempts=0)
        if obstacle is not None and obstacle.is_done:
            return consent
        if obstacle is not None:
            raise RequestError(HTTPStatus.CONFLICT, obstacle.reason, _NOT_KEPT)
        others = self.inbox.commitments_of(consent.labeler)
        waiting = (
            each
            for each in others
            if each.round_id != consent.round_id and self._landed_commitment(view, each) is None
        )
        locked = Counter({consent.labeler: sum(each.stake for each in waiting)})
        try:
            _, skipped = applicable(self.market.contract, history, view.now, [consent], locked)
            if skipped and self._is_seated(consent):
                return consent  # since the last look
        except NODE_ERRORS:
            raise node_is_away() from None
        if skipped:
            raise RequestError(HTTPStatus.CONFLICT, skipped[0].reason, _NOT_KEPT)
        if self.inbox.is_full:
            self._make_room(view)
        self._keeping(lambda: self.inbox.keep_commitment(consent))
        self._log("info", "commitment kept", round=consent.round_id, labeler=consent.labeler)
        self._wake()
        return consent

    def seated(self, consent: Consent) -> Landed | None:
        """Where a commitment is on the chain, as of the last look; None if it is not there.

        Raises RequestError if it will never be.
        """
        view = self.view
        landed = self._landed_commitment(view, consent)
        if landed is not None:
            return landed
        held = view.unseated.get(consent)
        if held is not None and held.is_final:
            self.inbox.drop_commitment(consent)
            raise RequestError(HTTPStatus.CONFLICT, held.reason, _NOT_KEPT)
        return None

    def held(self, consent: Consent) -> HeldCommitment | None:
        """Why a commitment is held, if the keeper has looked at it."""
        return self.view.unseated.get(consent)

    def held_answer(self, consent: Consent) -> dict[str, Any]:
        """The answer for a commitment that is kept and has no seat yet."""
        return {"status": "held", **held_json(self.held(consent))}

    # ---------------------------------------------------------------- openings

    def take_opening(self, values: Any) -> DelegatedReveal:
        """Keep what reveals a seat, once that may be shown. Raises RequestError, and keeps nothing,
        as long as anybody could commit who sees it.
        """
        view, node = self.view, self.market.node
        deployed = self.market.deployment.deployed
        try:
            opening = delegated_reveals.parse(values, _REQUEST, deployed, node.genesis)
        except PlumblineError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
        history = self._history(view, opening.round_id)
        self._require_showable(view, history)
        landed = history.commitment_of(opening.labeler)
        if landed is None or landed.commitment != opening.commitment:
            what = "no seat" if landed is None else "another commitment"
            raise RequestError(
                HTTPStatus.CONFLICT,
                f"this labeler has {what} in round {opening.round_id}",
                "nothing was kept: restore the answers that were committed",
            )
        if self.revealed(opening) is not None:
            return opening
        if opening.labeler not in history.awaited:
            raise RequestError(HTTPStatus.CONFLICT, "this seat was slashed: it reveals no more")
        if history.phase_at(view.now) is not Phase.REVEAL:
            raise RequestError(
                HTTPStatus.CONFLICT, "too late: the reveal phase is over", "nothing was kept"
            )
        self._keeping(lambda: self.inbox.keep_opening(opening))
        self._log("info", "answers kept", round=opening.round_id, labeler=opening.labeler)
        self._wake()
        return opening

    def revealed(self, opening: DelegatedReveal) -> Landed | None:
        """Where a seat was revealed, as of the last look."""
        for event in self._history(self.view, opening.round_id).reveals:
            if event.labeler == opening.labeler:
                return Landed(event.block, "0x" + event.transaction.hex())
        return None

    # ---------------------------------------------------------------- money

    def take_withdrawal(self, values: Any) -> tuple[SignedWithdrawal, Any]:
        """Relay a withdrawal: itself, and the future of its receipt, which is None if it was
        relayed before. Raises RequestError.
        """
        least, unit = self._settings.withdrawal_fee, self.market.unit
        if least is None:
            raise RequestError(
                HTTPStatus.FORBIDDEN,
                "this site relays no withdrawals",
                "withdraw with a transaction of your own wallet, or at another site",
            )
        try:
            signed = withdrawals.parse(values, _REQUEST, self.market.deployment.deployed)
        except PlumblineError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from None
        withdrawal = signed.withdrawal
        if withdrawal.fee < least:
            raise RequestError(
                HTTPStatus.CONFLICT,
                f"the fee of {unit.exact(withdrawal.fee)} is below the {unit.exact(least)} that "
                "this site relays for",
                "sign it again with that fee",
            )
        try:
            nonce = self.market.contract.nonce(withdrawal.owner)
        except NODE_ERRORS:
            raise node_is_away() from None
        if nonce != withdrawal.nonce:
            was = "it was relayed already, or another" if nonce > withdrawal.nonce else "another"
            raise RequestError(
                HTTPStatus.CONFLICT,
                f"{was} is due: this is withdrawal {withdrawal.nonce} of its owner, and the next is"
                f" {nonce}",
                "look at the balance, and sign anew what is left to be withdrawn",
            )
        try:
            is_signed = withdrawals.is_signed_by_owner(self.market.contract, signed)
        except NODE_ERRORS:
            raise node_is_away() from None
        if not is_signed:
            raise RequestError(
                HTTPStatus.CONFLICT,
                f"that is not signed by {withdrawal.owner}",
                "sign it with the account or wallet that owns the balance",
            )
        return signed, self._errand(lambda: self._errands.withdraw(signed))

    def take_gift(self, values: Any) -> tuple[str, Any]:
        """Pay in a stake for a labeler, on a local chain: the labeler, and the future of the
        receipt. Raises RequestError.
        """
        self._require_local()
        if not isinstance(values, dict) or set(values) != {"labeler"}:
            raise RequestError(HTTPStatus.BAD_REQUEST, 'the request must be {"labeler": ADDRESS}')
        address = _address(values["labeler"])
        stakes = [each.rules.stake for each in self.view.committing]
        if not stakes:
            raise RequestError(HTTPStatus.CONFLICT, "no round is open: there is nothing to stake")
        missing = sum(stakes) - self._free(address)
        if missing <= 0:
            return address, None
        return address, self._errand(lambda: self._errands.deposit(address, missing))

    def free(self, address: str) -> dict[str, Any]:
        """The free balance of a labeler."""
        return {"free": str(self._free(address))}

    def ask_node(self, values: Any) -> dict[str, Any]:
        """Pass a question on to the node of a local chain. Raises RequestError."""
        self._require_local()
        if not isinstance(values, dict) or values.get("method") not in _READS:
            raise RequestError(
                HTTPStatus.BAD_REQUEST, "only questions that read are passed on to the node"
            )
        given = values.get("params", [])
        if not isinstance(given, list):
            raise RequestError(HTTPStatus.BAD_REQUEST, "params must be a list")
        try:
            answer = self.market.node.w3.provider.make_request(RPCEndpoint(values["method"]), given)
        except NODE_ERRORS:
            raise node_is_away() from None
        what = "error" if "error" in answer else "result"
        return {"jsonrpc": "2.0", "id": values.get("id"), what: answer.get(what)}

    # ---------------------------------------------------------------- internal

    def _round_json(
        self, view: MarketView, history: RoundHistory, labeler: str | None, free: int | None
    ) -> dict[str, Any]:
        policy = self._policies.found(history.opened.admission)
        standing = None
        if labeler is not None and free is not None:
            refusal, lots = self._seat_to_be_had(view, history, labeler)
            kept = self.inbox.signed_for(history.round_id, labeler)
            is_kept = bool(kept) and history.commitment_of(labeler) is None
            standing = LabelerStanding(
                labeler=labeler,
                free=free,
                is_kept=is_kept,
                held=view.unseated.get(kept[-1]) if kept else None,
                opening_kept=labeler in history.awaited
                and self.inbox.has_opening(history.round_id, labeler),
                refusal=refusal,
                lots=lots,
            )
        return round_json(view, history, self._asked(history), policy, standing)

    def _seat_to_be_had(
        self, view: MarketView, history: RoundHistory, labeler: str
    ) -> tuple[SeatRefusal | None, tuple[Lot, ...]]:
        """Why a labeler would be refused, and its units in draws; remembered until a next block."""
        policy = self._policies.found(history.opened.admission)
        if policy is None or history.phase_at(view.now) is not Phase.COMMIT:
            return None, ()
        key = (history.round_id, labeler)
        with self._lock:
            known, pools = self._standings.get(key), self._pools
        if known is not None:
            return known
        lots = DrawnSeats(self.market.contract, labeler, pools)
        try:
            facts = ChainFacts.at(self.market.node.w3)
            found = refusal_at(policy, facts, history, lots)
        except (SeatingError, EventsError) as error:
            return SeatRefusal(policy.address, str(error), "try again later"), ()
        with self._lock:
            if self._pools is pools and len(self._standings) < _STANDINGS:
                self._standings[key] = found
        return found

    def _asked(self, history: RoundHistory) -> TasksAsked:
        number = history.round_id
        return TasksAsked(self._questions.found(number), self._questions.failure(number))

    def _question(self, number: int) -> str:
        view = self._view
        assert view is not None  # rounds are looked up once they are seen
        return self.tasks.question(view.rounds[number])

    def _policy(self, address: str) -> Policy:
        policy = policy_at(self.market, address)
        assert policy is not None  # of rounds that name one
        return policy

    def _history(self, view: MarketView, number: int) -> RoundHistory:
        history = view.rounds.get(number)
        if history is None:
            raise RequestError(HTTPStatus.NOT_FOUND, f"there is no round {number}, or not yet")
        return history

    def _require_showable(self, view: MarketView, history: RoundHistory) -> None:
        secrecy = view.secrecy(history, self._settings.confirmations)
        if secrecy is None:
            return
        when = (
            "others may still commit"
            if secrecy.until is not None
            else f"the last seat could be taken anew: {secrecy.blocks} more blocks must pass"
        )
        raise RequestError(
            HTTPStatus.CONFLICT,
            f"answers of round {history.round_id} must not be shown yet: {when}",
            "nothing was kept: come back when the reveal phase has begun, and show them to nobody",
        )

    def _landed_commitment(self, view: MarketView, consent: Consent) -> Landed | None:
        history = view.rounds.get(consent.round_id)
        landed = None if history is None else history.commitment_of(consent.labeler)
        if landed is None or landed.commitment != consent.commitment:
            return None
        return Landed(landed.block, "0x" + landed.transaction.hex())

    def _is_seated(self, consent: Consent) -> bool:
        seat = self.market.contract.seat(consent.round_id, consent.labeler)
        return seat.commitment == consent.commitment

    def _free(self, address: str) -> int:
        try:
            return self.market.contract.account(address).free
        except NODE_ERRORS:
            raise node_is_away() from None

    @functools.lru_cache(maxsize=4_096)  # noqa: B019  # there is one site
    def _time_of(self, block: int) -> int:
        return int(self.market.node.w3.eth.get_block(block)["timestamp"])

    def _ended_at(self, history: RoundHistory) -> int | None:
        ending = history.closed or history.expired
        return None if ending is None else self._time_of(ending.block)

    def _errand(self, begin: Callable[[], Any]) -> Any:
        try:
            return begin()
        except BusyError as error:
            raise RequestError(HTTPStatus.SERVICE_UNAVAILABLE, str(error), _AGAIN, 60) from None
        except withdrawals.WithdrawalError as error:
            what = "withdraw with a transaction of your own wallet"
            raise RequestError(HTTPStatus.CONFLICT, str(error), what) from None
        except StorageError as error:
            raise self._no_room(error) from None

    def _make_room(self, view: MarketView) -> None:
        """Drop commitments that came first and that no stake covers any more."""
        for consent in self.inbox.oldest(_LOOKED_AT):
            try:
                is_covered = self._free(consent.labeler) >= consent.stake
            except RequestError:
                return
            if not is_covered and self._landed_commitment(view, consent) is None:
                self.inbox.drop_commitment(consent)

    def _keeping(self, keep: Callable[[], None]) -> None:
        try:
            keep()
        except StorageError as error:
            raise self._no_room(error) from None

    def _no_room(self, error: StorageError) -> RequestError:
        self._log("error", "nothing can be kept", reason=str(error))
        return RequestError(
            HTTPStatus.INSUFFICIENT_STORAGE,
            "the site cannot keep it, and has kept nothing",
            "try again later, or at another site",
        )

    def _require_local(self) -> None:
        if not self.market.node.is_local:
            raise RequestError(HTTPStatus.NOT_FOUND, "this is for local chains only")

    def _description(self) -> dict[str, Any]:
        node, deployment = self.market.node, self.market.deployment
        unit, fee = self.market.unit, self._settings.withdrawal_fee
        depth = {"kind": "depth", "blocks": self._settings.confirmations}
        return {
            "chain_id": deployment.chain_id,
            "genesis": "0x" + node.genesis.hex(),
            "contract": deployment.address,
            "judge": deployment.judge,
            "code_hashes": {
                "contract": deployment.code_hash,
                "judge": deployment.judge_code_hash,
            },
            "deployed_block": deployment.block,
            "asset": deployment.asset,
            "symbol": unit.symbol,
            "decimals": unit.decimals,
            "is_local": node.is_local,
            "relayer": self._settings.account,
            "withdrawal_fee": None if fee is None else str(fee),
            "finality": {"kind": "local"} if node.is_local else depth,
        }


_NOT_KEPT: Final = "nothing was kept: look at the round again before you sign anew"


def _address(text: Any) -> str:
    try:
        return checksum(text)
    except (AddressError, TypeError, ValueError, AttributeError):
        raise RequestError(HTTPStatus.BAD_REQUEST, "that is not an address") from None


def node_is_away() -> RequestError:
    """The site cannot say what it would have to ask its node."""
    return RequestError(
        HTTPStatus.SERVICE_UNAVAILABLE, "the site's node does not answer", _AGAIN, 30
    )
