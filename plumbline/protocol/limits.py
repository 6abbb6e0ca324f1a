"""Limits of the contract that are not terms of the settlement; those are in `settlement.terms`."""

from typing import Final

MIN_REVEAL_SECONDS: Final = 300  # between the commit and the reveal deadline
MAX_GOLD_SECONDS: Final = 30 * 86_400  # between the reveal and the gold deadline
MAX_ROUND_SECONDS: Final = 365 * 86_400  # from the opening to the last deadline
MAX_URI_BYTES: Final = 256
MAX_SEALED_BYTES: Final = 192
MAX_EVIDENCE: Final = 20  # words, as many as a Merkle proof for a million accounts takes
MAX_SIGNATURE_BYTES: Final = 1_024  # of a wallet contract
MAX_RELAYED: Final = 64  # signed commitments in one transaction
MAX_REVEALED: Final = 128  # commitments opened in one `reveal`
MAX_CALLS: Final = 64  # that a multicall carries, and their bytes together
MAX_CALL_BYTES: Final = 100_000
