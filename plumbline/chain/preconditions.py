"""What is refused before anything is sent, with a line that says what to do."""

from collections.abc import Iterable, Sequence
from typing import Final

from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import EMPTY_HASH, LEAKED, require_sealed, require_word
from plumbline.protocol.limits import MAX_EVIDENCE, MAX_URI_BYTES, MIN_REVEAL_SECONDS
from plumbline.settlement.sheet import SheetError, require_sheet
from plumbline.settlement.terms import MAX_AMOUNT, MAX_SEATS, ScoringTerms, validate

_TIME: Final = 2**40


class CallError(PlumblineError):
    """Arguments that the contract would refuse or, worse, accept."""


def require_amount(name: str, amount: int) -> None:
    """Wei above 0 that fit into the books."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise CallError(f"{name} {amount!r} is not an integer: give it in wei")
    if amount <= 0:
        raise CallError(f"{name} is {amount}: it must be above 0")
    if amount > MAX_AMOUNT:
        raise CallError(f"{name} {amount} is more than the contract can hold ({MAX_AMOUNT})")


def require_stake(amount: int) -> None:
    """Wei, 0 too."""
    if amount:
        require_amount("stake", amount)


def require_account(name: str, address: str) -> str:
    """The address with its checksum; not the zero address, where money would be lost."""
    given = checksum(address)
    if given == ZERO:
        raise CallError(f"{name} is the zero address: nobody could get the money back")
    return given


def require_round(round_id: int) -> None:
    """Rounds are numbered from 1."""
    if round_id < 1:
        raise CallError(f"there is no round {round_id}: rounds are numbered from 1")


def require_hash(name: str, value: bytes) -> None:
    """32 bytes that are not empty."""
    require_word(name, value)
    if value == EMPTY_HASH:
        raise CallError(f"{name} is empty: give the hash")


def require_commitment(commitment: bytes, sealed: bytes, evidence: Sequence[bytes]) -> None:
    """All that a seat is taken with."""
    require_hash("commitment", commitment)
    if commitment == LEAKED:
        raise CallError("commitment is the mark of a leak: hash the answers")
    require_sealed(sealed)
    if len(evidence) > MAX_EVIDENCE:
        raise CallError(f"{len(evidence)} words of evidence: the contract takes {MAX_EVIDENCE}")
    for word in evidence:
        require_word("a word of evidence", word)


def require_rules(rules: ScoringTerms, has_gold: bool) -> None:
    """Rules that can be judged, and whose escrow fits into the books."""
    validate(rules, has_gold)
    require_amount("escrow", rules.price * rules.seats)


def require_deadlines(deadlines: Deadlines, has_gold: bool) -> None:
    """Deadlines in order; that they are not over is for the chain to say."""
    if not all(0 <= time < _TIME for time in (deadlines.commit, deadlines.reveal, deadlines.gold)):
        raise CallError("a deadline is not a time: give unix seconds")
    if deadlines.reveal < deadlines.commit + MIN_REVEAL_SECONDS:
        raise CallError(
            f"the reveal deadline must be {MIN_REVEAL_SECONDS} seconds after that to commit"
        )
    if has_gold and deadlines.gold <= deadlines.reveal:
        raise CallError("the gold deadline must be after that to reveal")
    if not has_gold and deadlines.gold:
        raise CallError("a round without gold has no gold deadline: give 0, or a gold root")


def require_uri(uri: str) -> None:
    """At most 256 bytes of UTF-8."""
    if len(uri.encode("utf-8")) > MAX_URI_BYTES:
        raise CallError(f"the uri is longer than {MAX_URI_BYTES} bytes: shorten it")


def require_labelers(labelers: Iterable[str], at_most: int = MAX_SEATS) -> None:
    """At least one, none twice, no more than one transaction takes."""
    given = [checksum(labeler) for labeler in labelers]
    if not given:
        raise CallError("nobody is named: give at least one labeler")
    if len(given) > at_most:
        raise CallError(f"{len(given)} labelers in one call: the contract takes {at_most}")
    seen: set[str] = set()
    for labeler in given:
        if labeler in seen:
            raise CallError(f"{labeler} is named twice: once is enough")
        seen.add(labeler)


def require_fit(name: str, sheet: Sequence[int], rules: ScoringTerms) -> None:
    """Answers as the contract takes them: no task or option beyond the last."""
    try:
        require_sheet(sheet, rules.options, rules.tasks)
    except SheetError as error:
        raise CallError(f"{name} do not fit: {error}") from None
