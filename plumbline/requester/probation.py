"""Probation rounds of a requester: whether they count, and pay little, beside the usual ones."""

from collections.abc import Iterable

from plumbline.errors import PlumblineError
from plumbline.formats.round_file import Probation
from plumbline.history.market import Market
from plumbline.protocol.addresses import ZERO
from plumbline.seating.record_book import book_at
from plumbline.settlement.probation import PART_OF_USUAL, most_probation_pay, probation_flaw
from plumbline.settlement.terms import ScoringTerms


class ProbationError(PlumblineError):
    """A probation round in which no record is earned, or not for little."""


def check_probation(
    market: Market, requester: str, probation: Probation, several: Iterable[ScoringTerms]
) -> list[str]:
    """What should be known of probation rounds before they are opened, one sentence each; their
    own terms were checked when their file was read.

    Raises ProbationError for rounds that would not count in their book, or that are too dear
    beside the other rounds of the requester, SeatingError if there is no such book.
    """
    advice = []
    if probation.book is None:
        advice.append(
            "the records of all rounds can be bought for gas: name a book of yours as `probation`, "
            "see `plumbline book create`"
        )
    else:
        book = book_at(market.node.w3, market.contract.address, probation.book)
        if requester not in book.vouched():
            raise ProbationError(
                f"probation: the book {book.address} does not vouch for {requester}, so nobody "
                f"would earn a record there: `plumbline book create {requester}` makes one that "
                "does"
            )
    usual = [
        history.rules
        for history in market.histories()
        if history.requester == requester
        and probation_flaw(history.rules, history.opened.admission == ZERO) is not None
    ]
    if not usual:
        advice.append(
            f"{requester} has opened no other rounds yet to compare with: a probation round pays "
            "and asks a fifth of what these do at most"
        )
    for rules in several:
        _require_little(market, rules, usual)
    return advice


def _require_little(market: Market, rules: ScoringTerms, usual: list[ScoringTerms]) -> None:
    most, unit = most_probation_pay(rules.tasks, usual), market.unit
    if most is None:
        return
    for name, given, allowed in (
        ("price", rules.price, most.price),
        ("stake", rules.stake, most.stake),
    ):
        if given > allowed:
            raise ProbationError(
                f"probation: {name} is {unit.exact(given)}, and {rules.tasks} tasks of a probation "
                f"round have {unit.exact(allowed)} at most, one in {PART_OF_USUAL} of what your "
                "rounds usually have: lower it"
            )
