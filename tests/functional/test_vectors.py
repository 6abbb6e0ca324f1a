"""All rounds of the shared vectors, played on the chain, agree to the wei."""

import pytest
from eth_utils.crypto import keccak

from plumbline.chain.records import Account, Phase
from plumbline.settlement import Band, Mode
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import ScoringTerms
from tests.functional.batch import Batch, word
from tests.functional.market import NO_GOLD, Event, Market, columns
from tests.vectors import VECTORS, each_vector, needs_vectors
from tests.world.people import Person, person

MODES = {mode.label: mode for mode in Mode}
BANDS = {band.label: band for band in Band}

pytestmark = needs_vectors


@pytest.fixture(scope="module")
def crowd(market, bank) -> list[Person]:
    """As many as the largest round needs. They sign and others relay: they need no ether."""
    size = max(len(vector["answers"]) for vector in VECTORS)
    stake = max(int(vector["terms"]["stake"]) for vector in VECTORS)
    crowd = [person(f"crowd {i}") for i in range(size)]
    market.fund(bank, crowd, stake)
    return crowd


def play(market: Market, batch: Batch, withheld: bool) -> list[Event]:
    """From the commitments to the close, whose events are returned."""
    spoke = [labeler for labeler, row in batch.rows.items() if row is not None]
    silent = [labeler for labeler in batch.rows if labeler not in spoke]
    lost = keccak(text="nobody can open this")
    signed = [batch.signed(labeler) for labeler in spoke]
    signed += [batch.signed(labeler, commitment=lost) for labeler in silent]
    if signed:
        market.by(market.anyone).commit_signed(batch.round_id, *columns(signed))
    if market.phase(batch)[0] == Phase.COMMIT:
        market.chain.wait_until(batch.deadlines.commit)
    if spoke:
        market.reveal(batch, spoke)
    if silent:
        market.chain.wait_until(batch.deadlines.reveal)
        market.by(market.anyone).forfeit(batch.round_id, silent)
    if withheld:
        market.chain.wait_until(batch.deadlines.gold)
    return market.close(batch, spoke, NO_GOLD if withheld else batch.gold)


@each_vector
def test_a_round_settles_as_the_vectors_say(market, bank, requester, crowd, vector):
    # P1.6, P3.4, M3.7, V2.2, E1.11
    expect, withheld = vector["expect"], vector["gold_withheld"]
    rules = ScoringTerms.from_vector(vector["terms"])
    gold = {int(task): answer for task, answer in vector["gold"].items()}
    labelers = crowd[: len(vector["answers"])]
    rows = dict(zip(labelers, vector["answers"], strict=True))
    market.fund(bank, [requester], rules.price * rules.seats)
    funds = market.free(requester)
    before = market.accounts(labelers)

    batch = market.open(requester, rows, {0: 0} if withheld else gold, rules=rules)
    _, closing = play(market, batch, withheld)[-1]

    outcomes = [
        {
            "band": BANDS[outcome["band"]],
            "kappa": outcome["kappa_ppm"],
            "pay": int(outcome["pay"]),
            "slash": int(outcome["slash"]),
        }
        for outcome in expect["labelers"]
    ]
    settled = [
        (labeler, word(**outcome))
        for labeler, outcome in zip(labelers, outcomes, strict=True)
        if outcome["band"] != Band.UNREVEALED
    ]
    assert list(zip(closing["labelers"], closing["rulings"], strict=True)) == settled
    assert market.accounts(labelers) == [
        Account(
            free=account.free + outcome["pay"] - outcome["slash"],
            rounds=1,
            near=int(outcome["band"] == Band.NEAR),
            outlier=int(outcome["band"] == Band.OUTLIER),
            unrevealed=int(outcome["band"] == Band.UNREVEALED),
            kappa=outcome["kappa"] // 100 // 8,
        )
        for account, outcome in zip(before, outcomes, strict=True)
    ]
    mode, crowd_kappa, bar, usable, decided, _, consensus = closing["verdict"]
    assert mode == MODES[expect["mode"]]
    assert crowd_kappa == expect["crowd_kappa_ppm"]
    assert bar == expect["bar_ppm"]
    assert usable == sum(1 << task for task in expect["usable_gold"])
    assert (decided, *consensus) == pack(expect["consensus"], rules.options)
    assert closing["paid"] == int(expect["paid"])
    assert closing["refund"] == int(expect["refund"])
    assert market.free(requester) == funds - rules.price * rules.seats + int(expect["refund"])
    assert market.sink_balance == int(expect["burned"])


def test_all_sixty_are_there():
    assert len(VECTORS) == 60
