"""Each policy admits whom its twin in Python admits; the twin says why not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plumbline.chain.packing import ACCOUNT, word_of
from plumbline.protocol.typed_data import Deployed
from plumbline.seating.attestation import Attestation, attested, sign_attestation
from plumbline.seating.gates import (
    AllOf,
    AllowList,
    AnyOf,
    Member,
    Policy,
    RecordGate,
    StewardGate,
    TokenGate,
    assemble,
)
from plumbline.seating.merkle_list import MerkleList
from plumbline.seating.policies import gas_limit_of
from tests.build import compiled_contracts
from tests.world.chain import Chain
from tests.world.people import Person, person
from tests.world.policies import Policies

NOW = 1_800_000_000
YES, NO = "60015f5260205ff3", "5f5f5260205ff3"
# How long an example takes is the machine's.
SLOW = [HealthCheck.too_slow]
MANY = settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=SLOW)


@pytest.fixture(scope="module")
def policies(request: pytest.FixtureRequest) -> Policies:
    return Policies(Chain(NOW), compiled_contracts(request.config))


@pytest.fixture
def labeler() -> Person:
    return person("labeler")


# ---------------------------------------------------------------------------- records


counts = st.integers(0, 40) | st.sampled_from((2_047, 4_095))
shares = st.integers(0, 10_000)


@MANY
@given(
    rounds=counts,
    outlier=counts,
    unrevealed=counts,
    kappa=st.integers(0, 9_993),
    gate=st.builds(
        RecordGate,
        label_rounds=st.none(),
        records=st.none(),
        least_rounds=st.integers(1, 2_047) | st.integers(1, 40),
        least_kappa_bps=st.integers(0, 9_993),
        most_outlier_bps=shares,
        most_silent_bps=shares,
    ),
    edge=st.sampled_from(("", "rounds", "kappa", "outlier", "silent")),
)
def test_a_record_suffices_exactly_if_every_bar_is_reached(  # W1.1
    policies, rounds, outlier, unrevealed, kappa, gate, edge
):
    """Bars are also set exactly where the record is, and one beyond."""
    word = word_of(
        {"rounds": rounds, "outlier": outlier, "unrevealed": unrevealed, "kappa": kappa}, ACCOUNT
    )
    with policies.chain.undone():
        records = policies.chain.parrot(word.to_bytes(32, "big"))
        gate = replace(gate, label_rounds=records, records=records)
        if edge == "rounds" and 0 < rounds < 2_047:
            gate = replace(gate, least_rounds=rounds)
        elif edge == "kappa":
            gate = replace(gate, least_kappa_bps=kappa)
        elif edge == "outlier" and rounds:
            gate = replace(gate, most_outlier_bps=min(10_000, outlier * 10_000 // rounds))
        elif edge == "silent" and rounds:
            gate = replace(gate, most_silent_bps=min(10_000, unrevealed * 10_000 // rounds))
        policy = policies.create(gate)
        assert policy.gate == gate
        policies.refusal(policy, person("labeler"))


# ---------------------------------------------------------------------- attestations


@pytest.fixture
def steward() -> Person:
    return person("steward")


@FEW
@given(
    lasts=st.integers(-2, 2),
    revoked=st.none() | st.integers(-2, 3),
    signer=st.sampled_from(("steward", "labeler")),
    shows=st.sampled_from(("labeler", "copycat")),
    cut=st.sampled_from((None, 0, 1, 2)),
    more=st.booleans(),
    length=st.sampled_from((None, 0, 32, 63, 65, 512, 513, 1 << 40)),
)
def test_an_attestation_counts_exactly_if_it_is_the_stewards_and_in_time(  # W3.1, W3.2, W3.3
    policies, lasts, revoked, signer, shows, cut, more, length
):
    steward = person("steward")
    with policies.chain.undone():
        policy = policies.create(StewardGate(steward, "speaks Portuguese"))
        expiry = NOW + lasts
        if revoked is not None:
            gate = policies.contract("SignedAdmission", policy.address)
            gate.send(steward, "revoke", person("labeler"), NOW + revoked)
        here = Deployed(policies.chain.id, policy.address)
        attestation = Attestation(person("labeler"), "speaks Portuguese", expiry)
        evidence = sign_attestation(person(signer).key, here, attestation)
        assert len(evidence) == 3
        if length is not None:
            evidence = ((expiry + (length << 64)).to_bytes(32, "big"), *evidence[1:])
        if cut is not None:
            evidence = evidence[:cut]
        if more:
            evidence = (*evidence, bytes(32))
        refusal = policies.refusal(policy, person(shows), evidence)
        right = (signer, shows, cut, more) == ("steward", "labeler", None, False)
        in_time = lasts > 0 and (revoked is None or revoked < lasts)
        assert (refusal is None) == (right and in_time and length is None)


@pytest.mark.parametrize("size", [64, 65, 130, 512])
def test_a_wallet_as_steward_is_asked_for_signatures_of_any_length(policies, size):  # W3.2
    """It says yes if it is shown exactly the digest and the bytes."""
    signature = bytes(range(1, 200)).ljust(size, b"\x07")[:size]
    with policies.chain.undone():
        # keccak of all it is asked, less the zeros behind the signature, must be as foreseen
        wallet = policies.chain.mock("Vault")
        policy = policies.create(StewardGate(wallet.address, "doctors"))
        here = Deployed(policies.chain.id, policy.address)
        digest = Attestation(person("labeler"), "doctors", NOW + 60).digest(here)
        evidence = attested(NOW + 60, signature)
        assert policies.refusal(policy, person("labeler"), evidence) is not None
        wallet.send(person("steward"), "approve", digest, signature)
        assert policies.refusal(policy, person("labeler"), evidence) is None
        assert policies.refusal(policy, person("copycat"), evidence) is not None
        other = attested(NOW + 60, signature[:-1] + b"\x01")
        assert policies.refusal(policy, person("labeler"), other) is not None


# ---------------------------------------------------------------------------- tokens


@pytest.mark.parametrize("least", [1, 2, 2**256 - 1])
@pytest.mark.parametrize("held", [b"", bytes(31), *(n.to_bytes(32, "big") for n in (0, 1, 2, 3))])
def test_a_token_is_held_in_the_number_asked_for(policies, labeler, least, held):  # W2.1
    with policies.chain.undone():
        policy = policies.create(TokenGate(policies.chain.parrot(held), least))
        refusal = policies.refusal(policy, labeler)
        assert (refusal is None) == (len(held) == 32 and int.from_bytes(held, "big") >= least)


# ------------------------------------------------------------------------ allow lists


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 21])
def test_exactly_who_is_on_a_list_has_a_proof(policies, size):  # C3.3, H6.1
    listed = [person(f"on the list {number}") for number in range(size)]
    known = MerkleList(listed)
    policy = policies.create(AllowList(known.root))
    for account in listed:
        assert policies.refusal(policy, account, known.proof(account)) is None
        assert policies.refusal(policy, person("copycat"), known.proof(account)) is not None
    assert policies.refusal(policy, person("copycat")) is not None


# -------------------------------------------------------------- policies of policies


def trees() -> st.SearchStrategy:
    """Nested policies: a leaf says yes, no, or yes to just so many words of evidence."""
    leaves = st.sampled_from(("yes", "no", 0, 1, 3))
    return st.recursive(
        leaves,
        lambda inner: st.tuples(
            st.sampled_from(("all", "any")), st.lists(inner, min_size=2, max_size=3)
        ),
        max_leaves=6,
    )


def grown(policies: Policies, tree: object) -> Policy:
    """The policies of a tree."""
    if not isinstance(tree, tuple):
        code = {"yes": YES, "no": NO}.get(tree) if isinstance(tree, str) else None
        # The length of the evidence is the fourth word of the arguments.
        code = code or f"60643560{tree:02x}145f5260205ff3"
        return policies.stranger(code, 3_000).policy
    kind, inner = tree
    members = []
    for each in inner:
        policy = grown(policies, each)
        limit = gas_limit_of(policy) if isinstance(each, tuple) else 3_000
        members.append(Member(policy, limit))
    return policies.create(AllOf(tuple(members)) if kind == "all" else AnyOf(tuple(members)))


words = st.integers(0, 3) | st.sampled_from((0x0101, 0x010003, 2**255, 2**256 - 1))


@MANY
@given(tree=trees(), evidence=st.lists(words, max_size=9))
def test_compositions_admit_by_the_parts_of_the_evidence(policies, tree, evidence):  # W4.1, W4.2
    with policies.chain.undone():
        policy = grown(policies, tree)
        shown = tuple(word.to_bytes(32, "big") for word in evidence)
        policies.refusal(policy, person("labeler"), shown)


def leaves_of(policy: Policy) -> Iterator[Policy]:
    gate = policy.gate
    if isinstance(gate, AllOf | AnyOf):
        for member in gate.members:
            yield from leaves_of(member.policy)
    else:
        yield policy


@FEW
@given(tree=trees(), shown=st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_evidence_that_is_put_together_admits(policies, tree, shown):  # W4.1, W4.2
    """And if it is said that none can be, no choice of members helps."""
    with policies.chain.undone():
        policy = grown(policies, tree)
        own = {
            leaf.address: (bytes(32),) * number
            for leaf, number in zip(leaves_of(policy), shown, strict=False)
        }
        evidence = assemble(policy, policies.facts, 1, person("labeler"), own)
        if isinstance(evidence, tuple):
            assert policies.refusal(policy, person("labeler"), evidence) is None
