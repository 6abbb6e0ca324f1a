"""Lists, evidence and attestations are made in one way; what no contract would take is refused."""

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from plumbline.chain.records import Account as Record
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import AddressError
from plumbline.protocol.typed_data import Deployed
from plumbline.seating import evidence as words
from plumbline.seating.attestation import (
    Attestation,
    attested,
    is_signed_by,
    shown,
    sign_attestation,
)
from plumbline.seating.evidence import EvidenceError
from plumbline.seating.gates import (
    AllOf,
    AnyOf,
    Member,
    OtherGate,
    Policy,
    RecordGate,
    SeatRefusal,
    StewardGate,
    TokenGate,
    assemble,
)
from plumbline.seating.merkle_list import ListError, MerkleList, root_of
from plumbline.seating.policies import create_policy, gas_limit_of
from tests.world.people import person

HERE = Deployed(31_337, "0x" + "5a" * 20)
PLACE = ["0x" + f"{number:02x}" * 20 for number in range(1, 9)]


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


# ------------------------------------------------------------------------------ lists


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 33])
def test_every_account_has_a_proof_of_as_many_levels_as_the_tree(size: int) -> None:
    listed = [person(f"listed {number}") for number in range(size)]
    made = MerkleList(listed)
    for account in listed:
        proof = made.proof(account.lower())
        assert root_of(account, proof) == made.root
        assert len(proof) <= (size - 1).bit_length()


def test_a_list_does_not_depend_on_the_order_in_which_it_is_written() -> None:
    listed = [person(f"listed {number}") for number in range(9)]
    assert MerkleList(listed).root == MerkleList(listed[::-1]).root
    assert MerkleList(listed).root != MerkleList(listed[1:]).root


def test_the_tree_is_the_standard_one() -> None:
    """Leaves lie sorted from the end of the array on: of three the smallest two are paired."""
    listed = [person(f"listed {number}") for number in range(3)]
    made = MerkleList(listed)
    by_leaf = sorted(listed, key=lambda each: root_of(each, ()))
    assert [len(made.proof(each)) for each in by_leaf] == [2, 2, 1]


def test_what_is_no_list_is_refused() -> None:
    one = person("listed")
    for accounts, said in (
        ([], "there is no account"),
        ([one, person("other"), one.lower()], f"{one} is on the list twice"),
    ):
        with pytest.raises(ListError, match=said):
            MerkleList(accounts)
    with pytest.raises(AddressError):
        MerkleList([one, "0x12"])
    with pytest.raises(ListError, match="is not on the list"):
        MerkleList([one]).proof(person("other"))


# --------------------------------------------------------------------------- evidence


@pytest.mark.parametrize("lengths", [(0, 0), (1, 0), (0, 3), (2, 1, 0), (4, 4, 4, 4), (19, 0)])
def test_parts_come_out_as_they_went_in(lengths: tuple[int, ...]) -> None:
    parts = tuple((word(7),) * length for length in lengths)
    assert words.parts_of(words.for_all(parts), len(parts)) == parts


def test_no_words_are_shown_where_no_member_wants_any() -> None:
    assert words.for_all([(), ()]) == ()


@pytest.mark.parametrize("number", [0, 1, 7])
def test_a_choice_comes_out_as_it_went_in(number: int) -> None:
    part = (word(1), word(2))
    assert words.choice_of(words.for_any(number, part), 8) == (number, part)


def test_evidence_of_the_wrong_form_is_refused() -> None:
    for broken, members in (
        ((word(0x0201), word(1), word(1)), 2),
        ((word(0x0101), word(1), word(1), word(1)), 2),
        ((word(0x010101), word(1), word(1), word(1)), 2),
        ((word(2**255),), 8),
    ):
        with pytest.raises(EvidenceError):
            words.parts_of(broken, members)
    with pytest.raises(EvidenceError, match="does not say which"):
        words.choice_of((), 2)
    with pytest.raises(EvidenceError, match="names policy 2: there are 2"):
        words.choice_of((word(2),), 2)
    for too_long in (
        lambda: words.for_all([(word(1),) * 20]),
        lambda: words.for_any(0, (word(1),) * 20),
    ):
        with pytest.raises(EvidenceError, match="21 words"):
            too_long()


# ----------------------------------------------------------------------- attestations


def test_an_attestation_is_signed_as_a_wallet_shows_it() -> None:
    steward = Account.from_key(b"\x07" * 32)
    attestation = Attestation(person("labeler"), "speaks Portuguese", 1_900_000_000)
    expiry, signature = shown(sign_attestation(steward, HERE, attestation))
    assert expiry == attestation.expiry and len(signature) == 64
    assert is_signed_by(steward.address, HERE, attestation, signature)
    data = attestation.typed_data(HERE)
    assert data["primaryType"] == "Attestation"
    assert data["message"] == {
        "labeler": person("labeler"),
        "group": "speaks Portuguese",
        "expiry": 1_900_000_000,
    }
    signed = steward.sign_message(encode_typed_data(full_message=data)).signature
    assert bytes(signed)[:32] == signature[:32]
    for other in (
        replace(attestation, expiry=1),
        replace(attestation, group="doctors"),
        replace(attestation, labeler=person("other")),
    ):
        assert not is_signed_by(steward.address, HERE, other, signature)
    assert not is_signed_by(person("other"), HERE, attestation, signature)
    assert not is_signed_by(steward.address, HERE, attestation, signature + b"\0")


def test_what_no_policy_takes_for_an_attestation_is_refused() -> None:
    good = Attestation(person("labeler"), "doctors", 1)
    for broken in (
        replace(good, group=""),
        replace(good, group="\u00e9" * 33),
        replace(good, expiry=0),
        replace(good, expiry=2**64),
    ):
        with pytest.raises(PlumblineError):
            broken.message(HERE)
    for signature in (b"", bytes(513)):
        with pytest.raises(PlumblineError, match=f"{len(signature)} bytes"):
            attested(1, signature)
    for evidence in ((), (word(1 + (64 << 64)),), (word(1 + (513 << 64)), *[word(0)] * 17)):
        with pytest.raises(EvidenceError):
            shown(evidence)


# -------------------------------------------------------------------------- refusals


class Known:
    """Facts of a test: one record for all, and nothing else."""

    chain_id, now = 31_337, 1_800_000_000

    def __init__(self, record: Record) -> None:
        self._record = record

    def record(self, kept_by, labeler):
        return self._record

    def tokens(self, token, holder):
        return 0

    def admits(self, policy, round_id, labeler, evidence, gas):
        return evidence == (word(1),)


GATE = RecordGate(PLACE[0], PLACE[0], 20, 5_000, 1_000, 500)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record(rounds=30, near=25, kappa=6_000), None),
        (Record(rounds=12, kappa=6_000), "12 rounds, needs 20: take part in 8 more"),
        (Record(rounds=30, kappa=3_100), "kappa 0.31, needs 0.5: "),
        (
            Record(rounds=30, kappa=6_000, outlier=4),
            "an outlier in 4 of 30 rounds, at most 10% are let through: 10 more rounds",
        ),
        (
            Record(rounds=30, kappa=6_000, unrevealed=2),
            "silent in 2 of 30 rounds, at most 5% are let through: 10 more rounds",
        ),
    ],
)
def test_a_refusal_says_what_is_missing_and_what_would_change_that(record, said) -> None:
    policy = Policy(PLACE[1], "RecordGate", GATE)
    refusal = policy.refusal(Known(record), 1, person("labeler"), ())
    assert refusal is None if said is None else str(refusal).startswith(said)


def test_so_many_more_rounds_are_enough_and_one_less_is_not() -> None:
    """What is promised is kept."""
    policy = Policy(PLACE[1], "RecordGate", GATE)
    for outlier in range(4, 40):
        record = Record(rounds=40, kappa=6_000, outlier=outlier)
        refusal = policy.refusal(Known(record), 1, person("labeler"), ())
        if refusal is None:
            continue
        more = int(refusal.remedy.split()[0])
        for rounds, admitted in ((40 + more, True), (40 + more - 1, False)):
            later = replace(record, rounds=rounds)
            assert (policy.refusal(Known(later), 1, person("labeler"), ()) is None) == admitted


def test_evidence_for_policies_of_policies_is_put_together() -> None:
    record = Policy(PLACE[1], "RecordGate", GATE)
    other = Policy(PLACE[2], "", OtherGate())
    token = Policy(PLACE[3], "TokenGate", TokenGate(PLACE[4], 1))
    either = Policy(PLACE[5], "AnyOf", AnyOf((Member(token, 1), Member(other, 1))))
    both = Policy(PLACE[6], "AllOf", AllOf((Member(record, 1), Member(either, 1))))
    good, bad = Known(Record(rounds=30, kappa=6_000)), Known(Record())
    own = {other.address: (word(1),)}
    labeler = person("labeler")
    assert assemble(both, good, 1, labeler, own) == words.for_all(
        [(), words.for_any(1, (word(1),))]
    )
    missing = assemble(both, bad, 1, labeler, own)
    assert isinstance(missing, SeatRefusal) and missing.policy == record.address
    missing = assemble(both, good, 1, labeler, {})
    assert isinstance(missing, SeatRefusal) and missing.policy == token.address


def test_a_member_of_its_own_members_is_asked_with_what_it_needs() -> None:
    record = Policy(PLACE[1], "RecordGate", GATE)
    inner = AllOf((Member(record, 25_000), Member(record, 25_000)))
    assert gas_limit_of(Policy(PLACE[2], "AllOf", inner)) == inner.gas_needed > 50_000
    assert gas_limit_of(record) >= 2 * 12_000


def test_what_a_group_says_cannot_move_the_cursor() -> None:
    assert "\x1b" not in StewardGate(person("steward"), "a\x1b[2Jb").summary


def test_a_policy_of_others_is_not_created_here() -> None:
    with pytest.raises(PlumblineError, match="not created like this"):
        create_policy(OtherGate(), "cancun")
    with pytest.raises(PlumblineError, match="no build of TokenGate for london"):
        create_policy(TokenGate(PLACE[0], 1), "london")
