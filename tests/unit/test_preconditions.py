"""What cannot work, or would lose money, is refused before anything is sent."""

from dataclasses import replace

import pytest
from web3 import Web3

from plumbline.chain import preconditions
from plumbline.chain.contract import LabelRounds, SignedCommitment
from plumbline.chain.preconditions import CallError
from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO, AddressError
from plumbline.protocol.commitment import CommitmentError
from plumbline.settlement.terms import MAX_AMOUNT, TermsError
from tests.integration.market import terms
from tests.unit.test_deployment import DEPLOYMENT

SOMEBODY = "0x5e23eCFF53FC9d493Fd07CeC190106e44c4A536a"
OTHER = "0x7A993d2C2b252777E0ffB3766B6fE42E46027284"
HASH = b"\x07" * 32
TIMES = Deadlines(1_000, 1_300, 1_301)
# It has no node: whatever gets past the checks fails for want of the ABI.
ROUNDS = LabelRounds(Web3(), DEPLOYMENT)


def test_errors_are_one_line() -> None:
    with pytest.raises(PlumblineError) as error:
        preconditions.require_amount("amount", -1)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1, True, 1.0, "5"])
def test_amounts_are_whole_wei_above_zero(amount: object) -> None:
    for call in (ROUNDS.deposit, lambda wei: ROUNDS.withdraw(wei, SOMEBODY)):
        with pytest.raises(CallError, match="amount"):
            call(amount)  # type: ignore[arg-type]
    preconditions.require_amount("amount", 1)
    preconditions.require_amount("amount", MAX_AMOUNT)


def test_money_is_not_sent_to_nobody() -> None:
    with pytest.raises(CallError, match="zero address"):
        ROUNDS.withdraw(1, ZERO)
    with pytest.raises(CallError, match="zero address"):
        ROUNDS.deposit_for(ZERO, 1)
    with pytest.raises(AddressError):
        ROUNDS.withdraw(1, "labeler.eth")


def test_a_commitment_is_a_hash_with_little_baggage() -> None:
    for commitment, sealed, evidence in (
        (bytes(32), b"", ()),
        (bytes(31) + b"\x01", b"", ()),
        (HASH, b"", (HASH,) * 21),
    ):
        with pytest.raises(CallError):
            ROUNDS.commit(1, commitment, 5, sealed, evidence)
    with pytest.raises(CommitmentError, match="commitment has 31 bytes"):
        ROUNDS.commit(1, HASH[1:], 5)
    with pytest.raises(CommitmentError, match="a word of evidence has 1 bytes"):
        ROUNDS.commit(1, HASH, 5, evidence=(b"\x01",))
    with pytest.raises(CommitmentError, match="193 bytes"):
        ROUNDS.commit(1, HASH, 5, bytes(193))
    with pytest.raises(CallError, match="stake"):
        ROUNDS.commit(1, HASH, -5)
    with pytest.raises(CallError, match="numbered from 1"):
        ROUNDS.commit(0, HASH, 5)
    preconditions.require_commitment(HASH, bytes(192), (HASH,) * 20)


def test_a_batch_is_neither_empty_nor_too_long_nor_double() -> None:
    with pytest.raises(CallError, match="at least one"):
        ROUNDS.forfeit(1, [])
    with pytest.raises(CallError, match="named twice"):
        ROUNDS.forfeit(1, [SOMEBODY, OTHER, SOMEBODY.lower()])
    many = [f"0x{number:040x}" for number in range(256)]
    with pytest.raises(CallError, match="the contract takes 255"):
        ROUNDS.forfeit(1, many)
    with pytest.raises(CallError, match="the contract takes 64"):
        ROUNDS.commit_signed(1, [SignedCommitment(one, HASH, HASH, 1) for one in many[:65]])
    preconditions.require_labelers(many[:255])


def test_a_wallet_signature_has_a_limit() -> None:
    with pytest.raises(CallError, match="the contract takes 1024"):
        ROUNDS.commit_for_wallet(1, SOMEBODY, HASH, bytes(1_025))


@pytest.mark.parametrize(
    ("times", "has_gold"),
    [
        (replace(TIMES, reveal=1_299), True),
        (replace(TIMES, gold=1_300), True),
        (replace(TIMES, gold=0), True),
        (TIMES, False),
        (replace(TIMES, commit=-1), True),
        (replace(TIMES, gold=2**40), True),
    ],
)
def test_deadlines_are_in_order(times: Deadlines, has_gold: bool) -> None:
    with pytest.raises(CallError):
        preconditions.require_deadlines(times, has_gold)


def test_deadlines_at_their_limits_pass() -> None:
    preconditions.require_deadlines(TIMES, has_gold=True)
    preconditions.require_deadlines(replace(TIMES, gold=0), has_gold=False)


def test_rules_that_cannot_be_judged_are_refused() -> None:
    preconditions.require_rules(terms(), has_gold=True)
    with pytest.raises(TermsError):
        preconditions.require_rules(terms(tasks=11), has_gold=False)
    with pytest.raises(TermsError, match="stake"):
        preconditions.require_rules(terms(stake=MAX_AMOUNT + 1), has_gold=False)
    with pytest.raises(CallError, match="escrow"):
        preconditions.require_rules(terms(price=MAX_AMOUNT // 5 + 1), has_gold=False)
    preconditions.require_rules(terms(price=MAX_AMOUNT // 5), has_gold=False)


def test_an_opening_needs_its_roots_and_a_short_uri() -> None:
    times = replace(TIMES, gold=0)
    with pytest.raises(CallError, match="tasks_root is empty"):
        ROUNDS.open(terms(), times, bytes(32))
    with pytest.raises(CommitmentError, match="gold_root has 31 bytes"):
        ROUNDS.open(terms(), times, HASH, HASH[1:])
    with pytest.raises(CallError, match="256 bytes"):
        ROUNDS.open(terms(), times, HASH, uri="\u00e9" * 129)
    preconditions.require_uri("\u00e9" * 128)


def test_answers_fit_the_round() -> None:
    preconditions.require_fit("the answers", (1 << 47, 1 << 47, 0, 0, 0), terms())
    for sheet in ((1 << 48, 0, 0, 0, 0), (1, 2, 0, 0, 0), (1, 0, 1, 0, 0), (1, 0, 0, 0)):
        with pytest.raises(CallError, match="the answers do not fit"):
            preconditions.require_fit("the answers", sheet, terms())
