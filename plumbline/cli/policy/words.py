"""What is shown to a policy, as a file for `--evidence`."""

import json
from collections.abc import Sequence


def evidence_text(words: Sequence[bytes]) -> str:
    """A JSON list of words, 0x and 64 hex digits each."""
    return json.dumps(["0x" + word.hex() for word in words], indent=1) + "\n"
