"""Policies in a world: created, read and asked by the library, and asked themselves."""

from collections.abc import Sequence
from typing import Any

from plumbline.chain.builds import seating_abi
from plumbline.chain.call import Call
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import Gate, Member, OtherGate, Policy, SeatRefusal
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
        data = _ASKED.data("admits", round_id, labeler, list(evidence))
        try:
            answer = self.chain.ask(policy.address, data)
        except Refused:
            return False
        return len(answer) == 32 and int.from_bytes(answer, "big") == 1

    def refusal(
        self, policy: Policy, labeler: str, evidence: Evidence = (), round_id: int = 1
    ) -> SeatRefusal | None:
        """What the library says, which must be what the contract says."""
        refusal = policy.refusal(self.facts, round_id, labeler, tuple(evidence))
        assert self.admits(policy, labeler, evidence, round_id) == (refusal is None), refusal
        return refusal
