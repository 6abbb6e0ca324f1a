"""What a seat promises and puts at risk, in words: labelers and requesters are shown the same."""

from plumbline.cli.output import count
from plumbline.history.offer import SeatOffer
from plumbline.settlement.terms import BPS
from plumbline.units import Unit, format_time


def gold_words(offer: SeatOffer) -> str:
    """How many gold tasks there are, and what it takes to pass and to fail them."""
    if not offer.has_gold:
        return "none: labelers who agree beforehand on what to say can outvote honest work"
    return (
        f"{offer.gold_count} of {offer.tasks}, whose answers are opened before "
        f"{format_time(offer.gold_by)}: only who reaches kappa {kappa_words(offer.gold_pass)} on "
        f"them is counted and paid, -{kappa_words(offer.gold_fail)} or less fails"
    )


def loss_words(offer: SeatOffer, unit: Unit) -> str:
    """What a seat can lose, and why."""
    outlier = (
        "fails the gold tasks, or is no better than chance on them and by the others"
        if offer.has_gold
        else "is no better than chance by the others"
    )
    return (
        f"{unit.exact(offer.silent)} if the answers are not revealed by "
        f"{format_time(offer.reveal_by)}, or leak before; {unit.exact(offer.outlier_least)} to "
        f"{unit.exact(offer.outlier_most)} as an outlier, who {outlier}"
    )


def spent_words(offer: SeatOffer, unit: Unit) -> str:
    """How little of the price of a revealed seat can go back to the requester."""
    return (
        f"{unit.exact(offer.spent)} of the {unit.exact(offer.price)} of each revealed seat, at "
        "the least, go to labelers or the sink, whatever the requester does"
    )


def record_words(offer: SeatOffer) -> str:
    """What the requester's rounds came to so far."""
    return f"{count(offer.opened, 'round')} opened, {offer.void} of them void or expired"


def offer_lines(offer: SeatOffer, requester: str, unit: Unit) -> list[str]:
    """All of it, for whoever is about to take a seat."""
    return [
        f"Gold tasks: {gold_words(offer)}.",
        f"A seat can lose {loss_words(offer, unit)}.",
        f"Pay is up to {unit.exact(offer.price)}: {spent_words(offer, unit)}.",
        f"The requester {requester}: {record_words(offer)}.",
    ]


def kappa_words(bps: int) -> str:
    """A kappa as it is written."""
    return f"{bps / BPS:.2f}"
