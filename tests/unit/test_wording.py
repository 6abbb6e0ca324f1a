"""Events in words say who paid a fee to whom, and that gold answers are promised or withheld."""

import pytest

from plumbline.audit.wording import in_words, to_json
from plumbline.chain.events import RoundClosed, RoundOpened, Withdrawn
from plumbline.units import ETHER
from tests.unit.builders import LABELERS, STRANGER, Chain, StagedRound, every_state, person

ME, HEIR = LABELERS[0], person("heir")
EVENTS = dict(every_state())


def withdrawn(fee: int, relayer: str) -> Withdrawn:
    chain = Chain()
    chain.withdraw(ME, 1_000, HEIR, fee, relayer)
    event = chain.events[-1]
    assert isinstance(event, Withdrawn)
    return event


def closing(staged: StagedRound) -> str:
    event = staged.history.closed
    assert isinstance(event, RoundClosed)
    return in_words(event, ETHER, staged.history.rules)


def test_a_withdrawal_says_who_relayed_it_and_for_what_fee() -> None:
    alone = f"{ME} withdrew 0.000000000000001 ETH to {HEIR}"
    assert in_words(withdrawn(0, ME), ETHER) == alone
    assert in_words(withdrawn(0, STRANGER), ETHER) == f"{alone}, relayed by {STRANGER}"
    fee = ", less a fee of 0.00000000000000001 ETH for "
    assert in_words(withdrawn(10, STRANGER), ETHER) == f"{alone}{fee}{STRANGER}"
    assert to_json(withdrawn(10, STRANGER))["fee"] == "10"


def test_an_opening_says_how_many_gold_answers_are_promised() -> None:
    golden, plain = EVENTS["gold"].history, EVENTS["closed"].history
    assert isinstance(golden.opened, RoundOpened)
    assert "48 nominal tasks of 2 options and 12 gold answers, 9 seats" in in_words(
        golden.opened, ETHER
    )
    assert "gold" not in in_words(plain.opened, ETHER)


@pytest.mark.parametrize(
    ("name", "is_withheld"),
    [
        ("closed", False),
        ("gold", False),
        ("by gold", False),
        ("gold not credible", True),
        ("gold withheld", True),
    ],
)
def test_a_closing_says_if_gold_answers_were_withheld(name: str, is_withheld: bool) -> None:
    assert ("gold answers withheld or not credible" in closing(EVENTS[name])) == is_withheld


def test_a_closing_says_by_what_labelers_were_judged() -> None:
    assert closing(EVENTS["gold"]).startswith("closed, judged by peers: paid ")
    assert closing(EVENTS["by gold"]).startswith("closed, judged by gold, as peers could not")
    assert closing(EVENTS["nobody came"]).startswith("closed, void: paid 0 ETH")
