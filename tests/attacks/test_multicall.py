"""Several rounds in one transaction, and one of them hostile: its call fails, burns its gas, calls
back, or is sent with so little gas that the others would fail in silence.

Gain: rounds of others not closed, seats not taken, answers not revealed in time; or whatever money
is credited to the contract that carries the calls. Stopped by taking each call for itself, with gas
of its own that must be there at the beginning. Money that is credited to it belongs to whoever
comes first, which is **not stopped**: nothing that depends on its sender may go through it.
"""

import pytest

from plumbline.chain.events import Committed, Deposited, RoundClosed, Withdrawn
from tests.build import CONTRACTS, compile_sources
from tests.seeding import copy_with
from tests.world.chain import MOST_GAS, Refused
from tests.world.jobs import RULES, gold_sheet
from tests.world.world import ETHER, bare, of_kind, refused

BURN = "5b5f56"  # JUMPDEST PUSH0 JUMP: an endless loop


@pytest.fixture
def jobs(world, requester, rows):
    """Open rounds, the second of them with gold tasks, for the same six labelers."""
    return [world.open(requester, rows, gold_sheet(RULES) if n == 1 else None) for n in range(3)]


@pytest.fixture
def due(world, jobs):
    """The same, to be closed."""
    for job in jobs:
        world.commit(job)
    world.chain.wait_until(jobs[0].deadlines.commit)
    for job in jobs:
        world.reveal(job)
    return jobs


def relays(world, jobs):
    return [
        world.calls.commit_signed(job.round_id, [job.signed(labeler) for labeler in job.labelers])
        for job in jobs
    ]


def reveals(world, jobs):
    return [world.calls.reveal(job.round_id, job.openings()) for job in jobs]


def closes(world, jobs):
    return [world.calls.close(job.round_id, job.entries(), job.gold, job.gold_salt) for job in jobs]


def test_rounds_that_go_together_end_as_those_that_go_one_by_one(world, jobs, stranger):
    def play(send):
        events = send(relays(world, jobs))
        world.chain.wait_until(jobs[0].deadlines.commit)
        return [bare(event) for event in events + send(reveals(world, jobs) + closes(world, jobs))]

    def one_by_one(calls):
        return [event for call in calls for event in world.do(stranger, call)]

    with world.undone():
        apart = play(one_by_one)
    together = play(lambda calls: world.together(stranger, calls)[0])
    assert together == apart
    assert sum(name == "RoundClosed" for name, *_ in together) == 3


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_call_that_fails_stops_no_other_and_is_told_by_its_place(world, due, stranger, place):
    """A round of somebody else that is closed already, or that cannot be."""
    calls = closes(world, due)
    world.do(stranger, calls[place])
    events, failed = world.together(stranger, calls)
    assert failed == [place]
    assert {event.round_id for event in of_kind(events, RoundClosed)} == {
        job.round_id for n, job in enumerate(due) if n != place
    }


def test_if_every_call_fails_nothing_is_paid_for_but_a_refusal(world, due, stranger):
    calls = closes(world, due)
    world.together(stranger, calls)
    with refused("multicall: every call failed"):
        world.together(stranger, calls)
    with refused("multicall: every call failed"):
        world.together(stranger, [])


def test_the_outcome_does_not_depend_on_the_gas_that_is_sent_along(world, due, stranger):
    """A node that is asked what it takes answers with the least that does not revert."""
    calls = closes(world, due)
    outcomes = set()
    for gas in range(100_000, 3_000_000, 20_000):
        with world.undone():
            try:
                _, failed = world.together(stranger, calls, each=600_000, gas=gas)
            except Refused:
                outcomes.add("refused")
            else:
                assert failed == [], gas
                outcomes.add("done")
    assert outcomes == {"refused", "done"}


def least(works, low, high):
    """The least number in between that works, as all above it do."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high


@pytest.fixture(params=["as it is", "with half the gas beside the calls"])
def measured(request, world, built, tmp_path):
    """What the first use of slots and addresses takes, which is not paid here, has room in half."""
    if request.param == "as it is":
        return world.multicall
    source = (CONTRACTS / "Multicall.vy").read_text()
    halved = source.replace("= 160_000\n", "= 80_000\n").replace("= 3_000\n", "= 1_500\n")
    assert halved.count("80_000") == halved.count("1_500") == 1
    copy = copy_with("Multicall.vy", halved, tmp_path)
    output = compile_sources([copy / "Multicall.vy"], root=tmp_path)["Multicall"]
    return world.chain.deploy(output, world.address)


@pytest.mark.parametrize(("count", "size"), [(1, 100_000), (8, 12_500), (64, 1_560)])
def test_each_call_has_its_gas_even_if_those_before_it_have_used_all_of_theirs(
    world, job, labelers, stranger, measured, count, size
):
    """Wallets burn what they are given, and no more gas is sent than it takes to begin."""
    wallet = world.chain.raw(BURN)
    burn = world.calls.commit_for_wallet(job.round_id, wallet, b"\x07" * 32, b"")
    last = world.calls.commit_signed(job.round_id, [job.signed(labelers[0])])
    calls = [call.ljust(size, b"\0") for call in [burn] * (count - 1) + [last]]

    def send(needed, gas):
        parts = [*[(size, 150_000)] * (count - 1), (size, needed)]
        data = measured.abi.data("multicall", parts, b"".join(calls))
        logs = world.chain.send(stranger, measured.address, data, gas=gas, logged_by=world.address)
        return [event for event in world._heard(logs) if isinstance(event, Committed)]

    def works(needed, gas, wanted):
        with world.undone():
            try:
                return len(send(needed, gas)) >= wanted
            except Refused:
                return False

    needed = least(lambda each: works(each, MOST_GAS, 1), 0, 400_000)
    gas = least(lambda limit: works(needed, limit, 0), 0, MOST_GAS)
    assert not works(needed - 1, MOST_GAS, 1) and not works(needed, gas - 1, 0)
    assert len(send(needed, gas)) == 1
    assert world.chain.gas_used > 149_000 * (count - 1)


def test_a_call_with_too_little_gas_fails_alone(world, due, stranger):
    calls = closes(world, due)
    parts = [(len(calls[0]), 50_000), *((len(call), 2_000_000) for call in calls[1:])]
    data = world.multicall.abi.data("multicall", parts, b"".join(calls))
    logs = world.chain.send(stranger, world.multicall.address, data, logged_by=world.address)
    assert len(of_kind(world._heard(logs), RoundClosed)) == 2
    assert not world.views.round(due[0].round_id).is_closed


@pytest.mark.parametrize("change", [1, -1])
def test_sizes_that_are_not_those_of_the_calls_are_refused(world, due, stranger, change):
    calls = closes(world, due)
    sizes = [len(call) for call in calls]
    sizes[-1] += change
    parts = [(size, 2_000_000) for size in sizes]
    data = world.multicall.abi.data("multicall", parts, b"".join(calls))
    with refused("" if change > 0 else "multicall: sizes do not add up"):
        world.chain.send(stranger, world.multicall.address, data)


def test_who_is_paid_can_call_it_and_finds_the_books_right(world, job, labeler, labelers):
    """What is behind the lock of the money fails, as it does without a multicall."""
    wallet = world.chain.mock("Wallet", labeler)
    world.fund([wallet.address])
    calls = [
        world.calls.commit_signed(job.round_id, [job.signed(labelers[0])]),
        world.calls.deposit_for(wallet.address, 0),
    ]
    parts = [(len(call), 200_000) for call in calls]
    data = world.multicall.abi.data("multicall", parts, b"".join(calls))
    wallet.send(labeler, "call_when_paid", world.multicall.address, data)
    events = world.through(wallet, labeler, world.calls.withdraw(ETHER, wallet.address))
    assert [type(event) for event in events] == [Withdrawn, Committed]
    (failed,) = world.chain.logs_of(world.multicall.address)
    assert int.from_bytes(failed.topics[1]) == 1


def test_what_is_credited_to_it_belongs_to_whoever_is_first(world, job, labeler, copycat, stranger):
    """So the library sends nothing through it that depends on its sender."""
    world.commit(job, [labeler])
    opening = job.opening(labeler)
    leak = world.calls.report_leak(job.round_id, labeler, opening.sheet, opening.salt)
    world.together(stranger, [leak])
    bounty = world.free(world.multicall.address)
    assert bounty > 0 == world.free(stranger)
    events, _ = world.together(copycat, [world.calls.withdraw(bounty, copycat)])
    (taken,) = of_kind(events, Withdrawn)
    assert (taken.account, taken.receiver) == (world.multicall.address, copycat)


def test_it_takes_no_ether_and_none_is_left_in_it(world, job, stranger, labelers):
    calls = [world.calls.deposit(1), *relays(world, [job])]
    world.chain.give(stranger, ETHER)
    parts = [(len(call), 1_000_000) for call in calls]
    data = world.multicall.abi.data("multicall", parts, b"".join(calls))
    with pytest.raises(Refused):
        world.chain.send(stranger, world.multicall.address, data, value=1)
    events, failed = world.together(stranger, calls)
    assert failed == [0] and not of_kind(events, Deposited)
    assert world.chain.balance(world.multicall.address) == 0


def test_what_it_calls_is_fixed_and_is_a_contract(world, built, stranger):
    assert world.multicall.ask("LABEL_ROUNDS") == world.address.lower()
    with refused("deploy: label rounds has no code"):
        world.chain.deploy(built["Multicall"], stranger)
