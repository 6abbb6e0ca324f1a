"""Drawing seats, for all commands that do: what it means, sending it, what came of it."""

from collections.abc import Sequence

from plumbline.chain.call import Call, Receipt
from plumbline.cli.accounts import UnlockableSigner
from plumbline.cli.output import count
from plumbline.cli.pool.seeding import seed_words
from plumbline.cli.sending import send, send_all
from plumbline.formats.round_file import RoundFile
from plumbline.history.market import Market
from plumbline.requester.drawing import DrawingPlan, DrawToMake
from plumbline.requester.pool_shares import shares_of
from plumbline.seating.draw import FEE_BPS, MIN_WINDOW, Draw, fee
from plumbline.seating.events import Drawn, logged_in
from plumbline.seating.pool_history import PoolHistory, PoolShares
from plumbline.seating.seat_draw import SeatDraw, pool_at
from plumbline.transactions.funding import funded
from plumbline.units import format_duration


def drawing_calls(market: Market, account: UnlockableSigner, plan: DrawingPlan) -> list[list[Call]]:
    """What is sent for each draw: an allowance first if it needs one."""
    contract = market.contract
    return [
        funded(contract, account.address, account.name, each.fee, each.call, each.pool.address)
        for each in plan.to_make
    ]


def drawing_lines(market: Market, plan: DrawingPlan, calls: list[list[Call]]) -> list[str]:
    """What drawing means."""
    lines = []
    for each, several in zip(plan.to_make, calls, strict=True):
        lines += [call.description for call in several]
        lines.append(_terms_line(market, each))
        lines.append(share_line(each.shares, each.seats))
    return lines


def _terms_line(market: Market, each: DrawToMake) -> str:
    unit = market.unit
    words = (
        f"The fee is {FEE_BPS / 100:g}% of {unit.exact(each.escrow)} in escrow, and does not come"
        f" back. {each.shares.units:,} units are shuffled; {count(each.seats, 'seat')} of each"
        " round go to the first, others stand by."
    )
    if len(each.rounds) > 1:
        many = f"in {each.load} of these rounds at most" if each.load > 1 else "in one of them"
        words += f" A unit is listed {many}."
    return words


def share_line(shares: PoolShares, seats: int) -> str:
    """What one account, and whoever paid for several, could get of a round."""
    words = (
        f"Of {count(shares.units, 'unit')} in the pool that can be drawn the largest account has"
        f" {shares.owned:,}: one seat of a round at most."
    )
    if shares.funded > shares.owned:
        average = shares.seats(shares.funded, seats)
        words += (
            f" {shares.funder} paid for {shares.funded:,} of several accounts: {average:.1f} of"
            f" {seats} seats on average."
        )
    return words


def lines_before(market: Market, pools: Sequence[str], rounds: Sequence[RoundFile]) -> list[str]:
    """What it means that the seats of rounds will be drawn, before they are opened."""
    escrow, seats = sum(each.escrow for each in rounds), rounds[0].rules.seats
    lines = []
    events = market.events() if pools else []
    for address in pools:
        pool = pool_at(market.contract, address)
        shares = shares_of(events, PoolHistory.of(pool), pool.state().epoch)
        lines.append(
            f"Seats are drawn from the pool {address}, once rounds are opened, for a fee of"
            f" {market.unit.exact(fee(escrow))} more. A round that is not drawn until"
            f" {format_duration(MIN_WINDOW)} before its commit deadline admits nobody, and expires."
        )
        lines.append(share_line(shares, seats))
    return lines


def make_draws(
    market: Market, account: UnlockableSigner, plan: DrawingPlan, calls: list[list[Call]]
) -> tuple[list[tuple[SeatDraw, Draw]], list[Receipt]]:
    """Send all draws: each with its pool, and the transactions."""
    drawn, receipts = [], []
    for each, (*before, last) in zip(plan.to_make, calls, strict=True):
        receipts += send_all(market.node, account, before)
        receipt = send(market.node, account, last)
        receipts.append(receipt)
        drawn += [
            (each.pool, event.drawn)
            for event in logged_in(receipt, each.pool.address)
            if isinstance(event, Drawn)
        ]
    return drawn, receipts


def drawn_line(pool: SeatDraw, draw: Draw) -> str:
    """What a draw is for, and how it stands with its seed."""
    return f"rounds {', '.join(map(str, draw.rounds))}: {seed_words(pool, draw)}"
