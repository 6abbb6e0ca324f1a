"""Policies in a world: created, read and asked by the library, and asked themselves."""

from collections.abc import Sequence
from typing import Any

from plumbline.chain.builds import seating_abi, seating_builds
from plumbline.chain.call import Call
from plumbline.chain.creation import encode_arguments
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import (
    POLICY_GAS,
    Composition,
    Gate,
    Member,
    OtherGate,
    Policy,
    SeatRefusal,
)
from plumbline.seating.policies import ChainFacts, create_policy, read_policy
from tests.build import EVM_VERSION
from tests.world.chain import Abi, Chain, Contract, Refused
from tests.world.node import LocalNode

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

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.w3: Any = LocalNode(chain)

    @property
    def facts(self) -> ChainFacts:
        """As of now."""
        return ChainFacts.at(self.w3)

    def create(self, made: Gate | Call) -> Policy:
        """A policy as the library creates it, read back. Raises Refused."""
        call = made if isinstance(made, Call) else create_policy(made, EVM_VERSION)
        return read_policy(self.w3, self.chain.code(call.data))

    def create_unchecked(self, gate: Composition) -> Policy:
        """The same from members that the library would refuse. Raises Refused."""
        given = [(member.policy.address, member.gas_limit) for member in gate.members]
        kind = type(gate).__name__
        init_code = next(each for each in seating_builds() if each.contract == kind).init_code
        arguments = encode_arguments(seating_abi(kind), {"given": given})
        return read_policy(self.w3, self.chain.code(init_code + arguments))

    def stranger(self, runtime: str, gas_limit: int = 50_000) -> Member:
        """A policy of any code, given as hex digits, as a member of another one."""
        return Member(Policy(self.chain.raw(runtime), "", OtherGate(gas_limit)), gas_limit)

    def contract(self, kind: str, address: str) -> Contract:
        """A contract of ours, to be called."""
        return Contract(self.chain, address, Abi(seating_abi(kind)))

    def admits(
        self, policy: Policy, labeler: str, evidence: Sequence[bytes] = (), round_id: int = 1
    ) -> bool:
        """What the contract says, asked as a round asks it."""
        data = self.question(labeler, evidence, round_id)
        gas = POLICY_GAS + 21_000 + sum(16 if byte else 4 for byte in data)
        try:
            answer = self.chain.ask(policy.address, data, gas)
        except Refused:
            return False
        return len(answer) == 32 and int.from_bytes(answer, "big") == 1

    def question(self, labeler: str, evidence: Sequence[bytes] = (), round_id: int = 1) -> bytes:
        """What a policy is asked."""
        return _ASKED.data("admits", round_id, labeler, list(evidence))

    def refusal(
        self, policy: Policy, labeler: str, evidence: Evidence = (), round_id: int = 1
    ) -> SeatRefusal | None:
        """What the library says, which must be what the contract says."""
        refusal = policy.refusal(self.facts, round_id, labeler, tuple(evidence))
        assert self.admits(policy, labeler, evidence, round_id) == (refusal is None), refusal
        return refusal
