"""Withdrawals that their owner signs, as tests change and relay them."""

from plumbline.chain.events import Event
from plumbline.protocol.commitment import compact
from plumbline.protocol.typed_data import Deployed
from plumbline.protocol.withdrawal import Withdrawal
from tests.world.people import Person, person
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


def sign(order: Withdrawal, signer: Person, deployed: Deployed) -> bytes:
    """As an account signs it: 64 bytes."""
    r, vs = compact(bytes(signer.key.sign_message(order.message(deployed)).signature))
    return r + vs.to_bytes(32, "big")


def sign_for_wallet(order: Withdrawal, signer: Person, deployed: Deployed) -> bytes:
    """As tests/contracts/Wallet.vy takes it: 65 bytes."""
    return bytes(signer.key.sign_message(order.message(deployed)).signature)


def relay(world: World, order: Withdrawal, signature: bytes, relayer: str = RELAYER) -> list[Event]:
    """Hands it in as it is, however it was signed."""
    call = world.calls.withdraw_for(
        order.owner, order.amount, order.receiver, order.fee, order.deadline, signature
    )
    return world.do(relayer, call)
