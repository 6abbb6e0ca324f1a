"""Rounds with seats to be had: what each offers, and whether somebody would be admitted."""

from dataclasses import dataclass
from typing import Final

from plumbline.chain.logs import EventsError
from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.formats.asked import asked_in
from plumbline.formats.manifest_file import fetch_manifest
from plumbline.history.market import Market
from plumbline.history.offer import SeatOffer
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.drawn_seats import DrawnSeats
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.manifest import Manifest, require_root, uri_flaw
from plumbline.seating.client import SeatingError
from plumbline.seating.gates import OtherGate, Policy, SeatRefusal, assemble, pools_in
from plumbline.seating.policies import ChainFacts, read_policy
from plumbline.seating.pool_history import Lot
from plumbline.settlement.probation import probation_flaw

_PATIENCE: Final = 10.0  # seconds for the tasks of one round


class OpenRoundError(PlumblineError):
    """Tasks that their requester keeps nowhere."""


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that takes commitments.

    left       seconds until the commit phase ends
    policy     who is admitted; None if whoever comes first is
    refusal    why the labeler would not be, with nothing to show but what its pools tell; None if
               admitted, or nobody asked
    lots       the labeler's units in the draws of the round
    is_seated  whether the labeler has a seat already
    question   what is asked, in words; None if nobody looked at the tasks
    tasks      why the tasks cannot be had; None if they can, or nobody looked
    """

    history: RoundHistory
    offer: SeatOffer
    left: int
    policy: Policy | None
    refusal: SeatRefusal | None
    lots: tuple[Lot, ...]
    is_seated: bool
    question: str | None
    tasks: str | None

    @property
    def is_probation(self) -> bool:
        """Whether newcomers may earn a record in it, as far as its terms tell."""
        return probation_flaw(self.history.rules, self.policy is None) is None

    @property
    def seats_left(self) -> int:
        """How many nobody has taken."""
        return self.history.rules.seats - len(self.history.commitments)


def open_rounds(market: Market, labeler: str | None, fetch: bool = False) -> list[OpenRound]:
    """The rounds that take commitments now, those that end first in front.

    labeler   for whom policies are asked; None to ask for nobody
    fetch     get the tasks of each from where its requester says they are

    What a stranger's policy or server does wrong is said of that round, and stops no other.
    """
    histories = [
        history
        for history in market.histories()
        if history.phase_at(market.node.now) is Phase.COMMIT
    ]
    offers = market.offers(histories)
    facts = ChainFacts.at(market.node.w3)
    lots = None if labeler is None else DrawnSeats(market.contract, labeler)
    named = dict.fromkeys(history.opened.admission for history in histories)
    policies = {address: policy_at(market, address) for address in named}
    found = []
    for history, offer in zip(histories, offers, strict=True):
        policy = policies[history.opened.admission]
        refusal: SeatRefusal | None = None
        drawn: tuple[Lot, ...] = ()
        if policy is not None and lots is not None:
            refusal, drawn = refusal_at(policy, facts, history, lots)
        question, tasks = _look(market, history) if fetch else (None, None)
        found.append(
            OpenRound(
                history,
                offer,
                market.time_left(history)[1],
                policy,
                refusal,
                drawn,
                labeler is not None and history.commitment_of(labeler) is not None,
                question,
                tasks,
            )
        )
    return sorted(found, key=lambda each: (each.left, each.history.round_id))


def policy_at(market: Market, address: str) -> Policy | None:
    """The policy that rounds name; one of which nothing can be read is a stranger's."""
    if address == ZERO:
        return None
    try:
        return read_policy(market.node.w3, address)
    except SeatingError:
        return Policy(address, "", OtherGate())


def refusal_at(
    policy: Policy, facts: ChainFacts, history: RoundHistory, lots: DrawnSeats
) -> tuple[SeatRefusal | None, tuple[Lot, ...]]:
    """Why a labeler is refused with nothing to show but what its pools tell, and the units that it
    has in the draws of the round."""
    round_id = history.round_id
    try:
        drawn = {pool: lots.lot(pool, round_id) for pool in pools_in(policy)}
        found = {pool: lot for pool, lot in drawn.items() if lot is not None}
        own = {pool: lot.evidence for pool, lot in found.items()}
        shown = assemble(policy, facts, round_id, lots.labeler, own)
        return shown if isinstance(shown, SeatRefusal) else None, tuple(found.values())
    except (SeatingError, EventsError) as error:
        return SeatRefusal(policy.address, str(error), "try again later"), ()


def _look(market: Market, history: RoundHistory) -> tuple[str | None, str | None]:
    """What is asked, and why the tasks cannot be had."""
    try:
        manifest = fetched_tasks(market, history)
        return asked_in(history.rules.kind, manifest).question.wording, None
    except PlumblineError as error:
        return None, str(error)


def fetched_tasks(market: Market, history: RoundHistory) -> Manifest:
    """The tasks of a round, from where its requester says they are.

    Raises PlumblineError if they cannot be had, or are not those of the round.
    """
    uri = history.opened.uri
    if not uri:
        raise OpenRoundError("not on the chain: ask the requester")
    flaw = uri_flaw(uri)
    if flaw is not None:
        raise OpenRoundError(f"the address {flaw}")
    manifest = fetch_manifest(uri, private=market.node.is_here, patience=_PATIENCE)
    require_root(manifest, history.opened.tasks_root, history.rules.tasks)
    return manifest
