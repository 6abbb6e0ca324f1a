"""A market whose events are made up (see `builders`) and whose node is in memory.

The contract's client is the real one: what it asks is answered from the events, as a contract
would, so calls are checked and encoded as on a chain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from eth_abi.abi import decode, encode
from eth_account import Account as Accounts
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types, get_abi_output_types
from eth_utils.crypto import keccak
from web3 import Web3
from web3.exceptions import Web3RPCError
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from plumbline.chain.builds import rounds_abi
from plumbline.chain.call import Call
from plumbline.chain.events import Event, Withdrawn
from plumbline.chain.node import Node
from plumbline.chain.packing import ACCOUNT, STATUS, rules_word, status_word, word_of
from plumbline.history.market import Market
from plumbline.history.rounds import history as histories_of
from plumbline.protocol.addresses import ZERO, checksum
from plumbline.settlement import Mode
from tests.unit.builders import COMMIT, DEPLOYED, Chain, deployment

HEAD = 10_000  # number of the latest block, far above all that happened

_FUNCTIONS = {
    bytes(function_abi_to_4byte_selector(entry)): entry  # type: ignore[arg-type]
    for entry in rounds_abi()
    if entry["type"] == "function"
}


@dataclass
class Facts(BaseProvider):
    """What is so on the chain; a node that tells it. Whatever else is asked is an error.

    free     of addresses, in the contract; ether and code likewise on the chain
    """

    chain: Chain
    now: int = COMMIT
    head: int = HEAD
    free: dict[str, int] = field(default_factory=dict)
    ether: dict[str, int] = field(default_factory=dict)
    code: dict[str, bytes] = field(default_factory=dict)
    client: str = "geth"

    def __post_init__(self) -> None:
        super().__init__()

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        answers: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: hex(DEPLOYED.chain_id),
            "web3_clientVersion": lambda: self.client,
            "eth_blockNumber": lambda: hex(self.head),
            "eth_getBlockByNumber": lambda *_: {
                "number": hex(self.head),
                "timestamp": hex(self.now),
                "hash": "0x" + "07" * 32,
            },
            "eth_getBalance": lambda owner, _: hex(self.ether.get(checksum(owner), 0)),
            "eth_getCode": lambda owner, _: "0x" + self.code.get(checksum(owner), b"").hex(),
            "eth_call": lambda call, _: "0x" + self._told(call).hex(),
        }
        if method not in answers:
            raise Web3RPCError(f"the method {method} does not exist")
        return {"jsonrpc": "2.0", "id": 1, "result": answers[method](*params)}

    def _told(self, call: Any) -> bytes:
        data = bytes.fromhex(call["data"].removeprefix("0x"))
        abi: Any = _FUNCTIONS[data[:4]]
        arguments = decode(get_abi_input_types(abi), data[4:])
        return encode(get_abi_output_types(abi), getattr(self, f"_{abi['name']}")(*arguments))

    def _account(self, owner: str) -> list[Any]:
        """The free balance, and the record as a requester."""
        mine = [
            past
            for past in histories_of(self.chain.events).values()
            if past.requester == checksum(owner)
        ]
        void = sum(past.closed.verdict.mode == Mode.VOID for past in mine if past.closed)
        values = {"free": self.free.get(checksum(owner), 0), "opened": len(mine), "void": void}
        return [word_of(values, ACCOUNT)]

    def _nonces(self, owner: str) -> list[Any]:
        relayed = (event for event in self.chain.events if isinstance(event, Withdrawn))
        mine = (event for event in relayed if event.account == checksum(owner))
        return [sum(event.relayer != event.account for event in mine)]

    def _seat(self, round_id: int, labeler: str) -> list[Any]:
        past = histories_of(self.chain.events)[round_id]
        landed = past.commitment_of(checksum(labeler))
        is_held = landed is not None and landed.labeler in past.awaited
        return [landed.commitment if landed and is_held else bytes(32)]

    def _round_count(self) -> list[Any]:
        return [self.chain.rounds]

    def _round(self, round_id: int) -> list[Any]:
        past = histories_of(self.chain.events)[round_id]
        ends, opened = past.deadlines, past.opened
        state = {
            **{"commit": ends.commit, "reveal": ends.reveal, "gold": ends.gold},
            **{"committed": len(past.commitments), "revealed": len(past.reveals)},
            **{"gone": past.gone, "is_closed": int(past.is_over)},
        }
        words = (status_word(past.rules) + word_of(state, STATUS), rules_word(past.rules))
        return [(*words, past.requester, past.roll, opened.gold_root, ZERO)]


@dataclass(frozen=True)
class MadeUpMarket(Market):
    """A market of made-up events."""

    facts: Facts

    @classmethod
    def of(cls, chain: Chain, is_local: bool = False, **facts: Any) -> "MadeUpMarket":
        """Everything as it is after these events, and as `Facts` says."""
        told = Facts(chain, **facts)
        node = Node(Web3(told), DEPLOYED.chain_id, is_local)
        return cls(node, replace(deployment(), abi=rounds_abi()), told)

    def events(self, round_id: int | None = None) -> list[Event]:
        return [
            event
            for event in self.facts.chain.events
            if round_id is None or getattr(event, "round_id", None) == round_id
        ]

    def called(self, call: Call) -> tuple[str, dict[str, Any]]:
        """The function that a call is of, and its arguments by name."""
        contract = self.node.w3.eth.contract(abi=self.deployment.abi)
        function, arguments = contract.decode_function_input(call.data)  # type: ignore[arg-type]
        return str(function.fn_name), arguments


class Wallet:
    """An account that signs what it is shown; `refuses` if it signs no typed data."""

    def __init__(self, name: str, refuses: bool = False) -> None:
        self.key: LocalAccount = Accounts.from_key(keccak(text=name))
        self.name = name
        self.address = self.key.address
        self.signed: list[SignableMessage] = []
        self._refuses = refuses

    def sign_transaction(self, fields: dict[str, Any]) -> Any:
        return self.key.sign_transaction(fields)

    def sign_message(self, message: SignableMessage) -> bytes | None:
        self.signed.append(message)
        return None if self._refuses else bytes(self.key.sign_message(message).signature)


def receipt(logs: Sequence[Any] = ()) -> Any:
    """Of a transaction that logged these."""
    return SimpleNamespace(logs=list(logs))
