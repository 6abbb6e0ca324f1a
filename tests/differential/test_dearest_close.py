"""No round that may be opened is too dear to be closed in one transaction."""

import random
import sys
from dataclasses import astuple
from pathlib import Path
from typing import Any

import boa
import pytest
from eth_account import Account

from plumbline.commitment import commitment, gold_root, sign
from plumbline.sheet import pack
from plumbline.terms import Kind, ScoringTerms
from plumbline.typeddata import Deployed, domain_separator

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
NO_ONE = "0x" + "00" * 20
SINK = "0x000000000000000000000000000000000000dEaD"
SEATS = 255
TASKS = 256
LIMIT = 14_000_000  # gas; a transaction may use 16,777,216 (EIP-7825)
COLD = 2_000  # gas that the first access to a slot adds
STAKE = 10**15
ROOT = b"\x01" * 32
SALT = b"\x07" * 32

ROUNDS = {
    "nominal": (Kind.NOMINAL, 16, 1, 200),
    "nominal, hardly decided": (Kind.NOMINAL, 16, 1, 9_960),
    "ordinal": (Kind.ORDINAL, 16, 16, 200),
}


@pytest.fixture(scope="module")
def keys() -> list[Any]:
    dice = random.Random(3)
    return [Account.from_key(dice.randbytes(32)) for _ in range(SEATS)]


@pytest.fixture(scope="module")
def rounds() -> Any:
    judge = boa.load(str(CONTRACTS / "Judge.vy"))
    return boa.load(str(CONTRACTS / "LabelRounds.vy"), NO_ONE, SINK, judge.address)


@pytest.mark.parametrize("name", ROUNDS)
def test_the_dearest_close_fits_into_a_transaction(name: str, rounds: Any, keys: list[Any]) -> None:
    kind, options, width, tau_bps = ROUNDS[name]
    deployed = Deployed(boa.env.evm.patch.chain_id, rounds.address)
    domain = domain_separator(deployed.chain_id, deployed.address)
    terms = ScoringTerms(
        kind, options, width, TASKS, 10**15, STAKE, SEATS, 5, tau_bps, 5_000, 2_500, 5_000, 1_000,
        2_125, 312,
    )  # fmt: skip

    requester = boa.env.generate_address()
    escrow = terms.price * terms.seats
    boa.env.set_balance(requester, escrow + SEATS * STAKE)
    dice = random.Random(name)
    truth = [dice.randrange(options) for _ in range(TASKS)]
    gold = pack([answer if task < 12 else None for task, answer in enumerate(truth)], options)
    now = boa.env.evm.patch.timestamp
    with boa.env.prank(requester):
        rounds.deposit(escrow, value=escrow)
        for key in keys:
            rounds.deposit_for(key.address, STAKE, value=STAKE)
        root = gold_root(domain, requester, gold, SALT)
        deadlines = (now + 600, now + 1_200, now + 1_800)
        rounds.open(astuple(terms), deadlines, ROOT, root, NO_ONE, "")
    sheets = [pack([_answer(dice, options, known) for known in truth], options) for _ in keys]
    signed = [
        sign(key, deployed, 1, STAKE, commitment(domain, 1, key.address, sheet, SALT))
        for key, sheet in zip(keys, sheets, strict=True)
    ]
    for start in range(0, SEATS, 64):
        part = signed[start : start + 64]
        rounds.commit_signed(
            1,
            [item.labeler for item in part],
            [item.commitment for item in part],
            [(int.from_bytes(item.r), item.vs) for item in part],
            [],
        )
    labelers = [key.address for key in keys]
    for start in range(0, SEATS, 64):
        part = slice(start, start + 64)
        rounds.reveal(1, labelers[part], sheets[part], [SALT] * len(labelers[part]))

    rounds.close(1, ROOT, labelers, sheets, [], gold, SALT)

    calldata = rounds.close.prepare_calldata(1, ROOT, labelers, sheets, [], gold, SALT)
    # Boa runs all calls as if in one transaction, so slots are warm that would not be.
    gas = rounds._computation.get_gas_used() + 21_000 + COLD * (SEATS + 10)
    gas += sum(4 if byte == 0 else 16 for byte in calldata)
    print(f"{name}: {gas:,} gas", file=sys.stderr)
    assert gas < LIMIT


def _answer(dice: random.Random, options: int, truth: int) -> int | None:
    if dice.random() < 0.02:
        return None
    return truth if dice.random() < 0.6 else dice.randrange(options)
