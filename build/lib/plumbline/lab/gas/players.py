"""Made-up honest labelers: their keys, and what they answer. The same ones every time."""

import random
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.lab.gas.cases import Case
from plumbline.settlement.sheet import Sheet, pack

_ACCURACY: Final = 0.75
_SKIPS: Final = 0.02


def crowd(count: int) -> tuple[LocalAccount, ...]:
    """So many keys."""
    dice = random.Random("labelers of the gas measurement")
    return tuple(_key(dice) for _ in range(count))


def truth(dice: random.Random, case: Case) -> list[int]:
    """What there is to be found in each task."""
    return [dice.randrange(case.options) for _ in range(case.tasks)]


def sheets(dice: random.Random, case: Case, known: list[int]) -> list[Sheet]:
    """One for each labeler, who often finds what is `known`."""
    return [
        pack([_answer(dice, case, right) for right in known], case.options)
        for _ in range(case.labelers)
    ]


def golds(case: Case, known: list[int], every: int) -> Sheet:
    """One task in `every` has a known answer."""
    shown = [right if task % every == 0 else None for task, right in enumerate(known)]
    return pack(shown, case.options)


def _answer(dice: random.Random, case: Case, right: int) -> int | None:
    if dice.random() < _SKIPS:
        return None
    return right if dice.random() < _ACCURACY else dice.randrange(case.options)


def _key(dice: random.Random) -> LocalAccount:
    key: LocalAccount = Account.from_key(dice.randbytes(32))
    return key
