"""Withdrawals that their owner signs, as tests change and relay them."""

from plumbline.chain.events import Event
from plumbline.protocol.withdrawal import Withdrawal
from tests.world.people import person
from tests.world.world import WINDOW, World

RELAYER = person("relayer")


def order(world: World, owner: str, **changes: object) -> Withdrawal:
    """A thousand wei of which ten are the fee, for an hour from now."""
    values = {
        "owner": owner,
        "amount": 1_000,
        "receiver": person("receiver"),
        "fee": 10,
        "deadline": world.chain.now + WINDOW,
        "nonce": world.views.nonce(owner),
    }
    return Withdrawal(**{**values, **changes})


def relay(world: World, order: Withdrawal, signature: bytes, relayer: str = RELAYER) -> list[Event]:
    """Hands it in as it is, however it was signed."""
    call = world.calls.withdraw_for(
        order.owner, order.amount, order.receiver, order.fee, order.deadline, signature
    )
    return world.do(relayer, call)
