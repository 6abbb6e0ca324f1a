"""Labelers over many rounds: the outcome of each, and what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.chain.records import Account
from plumbline.report.facts import RoundFacts
from plumbline.report.labelers import AWAITED
from plumbline.settlement import Band


@dataclass(frozen=True, slots=True)
class Person:
    """One labeler in the rounds of a report; amounts in wei.

    past      (round, band) in the order of the rounds
    kappa     mean of all settled kappas that are scored, 0..1; None without any
    account   books and record after the last event of the chain, None if they are not known
    """

    address: str
    past: tuple[tuple[int, str], ...]
    kappa: float | None
    pay: int
    slash: int
    account: Account | None

    @property
    def net(self) -> int:
        """Earned less lost, wei; may be below 0."""
        return self.pay - self.slash

    def count(self, band: str) -> int:
        """How many rounds ended there."""
        return sum(outcome == band for _, outcome in self.past)


def people_of(
    rounds: Sequence[RoundFacts], accounts: Mapping[str, Account] | None = None
) -> tuple[Person, ...]:
    """Everybody who took a seat, who earned most first. Previews of open rounds are no money."""
    lines: dict[str, list[tuple[int, str, int, int, int | None]]] = {}
    for facts in rounds:
        for labeler in facts.labelers:
            band = (
                labeler.band
                if labeler.is_final or labeler.band == Band.UNREVEALED.label
                else AWAITED
            )
            final = labeler.is_final
            lines.setdefault(labeler.address, []).append(
                (
                    facts.history.round_id,
                    band,
                    labeler.pay if final else 0,
                    labeler.slash if final else 0,
                    labeler.kappa_ppm if final else None,
                )
            )
    people = [_person(address, past, accounts) for address, past in lines.items()]
    return tuple(sorted(people, key=lambda labeler: (-labeler.net, labeler.address)))


def _person(
    address: str,
    past: Sequence[tuple[int, str, int, int, int | None]],
    accounts: Mapping[str, Account] | None,
) -> Person:
    kappas = [kappa for *_, kappa in past if kappa is not None]
    return Person(
        address=address,
        past=tuple((number, band) for number, band, *_ in past),
        kappa=sum(kappas) / len(kappas) / 1e6 if kappas else None,
        pay=sum(pay for _, _, pay, _, _ in past),
        slash=sum(slash for _, _, _, slash, _ in past),
        account=accounts.get(address) if accounts is not None else None,
    )
