"""What a policy takes: to be created, to be asked, and to have a round in its book of records."""

import random
from collections.abc import Sequence
from typing import Final

from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import StateOverride, TxParams

from plumbline.chain.call import Call
from plumbline.chain.decoding import decode
from plumbline.chain.events import RoundClosed
from plumbline.chain.events import decode as decode_events
from plumbline.lab.gas.cases import WARM_UP
from plumbline.lab.gas.measure import HOUR, STAKE, crowd, terms_of
from plumbline.lab.gas.snapshot import GasFigure
from plumbline.lab.play import Play, Stage, entries_of
from plumbline.planning.worlds import PRICE
from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed
from plumbline.seating.attestation import Attestation, sign_attestation
from plumbline.seating.evidence import Evidence, for_all, for_any
from plumbline.seating.gates import (
    POLICY_GAS,
    AllOf,
    AllowList,
    AnyOf,
    Gate,
    GateError,
    Member,
    Policy,
    RecordGate,
    StewardGate,
    TokenGate,
)
from plumbline.seating.merkle_list import root_of
from plumbline.seating.policies import (
    ChainFacts,
    create_book,
    create_participant_gate,
    create_policy,
    gas_limit_of,
    read_policy,
)
from plumbline.seating.record_book import BOOK, RecordBook, ShownClosing

_ADMITS: Final = keccak(text="admits(uint256,address,bytes32[])")[:4]
# Asks whoever is named in its first word the rest of what it is asked, with 200,000 gas; returns
# whether that was answered and what it took. CDS-32 bytes go to memory, GAS stands around the call.
_ASKER: Final = (
    "0x3660209003"  # the size of the question
    "8060205f37"  # copied to memory
    "5a5f5f835f5f3562030d40fa5a"  # GAS, STATICCALL, GAS
    "91905f52036020526040"  # whether it succeeded, and the difference
    "5ff3"
)
_STOP: Final = "0x00"
_ASKERS_PLACE: Final = checksum("0x" + "a5" * 20)
_STOPS_PLACE: Final = checksum("0x" + "a6" * 20)
# The code of a token that reads a slot and says 1.
_TOKEN: Final = "5f545060015f5260205ff3"

CREATED, ADMITS = "created", "admits"
ENTRIES: Final = ("first entry, per labeler", "next entry, per labeler")

LISTS: Final = {
    f"MerkleAllowList of {accounts} accounts": levels
    for accounts, levels in (("1,000", 10), ("1,000,000", 20))
}
RECORD, RECORD_BY_BOOK = "RecordGate", "RecordGate with a RecordBook"
ATTESTATION, TOKEN = "SignedAdmission", "TokenGate"
EXCLUSION = "ExcludeParticipants, 10 of them"
ALL, ANY = "AllOf record and attestation", "AnyOf record and attestation"
NESTED = "AllOf token and AnyOf"
POLICIES: Final = (
    *(*LISTS, RECORD, BOOK, RECORD_BY_BOOK, ATTESTATION, TOKEN, EXCLUSION),
    *(ALL, ANY, NESTED),
)
"""What is measured, by the name that tables and the snapshot have for it."""


def gas_of_asking(
    w3: Web3, policy: str, labeler: str, evidence: Evidence, round_id: int = 1
) -> int:
    """The gas that a policy uses for its answer, whatever that is, with nothing warm but itself."""
    types = ["uint256", "address", "bytes32[]"]
    question = _ADMITS + encode(types, [round_id, checksum(labeler), list(evidence)])
    return _gas_of(w3, policy, question) - _gas_of(w3, _STOPS_PLACE, question)


def measure_policies(stage: Stage) -> tuple[GasFigure, ...]:
    """Every policy, created and asked about a labeler whom it admits, and two rounds of ten
    labelers entered into a book; bytes are those of code, evidence and calldata.
    """
    dice = random.Random("labelers whom policies admit")
    labelers = [Account.from_key(dice.randbytes(32)) for _ in range(WARM_UP.labelers)]
    closings = [_play(stage, labelers, dice) for _ in ENTRIES]
    by, deployment = stage.keys[0], stage.deployment
    rounds, version = deployment.address, deployment.evm_version
    labeler = str(labelers[0].address)
    figures: list[GasFigure] = []

    def created(call: Call, name: str) -> str:
        receipt = stage.send(by, call)
        assert receipt.created is not None
        size = len(stage.w3.eth.get_code(checksum(receipt.created)))
        figures.append(GasFigure(name, CREATED, receipt.gas_used, size))
        return receipt.created

    def asked(address: str, name: str, evidence: Evidence = (), who: str = labeler) -> None:
        if not ChainFacts.at(stage.w3).admits(address, 1, who, evidence, POLICY_GAS):
            raise GateError(f"{name} does not admit, so what that takes is not measured")
        gas = gas_of_asking(stage.w3, address, who, evidence)
        figures.append(GasFigure(name, ADMITS, gas, 32 * len(evidence)))

    def both(gate: Gate, name: str, evidence: Evidence = ()) -> Policy:
        policy = read_policy(stage.w3, created(create_policy(gate, version), name))
        asked(policy.address, name, evidence)
        return policy

    for name, levels in LISTS.items():
        proof = tuple(dice.randbytes(32) for _ in range(levels))
        both(AllowList(root_of(labeler, proof)), name, proof)
    record = both(RecordGate(rounds, rounds, 1, 0, 10_000, 10_000), RECORD)
    book = RecordBook(stage.w3, created(create_book(rounds, [by.address], version), BOOK))
    for step, closing in zip(ENTRIES, closings, strict=True):
        call = book.enter(closing)
        gas = stage.send(by, call).gas_used
        figures.append(GasFigure(BOOK, step, gas // len(labelers), len(call.data) // len(labelers)))
    both(RecordGate(rounds, book.address, 1, 0, 10_000, 10_000), RECORD_BY_BOOK)

    steward: LocalAccount = Account.from_key(dice.randbytes(32))
    gate = StewardGate(steward.address, "speaks Portuguese")
    attesting = read_policy(stage.w3, created(create_policy(gate, version), ATTESTATION))
    attestation = Attestation(labeler, gate.group, stage.now() // HOUR * HOUR + 24 * HOUR)
    here = Deployed(deployment.chain_id, attesting.address)
    shown = sign_attestation(steward, here, attestation)
    asked(attesting.address, ATTESTATION, shown)

    token = stage.send(by, _creation_of(_TOKEN)).created
    assert token is not None
    holding = both(TokenGate(checksum(token), 1), TOKEN)
    excluding = created(create_participant_gate(rounds, closings[:1], version), EXCLUSION)
    asked(excluding, EXCLUSION, who=by.address)

    both(AllOf(_members(record, attesting)), ALL, for_all([(), shown]))
    either = both(AnyOf(_members(record, attesting)), ANY, for_any(1, shown))
    both(AllOf(_members(holding, either)), NESTED, for_all([(), for_any(1, shown)]))
    return tuple(figures)


def _members(*policies: Policy) -> tuple[Member, ...]:
    return tuple(Member(policy, gas_limit_of(policy)) for policy in policies)


def _play(stage: Stage, labelers: Sequence[LocalAccount], dice: random.Random) -> ShownClosing:
    """A round of these labelers, and how it ended."""
    by, terms = stage.keys[0], terms_of(WARM_UP)
    stage.send(by, stage.client.deposit(PRICE * terms.seats))
    for labeler in labelers:
        stage.send(by, stage.client.deposit_for(labeler.address, STAKE))
    _, held = crowd(dice, WARM_UP, labelers)
    openings = [seat.opening for seat in held]
    play = Play(stage, by, terms, 2 * HOUR)
    play.relay(by, [play.signed(seat) for seat in held])
    play.reveal(by, openings)
    sent = play.close(by, entries_of(openings))
    events = decode_events(sent.receipt.logs, stage.deployment.abi)
    (closed,) = (event for event in events if isinstance(event, RoundClosed))
    return ShownClosing(play.round_id, play.tasks_root, closed.verdict, closed.outcomes)


def _creation_of(runtime: str) -> Call:
    """The call that creates a contract with this code, hex digits."""
    code = bytes.fromhex(runtime)
    head = bytes([0x60, len(code), 0x60, 11, 0x5F, 0x39, 0x60, len(code), 0x5F, 0xF3, 0x00])
    return Call(None, head + code, 0, "Create a token.")


def _gas_of(w3: Web3, asked: str, question: bytes) -> int:
    """The gas of asking a contract, with what the call itself takes."""
    codes: StateOverride = {
        _ASKERS_PLACE: {"code": HexStr(_ASKER)},
        _STOPS_PLACE: {"code": HexStr(_STOP)},
    }
    data = encode(["address"], [checksum(asked)]) + question
    call: TxParams = {"to": _ASKERS_PLACE, "data": HexBytes(data)}
    _, gas = decode(["bool", "uint256"], bytes(w3.eth.call(call, "latest", codes)))
    return int(gas)
