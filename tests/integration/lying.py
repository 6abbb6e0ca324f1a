"""A node that lies: a proxy before a real one that changes logs, views and balances."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from eth_abi.abi import decode as decode_abi
from eth_abi.abi import encode as encode_abi
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector
from web3 import HTTPProvider, Web3

from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Event, encode
from plumbline.chain.logs import Log
from plumbline.chain.node import ask_for_chain_once
from tests.integration.proxy import Proxy

Answer = Any


@dataclass(frozen=True)
class View:
    """What a function of the contract answers instead, if it is asked with these arguments."""

    function: str
    arguments: tuple[Any, ...]
    change: Callable[[list[Any]], list[Any]]


@dataclass(frozen=True)
class Lie:
    """What is said instead of the truth; nothing by default.

    events   changes the list of all events
    view     changes the answer of one view
    balance  is added to what the contract holds
    answer   changes any other answer: (method, parameters, true answer) -> answer
    """

    events: Callable[[list[Event]], list[Event]] | None = None
    view: View | None = None
    balance: int = 0
    answer: Callable[[str, list[Any], Answer], Answer] | None = None


class LyingNode:
    """Answers like the node behind it, but for the lie of the moment."""

    def __init__(self, url: str, deployment: Deployment, events: Sequence[Event]) -> None:
        """`events` are all there are; the chain must stand still, for answers are remembered."""
        self.lie = Lie()
        self.remembers = True
        self._upstream = url
        self._deployment = deployment
        self._events = list(events)
        self._truth: dict[str, Answer] = {}
        self._session = requests.Session()
        self._views: Mapping[bytes, Mapping[str, Any]] = {
            bytes(function_abi_to_4byte_selector(entry)): entry  # type: ignore[arg-type]
            for entry in deployment.abi
            if entry["type"] == "function"
        }
        self._proxy = Proxy(self._reply)

    def connect(self) -> Web3:
        """A client of the liar."""
        made = Web3(HTTPProvider(self._proxy.url))
        ask_for_chain_once(made)
        return made

    def stop(self) -> None:
        self._proxy.stop()

    def _reply(self, body: bytes) -> bytes:
        asked = json.loads(body)
        answer = self.answer(asked["method"], asked.get("params", []))
        return json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}).encode()

    def answer(self, method: str, parameters: list[Any]) -> Answer:
        """The whole answer, `result` or `error`."""
        lie = self.lie
        if method == "eth_getLogs" and lie.events is not None:
            return {"result": self._logs(lie.events, parameters[0])}
        truth = self._true(method, parameters)
        if lie.answer is not None:
            return lie.answer(method, parameters, truth)
        if method == "eth_call" and lie.view is not None:
            return {"result": self._viewed(lie.view, parameters[0], truth["result"])}
        is_ours = method == "eth_getBalance" and self._is_contract(parameters[0])
        if is_ours:
            return {"result": hex(int(truth["result"], 16) + lie.balance)}
        return truth

    def _true(self, method: str, parameters: list[Any]) -> Answer:
        key = json.dumps([method, parameters])
        if not self.remembers or key not in self._truth:
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
            given = self._session.post(self._upstream, json=body, timeout=30).json()
            self._truth[key] = {name: given[name] for name in ("result", "error") if name in given}
        return self._truth[key]

    def _logs(
        self, lie: Callable[[list[Event]], list[Event]], wanted: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        events = [event for event in lie(list(self._events)) if first <= event.block <= last]
        return [self._as_given(encode(event, self._deployment.abi)) for event in events]

    def _as_given(self, log: Log) -> dict[str, Any]:
        return {
            "address": self._deployment.address,
            "blockNumber": hex(log.block),
            "logIndex": hex(log.index),
            "transactionHash": "0x" + log.transaction.hex(),
            "transactionIndex": "0x0",
            "blockHash": "0x" + bytes(32).hex(),
            "topics": ["0x" + topic.hex() for topic in log.topics],
            "data": "0x" + log.data.hex(),
            "removed": False,
        }

    def _viewed(self, view: View, call: Mapping[str, str], truth: str) -> str:
        data = bytes.fromhex(call.get("data", call.get("input", "0x"))[2:])
        entry = self._views.get(data[:4])
        if entry is None or entry["name"] != view.function or not self._is_contract(call["to"]):
            return truth
        inputs = [collapse_if_tuple(item) for item in entry["inputs"]]
        arguments = decode_abi(inputs, data[4:])
        if arguments[: len(view.arguments)] != view.arguments:
            return truth
        outputs = [collapse_if_tuple(item) for item in entry["outputs"]]
        values = list(decode_abi(outputs, bytes.fromhex(truth[2:])))
        if entry["outputs"][0]["type"] == "tuple":  # a record, which is the whole answer
            return "0x" + encode_abi(outputs, [tuple(view.change(list(values[0])))]).hex()
        return "0x" + encode_abi(outputs, view.change(values)).hex()

    def _is_contract(self, address: str) -> bool:
        return address.lower() == self._deployment.address.lower()
