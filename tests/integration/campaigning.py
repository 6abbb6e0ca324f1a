"""People who answer the rounds of a campaign: quickly, in this process, relayed and delegated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.chain.call import Call, Receipt
from plumbline.chain.deployment import Deployment
from plumbline.chain.node import Node
from plumbline.formats.manifest_file import load_manifest
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal, file_in, write
from plumbline.labeler.relay import plan_relay
from plumbline.labeler.withdrawals import next_withdrawal
from plumbline.protocol import master_key
from plumbline.protocol.commitment import commitment, compact
from plumbline.protocol.withdrawal import SignedWithdrawal
from plumbline.seating.evidence import Evidence
from plumbline.settlement.sheet import pack
from plumbline.transactions.outbox import send


@dataclass
class People:
    """So many labelers, who know `skill` of the answers; one account pays for them all.

    published   the folder of the rounds' tasks
    truth       the right answer by the text of a task
    """

    w3: Web3
    deployment: Deployment
    published: Path
    truth: Mapping[str, str]
    count: int
    skill: float = 0.9

    @cached_property
    def accounts(self) -> list[Any]:
        return [Account.from_key(keccak(text=f"labeler {each}")) for each in range(self.count)]

    @cached_property
    def market(self) -> Market:
        return Market(Node(self.w3, self.deployment.chain_id, True), self.deployment)

    @cached_property
    def payer(self) -> Any:
        """Relays, and pays in the stakes: a key of Anvil's own."""
        return Account.from_key(keccak(text="the payer of all"))

    def send(self, call: Call) -> Receipt:
        if self.w3.eth.get_balance(self.payer.address) < 10**20:
            self.w3.provider.make_request(  # type: ignore[attr-defined]
                "anvil_setBalance", [self.payer.address, hex(10**24)]
            )
        return send(self.w3, self.payer, call)

    def answer(
        self,
        past: RoundHistory,
        labelers: Sequence[int],
        folder: Path,
        evidence: Mapping[int, Evidence] = MappingProxyType({}),
    ) -> None:
        """Take seats, with what each shows to the policy, and hand the answers to a keeper."""
        rules, round_id = past.rules, past.round_id
        manifest = load_manifest(self.published / f"{past.opened.tasks_root.hex()}.json")
        deployed = self.deployment.deployed
        genesis = bytes(self.w3.eth.get_block(0)["hash"])
        consents = []
        for number in labelers:
            account, dice = self.accounts[number], Random(f"{round_id} {number}")
            owner = account.address
            right = [manifest.options.index(self.truth[task["text"]]) for task in manifest.tasks]  # type: ignore[index, call-overload]
            answers = [
                option if dice.random() < self.skill else dice.randrange(rules.options)
                for option in right
            ]
            sheet = pack(answers, rules.options)
            signed = account.sign_message(master_key.message(deployed, owner, 0)).signature
            key = master_key.from_signature(deployed, owner, 0, bytes(signed))
            salt = key.salt(round_id, sheet)
            digest = commitment(deployed.domain, round_id, owner, sheet, salt)
            where = (deployed, round_id, owner, rules.stake, digest)
            shown = evidence.get(number, ())
            unsigned = Consent(*where, b"", evidence=shown, signature=b"", is_wallet=False)
            signature = bytes(account.sign_message(unsigned.message).signature)
            consents.append(unsigned.with_signature(signature))
            secret = (rules.options, tuple(answers), salt, digest)
            seat = DelegatedReveal(deployed, genesis, round_id, owner, *secret)
            write(file_in(folder, seat), seat)
            self.send(self.market.contract.deposit_for(owner, rules.stake))
        plan = plan_relay(self.market, consents)
        assert not plan.skipped
        for batch in plan.batches:
            self.send(batch.call)

    def withdraw(self) -> int:
        """Everybody signs a withdrawal of all, and it is relayed: what was paid out, wei."""
        total, contract = 0, self.market.contract
        for account in self.accounts:
            free = contract.account(account.address).free
            if not free:
                continue
            total += free
            far = 2**40 - 1
            asked = next_withdrawal(contract, account.address, free, account.address, 0, far)
            message = asked.message(self.deployment.deployed)
            r, vs = compact(bytes(account.sign_message(message).signature))
            self.send(contract.withdraw_for(SignedWithdrawal(asked, r + vs.to_bytes(32, "big"))))
        return total
