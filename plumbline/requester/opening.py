"""Opening a round: what is sent for it, and the gold answers that must be kept first."""

from dataclasses import dataclass

from plumbline.chain.call import Call, Receipt
from plumbline.chain.events import RoundOpened, logged_in
from plumbline.chain.records import Deadlines
from plumbline.formats.round_file import RoundFile
from plumbline.history.market import Market
from plumbline.labeler.vault import Secret, Vault
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.master_key import MasterKey
from plumbline.requester.gold import gold_of


@dataclass(frozen=True)
class RoundOpening:
    """A round that `requester` wants to open."""

    market: Market
    vault: Vault
    requester: str
    round_file: RoundFile

    def is_same(self, call: Call) -> bool:
        """Whether a call opens this very round."""
        wanted = self.round_file
        return self.market.contract.is_opening(call, wanted.rules, wanted.manifest.root)

    def earlier(self) -> list[RoundOpened]:
        """All rounds that the requester has opened so far."""
        return [
            event
            for event in self.market.events()
            if isinstance(event, RoundOpened) and event.requester == self.requester
        ]

    def repeats(self, earlier: list[RoundOpened]) -> RoundOpened | None:
        """The last of these that has the same tasks and terms."""
        root, rules = self.round_file.manifest.root, self.round_file.rules
        same = [event for event in earlier if (event.tasks_root, event.rules) == (root, rules)]
        return same[-1] if same else None

    @property
    def missing(self) -> int:
        """What the free balance lacks of the escrow, in the smallest unit."""
        free = self.market.contract.account(self.requester).free
        return max(0, self.round_file.escrow - free)

    def keep_gold(self, earlier: list[RoundOpened], key: MasterKey) -> Secret | None:
        """The gold answers with their salt, sealed on disk once this returns; None without any.

        An opening that did not land is made again with the same, one on the chain never.
        """
        wanted = self.round_file
        if not wanted.gold:
            return None
        used = {event.gold_root for event in earlier}
        secret = gold_of(key, self.vault.deployed, self.requester, wanted, used)
        self.vault.keep_gold(self.requester, secret, wanted.manifest.root, key)
        return secret

    def call(self, gold: Secret | None, policy: str = ZERO) -> Call:
        """The transaction that opens the round, with deadlines from now on; `policy` is asked
        before a seat is taken, the zero address stands for none.
        """
        wanted = self.round_file
        return self.market.contract.open(
            wanted.rules,
            Deadlines(*wanted.deadlines(self.market.node.now)),
            wanted.manifest.root,
            gold.digest if gold else EMPTY_HASH,
            policy,
            wanted.uri,
        )


def opened_by(market: Market, receipt: Receipt) -> RoundOpened:
    """The event of a transaction that opened a round."""
    (event,) = (
        event for event in logged_in(receipt, market.deployment) if isinstance(event, RoundOpened)
    )
    return event
