"""From terms of admission, as a requester writes them, to a policy on the chain.

A policy cannot be changed and is nobody's, so one with the same terms serves everybody: before one
is created, those of earlier rounds are looked through.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from web3 import Web3

from plumbline.chain.call import Call
from plumbline.formats.admission_terms import (
    AdmissionTerms,
    AttestedTerms,
    CombinedTerms,
    DrawTerms,
    ExcludeTerms,
    KnownPolicy,
    ListTerms,
    RecordTerms,
    TokenTerms,
)
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.seating.client import SeatingError
from plumbline.seating.gates import (
    MOST_MEMBERS,
    AllOf,
    AllowList,
    AnyOf,
    DrawGate,
    Gate,
    GateError,
    Member,
    OtherGate,
    ParticipantGate,
    Policy,
    RecordGate,
    StewardGate,
    TokenGate,
    pools_in,
    require_members,
)
from plumbline.seating.merkle_list import MerkleList
from plumbline.seating.policies import (
    KINDS,
    create_participant_gate,
    create_policy,
    gas_limit_of,
    participant_groups,
    read_policy,
)
from plumbline.seating.record_book import ShownClosing, book_at

Create = Callable[[Call], str]
"""Sends a call that creates a contract: its address."""

_LOOKED_THROUGH: Final = 200  # policies of the latest rounds


@dataclass(slots=True)
class PolicySearch:
    """Policies that are known, newest first, to be used again.

    label_rounds   the deployment, whose records are asked for
    closings       how its rounds ended, by number
    named          the policies that rounds name, in their order
    """

    w3: Web3
    label_rounds: str
    closings: Mapping[int, ShownClosing] = field(default_factory=dict)
    named: Sequence[str] = ()
    _known: list[Policy] | None = None

    @property
    def known(self) -> list[Policy]:
        """Policies with terms of ours, their members too, and what was created since. They are
        read when the first one is looked for: terms that name an address need none.
        """
        if self._known is None:
            latest = [each for each in dict.fromkeys(reversed(self.named)) if each != ZERO]
            read = [_policy_at(self.w3, address) for address in latest[:_LOOKED_THROUGH]]
            self._known = [
                each
                for policy in read
                if policy is not None
                for each in policy.all
                if not isinstance(each.gate, OtherGate)
            ]
        return self._known

    def in_parts(self, terms: AdmissionTerms) -> AdmissionTerms:
        """The same terms, as policies can have them: more earlier rounds than one can exclude are
        for several. Raises GateError.
        """
        if isinstance(terms, CombinedTerms):
            return CombinedTerms(terms.needs_all, tuple(map(self.in_parts, terms.members)))
        if not isinstance(terms, ExcludeTerms):
            return terms
        groups = participant_groups(self._shown(terms))
        parts = [ExcludeTerms(tuple(each.round_id for each in group)) for group in groups]
        if len(parts) > MOST_MEMBERS:
            raise GateError(
                f"{len(terms.rounds)} earlier rounds are more than can be excluded together: they "
                f"take {len(parts)} policies, and {MOST_MEMBERS} can be joined"
            )
        return parts[0] if len(parts) == 1 else CombinedTerms(True, tuple(parts))

    def creation(self, terms: AdmissionTerms, evm_version: str) -> Call:
        """What creates the contract of terms that are no combination. Raises GateError."""
        if isinstance(terms, ExcludeTerms):
            return create_participant_gate(self.label_rounds, self._shown(terms), evm_version)
        return create_policy(gate_of(terms, self.label_rounds), evm_version)

    def _shown(self, terms: ExcludeTerms) -> list[ShownClosing]:
        missing = next((each for each in terms.rounds if each not in self.closings), None)
        if missing is not None:
            raise GateError(
                f"round {missing} is not closed here, so nobody can be excluded who answered in "
                "it: leave it out, or wait until it is"
            )
        return [self.closings[each] for each in terms.rounds]

    def find(self, terms: AdmissionTerms) -> Policy | None:
        """A policy with exactly these terms; None if none is known.

        Raises SeatingError for an address in the terms where no policy is.
        """
        if isinstance(terms, KnownPolicy):
            return read_policy(self.w3, terms.address)
        if isinstance(terms, DrawTerms):
            pool = read_policy(self.w3, terms.pool)
            if not isinstance(pool.gate, DrawGate):
                raise SeatingError(
                    f"draw: {terms.pool} is no pool that seats are drawn from: check the address"
                )
            return pool
        return next((each for each in self.known if self._fits(each, terms)), None)

    def _fits(self, policy: Policy, terms: AdmissionTerms) -> bool:
        gate = policy.gate
        if isinstance(terms, CombinedTerms):
            return (
                isinstance(gate, AllOf if terms.needs_all else AnyOf)
                and len(gate.members) == len(terms.members)
                and all(
                    member.gas_limit == gas_limit_of(member.policy)
                    and self._fits(member.policy, wanted)
                    for member, wanted in zip(gate.members, terms.members, strict=True)
                )
            )
        if isinstance(terms, KnownPolicy):
            return policy.address == terms.address
        if isinstance(terms, DrawTerms):
            return policy.address == terms.pool
        return gate == gate_of(terms, self.label_rounds)


@dataclass(slots=True)
class WantedPolicy:
    """What it takes to have a policy: contracts that are still to be created, in words.

    policy     if it is there already
    missing    what would be created, in order
    """

    search: PolicySearch
    terms: AdmissionTerms
    policy: Policy | None = None
    missing: list[str] = field(default_factory=list)
    _planned_policy: Policy | None = None

    @classmethod
    def of(cls, search: PolicySearch, terms: AdmissionTerms) -> "WantedPolicy":
        """Raises SeatingError, GateError, ListError for terms that no contract would take."""
        terms = search.in_parts(terms)
        wanted = cls(search, terms, search.find(terms))
        if wanted.policy is None:
            wanted._planned_policy = wanted._planned(terms)
        return wanted

    @property
    def foreseen(self) -> Policy | None:
        """The policy as it is or will be, where it can be asked already; what is not there has an
        address that stands for it. None if only the contract knows whom it admits.
        """
        if self.policy is not None or self._planned_policy is None:
            return self.policy
        parts = self._planned_policy.all
        is_asked_there = any(isinstance(each.gate, ParticipantGate) for each in parts)
        return None if is_asked_there else self._planned_policy

    @property
    def pools(self) -> list[str]:
        """The pools that it asks, be it there or not. Raises SeatingError."""
        if self.policy is not None:
            return list(pools_in(self.policy))
        return list(dict.fromkeys(self._pools(self.terms)))

    def ensure(self, create: Create, evm_version: str) -> Policy:
        """The policy, created with all that it needs if it is not there.

        Whatever `create` raises ends it; run again it goes on.
        """
        if self.policy is None:
            self.policy = self._made(self.terms, create, evm_version)
        return self.policy

    def _pools(self, terms: AdmissionTerms) -> list[str]:
        if isinstance(terms, CombinedTerms):
            return [pool for member in terms.members for pool in self._pools(member)]
        if isinstance(terms, DrawTerms | KnownPolicy):
            found = self.search.find(terms)
            return [] if found is None else list(pools_in(found))
        return []

    def _planned(self, terms: AdmissionTerms) -> Policy:
        """The policy as it is or will be, with what is missing for it put down.

        Raises what is wrong with its terms, before anything is paid for.
        """
        found = self.search.find(terms)
        if found is not None:
            return found
        if isinstance(terms, CombinedTerms):
            gate = _combined(terms, [self._planned(each) for each in terms.members])
            require_members(gate)
            how = "all" if terms.needs_all else "any"
            self.missing.append(f"Create a policy that admits whom {how} of these admit.")
            return self._not_there(gate)
        if isinstance(terms, RecordTerms) and terms.book is not None:
            book_at(self.search.w3, self.search.label_rounds, terms.book)
        planned = gate_of(terms, self.search.label_rounds)
        self.search.creation(terms, "cancun")
        self.missing.append(f"Create a policy that admits {planned.summary}.")
        return self._not_there(planned)

    def _not_there(self, gate: Gate) -> Policy:
        """A policy that is still to be created, with an address that no other one has."""
        address = checksum("0x" + len(self.missing).to_bytes(20, "big").hex())
        return Policy(address, KINDS[type(gate)], gate)

    def _made(self, terms: AdmissionTerms, create: Create, evm_version: str) -> Policy:
        found = self.search.find(terms)
        if found is not None:
            return found
        gate: Gate
        if isinstance(terms, CombinedTerms):
            members = [self._made(each, create, evm_version) for each in terms.members]
            gate = _combined(terms, members)
            call = create_policy(gate, evm_version)
        else:
            gate = gate_of(terms, self.search.label_rounds)
            call = self.search.creation(terms, evm_version)
        address = create(call)
        made = read_policy(self.search.w3, address)
        if made.gate != gate:
            raise SeatingError(f"what was created at {address} has other terms: use another node")
        self.search.known.insert(0, made)
        return made


def _combined(terms: CombinedTerms, policies: Iterable[Policy]) -> AllOf | AnyOf:
    members = tuple(Member(each, gas_limit_of(each)) for each in policies)
    return AllOf(members) if terms.needs_all else AnyOf(members)


def gate_of(terms: AdmissionTerms, label_rounds: str) -> Gate:
    """The terms of one contract. Raises GateError, ListError."""
    match terms:
        case ListTerms(accounts):
            return AllowList(MerkleList(accounts).root)
        case RecordTerms(rounds, kappa, outliers, silent, book):
            here = checksum(label_rounds)
            return RecordGate(here, book or here, rounds, kappa, outliers, silent)
        case AttestedTerms(steward, group):
            return StewardGate(steward, group)
        case TokenTerms(token, least):
            return TokenGate(token, least)
        case ExcludeTerms(rounds):
            return ParticipantGate(checksum(label_rounds), rounds)
    raise GateError("these terms are no contract of their own")


def _policy_at(w3: Web3, address: str) -> Policy | None:
    try:
        return read_policy(w3, address)
    except SeatingError:
        return None
