"""An attestation is shown by another, to another policy, on another chain, too late, after it was
revoked, changed, or in another form.

Gain: a seat in a round for those of whom it is attested. Stopped by what is signed (W3.2), by its
expiry and by revoking (W3.1, W3.3). A second signature of the same attestation gains nothing: it
admits the same labeler until the same second. That a steward attests what is not so, and that an
account is lent with its attestation, is not stopped.
"""

import pytest
from eth_keys.constants import SECPK1_N
from eth_utils.crypto import keccak

from plumbline.protocol.typed_data import Deployed
from plumbline.seating.attestation import Attestation, attested, shown, sign_attestation
from plumbline.seating.gates import StewardGate
from tests.world.people import person
from tests.world.world import refused

GROUP = "one person"
STEWARD = person("steward")


@pytest.fixture
def attesting(policies):
    return policies.create(StewardGate(STEWARD, GROUP))


@pytest.fixture
def here(policies, attesting):
    return Deployed(policies.chain.id, attesting.address)


@pytest.fixture
def attestation(world, labeler):
    return Attestation(labeler, GROUP, world.chain.now + 3_600)


@pytest.fixture
def evidence(here, attestation):
    return sign_attestation(STEWARD.key, here, attestation)


@pytest.fixture
def gate(policies, attesting):
    return policies.contract("SignedAdmission", attesting.address)


def commit(world, job, labeler, evidence):
    data = world.calls.commit(
        job.round_id, job.commitment(labeler), job.rules.stake, b"", list(evidence)
    )
    world.do(labeler, data)


def test_only_of_whom_it_is_attested_gets_a_seat(
    world, requester, rows, attesting, labelers, evidence
):
    job = world.open(requester, rows, admission=attesting.address)
    for somebody in labelers[1:]:
        with refused("commit: not admitted"):
            commit(world, job, somebody, evidence)
    commit(world, job, labelers[0], evidence)


def test_it_serves_one_policy_on_one_chain(policies, labeler, attestation, here):  # W3.2
    twin = policies.create(StewardGate(STEWARD, GROUP))
    other_group = policies.create(StewardGate(STEWARD, "doctors"))
    assert policies.refusal(twin, labeler, sign_attestation(STEWARD.key, here, attestation))
    for policy in (twin, other_group):
        own = Deployed(policies.chain.id, policy.address)
        foreign = Deployed(policies.chain.id + 1, policy.address)
        good = Attestation(labeler, policy.gate.group, attestation.expiry)
        bad = Attestation(labeler, "lawyers", attestation.expiry)
        assert policies.refusal(policy, labeler, sign_attestation(STEWARD.key, own, good)) is None
        assert policies.refusal(policy, labeler, sign_attestation(STEWARD.key, foreign, good))
        assert policies.refusal(policy, labeler, sign_attestation(STEWARD.key, own, bad))


def test_its_expiry_is_the_first_second_in_which_it_does_not_count(  # W3.1
    world, policies, attesting, labeler, attestation, evidence
):
    world.chain.wait_until(attestation.expiry - 1)
    assert policies.refusal(attesting, labeler, evidence) is None
    world.chain.wait_until(attestation.expiry)
    assert "expired" in policies.refusal(attesting, labeler, evidence).reason
    later = attested(attestation.expiry + 3_600, shown(evidence)[1])
    assert "has not signed" in policies.refusal(attesting, labeler, later).reason


def test_what_is_revoked_never_comes_back_and_a_later_one_does(  # W3.3
    policies, attesting, gate, here, labeler, attestation, evidence
):
    gate.send(STEWARD, "revoke", labeler, attestation.expiry - 1)
    assert policies.refusal(attesting, labeler, evidence) is None
    (revoked,) = gate.send(STEWARD, "revoke", labeler, attestation.expiry)
    assert tuple(revoked.topics) == (
        keccak(text="Revoked(address,uint256)"),
        bytes.fromhex(labeler[2:]).rjust(32, b"\0"),
    )
    assert int.from_bytes(revoked.data, "big") == attestation.expiry
    assert "revoked" in policies.refusal(attesting, labeler, evidence).reason
    for again in (attestation.expiry, 0):
        with refused("revoke: revoked already"):
            gate.send(STEWARD, "revoke", labeler, again)
    later = Attestation(labeler, GROUP, attestation.expiry + 1)
    anew = sign_attestation(STEWARD.key, here, later)
    assert policies.refusal(attesting, labeler, anew) is None
    gate.send(STEWARD, "revoke", labeler, 2**256 - 1)
    assert policies.refusal(attesting, labeler, anew)


def test_only_the_steward_revokes_and_only_the_one_who_is_named(  # W3.3
    policies, attesting, gate, labeler, copycat, requester, evidence, attestation
):
    for somebody in (labeler, copycat, requester):
        with refused("revoke: only the steward"):
            gate.send(somebody, "revoke", labeler, attestation.expiry)
    gate.send(STEWARD, "revoke", copycat, 2**256 - 1)
    assert policies.refusal(attesting, labeler, evidence) is None


def test_no_other_form_of_a_signature_counts(policies, attesting, labeler, evidence):  # W3.1
    """Flipped, doubled, with v as a byte, with words more, of nobody."""
    expiry, signature = shown(evidence)
    r, vs = signature[:32], int.from_bytes(signature[32:], "big")
    parity, s = vs >> 255, vs % 2**255
    turned = (SECPK1_N - s) % 2**255 + ((1 - parity) << 255)
    forms = (
        r + turned.to_bytes(32, "big"),
        r + (vs ^ (1 << 255)).to_bytes(32, "big"),
        r + s.to_bytes(32, "big") + bytes([27 + parity]),
        signature * 2,
        signature[:63],
        bytes(64),
        b"\xff" * 64,
    )
    for form in forms:
        assert policies.refusal(attesting, labeler, attested(expiry, form))
    for words in (
        (),
        evidence[:2],
        (*evidence, bytes(32)),
        (evidence[0], evidence[2], evidence[1]),
        ((int.from_bytes(evidence[0], "big") + (1 << 80)).to_bytes(32, "big"), *evidence[1:]),
        ((expiry + (1 << 255)).to_bytes(32, "big"), *evidence[1:]),
    ):
        assert policies.refusal(attesting, labeler, words)


@pytest.mark.parametrize("answer", ["", "1626ba7e", "ff" * 32, "00" * 31 + "01"])
def test_a_wallet_as_steward_says_yes_in_one_way_only(policies, labeler, world, answer):  # W3.2
    wallet = world.chain.parrot(bytes.fromhex(answer))
    policy = policies.create(StewardGate(wallet, GROUP))
    evidence = attested(world.chain.now + 60, b"s" * 64)
    assert policies.refusal(policy, labeler, evidence)


def test_a_wallet_that_fails_or_burns_gas_admits_nobody(policies, labeler, world):
    for code in ("fe", "5f5ffd", "5b5f56"):
        policy = policies.create(StewardGate(world.chain.raw(code), GROUP))
        assert policies.refusal(policy, labeler, attested(world.chain.now + 60, b"s" * 65))
    yes = world.chain.parrot(bytes.fromhex("1626ba7e").ljust(32, b"\0"))
    policy = policies.create(StewardGate(yes, GROUP))
    assert policies.refusal(policy, labeler, attested(world.chain.now + 60, b"s" * 65)) is None


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 511, 512, 513, 544])
def test_a_wallet_signs_with_up_to_512_bytes(policies, labeler, world, length):  # W3.2
    yes = world.chain.parrot(bytes.fromhex("1626ba7e").ljust(32, b"\0"))
    policy = policies.create(StewardGate(yes, GROUP))
    head = world.chain.now + 60 + (length << 64)
    words = (head.to_bytes(32, "big"), *[b"s" * 32] * ((length + 31) // 32))
    assert (policies.refusal(policy, labeler, words) is None) is (length <= 512)
    assert policies.asked_with(100_000, policy, labeler, words) is (length <= 512)


def test_no_evidence_is_a_no_and_no_failure(policies, attesting, labeler):
    """A policy above this one may tell the two apart."""
    assert not policies.asked_with(100_000, attesting, labeler, ())


def test_nobody_is_the_steward_of_a_signature_that_is_none(policies, labeler, world):
    """`ecrecover` answers the zero address to nonsense, and no policy has it for a steward."""
    with refused("policy: no steward"):
        policies.raw("SignedAdmission", {"steward": "0x" + "00" * 20, "group": GROUP})


def test_a_steward_has_no_say_but_in_admission(
    world, policies, requester, rows, labeler, attesting
):
    """Revoked after the commitment, a labeler reveals and is paid all the same."""
    here = Deployed(policies.chain.id, attesting.address)
    job = world.open(requester, rows, admission=attesting.address)
    expiry = world.chain.now + 3_600
    for each in job.labelers:
        evidence = sign_attestation(STEWARD.key, here, Attestation(each, GROUP, expiry))
        commit(world, job, each, evidence)
    policies.contract("SignedAdmission", attesting.address).send(
        STEWARD, "revoke", labeler, 2**256 - 1
    )
    world.chain.wait_until(job.deadlines.commit)
    world.reveal(job)
    before = world.free(labeler)
    world.close(job)
    assert world.free(labeler) > before + job.rules.stake
