"""A seat is taken with a commitment and a stake, by oneself or by a signature that others relay."""

import pytest
from eth_abi.abi import encode
from eth_keys.constants import SECPK1_N
from eth_utils.crypto import keccak

from plumbline.chain.records import Account, Phase, Seat
from plumbline.protocol.commitment import EMPTY_HASH, LEAKED, consent_message
from plumbline.protocol.typed_data import Deployed
from tests.functional.market import (
    ETHER,
    columns,
    event,
    refused,
    sealed_columns,
    wallet_words,
)
from tests.world.jobs import RULES

STAKE = RULES.stake
SEALED = bytes(range(187))


def commit(market, batch, labeler, **changes):
    """A labeler's own transaction."""
    values = {
        "commitment": batch.commitment(labeler),
        "stake": batch.rules.stake,
        "sealed": b"",
        "evidence": [],
    }
    return market.by(labeler).commit(batch.round_id, *{**values, **changes}.values())


def relay(market, batch, *signed):
    """With what is enclosed only if anything is."""
    anyone = market.by(market.anyone)
    if any(sealed or evidence for *_, sealed, evidence in signed):
        return anyone.commit_sealed(batch.round_id, *sealed_columns(signed))
    return anyone.commit_signed(batch.round_id, *columns(signed))


def committed(batch, labeler, sealed=b""):
    return event(
        "Committed",
        round_id=batch.round_id,
        labeler=labeler,
        commitment=batch.commitment(labeler),
        sealed=sealed,
    )


def skipped(batch, labeler, reason):
    return event("CommitRefused", round_id=batch.round_id, labeler=labeler, reason=reason)


def leave_free(market, person, amount):
    """All but so much is withdrawn."""
    market.by(person).withdraw(market.free(person) - amount, person)


# ---------------------------------------------------------------- by the labeler


def test_a_seat_takes_the_stake_and_keeps_the_commitment(market, batch, labeler):
    # C1.1, V1.5, E1.5
    before, held = market.account(labeler), market.held
    assert commit(market, batch, labeler) == [committed(batch, labeler)]
    assert market.account(labeler) == Account(free=before.free - STAKE, locked=STAKE)
    assert market.seat(batch, labeler) == Seat(batch.commitment(labeler), leaked=False)
    assert market.round(batch.round_id).committed == 1
    assert market.held == held


def test_sealed_answers_are_logged_as_they_came(market, batch, labeler):  # C1.6
    assert commit(market, batch, labeler, sealed=SEALED) == [committed(batch, labeler, SEALED)]


def test_sealed_answers_may_have_192_bytes_and_no_more(market, batch, labeler):  # C1.6
    with refused(""):
        commit(market, batch, labeler, sealed=bytes(193))
    commit(market, batch, labeler, sealed=bytes(192))


@pytest.mark.parametrize("stake", [0, STAKE - 1, STAKE + 1])
def test_no_stake_is_locked_but_the_one_agreed_to(market, batch, labeler, stake):  # C2.1
    with refused("commit: stake is another"):
        commit(market, batch, labeler, stake=stake)


def test_a_stake_must_be_covered_to_the_last_wei(market, batch, labeler):  # C1.4
    leave_free(market, labeler, STAKE - 1)
    with refused("commit: stake not covered"):
        commit(market, batch, labeler)
    market.fund(market.anyone, [labeler], 1)
    commit(market, batch, labeler)
    assert market.account(labeler) == Account(locked=STAKE)


def test_one_deposit_does_not_cover_two_seats(market, batch, requester, rows, labeler):
    # C1.4, A2.1
    other = market.open(requester, rows)
    leave_free(market, labeler, 2 * STAKE - 1)
    commit(market, batch, labeler)
    with refused("commit: stake not covered"):
        commit(market, other, labeler)
    assert market.account(labeler) == Account(free=STAKE - 1, locked=STAKE)


def test_a_commitment_is_never_replaced(market, batch, labeler):  # C1.4, C1.5
    commit(market, batch, labeler)
    with refused("commit: seat already taken"):
        commit(market, batch, labeler)
    with refused("commit: seat already taken"):
        commit(market, batch, labeler, commitment=keccak(text="other answers"))
    with refused("commit: seat already taken"):
        relay(market, batch, batch.signed(labeler))


@pytest.mark.parametrize("mark", [EMPTY_HASH, LEAKED], ids=["nothing", "the mark of a leak"])
def test_what_no_hash_can_be_is_no_commitment(market, batch, labeler, mark):  # C1.4
    with refused("commit: not a commitment"):
        commit(market, batch, labeler, commitment=mark)
    with refused("commit: not a commitment"):
        relay(market, batch, batch.signed(labeler, commitment=mark))


def test_a_wallet_contract_commits_like_anybody(market, batch, chain, labeler, stranger):  # C2.1
    wallet = chain.mock(stranger, "Wallet", labeler)
    market.fund(stranger, [wallet.address], STAKE)
    hashed = keccak(text="answers")
    market.through(wallet, stranger, "commit", batch.round_id, hashed, STAKE, b"", [])
    assert market.seat(batch, wallet.address) == Seat(hashed, leaked=False)


# ----------------------------------------------------------------------- deadline


def test_commitments_are_taken_until_the_deadline_and_not_at_it(
    market, batch, chain, labelers, stranger
):
    # C1.1, T4.3, T4.8
    deadline = batch.deadlines.commit
    chain.next_at(deadline - 1)
    relay(market, batch, batch.signed(labelers[0]))
    chain.next_at(deadline)
    with refused("round: commit phase is over"):
        relay(market, batch, batch.signed(labelers[1]))
    with refused("round: commit phase is over"):
        commit(market, batch, labelers[1])
    with refused("round: commit phase is over"):
        market.by(stranger).commit_for_wallet(batch.round_id, stranger, keccak(b""), b"", [], b"")


def test_ones_own_commitment_is_in_time_until_the_deadline(market, batch, chain, labelers):
    # T4.3, T4.8
    chain.next_at(batch.deadlines.commit - 1)
    commit(market, batch, labelers[0])
    chain.next_at(batch.deadlines.commit)
    with refused("round: commit phase is over"):
        commit(market, batch, labelers[1])


def test_a_round_that_was_never_opened_has_no_seats(market, batch, labeler, stranger):  # T4.8
    for round_id in (0, 2, 2**256 - 1):
        with refused("round: no such round"):
            market.by(labeler).commit(round_id, keccak(b""), STAKE, b"", [])
        with refused("round: no such round"):
            market.by(labeler).commit_signed(round_id, *columns([batch.signed(labeler)]))
        with refused("round: no such round"):
            market.by(labeler).commit_sealed(round_id, *sealed_columns([batch.signed(labeler)]))
        with refused("round: no such round"):
            market.by(labeler).commit_for_wallet(round_id, stranger, keccak(b""), b"", [], b"")


@pytest.fixture
def small(market, requester, rows):
    """A round with three seats."""
    return market.open(requester, rows, seats=3)


def test_the_commit_phase_ends_with_the_last_seat(market, small, labelers, copycat):
    # T4.3, T4.8, L1.1
    relay(market, small, *map(small.signed, labelers[:2]))
    assert market.phase(small)[0] == Phase.COMMIT
    commit(market, small, labelers[2])
    assert market.phase(small)[0] == Phase.REVEAL
    with refused("round: commit phase is over"):
        commit(market, small, labelers[3])
    with refused("round: commit phase is over"):
        market.by(copycat).report_leak(
            small.round_id, labelers[0], small.sheet(labelers[0]), small.salt(labelers[0])
        )


def test_a_batch_takes_no_more_seats_than_there_are(market, small, labelers):  # C2.3, E1.6
    reason = "commit: no seat left"
    assert relay(market, small, *map(small.signed, labelers)) == [
        *(committed(small, labeler) for labeler in labelers[:3]),
        *(skipped(small, labeler, reason) for labeler in labelers[3:]),
    ]
    assert market.account(labelers[3]).locked == 0
    assert market.phase(small)[0] == Phase.REVEAL


# --------------------------------------------------------------- relayed by others


def test_anyone_relays_signed_commitments_at_the_signers_stake(market, batch, relayer):
    # C2.2, C2.7
    people = [relayer, *batch.labelers]
    before = market.accounts(people)
    signed = [batch.signed(labeler, sealed=SEALED) for labeler in batch.labelers]
    assert market.by(relayer).commit_sealed(batch.round_id, *sealed_columns(signed)) == [
        committed(batch, labeler, SEALED) for labeler in batch.labelers
    ]
    assert market.accounts(people) == [
        before[0],
        *(Account(free=account.free - STAKE, locked=STAKE) for account in before[1:]),
    ]
    assert market.round(batch.round_id).committed == len(batch.labelers)
    for labeler in batch.labelers:
        assert market.seat(batch, labeler) == Seat(batch.commitment(labeler), leaked=False)


def test_what_does_not_apply_is_skipped_with_the_reason_and_the_rest_goes_on(
    market, batch, labelers, latecomer, relayer
):
    # C2.2, C2.3, E1.6
    first, poor, second, third, *_ = labelers
    leave_free(market, poor, STAKE - 1)
    forged = (latecomer, *batch.signed(first)[1:])
    items = [
        batch.signed(first),
        batch.signed(first, commitment=keccak(text="other answers")),
        batch.signed(poor),
        batch.signed(second),
        forged,
        batch.signed(latecomer, commitment=EMPTY_HASH),
        batch.signed(third),
    ]
    assert market.by(relayer).commit_signed(batch.round_id, *columns(items)) == [
        committed(batch, first),
        skipped(batch, first, "commit: seat already taken"),
        skipped(batch, poor, "commit: stake not covered"),
        committed(batch, second),
        skipped(batch, latecomer, "commit: invalid signature"),
        skipped(batch, latecomer, "commit: not a commitment"),
        committed(batch, third),
    ]
    assert market.round(batch.round_id).committed == 3
    assert market.account(poor) == Account(free=STAKE - 1)
    assert market.account(latecomer).locked == 0


def test_a_batch_of_which_nothing_applies_is_refused_for_the_last_reason(market, batch, labelers):
    # C2.4
    taken, poor, *_ = labelers
    commit(market, batch, taken)
    leave_free(market, poor, 0)
    with refused("commit: stake not covered"):
        relay(market, batch, batch.signed(taken), batch.signed(poor))
    with refused("commit: seat already taken"):
        relay(market, batch, batch.signed(poor), batch.signed(taken))


def test_an_empty_batch_is_refused(market, batch, relayer):  # C2.4
    with refused("commit: empty batch"):
        market.by(relayer).commit_signed(batch.round_id, [], [], [])
    with refused("commit: empty batch"):
        market.by(relayer).commit_sealed(batch.round_id, [], [], [], [])


@pytest.mark.parametrize("sealed", [b"", SEALED], ids=["plain", "sealed"])
def test_64_are_relayed_at_once_and_no_more(market, batch, labeler, sealed):  # C2.2
    with refused(""):
        relay(market, batch, *[batch.signed(labeler, sealed=sealed)] * 65)
    assert len(relay(market, batch, *[batch.signed(labeler, sealed=sealed)] * 64)) == 64


def test_a_batch_with_enclosures_takes_the_same_seats(market, batch, chain, relayer):  # C2.2, C2.9
    """Where nothing is enclosed with any, both functions come to the same."""
    signed = [batch.signed(labeler) for labeler in batch.labelers]
    with chain.undone():
        plain = market.by(relayer).commit_signed(batch.round_id, *columns(signed))
        accounts = market.accounts(batch.labelers)
    assert market.by(relayer).commit_sealed(batch.round_id, *sealed_columns(signed)) == plain
    assert market.accounts(batch.labelers) == accounts


def test_what_is_enclosed_goes_with_its_own_commitment(market, batch, relayer):  # C2.9, H3.2
    first, *others = batch.labelers
    signed = [batch.signed(first, sealed=SEALED), *map(batch.signed, others)]
    assert market.by(relayer).commit_sealed(batch.round_id, *sealed_columns(signed)) == [
        committed(batch, first, SEALED),
        *(committed(batch, labeler) for labeler in others),
    ]


def test_what_was_sealed_cannot_be_left_out(market, batch, labeler, relayer):  # C2.2, H3.2
    signed = [batch.signed(labeler, sealed=SEALED)]
    with refused("commit: invalid signature"):
        market.by(relayer).commit_signed(batch.round_id, *columns(signed))


def test_batches_with_enclosures_skip_what_does_not_apply_too(market, small, labelers, relayer):
    # C2.3, C2.4, C2.9
    forged = (labelers[1], *small.signed(labelers[0])[1:])
    items = [small.signed(labelers[0], sealed=SEALED), forged, *map(small.signed, labelers[2:5])]
    assert market.by(relayer).commit_sealed(small.round_id, *sealed_columns(items)) == [
        committed(small, labelers[0], SEALED),
        skipped(small, labelers[1], "commit: invalid signature"),
        *(committed(small, labeler) for labeler in labelers[2:4]),
        skipped(small, labelers[4], "commit: no seat left"),
    ]
    assert market.phase(small)[0] == Phase.REVEAL
    with refused("round: commit phase is over"):
        market.by(relayer).commit_sealed(small.round_id, *sealed_columns(items))


def test_every_labeler_needs_a_commitment_a_signature_and_an_enclosure(market, batch, relayer):
    # C2.2, C2.9
    signed = [batch.signed(labeler) for labeler in batch.labelers]
    for name, given in (
        ("commit_signed", columns(signed)),
        ("commit_sealed", sealed_columns(signed)),
    ):
        for short in range(len(given)):
            cut = [column[1:] if number == short else column for number, column in enumerate(given)]
            with refused("commit: lengths differ"):
                market.transact(relayer, name, batch.round_id, *cut)


# --------------------------------------------------------------------- signatures


CHANGES = {
    "labeler": lambda batch, item, other: (other, *item[1:]),
    "commitment": lambda batch, item, other: (item[0], batch.commitment(other), *item[2:]),
    "r": lambda batch, item, other: (*item[:2], keccak(item[2]), *item[3:]),
    "r zero": lambda batch, item, other: (*item[:2], bytes(32), *item[3:]),
    "s": lambda batch, item, other: (*item[:3], item[3] ^ 1, *item[4:]),
    "parity": lambda batch, item, other: (*item[:3], item[3] ^ 1 << 255, *item[4:]),
    "vs zero": lambda batch, item, other: (*item[:3], 0, *item[4:]),
    "vs full": lambda batch, item, other: (*item[:3], 2**256 - 1, *item[4:]),
    "sealed": lambda batch, item, other: (*item[:4], SEALED[::-1], item[5]),
    "sealed taken away": lambda batch, item, other: (*item[:4], b"", item[5]),
    "sealed cut": lambda batch, item, other: (*item[:4], SEALED[:-1], item[5]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_that_was_signed_can_be_altered(market, batch, labelers, change):
    # C2.3, H3.1, H3.2
    item = batch.signed(labelers[0], sealed=SEALED)
    with refused("commit: invalid signature"):
        relay(market, batch, change(batch, item, labelers[1]))
    relay(market, batch, item)


def test_the_other_signature_of_the_same_key_is_not_taken(market, batch, labeler):  # H3.3
    """(r, n - s) with the other parity is as good to the curve; the compact form has no room."""
    owner, hashed, r, vs, *rest = batch.signed(labeler)
    parity, s = divmod(vs, 2**255)
    other_form = (SECPK1_N - s) % 2**255 + (1 - parity) * 2**255
    with refused("commit: invalid signature"):
        relay(market, batch, (owner, hashed, r, other_form, *rest))


def test_nobody_is_bound_who_did_not_sign(market, batch, labeler, copycat):  # C2.3, H3.3
    with refused("commit: invalid signature"):
        relay(market, batch, (labeler, *batch.signed(copycat, commitment=keccak(b""))[1:]))


def test_nobody_signs_for_the_zero_address(market, batch, labeler):  # H3.3
    """What the curve cannot make sense of recovers to zero, which is nobody's."""
    zero = "0x" + "00" * 20
    with refused("commit: invalid signature"):
        relay(market, batch, (zero, *batch.signed(labeler)[1:2], bytes(32), 0, b"", []))


@pytest.mark.parametrize("stake", [STAKE - 1, STAKE + 1, 0])
def test_a_signature_names_the_stake(market, batch, labeler, stake):  # C2.5, H3.1
    with refused("commit: invalid signature"):
        relay(market, batch, batch.signed(labeler, stake=stake))


def test_a_signature_is_for_one_round(market, batch, requester, rows, labeler):  # H3.1
    other = market.open(requester, rows)
    with refused("commit: invalid signature"):
        relay(market, other, batch.signed(labeler))


def test_a_signature_is_for_one_contract_on_one_chain(market, token_market, batch, labeler):
    # H0.1, H3.1
    deployed = market.deployed
    elsewhere = [
        Deployed(deployed.chain_id, token_market.address),
        Deployed(deployed.chain_id + 1, deployed.address),
    ]
    for other in elsewhere:
        with refused("commit: invalid signature"):
            relay(market, batch, batch.signed(labeler, deployed=other))


def test_a_signature_can_be_used_once(market, batch, labeler, copycat):  # C2.7, C1.4
    relay(market, batch, batch.signed(labeler))
    market.by(copycat).report_leak(
        batch.round_id, labeler, batch.sheet(labeler), batch.salt(labeler)
    )
    with refused("commit: seat already taken"):
        relay(market, batch, batch.signed(labeler))


def test_a_commitment_copied_from_another_takes_a_seat_that_nobody_can_reveal(
    market, batch, labelers, copycat
):
    # C1.3, H1.2
    original = labelers[0]
    market.by(copycat).commit(batch.round_id, batch.commitment(original), STAKE, b"", [])
    relay(market, batch, batch.signed(original))
    market.chain.wait_until(batch.deadlines.commit)
    sheet, salt = batch.sheet(original), batch.salt(original)
    with refused("reveal: not what was committed"):
        market.by(copycat).reveal(batch.round_id, [copycat], [sheet], [salt])
    market.reveal(batch, [original])


# ---------------------------------------------------------------- wallet contracts


HASHED = keccak(text="answers of a wallet")


def wallet_signature(market, batch, wallet, key, stake=STAKE, sealed=SEALED):
    """As that wallet takes them: r, s and v."""
    message = consent_message(
        market.deployed, batch.round_id, wallet.address, stake, HASHED, sealed
    )
    return wallet_words(key, message)


def relay_for_wallet(market, batch, wallet, signature, sealed=SEALED):
    return market.by(market.anyone).commit_for_wallet(
        batch.round_id, wallet, HASHED, sealed, [], signature
    )


def test_a_wallet_contract_is_asked_whether_it_signed(market, batch, wallet, labeler):  # C2.6, H3.4
    signature = wallet_signature(market, batch, wallet, labeler.key)
    assert relay_for_wallet(market, batch, wallet.address, signature) == [
        event(
            "Committed",
            round_id=batch.round_id,
            labeler=wallet.address,
            commitment=HASHED,
            sealed=SEALED,
        )
    ]
    assert market.account(wallet.address) == Account(free=ETHER - STAKE, locked=STAKE)
    assert market.account(labeler).locked == 0
    assert market.seat(batch, wallet.address) == Seat(HASHED, leaked=False)
    assert market.round(batch.round_id).committed == 1


def test_what_a_wallet_contract_did_not_sign_is_refused(market, batch, wallet, labeler, copycat):
    # C2.6, H3.4
    for signature in (
        wallet_signature(market, batch, wallet, copycat.key),
        wallet_signature(market, batch, wallet, labeler.key, stake=STAKE + 1),
        wallet_signature(market, batch, wallet, labeler.key, sealed=b""),
    ):
        with refused("commit: invalid signature"):
            relay_for_wallet(market, batch, wallet.address, signature)


def test_a_contract_that_answers_yes_in_another_way_is_not_a_wallet(market, batch, chain, bank):
    # C2.6
    for answer in (1, 0x1626BA7E):
        parrot = chain.parrot(bank, encode(["uint256"], [answer]))
        with refused(""):
            relay_for_wallet(market, batch, parrot, b"")
    parrot = chain.parrot(bank, encode(["bytes4"], [bytes.fromhex("1626ba7f")]))
    with refused("commit: invalid signature"):
        relay_for_wallet(market, batch, parrot, b"")


def test_a_person_is_no_wallet_contract(market, batch, labeler):  # C2.6
    with refused("commit: invalid signature"):
        relay_for_wallet(market, batch, labeler, b"")


def test_a_wallet_contract_gets_a_seat_on_the_same_terms_as_anybody(market, batch, wallet, labeler):
    # C2.6, C1.4
    signature = wallet_signature(market, batch, wallet, labeler.key)
    market.through(wallet, labeler, "withdraw", ETHER - STAKE + 1, labeler)
    with refused("commit: stake not covered"):
        relay_for_wallet(market, batch, wallet.address, signature)
    market.fund(labeler, [wallet.address], 1)
    relay_for_wallet(market, batch, wallet.address, signature)
    with refused("commit: seat already taken"):
        relay_for_wallet(market, batch, wallet.address, signature)


def test_a_wallet_contract_is_in_time_until_the_deadline(market, batch, chain, wallet, labeler):
    # T4.3
    signature = wallet_signature(market, batch, wallet, labeler.key)
    chain.next_at(batch.deadlines.commit - 1)
    relay_for_wallet(market, batch, wallet.address, signature)


# ---------------------------------------------------------------------- admission


@pytest.fixture
def policy(chain, bank):
    return chain.mock(bank, "Policy")


@pytest.fixture
def invited(market, requester, rows, policy):
    """A round that asks a policy."""
    return market.open(requester, rows, admission=policy.address)


def test_only_the_admitted_take_a_seat(market, invited, chain, bank, policy, labelers):
    # C1.4, C3.1
    guest, uninvited = labelers[:2]
    chain.do(bank, policy, "admit", invited.round_id, guest)
    commit(market, invited, guest)
    with refused("commit: not admitted"):
        commit(market, invited, uninvited)
    with refused("commit: not admitted"):
        relay(market, invited, invited.signed(uninvited))
    assert market.account(uninvited).locked == 0


def test_a_policy_is_asked_about_the_round(market, chain, bank, policy, requester, rows, labeler):
    # C3.1
    first, second = (market.open(requester, rows, admission=policy.address) for _ in range(2))
    chain.do(bank, policy, "admit", second.round_id, labeler)
    with refused("commit: not admitted"):
        commit(market, first, labeler)
    commit(market, second, labeler)


def test_a_policy_sees_the_evidence(market, invited, chain, bank, policy, labelers, wallet):
    # C1.6, C3.1
    password = keccak(text="password")
    guests = [*labelers[:2], wallet.address]
    for guest in guests:
        chain.do(bank, policy, "admit", invited.round_id, guest)
    chain.do(bank, policy, "ask_for", password)
    own, relayed, _ = guests
    with refused("commit: not admitted"):
        commit(market, invited, own)
    commit(market, invited, own, evidence=[password])
    with refused("commit: not admitted"):
        relay(market, invited, invited.signed(relayed, evidence=(password, password)))
    relay(market, invited, invited.signed(relayed, evidence=(password,)))
    signature = wallet_signature(market, invited, wallet, labelers[0].key)
    with refused("commit: not admitted"):
        relay_for_wallet(market, invited, wallet.address, signature)
    market.by(own).commit_for_wallet(
        invited.round_id, wallet.address, HASHED, SEALED, [password], signature
    )


def test_evidence_has_20_words_at_most(market, invited, labeler):  # C1.6
    with refused(""):
        commit(market, invited, labeler, evidence=[bytes(32)] * 21)
    with refused("commit: not admitted"):
        commit(market, invited, labeler, evidence=[bytes(32)] * 20)


def test_a_policy_that_fails_for_one_stops_nobody_else(
    market, invited, chain, bank, policy, labelers
):
    # C3.2
    first, second, third = labelers[:3]
    for guest in (first, second, third):
        chain.do(bank, policy, "admit", invited.round_id, guest)
    chain.do(bank, policy, "fail_for", second)
    with refused("commit: not admitted"):
        commit(market, invited, second)
    assert relay(market, invited, *map(invited.signed, labelers[:3])) == [
        committed(invited, first),
        skipped(invited, second, "commit: not admitted"),
        committed(invited, third),
    ]


@pytest.mark.parametrize(
    "answer",
    [b"", encode(["uint256"], [2]), encode(["uint256"], [2**255]), b"\1", bytes(31)],
    ids=["nothing", "two", "high bit", "one byte", "31 bytes"],
)
def test_only_a_clear_yes_of_a_policy_is_a_yes(market, chain, bank, requester, rows, answer):
    # C3.2
    batch = market.open(requester, rows, admission=chain.parrot(bank, answer))
    with refused("commit: not admitted"):
        market.commit(batch)


def test_a_policy_that_reverts_with_a_yes_says_no(market, chain, bank, requester, rows):  # C3.2
    policy = chain.parrot(bank, encode(["bool"], [True]), reverts=True)
    batch = market.open(requester, rows, admission=policy)
    with refused("commit: not admitted"):
        market.commit(batch)


def test_a_policy_that_burns_its_gas_only_says_no(market, chain, bank, requester, rows):  # C3.2
    endless = bytes([0x5B, 0x60, 0, 0x56])  # JUMPDEST, PUSH 0, JUMP
    batch = market.open(requester, rows, admission=chain.code(bank, endless))
    with refused("commit: not admitted"):
        market.commit(batch)


def test_a_proof_of_the_allow_list_admits_its_owner_and_nobody_else(
    market, deploy_list, requester, rows, labelers
):
    # C3.3, H6.1
    """A tree of two: each leaf is the proof of the other."""
    leaves = [keccak(keccak(encode(["address"], [labeler]))) for labeler in labelers[:2]]
    policy = deploy_list(keccak(b"".join(sorted(leaves))))
    first, second, outsider = labelers[:3]
    batch = market.open(requester, rows, admission=policy.address)
    for labeler, proof in ((first, []), (first, [leaves[0]]), (outsider, [leaves[1]])):
        with refused("commit: not admitted"):
            commit(market, batch, labeler, evidence=proof)
    commit(market, batch, first, evidence=[leaves[1]])
    relay(market, batch, batch.signed(second, evidence=(leaves[0],)))


def test_an_allow_list_of_nobody_is_refused(deploy_list):  # C3.3
    with refused("policy: no root"):
        deploy_list(bytes(32))
