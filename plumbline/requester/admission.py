"""Whom a policy would admit, of those who have worked on a deployment before: a look ahead."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from plumbline.chain.events import Committed, Deposited, Event, RoundOpened
from plumbline.formats.admission_terms import (
    AdmissionTerms,
    CombinedTerms,
    ListTerms,
    RecordTerms,
)
from plumbline.history.market import Market
from plumbline.progress import Progress, no_progress, track
from plumbline.seating.evidence import Evidence, EvidenceError
from plumbline.seating.gates import (
    AllowList,
    Facts,
    Policy,
    SeatRefusal,
    assemble,
)
from plumbline.seating.merkle_list import MerkleList
from plumbline.seating.policies import ChainFacts
from plumbline.seating.record_book import closings_in
from plumbline.seating.wanted import PolicySearch, WantedPolicy

_LOOKED_AT: Final = 200  # labelers, those who committed last


@dataclass(frozen=True, slots=True)
class AdmissionPreview:
    """Of the labelers who committed last.

    known       how many were looked at
    admitted    whom the policy admits as of now, with what the requester's own lists show
    refusals    why not, with how many each keeps out, most first
    funder      who paid in for most of those admitted; None if nobody did for two
    funded      how many that are
    """

    known: int
    admitted: tuple[str, ...]
    refusals: tuple[tuple[str, int], ...]
    funder: str | None
    funded: int


def wanted_policy(market: Market, terms: AdmissionTerms) -> WantedPolicy:
    """What it takes to have a policy with these terms, in view of those of earlier rounds.

    Raises SeatingError, GateError, ListError, BookError.
    """
    return wanted_policies(market, [terms])[terms]


def wanted_policies(
    market: Market, several: Iterable[AdmissionTerms]
) -> dict[AdmissionTerms, WantedPolicy]:
    """The same for several terms, each once; what one creates serves the others too."""
    events = market.events()
    named = [each.admission for each in events if isinstance(each, RoundOpened)]
    search = PolicySearch(market.node.w3, market.contract.address, closings_in(events), named)
    return {terms: WantedPolicy.of(search, terms) for terms in dict.fromkeys(several)}


def preview(
    market: Market, policy: Policy, terms: AdmissionTerms, progress: Progress = no_progress
) -> AdmissionPreview:
    """Ask a policy for everybody who committed of late. Raises SeatingError."""
    events = market.events()
    known = _latest(events)
    facts = ChainFacts.at(market.node.w3)
    lists = lists_in(terms)
    admitted, reasons = [], Counter[str]()
    for labeler in track(known, "who would be admitted", progress):
        refusal = _refusal(policy, facts, labeler, lists)
        if refusal is None:
            admitted.append(labeler)
        else:
            reasons[_kind(refusal, labeler)] += 1
    funder, funded = _funder(events, admitted)
    return AdmissionPreview(
        len(known), tuple(admitted), tuple(reasons.most_common()), funder, funded
    )


def lists_in(terms: AdmissionTerms) -> tuple[MerkleList, ...]:
    """All allow lists that terms name."""
    if isinstance(terms, ListTerms):
        return (MerkleList(terms.accounts),)
    if isinstance(terms, CombinedTerms):
        return tuple(each for member in terms.members for each in lists_in(member))
    return ()


def reads_all_rounds(terms: AdmissionTerms) -> bool:
    """Whether terms ask for a record in whosever rounds, which can be bought for gas."""
    if isinstance(terms, CombinedTerms):
        return any(map(reads_all_rounds, terms.members))
    return isinstance(terms, RecordTerms) and terms.book is None


def proofs_of(policy: Policy, lists: Iterable[MerkleList], labeler: str) -> Mapping[str, Evidence]:
    """The proofs of a labeler, by the address of the policy that each is for."""
    by_root = {each.root: each for each in lists if labeler in each.accounts}
    found: dict[str, Evidence] = {}
    for each in policy.all:
        if isinstance(each.gate, AllowList) and each.gate.root in by_root:
            found[each.address] = by_root[each.gate.root].proof(labeler)
    return found


def _refusal(
    policy: Policy, facts: Facts, labeler: str, lists: Iterable[MerkleList]
) -> SeatRefusal | None:
    own = proofs_of(policy, lists, labeler)
    try:
        found = assemble(policy, facts, 0, labeler, own)
    except EvidenceError as error:
        return SeatRefusal(policy.address, str(error), "ask the requester")
    return found if isinstance(found, SeatRefusal) else None


def _latest(events: Iterable[Event]) -> list[str]:
    """Who committed last, the last one first."""
    seen: dict[str, None] = {}
    for event in events:
        if isinstance(event, Committed):
            seen.pop(event.labeler, None)
            seen[event.labeler] = None
    return list(reversed(seen))[:_LOOKED_AT]


def _kind(refusal: SeatRefusal, labeler: str) -> str:
    """A reason without what is of one labeler only."""
    return refusal.reason.replace(labeler, "the labeler")


def _funder(events: Iterable[Event], labelers: Iterable[str]) -> tuple[str | None, int]:
    """Who paid in for most of these, themselves left aside."""
    wanted = set(labelers)
    payers: dict[str, set[str]] = {}
    for event in events:
        if (
            isinstance(event, Deposited)
            and event.account in wanted
            and event.payer != event.account
        ):
            payers.setdefault(event.payer, set()).add(event.account)
    if not payers:
        return None, 0
    payer, owned = max(payers.items(), key=lambda pair: (len(pair[1]), pair[0]))
    return (payer, len(owned)) if len(owned) > 1 else (None, 0)
