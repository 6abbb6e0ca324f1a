"""Shuffling that is the same wherever the seed is the same, and cannot be told without it."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lots:
    """Draws by name: each name has draws of its own, whatever else is drawn."""

    seed: bytes

    def order(self, count: int, name: str) -> list[int]:
        """The numbers from 0 to `count` - 1 in a random order."""
        return sorted(range(count), key=lambda number: self._lot(f"{number}:{name}"))

    def coin(self, name: str) -> bool:
        """Heads or tails."""
        return bool(self._lot(f"coin:{name}")[0] & 1)

    def _lot(self, name: str) -> bytes:
        return hashlib.sha256(self.seed + name.encode()).digest()
