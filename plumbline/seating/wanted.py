"""From terms of admission, as a requester writes them, to a policy on the chain.

A policy cannot be changed and is nobody's, so one with the same terms serves everybody: before one
is created, those of earlier rounds are looked through.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from web3 import Web3

from plumbline.chain.call import Call
from plumbline.formats.admission_terms import (
    AdmissionTerms,
    AttestedTerms,
    CombinedTerms,
    DrawTerms,
    KnownPolicy,
    ListTerms,
    RecordTerms,
    TokenTerms,
)
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.seating.client import SeatingError
from plumbline.seating.gates import (
    AllOf,
    AllowList,
    AnyOf,
    DrawGate,
    Gate,
    GateError,
    Member,
    OtherGate,
    Policy,
    RecordGate,
    StewardGate,
    TokenGate,
    pools_in,
)
from plumbline.seating.merkle_list import MerkleList
from plumbline.seating.policies import create_policy, gas_limit_of, read_policy

Create = Callable[[Call], str]
"""Sends a call that creates a contract: its address."""

_LOOKED_THROUGH: Final = 200  # policies of the latest rounds


@dataclass(frozen=True, slots=True)
class PolicySearch:
    """Policies that are known, newest first, to be used again.

    label_rounds   the deployment, whose records are asked for
    known          policies with terms of ours
    """

    w3: Web3
    label_rounds: str
    known: tuple[Policy, ...] = ()

    @classmethod
    def among(cls, w3: Web3, label_rounds: str, addresses: Iterable[str]) -> "PolicySearch":
        """Those of ours at these addresses, the last ones first. Raises SeatingError if the node
        does not answer.
        """
        several = [each for each in dict.fromkeys(reversed(list(addresses))) if each != ZERO]
        found = []
        for address in several[:_LOOKED_THROUGH]:
            policy = _policy_at(w3, address)
            if policy is not None and not isinstance(policy.gate, OtherGate):
                found.append(policy)
        return cls(w3, label_rounds, tuple(found))

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

    @classmethod
    def of(cls, search: PolicySearch, terms: AdmissionTerms) -> "WantedPolicy":
        """Raises SeatingError, GateError, ListError for terms that no contract would take."""
        policy = search.find(terms)
        wanted = cls(search, terms, policy)
        if policy is None:
            wanted._list(terms)
        return wanted

    @property
    def pools(self) -> list[str]:
        """The pools that it asks, be it there or not. Raises SeatingError."""
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
            return [] if found is None else pools_in(found)
        return []

    def _list(self, terms: AdmissionTerms) -> None:
        if self.search.find(terms) is not None:
            return
        if isinstance(terms, CombinedTerms):
            for member in terms.members:
                self._list(member)
            how = "all" if terms.needs_all else "any"
            self.missing.append(f"the creation of a policy that admits whom {how} of these admit")
            return
        gate = gate_of(terms, self.search.label_rounds)
        create_policy(gate, "cancun")  # raises what is wrong with its terms
        self.missing.append(f"the creation of a policy that admits {gate.summary}")

    def _made(self, terms: AdmissionTerms, create: Create, evm_version: str) -> Policy:
        found = self.search.find(terms)
        if found is not None:
            return found
        if isinstance(terms, CombinedTerms):
            policies = [self._made(each, create, evm_version) for each in terms.members]
            members = tuple(Member(each, gas_limit_of(each)) for each in policies)
            gate: Gate = AllOf(members) if terms.needs_all else AnyOf(members)
        else:
            gate = gate_of(terms, self.search.label_rounds)
        address = create(create_policy(gate, evm_version))
        made = read_policy(self.search.w3, address)
        if made.gate != gate:
            raise SeatingError(f"what was created at {address} has other terms: use another node")
        return made


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
    raise GateError("these terms are no contract of their own")


def _policy_at(w3: Web3, address: str) -> Policy | None:
    try:
        return read_policy(w3, address)
    except SeatingError:
        return None
