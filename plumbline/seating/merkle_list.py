"""A list of accounts, of which a policy keeps only the root of a Merkle tree.

The tree is that of OpenZeppelin's `StandardMerkleTree` over ["address"]: leaves are hashed twice
and sorted, and lie in one array behind the inner nodes.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from plumbline.errors import PlumblineError
from plumbline.protocol.addresses import checksum
from plumbline.protocol.limits import MAX_EVIDENCE

MAX_ACCOUNTS: Final = 2**MAX_EVIDENCE


class ListError(PlumblineError):
    """A list of accounts that cannot be made, or an account that is not on it."""


class MerkleList:
    """The accounts of an allow list."""

    def __init__(self, accounts: Iterable[str]) -> None:
        """Raises ListError for none, too many, or one that is named twice, and AddressError."""
        self.accounts = tuple(checksum(account) for account in accounts)
        if not self.accounts:
            raise ListError("there is no account on the list: name at least one")
        if len(self.accounts) > MAX_ACCOUNTS:
            raise ListError(
                f"{len(self.accounts):,} accounts: a list holds {MAX_ACCOUNTS:,}; cut it in two"
            )
        leaves = {leaf_of(account): account for account in self.accounts}
        if len(leaves) < len(self.accounts):
            raise ListError(f"{_repeated(self.accounts)} is on the list twice: name each once")
        ordered = sorted(leaves)
        self._nodes = [b""] * (len(ordered) - 1) + ordered[::-1]
        for at in reversed(range(len(ordered) - 1)):
            self._nodes[at] = _parent(self._nodes[2 * at + 1], self._nodes[2 * at + 2])
        last = len(self._nodes) - 1
        self._places = {leaves[leaf]: last - number for number, leaf in enumerate(ordered)}

    @property
    def root(self) -> bytes:
        """What the policy keeps, 32 bytes."""
        return self._nodes[0]

    def proof(self, account: str) -> tuple[bytes, ...]:
        """The evidence of an account. Raises ListError if it is not on the list."""
        at = self._places.get(checksum(account))
        if at is None:
            raise ListError(f"{account} is not on the list")
        proof = []
        while at:
            proof.append(self._nodes[at + 1 if at % 2 else at - 1])
            at = (at - 1) // 2
        return tuple(proof)


def leaf_of(account: str) -> bytes:
    """The leaf of an account, 32 bytes."""
    return keccak(keccak(encode(["address"], [checksum(account)])))


def root_of(account: str, proof: Sequence[bytes]) -> bytes:
    """Where a proof leads from an account, 32 bytes: to the root, if it is on the list."""
    node = leaf_of(account)
    for sibling in proof:
        node = _parent(node, sibling)
    return node


def _parent(one: bytes, other: bytes) -> bytes:
    return keccak(min(one, other) + max(one, other))


def _repeated(accounts: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(each for each in accounts if each in seen or seen.add(each))  # type: ignore[func-returns-value]
