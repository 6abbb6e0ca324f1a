"""Which pools a policy asks, and what each of them is shown."""

import pytest

from plumbline.seating.evidence import EvidenceError, for_all, for_any
from plumbline.seating.gates import (
    AllOf,
    AllowList,
    AnyOf,
    DrawGate,
    Gate,
    Member,
    OtherGate,
    Policy,
    pools_in,
)
from plumbline.seating.members import shown_to_pools
from plumbline.seating.records import PoolTerms

WORD, PROOF = (b"\x01" * 32,), (b"\x02" * 32, b"\x03" * 32)


def at(number: int) -> str:
    return f"0x{number:040x}"


def pool(number: int) -> Policy:
    return Policy(at(number), "SeatDraw", DrawGate(PoolTerms(at(99), at(0), 10, 1, 1, 96)))


def composed(number: int, kind: type[AllOf] | type[AnyOf], *members: Policy) -> Policy:
    gate: Gate = kind(tuple(Member(each, 40_000) for each in members))
    return Policy(at(number), kind.__name__, gate)


ALLOWED = Policy(at(9), "MerkleAllowList", AllowList(b"\x05" * 32))


def test_a_pool_asks_itself_and_others_none() -> None:
    assert pools_in(pool(1)) == (at(1),)
    assert shown_to_pools(pool(1), WORD) == ((at(1), WORD),)
    assert pools_in(ALLOWED) == pools_in(Policy(at(8), "", OtherGate())) == ()
    assert shown_to_pools(ALLOWED, PROOF) == ()


def test_every_pool_of_policies_of_policies_is_found_once() -> None:
    inner = composed(7, AnyOf, pool(2), ALLOWED, pool(1))
    assert pools_in(composed(6, AllOf, pool(1), inner)) == (at(1), at(2))


def test_a_pool_is_shown_its_own_part() -> None:
    inner = composed(7, AnyOf, ALLOWED, pool(2))
    whole = composed(6, AllOf, ALLOWED, pool(1), inner)
    shown = for_all((PROOF, WORD, for_any(1, WORD[:1])))
    assert shown_to_pools(whole, shown) == ((at(1), WORD), (at(2), WORD))
    elsewhere = for_all((PROOF, WORD, for_any(0, PROOF)))
    assert shown_to_pools(whole, elsewhere) == ((at(1), WORD),)


@pytest.mark.parametrize("evidence", [(), ((7).to_bytes(32),)])
def test_what_names_no_member_is_refused(evidence: tuple[bytes, ...]) -> None:
    with pytest.raises(EvidenceError):
        shown_to_pools(composed(6, AnyOf, pool(1), pool(2)), evidence)
