"""A requester and the own puppets play rounds among themselves, to look well for the next one.

Gain: a record of near rounds for a labeler, of few void ones for a requester, for gas alone; and
so a way past a gate that asks for a record. Not stopped in the records of all rounds: those say
what an address did, not with whom. Stopped by a book that enters only rounds of vouched requesters
or policies (W1.4): there a record has to be earned, or the others of a drawn round to be paid.
That one who earns it copies the sheet into more seats, and has a record for each, is not stopped.
Nothing is earned by a bought record, and nobody else's is touched: it changes only by own seats.
"""

from dataclasses import replace

import pytest

from plumbline.protocol.addresses import ZERO
from plumbline.seating.gates import RecordGate
from plumbline.seating.record_book import counts
from tests.world.closings import closing_of
from tests.world.jobs import RULES, truth_of
from tests.world.people import person
from tests.world.policies import Book
from tests.world.world import refused

PUPPETS = [person(f"puppet {number}") for number in range(3)]
ROUNDS = 6  # after which the average of a perfect record is above half


def bought(world, requester, rounds):
    """Rounds of a requester and puppets, all near."""
    rows = dict.fromkeys(PUPPETS, truth_of(RULES))
    jobs = []
    for _ in range(rounds):
        jobs.append(world.open(requester, rows, price=1, seats=3))
        world.play(jobs[-1])
    return jobs


def test_a_record_costs_gas_and_nothing_else(world, requester):
    world.fund(PUPPETS)
    before = sum(world.total(owner) for owner in (requester, *PUPPETS))
    bought(world, requester, 5)
    assert sum(world.total(owner) for owner in (requester, *PUPPETS)) == before
    assert [(world.account(owner).rounds, world.account(owner).near) for owner in PUPPETS] == [
        (5, 5)
    ] * 3
    assert (world.account(requester).opened, world.account(requester).void) == (5, 0)


def test_it_opens_a_gate_that_reads_all_rounds(world, policies, requester):  # W1.1
    """Not stopped: such a gate keeps out the careless and the silent, and nobody who plans."""
    gate = policies.create(RecordGate(world.address, world.address, ROUNDS, 5_000, 0, 0))
    world.fund(PUPPETS)
    assert "0 rounds" in policies.refusal(gate, PUPPETS[0]).reason
    bought(world, requester, ROUNDS - 1)
    assert policies.refusal(gate, PUPPETS[0]).remedy == "take part in 1 more"
    bought(world, requester, 1)
    assert policies.refusal(gate, PUPPETS[0]) is None


def test_it_does_not_open_one_that_reads_a_book(  # W1.1, W1.3, W1.4
    world, policies, requester, stranger, copycat
):
    book = Book(policies, world.address, stranger)
    gate = policies.create(RecordGate(world.address, book.address, ROUNDS, 5_000, 0, 0))
    world.fund(PUPPETS)
    for job in bought(world, requester, ROUNDS):
        with refused("record: nobody vouches for it"):
            book.enter(closing_of(world, job.round_id))
    assert world.account(PUPPETS[0]).rounds == ROUNDS
    assert policies.refusal(gate, PUPPETS[0]).reason == "0 rounds that count here, needs 6"


@pytest.mark.parametrize("by", ["requester", "policy"])
def test_rounds_that_are_vouched_for_count(world, policies, requester, by):  # W1.3, W1.4
    world.fund(PUPPETS)
    rows = dict.fromkeys(PUPPETS, truth_of(RULES))
    open_to_all = world.chain.raw("60015f5260205ff3")
    book = Book(policies, world.address, requester if by == "requester" else open_to_all)
    gate = policies.create(RecordGate(world.address, book.address, ROUNDS, 5_000, 0, 0))
    admission = ZERO if by == "requester" else open_to_all
    for _ in range(ROUNDS):
        job = world.open(requester, rows, admission=admission, price=1, seats=3)
        assert policies.refusal(gate, PUPPETS[0]) is not None
        world.play(job)
        closing = closing_of(world, job.round_id)
        book.enter(closing, by="copycat")
        with refused("record: entered already"):
            book.enter(closing)
    assert policies.refusal(gate, PUPPETS[0]) is None


def test_copies_of_one_sheet_earn_a_record_each(world, policies, requester, rows, labelers):
    """Not stopped: a record says how an account answers, and not whose it is."""
    copied = {labeler: rows[labeler] for labeler in labelers}
    copied |= dict.fromkeys(PUPPETS, rows[labelers[0]])
    world.fund(PUPPETS)
    job = world.open(requester, copied, seats=len(copied))
    world.play(job)
    book = Book(policies, world.address, requester)
    book.enter(closing_of(world, job.round_id))
    gate = policies.create(RecordGate(world.address, book.address, 1, 0, 0, 0))
    assert [policies.refusal(gate, who) for who in (labelers[0], *PUPPETS)] == [None] * 4


def test_who_hides_outliers_behind_bought_rounds_is_known_to_the_book(
    world, policies, requester, rows, labelers
):
    """The last of the crowd is an outlier: bought rounds make that a small share, but not here."""
    bad = labelers[-1]
    job = world.open(requester, rows)
    world.play(job)
    book = Book(policies, world.address, requester)
    book.enter(closing_of(world, job.round_id))
    everywhere = policies.create(RecordGate(world.address, world.address, 1, 0, 2_000, 0))
    counted = policies.create(RecordGate(world.address, book.address, 1, 0, 2_000, 0))
    assert policies.refusal(everywhere, bad) is not None
    friends = [person("a stranger with puppets"), *PUPPETS]
    world.fund(friends)
    for _ in range(4):
        seats = dict.fromkeys([bad, *PUPPETS], truth_of(RULES))
        world.play(world.open(friends[0], seats, price=1, seats=4))
    assert policies.refusal(everywhere, bad) is None
    assert "an outlier in 1 of 1 rounds that count here" in policies.refusal(counted, bad).reason


def test_silence_is_seen_in_all_rounds(world, policies, requester, rows, labelers):  # W1.1
    """A book does not know of it: who is silent is on no payroll."""
    silent = labelers[0]
    job = world.open(requester, rows)
    world.play(job)
    book = Book(policies, world.address, requester)
    book.enter(closing_of(world, job.round_id))
    gate = policies.create(RecordGate(world.address, book.address, 1, 0, 0, 3_000))
    assert policies.refusal(gate, silent) is None
    late = world.open(requester, rows)
    world.commit(late)
    world.chain.wait_until(late.deadlines.reveal)
    world.do(silent, world.calls.forfeit(late.round_id, [silent]))
    refusal = policies.refusal(gate, silent)
    assert refusal.reason == "silent in 1 of 2 rounds, at most 30% are let through"
    assert refusal.remedy == "2 more rounds without make the share small enough"


def test_a_false_closing_is_entered_nowhere(world, policies, requester, rows, labelers):  # W5.1
    """Another verdict, ruling, order, round, root; one labeler more, one less, one twice."""
    jobs = []
    for _ in range(2):
        jobs.append(world.open(requester, rows))
        world.play(jobs[-1])
    book = Book(policies, world.address, requester)
    true, other = (closing_of(world, job.round_id) for job in jobs)
    first, second, *rest = true.outcomes
    false = [
        replace(true, round_id=other.round_id, tasks_root=bytes(32)),
        replace(true, tasks_root=b"\x07" * 32),
        replace(true, verdict=replace(true.verdict, crowd_kappa=true.verdict.crowd_kappa + 1)),
        replace(true, outcomes=(second, first, *rest)),
        replace(true, outcomes=(first, *rest)),
        replace(true, outcomes=true.outcomes[:-1]),
        replace(true, outcomes=(*true.outcomes, first)),
        replace(true, outcomes=(replace(first, labeler=person("copycat")), second, *rest)),
        replace(true, outcomes=(replace(first, kappa=first.kappa + 1), second, *rest)),
        replace(true, outcomes=(replace(first, band=second.band, pay=0), second, *rest)),
        replace(true, outcomes=()),
    ]
    for closing in false:
        with refused("closing: not how it ended"):
            book.enter(closing)
    uneven = list(true.values())
    uneven[4] = uneven[4][:-1]
    with refused("closing: lengths differ"):
        book.contract.send(person("keeper"), "enter", tuple(uneven))
    book.enter(true)


def test_a_round_that_is_not_closed_or_expired_is_entered_nowhere(  # W5.1
    world, policies, requester, rows
):
    played = world.open(requester, rows)
    world.play(played)
    job = world.open(requester, rows)
    book = Book(policies, world.address, requester)
    closing = replace(closing_of(world, played.round_id), round_id=job.round_id)
    world.commit(job)
    with refused("closing: not how it ended"):
        book.enter(closing)
    world.chain.wait_until(job.deadlines.reveal + 31 * 86_400)
    world.do(person("keeper"), world.calls.expire(job.round_id, []))
    for shown in (closing, replace(closing, tasks_root=bytes(32), outcomes=())):
        with refused("closing: not how it ended"):
            book.enter(shown)


def test_nobodys_record_is_changed_by_others(world, committed, labelers, copycat, requester):
    """Not by naming them: in batches, as the silent, as leaked, on a roll."""
    innocent = copycat
    before = world.account(innocent)
    world.chain.wait_until(committed.deadlines.commit)
    world.reveal(committed, labelers[:4])
    world.chain.wait_until(committed.deadlines.reveal)
    world.do(requester, world.calls.forfeit(committed.round_id, [innocent, *labelers]))
    world.close(committed, labelers[:4])
    assert world.account(innocent) == before


def test_a_book_says_what_counts_in_it(world, policies, requester, stranger):  # W1.4
    book = Book(policies, world.address, requester, stranger)
    assert book.client.label_rounds() == world.address
    assert book.client.vouched() == (requester, stranger)
    world.fund(PUPPETS)
    (job,) = bought(world, requester, 1)
    assert not book.client.is_entered(job.round_id)
    book.enter(closing_of(world, job.round_id))
    assert book.client.is_entered(job.round_id)
    opened = next(event for event in world.events if type(event).__name__ == "RoundOpened")
    assert counts(book.client.vouched(), opened)
    assert not counts((ZERO.replace("0x0", "0x1"),), opened)
