"""Policies on a chain: what creates them, what they are, and what they look up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import encode
from eth_abi.exceptions import DecodingError
from eth_typing import BlockIdentifier
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.builds import SeatingBuild, seating_abi, seating_builds
from plumbline.chain.call import Call
from plumbline.chain.creation import encode_arguments
from plumbline.chain.decoding import decode
from plumbline.chain.node_errors import NODE_ERRORS, no_answer
from plumbline.chain.packing import account_from
from plumbline.chain.records import Account
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.seating.attestation import require_group
from plumbline.seating.client import SeatingContract, SeatingError, ask, code_at, kind_of
from plumbline.seating.draw import DrawRefusal, RefusalReason
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import (
    POLICY_GAS,
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
    require_members,
)
from plumbline.seating.packing import draw_from
from plumbline.seating.record_book import BOOK, ShownClosing, require_vouched
from plumbline.seating.records import PoolTerms, unit_from

MOST_EARLIER: Final = 8  # rounds whose participants one policy excludes
MOST_EXCLUDED: Final = 500  # labelers in them: their creation fits into one transaction
MOST_CREATION: Final = 49_152  # bytes of what creates a contract, EIP-3860

KINDS: Final[Mapping[type[Gate], str]] = {
    AllowList: "MerkleAllowList",
    RecordGate: "RecordGate",
    StewardGate: "SignedAdmission",
    TokenGate: "TokenGate",
    ParticipantGate: "ExcludeParticipants",
    AllOf: "AllOf",
    AnyOf: "AnyOf",
}
"""The contract that has such terms."""

# Gas that a member of another policy is asked with, unless said otherwise: twice what the contract
# was seen to use at most, so that dearer opcodes of a later fork still fit. The proof of the
# largest list takes 15,000; the gas of a wallet, a token or an unknown policy is up to it.
_GAS_LIMITS: Final = {
    "MerkleAllowList": 30_000,
    "RecordGate": 25_000,
    "SignedAdmission": 40_000,
    "TokenGate": 40_000,
    "ExcludeParticipants": 10_000,
    "SeatDraw": 40_000,
}
_OTHER_GAS: Final = 50_000

_BALANCE_OF: Final = keccak(text="balanceOf(address)")[:4]
_IS_VALID: Final = keccak(text="isValidSignature(bytes32,bytes)")[:4]
_ADMITS: Final = keccak(text="admits(uint256,address,bytes32[])")[:4]
_SUPPORTS: Final = keccak(text="supportsInterface(bytes4)")[:4]
_SOUL_BOUND: Final = bytes.fromhex("b45a3c0e")  # ERC-5192
# Refusals of a draw that depend on a rank.
_RANKED: Final = (RefusalReason.STANDING_BY, RefusalReason.TOO_FAR_BACK)
_MOST_DEPTH: Final = 8  # of policies within policies: what is deeper has no gas


# ------------------------------------------------------------------------- creating


def create_policy(gate: Gate, evm_version: str) -> Call:
    """The call that creates a policy. Raises GateError, AttestationError.

    For a ParticipantGate see `create_participant_gate`; others than ours are created elsewhere.
    """
    match gate:
        case AllowList(root):
            if len(root) != 32 or root == EMPTY_HASH:
                raise GateError("an allow list has a root of 32 bytes, not all of them zero")
            return _creation({"root": root}, gate, evm_version)
        case RecordGate():
            gate.require_valid()
            values = {
                "label_rounds": gate.label_rounds,
                "records": gate.records,
                "least_rounds": gate.least_rounds,
                "least_kappa_bps": gate.least_kappa_bps,
                "most_outlier_bps": gate.most_outlier_bps,
                "most_silent_bps": gate.most_silent_bps,
            }
            return _creation(values, gate, evm_version)
        case StewardGate(steward, group):
            require_group(group)
            if checksum(steward) == ZERO:
                raise GateError("the zero address attests nothing: name the steward")
            values = {"steward": steward, "group": group}
            return _creation(values, gate, evm_version)
        case TokenGate(token, least):
            if least < 1:
                raise GateError(f"{least} tokens: ask for 1 or more")
            return _creation({"token": token, "least": least}, gate, evm_version)
        case AllOf(members) | AnyOf(members):
            require_members(gate)
            given = [(each.policy.address, each.gas_limit) for each in members]
            return _creation({"given": given}, gate, evm_version)
    raise GateError(f"a policy for {gate.summary} is not created like this")


def create_participant_gate(
    label_rounds: str, earlier: Sequence[ShownClosing], evm_version: str
) -> Call:
    """The call that creates an ExcludeParticipants. Raises GateError."""
    if not 0 < len(earlier) <= MOST_EARLIER:
        raise GateError(f"{len(earlier)} earlier rounds: name 1 to {MOST_EARLIER}")
    rounds = tuple(each.round_id for each in earlier)
    if len(set(rounds)) < len(rounds):
        raise GateError("an earlier round is named twice: name each once")
    gate = ParticipantGate(checksum(label_rounds), rounds)
    values = {"label_rounds": label_rounds, "earlier": [each.values() for each in earlier]}
    call = _creation(values, gate, evm_version)
    if len(call.data) > MOST_CREATION:
        labelers = sum(len(each.outcomes) for each in earlier)
        raise GateError(
            f"{labelers} labelers are too many for one policy: make one for each few rounds, and "
            "an AllOf of them"
        )
    return call


def participant_groups(earlier: Sequence[ShownClosing]) -> list[list[ShownClosing]]:
    """Earlier rounds in their order, as few policies as can exclude who took part in them."""
    groups: list[list[ShownClosing]] = []
    labelers = 0
    for each in earlier:
        labelers += len(each.outcomes)
        if not groups or len(groups[-1]) == MOST_EARLIER or labelers > MOST_EXCLUDED:
            groups.append([])
            labelers = len(each.outcomes)
        groups[-1].append(each)
    return groups


def create_book(label_rounds: str, vouched: Sequence[str], evm_version: str) -> Call:
    """The call that creates a RecordBook. Raises BookError."""
    require_vouched(vouched)
    values = {"label_rounds": label_rounds, "vouched": list(vouched)}
    data = build_of(BOOK, evm_version).init_code + encode_arguments(seating_abi(BOOK), values)
    return Call(None, data, 0, f"Create a book of records of {len(vouched)} that it vouches for.")


def gas_limit_of(policy: Policy) -> int:
    """The gas that a policy is usually asked with as a member of another one."""
    if isinstance(policy.gate, AllOf | AnyOf):
        return policy.gate.gas_needed
    return _GAS_LIMITS.get(policy.kind, _OTHER_GAS)


def _creation(values: dict[str, Any], gate: Gate, evm_version: str) -> Call:
    kind = KINDS[type(gate)]
    data = build_of(kind, evm_version).init_code + encode_arguments(seating_abi(kind), values)
    return Call(None, data, 0, f"Create {kind}, a policy for {gate.summary}.")


def build_of(kind: str, evm_version: str) -> SeatingBuild:
    """What creates a contract of ours, for one version of the EVM. Raises GateError."""
    for build in seating_builds():
        if (build.contract, build.evm_version) == (kind, evm_version):
            return build
    raise GateError(f"there is no build of {kind} for {evm_version}")


# -------------------------------------------------------------------------- reading


def read_policy(w3: Web3, address: str, block: BlockIdentifier = "latest") -> Policy:
    """What the policy at an address is. Raises SeatingError if there is none, or no answer."""
    return _read(w3, checksum(address), block, POLICY_GAS, _MOST_DEPTH)


def _read(w3: Web3, address: str, block: BlockIdentifier, gas: int, depth: int) -> Policy:
    kind = kind_of(code_at(w3, address, block))
    if kind in ("", BOOK) or not depth:
        return Policy(address, "", OtherGate(gas))
    contract = SeatingContract(w3, address, kind)

    def term(name: str) -> Any:
        return contract.read(name, block=block)

    gate: Gate
    match kind:
        case "MerkleAllowList":
            gate = AllowList(bytes(term("ROOT")))
        case "RecordGate":
            gate = RecordGate(
                checksum(term("LABEL_ROUNDS")),
                checksum(term("RECORDS")),
                term("LEAST_ROUNDS"),
                term("LEAST_KAPPA_BPS"),
                term("MOST_OUTLIER_BPS"),
                term("MOST_SILENT_BPS"),
            )
        case "SignedAdmission":
            gate = StewardGate(checksum(term("STEWARD")), term("GROUP"))
        case "TokenGate":
            gate = TokenGate(checksum(term("TOKEN")), term("LEAST"))
        case "ExcludeParticipants":
            gate = ParticipantGate(checksum(term("LABEL_ROUNDS")), tuple(term("rounds")))
        case "SeatDraw":
            gate = DrawGate(read_pool_terms(contract, block))
        case "AllOf" | "AnyOf":
            members = tuple(
                Member(_read(w3, checksum(member), block, limit, depth - 1), limit)
                for member, limit in term("members")
            )
            gate = AllOf(members) if kind == "AllOf" else AnyOf(members)
        case _:
            gate = OtherGate(gas)
    return Policy(address, kind, gate)


def read_pool_terms(pool: SeatingContract, block: BlockIdentifier = "latest") -> PoolTerms:
    """What never changes in a pool that seats are drawn from. Raises SeatingError."""
    return PoolTerms(
        label_rounds=checksum(pool.read("LABEL_ROUNDS", block=block)),
        gate=checksum(pool.read("gate", block=block)),
        bond=int(pool.read("bond", block=block)),
        most_stake=int(pool.read("MOST_STAKE", block=block)),
        least_price=int(pool.read("LEAST_PRICE", block=block)),
        seed_delay=int(pool.read("SEED_DELAY", block=block)),
    )


def is_soul_bound(w3: Web3, token: str) -> bool:
    """Whether a token says that it stays with its holder (ERC-5192)."""
    question = _SUPPORTS + encode(["bytes4"], [_SOUL_BOUND])
    answer = ask(w3, token, question, gas=POLICY_GAS)
    return answer is not None and len(answer) == 32 and int.from_bytes(answer, "big") == 1


# --------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What policies look up, as of one block. Every method raises SeatingError where a node does
    not answer.
    """

    w3: Web3
    chain_id: int
    block: int
    now: int

    @classmethod
    def at(cls, w3: Web3, block: BlockIdentifier = "latest") -> "ChainFacts":
        """As of a block. Raises SeatingError."""
        try:
            head = w3.eth.get_block(block)
            return cls(w3, int(w3.eth.chain_id), int(head["number"]), int(head["timestamp"]))
        except NODE_ERRORS as error:
            raise SeatingError(no_answer(error)) from None

    def record(self, kept_by: str, labeler: str) -> Account:
        """See `gates.Facts`, as of the others."""
        book = SeatingContract(self.w3, kept_by, BOOK)  # LabelRounds answers it as well
        return account_from(book.read("account", checksum(labeler), block=self.block))

    def revoked(self, policy: str, labeler: str) -> int:
        gate = SeatingContract(self.w3, policy, "SignedAdmission")
        return int(gate.read("revoked", checksum(labeler), block=self.block))

    def wallet_signed(self, wallet: str, digest: bytes, signature: bytes) -> bool:
        answer = self._ask(wallet, _IS_VALID + encode(["bytes32", "bytes"], [digest, signature]))
        return answer is not None and answer[:32] == _IS_VALID.ljust(32, b"\0")

    def tokens(self, token: str, holder: str) -> int | None:
        answer = self._ask(token, _BALANCE_OF + encode(["address"], [checksum(holder)]))
        try:
            return None if answer is None else int(decode(["uint256"], answer)[0])
        except DecodingError:
            return None

    def took_part(self, policy: str, labeler: str) -> bool:
        gate = SeatingContract(self.w3, policy, "ExcludeParticipants")
        return bool(gate.read("took_part", checksum(labeler), block=self.block))

    def is_drawn(self, pool: str, round_id: int) -> bool:
        contract = SeatingContract(self.w3, pool, "SeatDraw")
        return bool(contract.read("is_drawn", round_id, block=self.block))

    def draw_refusal(
        self, pool: str, round_id: int, labeler: str, evidence: Evidence
    ) -> DrawRefusal:
        contract = SeatingContract(self.w3, pool, "SeatDraw")
        given = (round_id, checksum(labeler), list(evidence))
        code, until = contract.read("refusal", *given, block=self.block)
        refusal = DrawRefusal(RefusalReason(code), until or None)
        if refusal.reason not in _RANKED:
            return refusal
        number, unit = divmod(int.from_bytes(evidence[0], "big"), 1 << 128)
        draw = draw_from(number, *contract.read("drawn", number, block=self.block))
        member = unit_from(contract.read("unit", unit, block=self.block))
        return draw.refusal(round_id, checksum(labeler), unit, member, self.now)

    def admits(
        self, policy: str, round_id: int, labeler: str, evidence: Evidence, gas: int
    ) -> bool:
        types = ["uint256", "address", "bytes32[]"]
        data = _ADMITS + encode(types, [round_id, checksum(labeler), list(evidence)])
        answer = self._ask(policy, data, gas + _intrinsic(data))
        return answer is not None and len(answer) == 32 and int.from_bytes(answer, "big") == 1

    def _ask(self, address: str, data: bytes, gas: int | None = None) -> bytes | None:
        return ask(self.w3, address, data, gas or POLICY_GAS + _intrinsic(data), self.block)


def _intrinsic(data: bytes) -> int:
    """Gas that a transaction takes before its contract has any."""
    return 21_000 + sum(16 if byte else 4 for byte in data)
