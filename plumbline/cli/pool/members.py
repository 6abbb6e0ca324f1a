"""The commands of a member: to join a pool, to leave it, to get bonds back."""

from pathlib import Path
from typing import Any, Final

import click

from plumbline.chain.call import Receipt
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.labeler.options import read_evidence
from plumbline.cli.market import open_market
from plumbline.cli.output import note, plain, print_json, say, tx_json
from plumbline.cli.sending import confirm, left_to_next_run, outbox_of, send_all, sender_of
from plumbline.history.market import Market
from plumbline.labeler.membership import PoolMembership
from plumbline.protocol.addresses import checksum
from plumbline.seating.draw import EPOCH, MAX_WINDOW, RIPENING
from plumbline.seating.events import CreditWithdrawn, Joined, Left, logged_in
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import SeatRefusal, assemble
from plumbline.seating.policies import ChainFacts, read_policy
from plumbline.seating.pool_history import PoolHistory
from plumbline.seating.seat_draw import SeatDraw, pool_at
from plumbline.transactions.funding import funded
from plumbline.units import format_duration, format_time

_MOST_UNITS: Final = 100  # at once


@click.command(cls=Command)
@click.argument("address", metavar="POOL")
@click.option(
    "--units",
    type=click.IntRange(1, _MOST_UNITS),
    default=1,
    show_default=True,
    help="How many bonds to put up. Of units of one account one counts in a round.",
)
@click.option(
    "--for",
    "owner",
    metavar="ADDRESS",
    help="Whose they are; the bonds come back to that account. [default: the account's]",
)
@click.option(
    "--evidence",
    "evidence_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What the policy at the pool's door wants to see, see `policy prove`.",
)
@sending_options(account_required=True)
def join(
    address: str,
    units: int,
    owner: str | None,
    evidence_file: Path | None,
    alias: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Put up a bond in the pool at POOL, to be drawn for rounds.

    A unit is drawn from the second midnight (UTC) on. Whoever is drawn and stays away can be
    reported, which costs a tenth of the bond. The rest comes back after `pool leave`.
    """
    market = open_market()
    node, unit = market.node, market.unit
    account = sender_of(alias, node, required=True)
    pool = pool_at(market.contract, address)
    member = checksum(owner) if owner else account.address
    other = None if member == account.address else member
    if other is not None and evidence_file is not None:
        fail("evidence is for joining oneself: leave out --for or --evidence")
    outbox = outbox_of(node, account)
    # An earlier run of this very command may have been interrupted on its way.
    receipts: list[Receipt] = []
    while len(receipts) < units:
        done = outbox.take_if(lambda call: pool.is_joining(call, other))
        if done is None:
            break
        receipts.append(done)
    left = units - len(receipts)
    # On the chain these units look like those of an earlier run that was finished.
    with left_to_next_run():
        if left:
            given = None if evidence_file is None else read_evidence(evidence_file)
            call = (
                pool.join(_shown(market, pool, member, given))
                if other is None
                else pool.join_for(other)
            )
            bond = pool.terms().bond
            calls = funded(
                market.contract, account.address, account.name, bond * left, call, pool.address
            )
            lines = [each.description for each in calls]
            if left > 1:
                lines.append(f"The same {left} times, for {unit.exact(bond * left)} altogether.")
            lines.append(
                f"A bond comes back {format_duration(MAX_WINDOW)} after its unit has left, at the"
                " earliest; a unit can leave once it can be drawn."
            )
            confirm(yes, node, account, lines)
            receipts += send_all(node, account, [*calls, *[call] * (left - 1)])
    joined = [
        event
        for receipt in receipts
        for event in logged_in(receipt, pool.address)
        if isinstance(event, Joined)
    ]
    drawn_from = max((event.epoch + RIPENING) * EPOCH for event in joined)
    if as_json:
        print_json(
            {
                "pool": pool.address,
                "owner": member,
                "units": [event.unit for event in joined],
                "drawn_from": drawn_from,
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    say(
        f"{_units([event.unit for event in joined])} in {pool.address} {_is(joined)} {member}'s,"
        f" and in draws from {format_time(drawn_from)} on"
    )


@click.command(cls=Command)
@click.argument("address", metavar="POOL")
@click.option("--unit", "numbers", type=click.IntRange(0), multiple=True, help="Only this one.")
@sending_options(account_required=True)
def leave(address: str, numbers: tuple[int, ...], alias: str, yes: bool, as_json: bool) -> None:
    """Leave the pool at POOL, with all units of the account that may.

    No later draw lists them; rounds that were drawn before may still call upon them, and so their
    bonds stay for two weeks. `pool withdraw` gets them then.
    """
    market = open_market()
    node = market.node
    account = sender_of(alias, node, required=True)
    pool = pool_at(market.contract, address)
    outbox = outbox_of(node, account)
    membership = _membership(market, pool, account.address)
    wanted = [each.number for each in membership.units if not numbers or each.number in numbers]
    receipts = [
        receipt for number in wanted if (receipt := outbox.take(pool.leave(number))) is not None
    ]
    leaving = membership.leaving(numbers)
    if leaving:
        calls = [pool.leave(each.number) for each in leaving]
        confirm(yes, node, account, [call.description for call in calls])
        receipts += send_all(node, account, calls)
        membership = _membership(market, pool, account.address)
    elif not receipts:
        if not membership.units:
            fail(f"{account.name} has no unit in {pool.address}: nothing was sent")
        note("All of these units have left already: nothing was sent.")
    gone = [
        event.unit
        for receipt in receipts
        for event in logged_in(receipt, pool.address)
        if isinstance(event, Left)
    ]
    backs = [
        each.back_from
        for each in membership.units
        if each.back_from is not None and (each.number in gone or each.number in wanted)
    ]
    if as_json:
        print_json(
            {
                "pool": pool.address,
                "units": gone,
                "back_from": max(backs, default=None),
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    if backs:
        say(
            f"{_units(wanted)}: `plumbline pool withdraw {pool.address}` gets the bond back from"
            f" {format_time(max(backs))} on"
        )


@click.command(cls=Command)
@click.argument("address", metavar="POOL")
@click.option("--to", help="Who gets it. [default: the account itself]")
@sending_options(account_required=True)
def withdraw(address: str, to: str | None, alias: str, yes: bool, as_json: bool) -> None:
    """Get back from the pool at POOL what can be had: bonds of units that left two weeks ago.

    A tenth of a bond is lost for each time that its unit was drawn and stayed away.
    """
    market = open_market()
    node, unit = market.node, market.unit
    account = sender_of(alias, node, required=True)
    pool = pool_at(market.contract, address)
    receiver = checksum(to) if to else account.address
    receipts: list[Receipt] = []
    landed = outbox_of(node, account).take(pool.withdraw(receiver))
    if landed is None:
        calls = _membership(market, pool, account.address).withdrawing(receiver)
        confirm(yes, node, account, [call.description for call in calls])
        receipts += send_all(node, account, calls)
    else:
        receipts.append(landed)
    paid = sum(
        event.amount
        for event in logged_in(receipts[-1], pool.address)
        if isinstance(event, CreditWithdrawn)
    )
    if as_json:
        print_json(
            {
                "pool": pool.address,
                "receiver": receiver,
                "amount": str(paid),
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    say(f"{unit.short(paid)} of {account.name}'s bonds went to {receiver}")


def _membership(market: Market, pool: SeatDraw, owner: str) -> PoolMembership:
    return PoolMembership.of(pool, PoolHistory.of(pool), owner, market.node.now)


def _shown(market: Market, pool: SeatDraw, member: str, given: Evidence | None) -> Evidence:
    """What the policy at the door is shown; ends the command if it does not admit."""
    terms = pool.terms()
    if not terms.has_gate:
        return given or ()
    w3 = market.node.w3
    policy, facts = read_policy(w3, terms.gate), ChainFacts.at(w3)
    found: Evidence | SeatRefusal
    if given is None:
        found = assemble(policy, facts, 0, member, {})
    else:
        found = policy.refusal(facts, 0, member, given) or given
    if isinstance(found, SeatRefusal):
        fail(f"the pool would not admit {member}: {plain(str(found))}")
    return found


def _units(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"unit {numbers[0]}"
    return f"units {', '.join(map(str, numbers))}"


def _is(several: list[Any]) -> str:
    return "is" if len(several) == 1 else "are"
