"""Rounds of the league on a chain: the same commitments, reveals and gold answers, to the wei.

Every seat is an address with a stake and a commitment of its own, signed by its own key. What
comes out is compared with what was settled in Python: the change of every account, the sink, and
the verdict. Nothing in the contract helps: it does not know that anybody is playing.
"""

import random
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from plumbline.chain.call import Call
from plumbline.chain.records import Verdict
from plumbline.lab.league.match import REQUESTER, SINK, MatchRound
from plumbline.lab.play import TASKS_ROOT, Holding, Play, Stage, chunks, entries_of
from plumbline.planning.worlds import rows_of
from plumbline.protocol.limits import MAX_RELAYED
from plumbline.protocol.outcomes import Outcome, payroll_of
from plumbline.settlement.sheet import pack

_WINDOW: Final = 3_600  # seconds of each phase
_FARE: Final = 10**17  # wei of ether for the gas of an opening

People = dict[int | str, LocalAccount]


def check(stage: Stage, played: MatchRound, number: int) -> tuple[str, ...]:
    """Play a round, and say what differs: nothing if all agrees.

    The stage's first account pays all gas and all deposits.
    """
    client, terms = stage.client, played.match.terms
    people: People = {}
    for who in (*range(terms.seats), REQUESTER):
        people[who] = Account.from_key(keccak(text=f"league: {who}"))
    gift = Call(people[REQUESTER].address, b"", _FARE, "Give the requester ether for gas.")
    stage.send(stage.keys[0], gift)
    for who, person in people.items():
        needed = terms.price * terms.seats if who == REQUESTER else terms.stake
        if client.account(person.address).free < needed:
            # For some rounds more, to spare transactions.
            stage.send(stage.keys[0], client.deposit_for(person.address, 4 * needed))
    before, locked = _books(stage, people)

    round_id = _play(stage, played, number, people).round_id

    after, still_locked = _books(stage, people)
    differences = [
        f"{who}: {after[who] - before[who]} wei on the chain, not {change}"
        for who, change in played.balances().items()
        if after[who] - before[who] != change
    ]
    if still_locked != locked:
        differences.append(f"{still_locked - locked} wei are still locked")
    verdict = Verdict.of(played.settlement, terms.options)
    addresses = (people[seat].address for seat in played.revealed)
    payroll = payroll_of(list(map(Outcome.of, addresses, played.settlement.labelers)))
    if not client.round(round_id).is_closed:
        differences.append("the round is not closed")
    elif not client.is_verdict(round_id, TASKS_ROOT, verdict, payroll):
        differences.append("the verdict is another")
    return tuple(differences)


def _play(stage: Stage, played: MatchRound, number: int, people: People) -> Play:
    """Do on the chain what was done in the round."""
    use, terms, by = played.match.gold, played.match.terms, stage.keys[0]
    dice = random.Random(f"{played.match}/{number}")
    held = [
        Holding(people[seat], pack(row, terms.options), dice.randbytes(32))
        for seat, row in enumerate(rows_of(played.answers))
    ]
    gold = (played.gold, dice.randbytes(32)) if use.exist else None
    play = Play(stage, people[REQUESTER], terms, _WINDOW, gold)
    for batch in chunks([play.signed(each) for each in held], MAX_RELAYED):
        play.relay(by, batch)
    roll = [held[seat].opening for seat in played.revealed]
    if roll:
        play.reveal(by, roll)
    seats = range(terms.seats)
    silent = [held[seat].labeler for seat in seats if seat not in played.revealed]
    if silent:
        stage.advance(play.deadlines.reveal - stage.now())
    if use.exist and not use.opens:
        stage.advance(play.deadlines.gold - stage.now())
    play.close(by, entries_of(roll), opens_gold=use.opens)
    if silent:
        play.forfeit(by, silent)
    return play


def _books(stage: Stage, people: People) -> tuple[dict[int | str, int], int]:
    """What everybody has, the sink included, and how much of it is locked."""
    accounts = {who: stage.client.account(key.address) for who, key in people.items()}
    worth = {who: account.free + account.locked for who, account in accounts.items()}
    locked = sum(account.locked for account in accounts.values())
    return {**worth, SINK: stage.client.sink_balance()}, locked
