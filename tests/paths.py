"""Where tests find what is not in the repository."""

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
ROUNDS = SHARED / "vectors" / "rounds.json"
