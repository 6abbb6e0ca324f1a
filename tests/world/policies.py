"""Policies in a world: created, read and asked by the library, and asked themselves.

They are created from what the compiler made, so that tests see a bug which is seeded into it; what
is as recorded is read back from the chain.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from plumbline.chain.builds import seating_abi, seating_builds
from plumbline.chain.call import Call
from plumbline.chain.creation import encode_arguments
from plumbline.chain.logs import Log
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import (
    POLICY_GAS,
    AllowList,
    Composition,
    Gate,
    Member,
    OtherGate,
    ParticipantGate,
    Policy,
    SeatRefusal,
    StewardGate,
)
from plumbline.seating.policies import (
    ChainFacts,
    create_book,
    create_participant_gate,
    create_policy,
    read_policy,
)
from plumbline.seating.record_book import BOOK, RecordBook, ShownClosing
from tests.build import EVM_VERSION, Compiled
from tests.world.chain import Abi, Chain, Contract, Refused
from tests.world.node import LocalNode
from tests.world.people import person

_INTRINSIC = 21_000  # gas of a transaction, before its data
_KINDS: Mapping[type, str] = {
    AllowList: "MerkleAllowList",
    StewardGate: "SignedAdmission",
    ParticipantGate: "ExcludeParticipants",
}
_ASKED = Abi(
    [
        {
            "type": "function",
            "name": "admits",
            "stateMutability": "view",
            "inputs": [{"type": "uint256"}, {"type": "address"}, {"type": "bytes32[]"}],
            "outputs": [{"type": "bool"}],
        }
    ]
)


class Policies:
    """The policies of a chain."""

    def __init__(self, chain: Chain, built: Compiled) -> None:
        self.chain = chain
        self.built = built
        self.w3: Any = LocalNode(chain)

    @property
    def facts(self) -> ChainFacts:
        """As of now."""
        return ChainFacts.at(self.w3)

    # ----------------------------------------------------------------- creating

    def create(self, gate: Gate) -> Policy:
        """A policy as the library creates it. Raises Refused, and what the library does."""
        return self._created(create_policy(gate, EVM_VERSION), gate)

    def excluding(self, label_rounds: str, earlier: Sequence[ShownClosing]) -> Policy:
        """One that excludes who took part in these rounds."""
        call = create_participant_gate(label_rounds, earlier, EVM_VERSION)
        gate = ParticipantGate(label_rounds, tuple(each.round_id for each in earlier))
        return self._created(call, gate)

    def unchecked(self, gate: Composition) -> Policy:
        """One that the library would refuse to create. Raises Refused."""
        given = [(member.policy.address, member.gas_limit) for member in gate.members]
        kind = type(gate).__name__
        return Policy(self.raw(kind, {"given": given}), kind, gate)

    def raw(self, kind: str, arguments: Mapping[str, Any]) -> str:
        """Any contract by its kind and the arguments of its constructor. Raises Refused."""
        return self.chain.code(self._code(kind) + encode_arguments(seating_abi(kind), arguments))

    def stranger(self, runtime: str, gas_limit: int = 50_000) -> Member:
        """A policy of any code, given as hex digits, as a member of another one."""
        return Member(Policy(self.chain.raw(runtime), "", OtherGate(gas_limit)), gas_limit)

    def contract(self, kind: str, address: str) -> Contract:
        """A contract of ours, to be called."""
        return Contract(self.chain, address, Abi(seating_abi(kind)))

    def _created(self, call: Call, gate: Gate) -> Policy:
        kind = _KINDS.get(type(gate), type(gate).__name__)
        recorded, code = _recorded(kind), self._code(kind)
        assert call.data.startswith(recorded)
        address = self.chain.code(code + call.data[len(recorded) :])
        if code != recorded:
            return Policy(address, kind, gate)
        policy = read_policy(self.w3, address)
        assert (policy.kind, policy.gate) == (kind, gate)
        return policy

    def _code(self, kind: str) -> bytes:
        return bytes.fromhex(self.built[kind]["bytecode"][2:])

    # ------------------------------------------------------------------- asking

    def question(self, labeler: str, evidence: Sequence[bytes] = (), round_id: int = 1) -> bytes:
        """What a policy is asked."""
        return _ASKED.data("admits", round_id, labeler, list(evidence))

    def asked_with(
        self,
        gas: int,
        policy: Policy,
        labeler: str,
        evidence: Sequence[bytes] = (),
        round_id: int = 1,
    ) -> bool:
        """What the contract says that is asked with so much gas. Raises Refused."""
        data = self.question(labeler, evidence, round_id)
        intrinsic = _INTRINSIC + sum(16 if byte else 4 for byte in data)
        answer = self.chain.ask(policy.address, data, gas + intrinsic)
        return len(answer) == 32 and int.from_bytes(answer, "big") == 1

    def admits(
        self, policy: Policy, labeler: str, evidence: Sequence[bytes] = (), round_id: int = 1
    ) -> bool:
        """What the contract says, asked as a round asks it."""
        try:
            return self.asked_with(POLICY_GAS, policy, labeler, evidence, round_id)
        except Refused:
            return False

    def refusal(
        self, policy: Policy, labeler: str, evidence: Evidence = (), round_id: int = 1
    ) -> SeatRefusal | None:
        """What the library says, which must be what the contract says."""
        refusal = policy.refusal(self.facts, round_id, labeler, tuple(evidence))
        assert self.admits(policy, labeler, evidence, round_id) == (refusal is None), refusal
        return refusal


class Book:
    """A book of records in a world."""

    def __init__(self, policies: Policies, label_rounds: str, *vouched: str) -> None:
        create_book(label_rounds, vouched, EVM_VERSION)  # what the library has to say to it
        arguments = {"label_rounds": label_rounds, "vouched": list(vouched)}
        self.address = policies.raw(BOOK, arguments)
        self.contract = policies.contract(BOOK, self.address)
        self.client = RecordBook(policies.w3, self.address)

    def enter(self, closing: ShownClosing, by: str = "keeper") -> list[Log]:
        """Somebody enters a round; what the book logged. Raises Refused."""
        call = self.client.enter(closing)
        return self.contract.chain.send(person(by), self.address, call.data)


def _recorded(kind: str) -> bytes:
    return next(
        each.init_code
        for each in seating_builds()
        if (each.contract, each.evm_version) == (kind, EVM_VERSION)
    )
