"""What the contract stores in single words, read: see modules/rounds and modules/accounts.

Fields of a word are listed from the low end, with their width in bits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from plumbline.chain.records import Account, Deadlines, RoundState, Seat
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import EMPTY_HASH, LEAKED
from plumbline.settlement.terms import Kind, ScoringTerms

ACCOUNT: Final = {
    "free": 88,
    "locked": 88,
    "rounds": 12,
    "near": 12,
    "outlier": 12,
    "unrevealed": 12,
    "kappa": 14,
    "opened": 9,
    "void": 9,
}
STATUS: Final = {
    "stake": 88,
    "commit": 40,
    "reveal": 40,
    "gold": 40,
    "seats": 8,
    "committed": 8,
    "revealed": 8,
    "gone": 8,
    "options": 4,  # less one
    "tasks": 8,  # less one
    "has_gold": 1,
    "has_policy": 1,
    "is_closed": 1,
}
_RULES: Final = {
    "price": 88,
    "r_min": 8,
    "width": 5,
    "kind": 1,
    "tau_bps": 14,
    "rho_bps": 14,
    "slash_base_bps": 14,
    "slash_max_bps": 14,
    "showup_bps": 14,
    "gold_pass_bps": 14,
    "gold_slash_bps": 14,
    "bar_bps": 15,
    "refund_bps": 14,
    "gold_count": 7,
}


def account_from(word: int) -> Account:
    """Balances and record of an address."""
    return Account(**fields_of(word, ACCOUNT))


def seat_from(word: bytes) -> Seat:
    """What a seat holds."""
    return Seat(EMPTY_HASH, True) if word == LEAKED else Seat(word, False)


def round_from(values: Sequence[Any]) -> RoundState | None:
    """A round in storage, in the order of the contract's struct; None if there is none."""
    packed_status, packed_rules, requester, roll, root, admission = values
    status, rules = fields_of(packed_status, STATUS), fields_of(packed_rules, _RULES)
    if status["seats"] == 0:
        return None
    kind = Kind(rules.pop("kind"))
    return RoundState(
        requester=checksum(requester),
        rules=ScoringTerms(
            kind=kind,
            options=status["options"] + 1,
            tasks=status["tasks"] + 1,
            stake=status["stake"],
            seats=status["seats"],
            **rules,
        ),
        deadlines=Deadlines(status["commit"], status["reveal"], status["gold"]),
        gold_root=bytes(root),
        admission=checksum(admission),
        committed=status["committed"],
        revealed=status["revealed"],
        gone=status["gone"],
        roll=bytes(roll),
        is_closed=bool(status["is_closed"]),
    )


def status_word(rules: ScoringTerms) -> int:
    """The status of a round as far as its terms go, as a judge is handed it."""
    values = {
        "stake": rules.stake,
        "seats": rules.seats,
        "options": rules.options - 1,
        "tasks": rules.tasks - 1,
        "has_gold": int(rules.gold_count > 0),
    }
    return word_of(values, STATUS)


def rules_word(rules: ScoringTerms) -> int:
    """The rest of the terms, as a judge is handed them."""
    return word_of({name: int(getattr(rules, name)) for name in _RULES}, _RULES)


def fields_of(word: int, layout: Mapping[str, int]) -> dict[str, int]:
    """The fields of a word, the inverse of `word_of`."""
    values = {}
    for name, bits in layout.items():
        values[name] = word & (1 << bits) - 1
        word >>= bits
    return values


def word_of(values: Mapping[str, int], layout: Mapping[str, int]) -> int:
    """A word with these fields; those that are not named are 0."""
    word = place = 0
    for name, bits in layout.items():
        word += values.get(name, 0) << place
        place += bits
    return word
