"""Calldata that is as long as a transaction allows, or whose offsets point where they should not.

Gain: to make somebody else's call dearer, or to read what is not there. Stopped by bounds on every
list and text, and by nothing that one person sends being read in another's call but five words of
a sheet (R1.6): sealed answers are logged, evidence is handed on, and neither is stored.
"""

from dataclasses import replace

import pytest

from plumbline.chain.events import Committed, Revealed
from plumbline.protocol.commitment import SignedCommitment
from plumbline.protocol.limits import MAX_SEALED_BYTES
from tests.world.chain import Refused
from tests.world.jobs import RULES
from tests.world.people import person
from tests.world.world import of_kind, refused

BYTES = 100_000


def test_what_follows_the_arguments_is_the_senders_own_expense(world, job, labeler):
    data = world.calls.commit(job.round_id, b"\x07" * 32, RULES.stake)
    with world.undone():
        world.do(labeler, data)
        plain = world.chain.gas_used
    world.do(labeler, data + b"\xff" * BYTES)
    assert world.chain.gas_used == plain + 16 * BYTES
    assert world.views.seat(job.round_id, labeler).commitment == b"\x07" * 32


def test_texts_and_lists_have_bounds(world, job, revealing, requester, labeler):
    calls, stake = world.calls, RULES.stake
    signed = SignedCommitment(labeler, b"\x07" * 32, bytes(32), 0)
    too_much = {
        "sealed": calls.commit(job.round_id, b"\x07" * 32, stake, b"\x01" * (MAX_SEALED_BYTES + 1)),
        "evidence": calls.commit(job.round_id, b"\x07" * 32, stake, b"", [bytes(32)] * 21),
        "batch": calls.commit_signed(job.round_id, [signed] * 65),
        "sealed batch": calls.commit_signed(job.round_id, [replace(signed, sealed=b"x")] * 65),
        "withdrawal": calls.withdraw_for(labeler, 1, labeler, 0, 2**40, b"\x01" * 1_025),
        "signature": calls.commit_for_wallet(
            job.round_id, world.address, b"\x07" * 32, b"\x01" * 1_025
        ),
        "openings": calls.reveal(revealing.round_id, [revealing.opening(labeler)] * 129),
        "entries": calls.close(revealing.round_id, revealing.entries([labeler]) * 256),
        "silent": calls.forfeit(revealing.round_id, [labeler] * 256),
        "uri": calls.open(
            job.rules, job.deadlines, b"\x01" * 32, bytes(32), job.admission, "x" * 257
        ),
    }
    for data in too_much.values():
        with refused(""):
            world.do(requester, data)


def test_columns_of_unequal_length_do_nothing(world, job, requester, labelers):
    names, hashes, pairs, sheets = [labelers[0]], [b"\x07" * 32], [(1, 2)], [(0,) * 5]
    enclosure, root, gold = (b"", []), bytes(32), ((0,) * 5, bytes(32))
    for area, name, *columns in (
        ("commit", "commit_signed", names, [], pairs),
        ("commit", "commit_signed", names, hashes, []),
        ("commit", "commit_signed", names, [], []),
        ("commit", "commit_sealed", names, [], pairs, [enclosure]),
        ("commit", "commit_sealed", names, hashes, [], [enclosure]),
        ("commit", "commit_sealed", names, hashes, pairs, []),
        ("commit", "commit_sealed", names, hashes, pairs, [enclosure] * 2),
        ("reveal", "reveal", names, [], hashes),
        ("reveal", "reveal", names, sheets, []),
        ("close", "close", root, names, [], [], *gold),
        ("close", "close", root, names * 2, sheets * 2, hashes, *gold),
        ("expire", "expire", root, names, []),
    ):
        with world.undone():
            if area != "commit":
                world.commit(job)
                end = job.deadlines.last + 30 * 86_400
                world.chain.wait_until(end if area == "expire" else job.deadlines.commit)
            with refused(f"{area}: lengths differ"):
                world.do(requester, world.contract.abi.data(name, job.round_id, *columns))


def test_calldata_that_is_cut_short_does_nothing_but_what_is_left_of_it(
    world, revealing, requester
):
    """What is missing reads as zeros, which open no commitment."""
    data = world.calls.reveal(revealing.round_id, revealing.openings())
    for length in range(0, len(data) - 32, 31):
        with world.undone():
            before = world.views.round(revealing.round_id).revealed
            try:
                events = world.do(requester, data[:length])
            except Refused:
                continue
            opened = [(each.labeler, each.sheet) for each in of_kind(events, Revealed)]
            assert world.views.round(revealing.round_id).revealed == before + len(opened)
            assert set(opened) <= set(revealing.sheets.items())


@pytest.mark.parametrize("value", [2**256 - 1, 2**255, 2**64, 2**32, 2**24, 64, 1, 0])
def test_words_that_point_elsewhere_take_nobodys_seat(world, job, labeler, value):
    """Offsets, lengths and amounts, each of the first twelve words replaced."""
    data = world.calls.commit_signed(job.round_id, [job.signed(labeler)])
    for at in range(4, 4 + 12 * 32, 32):
        with world.undone():
            crooked = data[:at] + value.to_bytes(32, "big") + data[at + 32 :]
            try:
                events = world.do(person("relayer"), crooked)
            except Refused:
                continue
            (taken,) = of_kind(events, Committed)
            assert (taken.labeler, taken.commitment) == (labeler, job.commitment(labeler))


def test_sealed_answers_and_evidence_make_no_later_call_dearer(world, requester, rows, labelers):
    gas = []
    for sealed, evidence in ((b"", ()), (b"\x01" * MAX_SEALED_BYTES, (b"\x01" * 32,) * 20)):
        with world.undone():
            job = world.open(requester, rows)
            for labeler in labelers:
                made = job.commitment(labeler)
                data = world.calls.commit(job.round_id, made, RULES.stake, sealed, evidence)
                world.do(labeler, data)
            world.chain.wait_until(job.deadlines.commit)
            world.reveal(job)
            gas.append(world.chain.gas_used)
            world.close(job)
            gas.append(world.chain.gas_used)
    assert gas[:2] == gas[2:]
