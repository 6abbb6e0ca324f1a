"""What it takes to have a policy is known before anything is sent for it."""

import pytest
from web3 import Web3

from plumbline.chain.events import RoundClosed, RoundOpened
from plumbline.formats.admission_terms import CombinedTerms, ExcludeTerms, TokenTerms
from plumbline.seating.gates import GateError
from plumbline.seating.record_book import ShownClosing
from plumbline.seating.wanted import PolicySearch, WantedPolicy
from tests.unit.builders import closed_round, labeler, person

HERE, TOKEN = person("label rounds"), person("token")


def search(rounds: int, labelers: int = 3) -> PolicySearch:
    """Rounds of the same labelers, closed, and no policy."""
    chain = closed_round([[0] * 12] * labelers, names=[labeler(n) for n in range(labelers)])
    (opened,) = (each for each in chain.events if isinstance(each, RoundOpened))
    (closed,) = (each for each in chain.events if isinstance(each, RoundClosed))
    shown = ShownClosing.of(opened, closed)
    closings = {
        number: ShownClosing(number, shown.tasks_root, shown.verdict, shown.outcomes)
        for number in range(1, rounds + 1)
    }
    return PolicySearch(Web3(), HERE, closings)


def excluded(rounds: int) -> ExcludeTerms:
    return ExcludeTerms(tuple(range(1, rounds + 1)))


def sizes(parts: object) -> list[int]:
    members = parts.members if isinstance(parts, CombinedTerms) else (parts,)
    return [len(each.rounds) for each in members if isinstance(each, ExcludeTerms)]


def test_earlier_rounds_are_for_as_few_policies_as_have_room() -> None:
    assert sizes(search(8).in_parts(excluded(8))) == [8]
    assert sizes(search(9).in_parts(excluded(9))) == [8, 1]
    assert sizes(search(20).in_parts(excluded(20))) == [8, 8, 4]
    assert sizes(search(7, labelers=100).in_parts(excluded(7))) == [5, 2]
    inner = CombinedTerms(False, (TokenTerms(TOKEN, 1), excluded(9)))
    found = search(9).in_parts(inner)
    assert isinstance(found, CombinedTerms) and not found.needs_all
    assert sizes(found.members[1]) == [8, 1]


def test_what_would_be_created_is_listed_in_order() -> None:
    wanted = WantedPolicy.of(search(9), CombinedTerms(True, (TokenTerms(TOKEN, 2), excluded(9))))
    assert wanted.policy is None
    assert [line.removeprefix("Create a policy that admits ") for line in wanted.missing] == [
        f"who holds 2 of the token {TOKEN}.",
        "who answered in none of rounds 1, 2, 3, 4, 5, 6, 7 and 8.",
        "who did not answer in round 9.",
        "whom all of these admit.",
        "whom all of these admit.",
    ]


def test_what_no_contract_would_take_is_refused_before_anything_is_created() -> None:
    with pytest.raises(GateError, match="round 4 is not closed here"):
        WantedPolicy.of(search(3), excluded(4))
    with pytest.raises(GateError, match="65 earlier rounds are more than can be excluded"):
        WantedPolicy.of(search(65), excluded(65))
    tokens = CombinedTerms(True, tuple(TokenTerms(TOKEN, 1 + each) for each in range(5)))
    with pytest.raises(GateError, match="a round has 200,000 for its policy"):
        WantedPolicy.of(search(1), tokens)
