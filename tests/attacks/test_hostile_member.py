"""A member of `AllOf` or `AnyOf` reverts, burns gas, answers at length, lies, calls back.

Gain: to keep out whom the other members admit, to let in whom they do not, to make relayers pay.
Stopped by a gas limit for each member that is there when it is asked (W4.3, W4.4), by asking only
the member that is named (W4.2), and by taking all but a clear yes for a no (C3.2). Whoever composes
a policy chooses its members: that a member of `AllOf` keeps people out is not stopped.
"""

import pytest

from plumbline.seating.evidence import for_all, for_any
from plumbline.seating.gates import (
    POLICY_GAS,
    AllOf,
    AnyOf,
    GateError,
    Member,
    OtherGate,
    Policy,
    require_members,
)
from plumbline.seating.policies import gas_limit_of
from tests.attacks.test_hostile_policy import NO, WORD, YES
from tests.world.chain import COLD, Refused
from tests.world.people import person
from tests.world.policies import Policies
from tests.world.world import refused

# One that answers all questions with the largest number needs that much gas, and is no member.
MEMBERS = [how for how in NO if how != "says all ones"]
LIMIT = 20_000


def exactly(gas: int) -> str:
    """Says yes if it was given just so much gas, of which it takes two to ask; burns the rest."""
    return f"5a63{gas - 2:08x}145f525b60c85a1160095760205ff3"


def composed(policies: Policies, kind: type, *members: Member) -> Policy:
    return policies.create(kind(tuple(members)))


@pytest.mark.parametrize("how", MEMBERS)
def test_what_is_no_clear_yes_of_a_member_is_a_no_of_all(policies, labeler, how):  # W4.1, W4.3
    hostile, good = policies.stranger(NO[how], LIMIT), policies.stranger(YES, LIMIT)
    for members in ((hostile, good), (good, hostile)):
        assert policies.refusal(composed(policies, AllOf, *members), labeler) is not None


@pytest.mark.parametrize("how", MEMBERS)
def test_a_hostile_member_of_any_takes_nothing_from_the_others(policies, labeler, how):  # W4.2
    hostile, good = policies.stranger(NO[how], LIMIT), policies.stranger(YES, LIMIT)
    either = composed(policies, AnyOf, hostile, good, hostile)
    assert policies.refusal(either, labeler, for_any(1, ())) is None
    for number in (0, 2, 3, 2**255):
        assert policies.refusal(either, labeler, for_any(number, ())) is not None


def test_who_burns_all_its_gas_leaves_the_others_theirs(policies, labeler):  # W4.3, W4.4
    """Eight members each use all that they may and say yes, at the least gas there may be."""
    members = [policies.stranger(exactly(limit), limit) for limit in range(10_000, 18_000, 1_000)]
    both = composed(policies, AllOf, *members)
    assert both.gate.gas_needed <= POLICY_GAS
    assert policies.refusal(both, labeler) is None
    assert policies.asked_with(both.gate.gas_needed, both, labeler)


@pytest.mark.parametrize("most_evidence", [False, True])
def test_what_a_policy_says_that_it_needs_is_enough(  # W4.4
    policies, labeler, most_evidence
):
    """Of cold accounts too: here all are warm, so as much less is given as these would take."""
    for count in (2, 5, 8):
        limits = [12_000] * count
        members = [policies.stranger(exactly(limit), limit) for limit in limits]
        words = (b"\xff" * 32,) * (19 if most_evidence else 0)
        both = composed(policies, AllOf, *members)
        shown = for_all([*[()] * (count - 1), words])
        cold = (2_600 - 100) * count
        assert policies.asked_with(both.gate.gas_needed - cold, both, labeler, shown)
        either = composed(policies, AnyOf, *members)
        shown = for_any(count - 1, words)
        assert policies.asked_with(either.gate.gas_needed - 2_500, either, labeler, shown)


@pytest.mark.parametrize("kind", [AllOf, AnyOf])
def test_no_member_says_no_for_want_of_gas(policies, labeler, kind):  # W4.3
    """With too little gas the whole policy reverts, and never answers for a member half asked."""
    limit = 50_000
    # Says yes if it has at least 45,000 gas left: GAS GT
    slow = policies.stranger(f"61afc85a115f52{WORD}", limit)
    policy = composed(policies, kind, slow, slow)
    evidence = for_any(0, ()) if kind is AnyOf else ()
    answers = set()
    for gas in range(0, 140_000, 1_500):
        try:
            answers.add(policies.asked_with(gas, policy, labeler, evidence))
        except Refused:
            continue
    assert answers == {True}


def test_a_member_that_calls_back_gets_no_answer(policies, labeler):  # W4.3
    """It asks the policy that asks it, and so on, and says what came of it: gas ends that."""
    # CALLDATACOPY all, STATICCALL(gas, caller, all, one word), RETURN(word = 1)
    echo = "365f5f3760205f365f335afa505f516001145f5260205ff3"
    good = policies.stranger(YES, LIMIT)
    for members in ((policies.stranger(echo, 120_000), good), (good, policies.stranger(echo))):
        assert not policies.admits(composed(policies, AllOf, *members), labeler)


def test_nesting_that_cannot_fit_is_refused_when_it_is_created(policies):  # W4.5
    leaf = policies.stranger(YES, 12_000)
    inner = composed(policies, AllOf, leaf, leaf, leaf, leaf)
    need = gas_limit_of(inner)
    for gate, reason, said in (
        (
            AllOf((Member(inner, need - 1), leaf)),
            "policy: member needs more gas",
            "give it more",
        ),
        (
            AllOf((Member(inner, need), Member(inner, need), Member(inner, need))),
            "policy: members need too much gas",
            "name fewer",
        ),
        (AnyOf((leaf, Member(inner, 190_001))), "policy: members need too much gas", "name fewer"),
        (AnyOf((leaf, Member(inner, 2**96 - 1))), "policy: members need too much gas", "fewer"),
    ):
        with pytest.raises(GateError, match=said):
            require_members(gate)
        with refused(reason):
            policies.unchecked(gate)
    composed(policies, AllOf, Member(inner, need), Member(inner, need))
    composed(policies, AnyOf, leaf, Member(inner, 180_000))


@pytest.mark.parametrize("how", [*NO.values(), f"7f{'ff' * 32}5f52{WORD}"])
def test_what_a_stranger_says_of_its_needs_holds_nobody_up(policies, how):
    """Whoever composes pays for what members burn then, and no member needs more than all."""
    member = Member(Policy(policies.chain.raw(how), "", OtherGate()), 30_000)
    try:
        policies.unchecked(AllOf((member, policies.stranger(YES))))
    except Refused as error:
        assert error.reason == "policy: member needs more gas"
    assert policies.chain.gas_used < 1_000_000


def test_a_batch_is_relayed_though_a_member_is_hostile(world, policies, requester, rows, labelers):
    """The last labeler is admitted by the other member."""
    fussy = policies.stranger(f"60243573{labelers[-1][2:]}14601d57fe5b{YES}", LIMIT)
    both = composed(policies, AllOf, fussy, policies.stranger(YES, LIMIT))
    job = world.open(requester, rows, admission=both.address)
    world.relay(job, labelers)
    assert [world.account(each).locked > 0 for each in labelers] == [False] * 5 + [True]
    assert world.chain.gas_used < len(labelers) * (POLICY_GAS + COLD) + 1_000_000


def test_evidence_of_one_member_is_no_other_members(policies, labeler):  # W4.1
    """Words may not be moved from part to part, left over, or counted twice."""
    first, second = (policies.stranger(f"60643560{n:02x}145f52{WORD}", LIMIT) for n in (1, 2))
    both = composed(policies, AllOf, first, second)
    good = for_all([(b"a" * 32,), (b"b" * 32, b"c" * 32)])
    assert policies.refusal(both, labeler, good) is None
    for crooked in (
        (),
        good[:-1],
        (*good, bytes(32)),
        (bytes(32), *good[1:]),
        ((0x0102).to_bytes(32, "big"), *good[1:]),
        ((0x010201).to_bytes(32, "big"), *good[1:]),
        ((0x010201).to_bytes(32, "big"), *good[1:], bytes(32)),
        ((2**255 + 0x0201).to_bytes(32, "big"), *good[1:]),
        ((0xFF01).to_bytes(32, "big"), *good[1:]),
    ):
        assert policies.refusal(both, labeler, crooked) is not None


def test_members_see_the_round_and_the_labeler_that_are_asked_about(policies, labeler):
    # EQ(round_id, 7) AND EQ(labeler, this one)
    member = policies.stranger(f"60043560071460243573{labeler[2:]}14165f52{WORD}", LIMIT)
    both = composed(policies, AllOf, member, member)
    assert policies.refusal(both, labeler, round_id=7) is None
    assert policies.refusal(both, labeler, round_id=8) is not None
    assert policies.refusal(both, person("copycat"), round_id=7) is not None
