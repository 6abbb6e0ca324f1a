"""Policies are created on exactly the terms that Python lets through; and a book of records keeps
the records that Label Rounds keeps.
"""

from dataclasses import replace
from itertools import product

import pytest
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plumbline.chain.records import Verdict
from plumbline.errors import PlumblineError
from plumbline.planning import gas
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.outcomes import Outcome
from plumbline.seating.gates import AllOf, AllowList, AnyOf, RecordGate, StewardGate, TokenGate
from plumbline.seating.policies import (
    MOST_EARLIER,
    MOST_EXCLUDED,
    create_book,
    create_participant_gate,
    participant_groups,
)
from plumbline.seating.record_book import ShownClosing
from plumbline.settlement import Band
from tests.build import EVM_VERSION, compiled_contracts
from tests.world.chain import Chain, Contract, Refused
from tests.world.people import Person, person
from tests.world.policies import Book, Policies
from tests.world.world import refused

NOW = 1_800_000_000
YES = "60015f5260205ff3"
WHOLE = 10_000
VERDICT = Verdict(1, 0, 0, 0, 0, 0, (0, 0, 0, 0))


@pytest.fixture(scope="module")
def policies(request: pytest.FixtureRequest) -> Policies:
    return Policies(Chain(NOW), compiled_contracts(request.config))


@pytest.fixture
def there(policies) -> str:
    """Some contract."""
    return policies.chain.raw(YES)


def agree(policies: Policies, kind: str, gate, arguments, reason: str) -> None:
    """The contract refuses for this reason and the library refuses too; or both accept."""
    if not reason:
        policies.create(gate)
        policies.raw(kind, arguments)
        return
    with refused(reason):
        policies.raw(kind, arguments)
    if "no code" not in reason and "there" not in reason:
        with pytest.raises(PlumblineError):
            policies.create(gate)


RECORD_EDGES = {
    "least_rounds": {0: "rounds not in 1..2047", 1: "", 2_047: "", 2_048: "rounds not in 1..2047"},
    "least_kappa_bps": {0: "", 9_993: "", 9_994: "kappa above 9993 bps"},
    "most_outlier_bps": {0: "", WHOLE: "", WHOLE + 1: "outliers above 10000 bps"},
    "most_silent_bps": {0: "", WHOLE: "", WHOLE + 1: "silent above 10000 bps"},
}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [(name, *edge) for name, edges in RECORD_EDGES.items() for edge in edges.items()],
)
def test_bars_of_a_record_are_in_reach(policies, there, name, value, reason):  # W1.2
    gate = replace(RecordGate(there, there, 20, 5_000, 500, 500), **{name: value})
    arguments = {field: getattr(gate, field) for field in RecordGate.__slots__}
    agree(policies, "RecordGate", gate, arguments, f"policy: {reason}" if reason else "")


@pytest.mark.parametrize("name", ["label_rounds", "records"])
def test_a_record_is_kept_somewhere(policies, there, name):  # W1.2
    gate = replace(RecordGate(there, there, 20, 5_000, 500, 500), **{name: person("nobody")})
    arguments = {field: getattr(gate, field) for field in RecordGate.__slots__}
    agree(policies, "RecordGate", gate, arguments, "policy: no records there")


def test_a_list_has_a_root(policies):  # C3.3
    agree(policies, "MerkleAllowList", AllowList(bytes(32)), {"root": bytes(32)}, "policy: no root")
    one = b"\1".rjust(32, b"\0")
    agree(policies, "MerkleAllowList", AllowList(one), {"root": one}, "")


def test_a_token_is_a_contract_and_some_are_asked_for(policies, there):  # W2.2
    for token, least, reason in (
        (there, 1, ""),
        (there, 2**256 - 1, ""),
        (there, 0, "policy: no tokens asked for"),
        (person("nobody"), 1, "policy: token has no code"),
    ):
        arguments = {"token": token, "least": least}
        agree(policies, "TokenGate", TokenGate(token, least), arguments, reason)


def test_a_steward_is_somebody_and_a_group_has_a_name(policies):  # W3.4
    steward = person("steward")
    for who, group, reason in (
        (steward, "a", ""),
        (steward, "\u00e9" * 32, ""),
        (steward, "", "policy: no group"),
        (ZERO, "a", "policy: no steward"),
        (steward, "a" * 65, ""),
    ):
        gate, arguments = StewardGate(who, group), {"steward": who, "group": group}
        if len(group.encode()) > 64:
            with pytest.raises(Refused):
                policies.raw("SignedAdmission", arguments)
            with pytest.raises(PlumblineError, match="65 bytes"):
                policies.create(gate)
        else:
            agree(policies, "SignedAdmission", gate, arguments, reason)


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
@pytest.mark.parametrize("count", [0, 1, 2, 8, 9])
def test_a_composition_has_two_to_eight_members(policies, kind, count):  # W4.5
    gate = kind((policies.stranger(YES, 10_000),) * count)
    if 2 <= count <= 8:
        policies.create(gate)
        return
    with pytest.raises(Refused) as caught:
        policies.unchecked(gate)
    assert caught.value.reason == ("policy: fewer than two members" if count < 2 else "")
    with pytest.raises(PlumblineError, match=f"{count} policies"):
        policies.create(gate)


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
def test_members_are_contracts(policies, kind):  # W4.5
    member = policies.stranger(YES)
    nobody = replace(member, policy=replace(member.policy, address=person("nobody")))
    for members in ((member, nobody), (nobody, member)):
        with refused("policy: member has no code"):
            policies.unchecked(kind(members))


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
def test_no_member_asks_for_more_gas_than_there_can_be(policies, kind):  # W4.4
    for limit in (200_001, 2**96, 2**256 - 1):
        with refused("policy: members need too much gas"):
            policies.unchecked(kind((policies.stranger(YES, limit), policies.stranger(YES))))


@pytest.mark.parametrize(
    "runtime", ["62ffffff5f5260205ffd", "62ffffff5f52601f5ff3", "5f5ffd", "00"]
)
def test_who_does_not_say_what_it_needs_needs_nothing(policies, runtime):  # W4.4
    """It fails, with a word or without, or answers less than one. An account of its own gas is for
    those that have members."""
    policies.unchecked(AllOf((policies.stranger(runtime, 0), policies.stranger(YES))))


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
def test_what_members_may_use_is_bounded_to_the_unit(policies, kind):  # W4.4, W4.5
    """The largest limit of the second of two is found by the library, and one more is refused."""
    first = policies.stranger(YES, 70_000)

    def gate(limit):
        return kind((first, policies.stranger(YES, limit)))

    most = max(limit for limit in range(70_000, 200_000) if gate_fits(kind, first, limit))
    assert policies.create(gate(most)).gate.gas_needed <= 200_000
    with refused("policy: members need too much gas"):
        policies.unchecked(gate(most + 1))
    with pytest.raises(PlumblineError, match="name fewer"):
        policies.create(gate(most + 1))


def gate_fits(kind, first, limit) -> bool:
    return kind((first, replace(first, gas_limit=limit))).gas_needed <= 200_000


@pytest.mark.parametrize(
    ("vouched", "reason"),
    [
        (1, ""),
        (16, ""),
        (0, "record: nobody vouched for"),
        ("zero", "record: nobody vouched for"),
        (17, None),
    ],
)
def test_a_book_vouches_for_somebody(policies, there, vouched, reason):  # W1.5
    names = [ZERO, person("requester")] if vouched == "zero" else []
    names = names or [person(f"requester {number}") for number in range(vouched)]
    arguments = {"label_rounds": there, "vouched": names}
    if reason == "":
        book = Book(policies, there, *names)
        assert book.client.vouched() == tuple(names)
        return
    with pytest.raises(Refused) as caught:
        policies.raw("RecordBook", arguments)
    assert caught.value.reason == (reason or "")
    with pytest.raises(PlumblineError):
        create_book(there, names, EVM_VERSION)


def test_a_book_is_of_a_deployment(policies):  # W1.5
    with refused("record: no rounds there"):
        policies.raw(
            "RecordBook", {"label_rounds": person("nobody"), "vouched": [person("requester")]}
        )


def test_as_many_are_excluded_as_one_transaction_has_room_for(policies, there):
    word = 2**256 - 1
    verdict = Verdict(1, 2**8, 2**16, 2**16, 2**16, 2**40, (word,) * 4)
    closings = []
    for number in range(1, MOST_EARLIER + 1):
        crowd = range(number, MOST_EXCLUDED + 1, MOST_EARLIER)
        outcomes = tuple(Outcome(person(f"labeler {each}"), Band.NEAR, 1, 1, 0) for each in crowd)
        closings.append(ShownClosing(number, bytes.fromhex("77" * 32), verdict, outcomes))
    assert participant_groups(closings) == [closings]
    call = create_participant_gate(there, closings, EVM_VERSION)
    gas_used = policies.chain.gas_of_creating(call.data)
    assert gas_used < 2**24  # of a transaction, EIP-7825
    planned = gas.excluding(MOST_EARLIER, MOST_EXCLUDED, MOST_EXCLUDED)
    assert 0.98 * gas_used < planned < 1.05 * gas_used


@pytest.mark.parametrize(("rounds", "labelers"), [(8, 1), (9, 1), (1, 255), (1, 256)])
def test_as_many_rounds_are_excluded_and_as_many_of_each_as_there_can_be(
    policies, there, rounds, labelers
):  # W2.4
    crowd = tuple(Outcome(person(f"labeler {n}"), Band.NEAR, 1, 1, 0) for n in range(labelers))
    closings = [ShownClosing(number, bytes(32), VERDICT, crowd) for number in range(rounds)]
    given = {"label_rounds": there, "earlier": [list(each.values()) for each in closings]}
    if (rounds, labelers) in ((9, 1), (1, 256)):
        with refused(""):
            policies.raw("ExcludeParticipants", given)
        return
    contract = policies.contract("ExcludeParticipants", policies.raw("ExcludeParticipants", given))
    assert list(contract.ask("rounds")) == list(range(rounds))
    assert contract.ask("took_part", crowd[-1].labeler)


def test_a_policy_that_excludes_names_rounds_of_a_deployment(policies, there):  # W2.4
    with refused("policy: no rounds there"):
        policies.raw("ExcludeParticipants", {"label_rounds": person("nobody"), "earlier": []})
    with refused("policy: no earlier rounds"):
        policies.raw("ExcludeParticipants", {"label_rounds": there, "earlier": []})
    with pytest.raises(PlumblineError, match="0 earlier rounds"):
        create_participant_gate(there, [], EVM_VERSION)
    closing = ShownClosing(1, bytes(32), VERDICT, ())
    with pytest.raises(PlumblineError, match="named twice"):
        create_participant_gate(there, [closing, closing], EVM_VERSION)
    labelers = tuple(
        Outcome(person(f"labeler {number}"), Band.NEAR, 1, 1, 0) for number in range(255)
    )
    full = [ShownClosing(number, bytes(32), VERDICT, labelers) for number in range(1, 4)]
    assert [len(group) for group in participant_groups(full)] == [1, 1, 1]
    with pytest.raises(PlumblineError, match="765 labelers are too many"):
        create_participant_gate(there, full, EVM_VERSION)


# ---------------------------------------------------------------------- book of records

rulings = st.tuples(
    st.sampled_from([Band.NEAR, Band.FAR, Band.OUTLIER, Band.VOID]),
    st.integers(0, 1_000_000) | st.sampled_from([999_999, 1_000_000]),
)


@pytest.fixture(scope="module", params=[0, 4_090])
def keeping(request, policies):
    """A book, and the module that Label Rounds keeps records with, with so many rounds in both; and
    who labels. A full count is halved at 4,095.
    """
    chain, labeler, requester = policies.chain, person("labeler"), person("requester")
    # Of what this says, the first word is that the round ended so, the third who opened it.
    words = (1, 0, int(requester, 16), 0, 0, 0)
    rounds = chain.parrot(b"".join(word.to_bytes(32, "big") for word in words))
    keeping = Keeping(Book(policies, rounds, requester), chain.mock("AccountsHarness"), labeler)
    keeping.play([(Band(number % 4 + 1), 500_000) for number in range(request.param)])
    keeping.require_alike()
    return keeping


class Keeping:
    """Two who keep the record of one labeler."""

    def __init__(self, book: Book, model: Contract, labeler: Person) -> None:
        self.book, self.model, self.labeler = book, model, labeler
        self.entered = 0

    def play(self, rulings) -> None:
        """Rounds that end so, (band, kappa in ppm)."""
        for band, kappa in rulings:
            self.entered += 1
            outcome = Outcome(self.labeler, band, kappa, 7, 9)
            self.book.enter(ShownClosing(self.entered, bytes(32), VERDICT, (outcome,)))
        for start in range(0, len(rulings), 128):
            part = rulings[start : start + 128]
            bands, kappas = [int(band) for band, _ in part], [kappa for _, kappa in part]
            self.model.send(person("keeper"), "end_seats", self.labeler, bands, kappas)

    def require_alike(self) -> None:
        account = self.book.client.record(self.labeler)
        fields = ("free", "locked", "rounds", "near", "outlier", "unrevealed", "kappa")
        kept = self.model.ask("account", self.labeler)
        assert [getattr(account, field) for field in fields] == list(kept[:7])


def test_a_round_that_was_entered_is_told(policies, keeping):  # W1.5
    number = keeping.entered + 1
    outcome = Outcome(keeping.labeler, Band.NEAR, 500_000, 7, 9)
    with policies.chain.undone():
        (entered,) = keeping.book.enter(ShownClosing(number, bytes(32), VERDICT, (outcome,)))
    assert tuple(entered.topics) == (keccak(text="RoundEntered(uint256)"), number.to_bytes(32))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(played=st.lists(rulings, min_size=1, max_size=14))
def test_a_book_keeps_a_record_as_label_rounds_does(policies, keeping, played):  # W1.3
    """Through the halving of full counts, too."""
    entered = keeping.entered
    with policies.chain.undone():
        keeping.play(played)
        keeping.require_alike()
    keeping.entered = entered


def test_each_band_after_each_other_one_is_kept_alike(policies, keeping):  # W1.3
    bands = (Band.NEAR, Band.FAR, Band.OUTLIER, Band.VOID)
    entered = keeping.entered
    with policies.chain.undone():
        for pair in product(bands, bands):
            for band in pair:
                keeping.play([(band, 900_000 if band in (Band.NEAR, Band.FAR) else 0)])
                keeping.require_alike()
    keeping.entered = entered
