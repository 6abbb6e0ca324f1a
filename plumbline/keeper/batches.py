"""Actions as calls, the largest that fit into one transaction."""

import re
from dataclasses import replace
from typing import Final

from web3 import Web3

from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.chain.feed import node_unavailable
from plumbline.chain.node_errors import NODE_ERRORS, TRANSPORT_ERRORS
from plumbline.chain.reverts import revert_reason
from plumbline.errors import PlumblineError
from plumbline.keeper.decisions import Action, Close, Conclude, Expire, Forfeit, Relay, Reveal
from plumbline.keeper.draw_decisions import Capture, Rearm, Report
from plumbline.labeler import relay
from plumbline.labeler.vault import Secret
from plumbline.protocol.limits import MAX_REVEALED
from plumbline.seating.seat_draw import SeatDraw
from plumbline.seating.seed import header_of
from plumbline.transactions.senders import above_cap, call_params, room_for, with_margin

# The many ways in which nodes say that a transaction is too large.
_SIZE: Final = re.compile(
    r"out of gas|outofgas|gas required exceeds|exceeds (?:the )?(?:block|transaction)? ?gas"
    r"|gas limit|gas ?too|intrinsic gas|oversized|too large|above the cap|\b413\b",
    re.IGNORECASE,
)
_REASON: Final = re.compile(r"[a-z]+: ")  # how the contract begins a reason
_RUN: Final = re.compile(r"revert|opcode|EVM error", re.IGNORECASE)


class Refusal(PlumblineError):
    """The node says that a call would fail.

    reason      the contract's, if it gave one, else the node's
    is_revert   the contract was run and reverted: the reason is not a lack of ether, say
    """

    def __init__(self, reason: str, is_revert: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_revert = is_revert


class TooLarge(Refusal):
    """The call takes more gas, or more bytes, than a transaction may."""


def call_of(rounds: LabelRounds, action: Action) -> Call:
    """The call that an action is.

    Raises CallError, ContractError, SeatingError, SeedError, TooLarge.
    """
    match action:
        case Reveal():
            if len(action.openings) > MAX_REVEALED:
                raise TooLarge(f"a reveal opens {MAX_REVEALED} commitments at most", True)
            return rounds.reveal(action.round_id, action.openings)
        case Relay():
            return next(relay.batches(rounds, action.round_id, action.consents)).call
        case Conclude():
            return rounds.conclude(
                action.round_id, action.tasks_root, action.openings, *_gold(action.gold)
            )
        case Close():
            return rounds.close(
                action.round_id, action.tasks_root, action.entries, *_gold(action.gold)
            )
        case Forfeit():
            return rounds.forfeit(action.round_id, action.silent)
        case Expire():
            return rounds.expire(action.round_id, action.tasks_root, action.entries)
        case Capture(pool=pool, draw_id=draw_id, seed_block=seed_block):
            header = header_of(rounds.w3, seed_block)
            return SeatDraw(rounds, pool).capture(draw_id, header)
        case Rearm(pool=pool, draw_id=draw_id):
            return SeatDraw(rounds, pool).rearm(draw_id)
        case Report(pool=pool, draw_id=draw_id, unit=unit):
            return SeatDraw(rounds, pool).report(action.round_id, draw_id, unit)
    raise AssertionError(f"{action.kind} is not an action")


def smaller(action: Action) -> tuple[Action, ...]:
    """The same in smaller transactions; none if it cannot be divided."""
    match action:
        case Reveal() if len(action.openings) > 1:
            half = len(action.openings) // 2
            return (
                replace(action, openings=action.openings[:half]),
                replace(action, openings=action.openings[half:]),
            )
        case Forfeit() if len(action.silent) > 1:
            half = len(action.silent) // 2
            return (
                replace(action, silent=action.silent[:half]),
                replace(action, silent=action.silent[half:]),
            )
        case Relay() if len(action.consents) > 1:
            half = len(action.consents) // 2
            return (
                replace(action, consents=action.consents[:half]),
                replace(action, consents=action.consents[half:]),
            )
        case Conclude():
            # The closing follows once all is revealed.
            reason = "all at once does not fit into a transaction: revealed first, closed then"
            return (Reveal(action.round_id, reason, action.openings),)
    return ()


def estimate(w3: Web3, sender: str, call: Call, cap: int | None) -> int:
    """Gas that a call takes now, where a transaction may ask for `cap`, or what a block may hold.

    Raises TooLarge, Refusal or NodeUnavailable.
    """
    try:
        room = room_for(w3, cap)
        gas = int(w3.eth.estimate_gas(call_params(sender, call)))
    except TRANSPORT_ERRORS as error:
        raise node_unavailable(error) from None
    except NODE_ERRORS as error:
        raise refusal(error) from None
    if gas > room or (cap is None and with_margin(gas) > room):
        raise TooLarge(above_cap(gas, room, cap), is_revert=True)
    return gas


def refusal(error: BaseException) -> Refusal:
    """What a node, or a sender, refused for."""
    reason = revert_reason(error)
    if not _REASON.match(reason) and _SIZE.search(f"{reason} {error}"):
        return TooLarge(reason, is_revert=True)
    return Refusal(reason, is_revert=bool(_RUN.search(f"{reason} {error}")))


def _gold(gold: Secret | None) -> tuple[tuple[int, int, int, int, int], bytes] | tuple[None, None]:
    return (gold.sheet, gold.salt) if gold else (None, None)
