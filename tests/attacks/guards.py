"""Each guard is removed from a copy of the contracts, and the attack that it stops is tried.

Compiling takes longer than attacking, so `make seeded` runs this, and `make test` does not.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.build import ROOT
from tests.seeding import Bug, seed_bug

ROUNDS = "LabelRounds.vy"
ACCOUNTS = "modules/accounts.vy"
PHASES = "modules/rounds.vy"
HASHES = "modules/commitments.vy"
RULES = "modules/rules.vy"
GOLD = "modules/gold.vy"
MONEY = "modules/money.vy"
ADMISSION = "modules/admission.vy"
JUDGE = "Judge.vy"
MULTICALL = "Multicall.vy"
DRAW = "policies/SeatDraw.vy"
POOL = "modules/pool.vy"
DRAWS = "modules/draws.vy"
BEACON = "modules/beacon.vy"
COMPOSITION = "modules/composition.vy"
ALL = "policies/AllOf.vy"
ATTESTATION = "policies/SignedAdmission.vy"
TOKEN = "policies/TokenGate.vy"
EXCLUSION = "policies/ExcludeParticipants.vy"
BOOK = "RecordBook.vy"
CLOSINGS = "modules/closings.vy"


@dataclass(frozen=True)
class Guard(Bug):
    """`new` is what is left without it; `attack` names the file of tests/attacks."""

    attack: str


def without(attack: str, file: str, old: str, new: str = "") -> Guard:
    return Guard(f"{attack}: {' '.join(old.split())[:60]}", file, old, new, f"test_{attack}.py")


# That a policy is asked statically is not among them: without it the view does not compile.
GUARDS = (
    without(
        "copied_commitment", HASHES, "round_id, labeler, sheet, salt))", "round_id, sheet, salt))"
    ),
    without("copied_commitment", HASHES, "domain, round_id, labeler, sh", "domain, labeler, sh"),
    without("copied_commitment", HASHES, "_COMMITMENT, domain,", "_COMMITMENT,"),
    without(
        "two_way_commitment",
        ROUNDS,
        "if self._seats[round_id][labeler] != empty(bytes32):",
        "if False:",
    ),
    without("out_of_range", ROUNDS, "if not answer_sheets._fits(sheet, form):", "if False:"),
    without("early_reveal", ROUNDS, "assert current >= wanted", "assert True"),
    without("late_reveal", PHASES, "block.timestamp < status.deadlines.reveal and "),
    without("other_salt", HASHES, "labeler, sheet, salt)", "labeler, sheet)"),
    without(
        "double_reveal",
        ROUNDS,
        "    self._seats[round_id][labeler] = empty(bytes32)\n    log R",
        "    log R",
    ),
    without("leak_bounty", ROUNDS, "msg.sender != labeler", "True"),
    without("leak_bounty", ROUNDS, "    self._seats[round_id][labeler] = _LEAKED\n"),
    without(
        "leak_bounty",
        ROUNDS,
        '[labeler] == commitment, "leak',
        '[labeler] != empty(bytes32), "leak',
    ),
    without("signature_replay", HASHES, "_COMMIT, round_id, labeler", "_COMMIT, labeler"),
    without("signature_replay", ROUNDS, "recovered != empty(address) and "),
    without("relay_batch", ROUNDS, 'refusal = "commit: invalid', 'raise "commit: invalid'),
    without(
        "reveal_batch",
        ROUNDS,
        "log RevealRefused(round_id=round_id, labeler=labeler, reason=refusal)",
        "raise refusal",
    ),
    without("withdraw_before_slash", ACCOUNTS, "account - stake + (stake", "account + (stake"),
    without("one_balance_two_rounds", ACCOUNTS, "if account & MOST < stake:", "if stake == 1:"),
    without("reentrancy_token", ACCOUNTS, "@nonreentrant\ndef deposit(", "def deposit("),
    without("reentrancy_recipient", ACCOUNTS, "@nonreentrant\ndef withdraw", "def withdraw"),
    without("reentrancy_recipient", ACCOUNTS, "@nonreentrant\ndef sweep", "def sweep"),
    without("hostile_policy", ADMISSION, "        gas=POLICY_GAS,\n"),
    without(
        "hostile_policy",
        ADMISSION,
        "len(answer) == 32 and convert(answer, uint256) == 1",
        "len(answer) > 0",
    ),
    without("hostile_token", MONEY, 'assert moved, "deposit', 'assert True, "deposit'),
    without("hostile_token", MONEY, "arrived == before + amount", "arrived > 0"),
    without("hostile_token", MONEY, "left + amount == before", "left < before"),
    without("hostile_wallet", ROUNDS, "return answer == _EIP1271_YES", "return True"),
    without("hostile_wallet", ROUNDS, "if not wallet.is_contract:", "if False:"),
    without("largest_terms", ACCOUNTS, "money._held() <= MOST", "True"),
    without("largest_terms", RULES, "last <= block.timestamp + LONGEST_ROUND", "True"),
    without(
        "gold_opening", ROUNDS, "root == self._rounds[round_id].gold_root", "root != empty(bytes32)"
    ),
    without("gold_opening", HASHES, "domain, requester, sheet", "domain, sheet"),
    without("gold_opening", ROUNDS, "assert plane == 0", "assert True"),
    without(
        "gold_opening",
        ROUNDS,
        "if not status.has_gold or verdict.usable_gold != 0:",
        "if True:",
    ),
    without(
        "requester_as_labeler",
        ROUNDS,
        "if not status.has_gold or verdict.usable_gold != 0:",
        "if True:",
    ),
    without(
        "altered_close",
        ROUNDS,
        'counted and roll == self._rounds[round_id].roll, "close: not',
        'counted, "close: not',
    ),
    without(
        "roll",
        ROUNDS,
        'counted and roll == self._rounds[round_id].roll, "close: not',
        'counted, "close: not',
    ),
    without("roll", ROUNDS, "len(labelers) == rounds._awaited(status)", "True"),
    without(
        "forged_root",
        ROUNDS,
        'counted and roll == self._rounds[round_id].roll, "close: not',
        'roll == self._rounds[round_id].roll, "close: not',
    ),
    without("close_twice", ROUNDS, "not status.is_closed", "True"),
    without("conclude_griefed", ROUNDS, "status.revealed == 0", "True"),
    without(
        "forfeit_twice",
        ROUNDS,
        "= empty(bytes32)\n        gone +=",
        "= seat\n        gone +=",
    ),
    without("forfeit_twice", ROUNDS, "block.timestamp >= status.deadlines.reveal", "True"),
    without("expiry", ROUNDS, "block.timestamp >= rounds._last_deadline(status) + EXPIRY", "True"),
    without(
        "time_edges",
        PHASES,
        "block.timestamp < status.deadlines.gold",
        "block.timestamp <= status.deadlines.gold",
    ),
    without("refusing_receivers", MONEY, "        assert accepted,", "        assert True,"),
    # Of the gold answers.
    without("strict_gold", RULES, "passes >= 500 and passes <= 4_000", "passes >= 500"),
    without(
        "strict_gold",
        ROUNDS,
        "min(price - outcome.pay, most_back)",
        "price - outcome.pay",
    ),
    without("few_gold", RULES, "assert count >= least", "assert True"),
    without("few_gold", RULES, "assert 4 * count <= rules.tasks", "assert True"),
    without("few_gold", GOLD, "target.tasks != rules.gold_count or "),
    without(
        "one_sided_gold",
        GOLD,
        "return unsafe_mul(target.best, 16) >= unsafe_mul(most, 5)",
        "return True",
    ),
    without(
        "withheld_gold",
        ROUNDS,
        "if not status.has_gold or verdict.usable_gold != 0:",
        "if True:",
    ),
    without("gold_opening", RULES, "assert deadlines.gold <= latest", "assert True"),
    without("gold_opening", RULES, "assert rules.gold_count > 0", "assert True"),
    without("few_gold", RULES, "assert rules.gold_count == 0", "assert True"),
    without("wrong_gold", ROUNDS, "min(price - outcome.pay, most_back)", "price - outcome.pay"),
    without("known_gold", ROUNDS, "min(price - outcome.pay, most_back)", "price - outcome.pay"),
    without(
        "no_work_sheet", JUDGE, "            if not finding.passed:\n", "            if False:\n"
    ),
    without("seat_filling", JUDGE, "        elif has_gold:\n", "        elif False:\n"),
    without("seat_filling", JUDGE, "case.nothing_counts = few", "case.nothing_counts = False"),
    without("empty_sheets", JUDGE, "fee * answered // rules.tasks", "fee"),
    without("empty_sheets", JUDGE, "if case.void and has_gold:", "if False:"),
    without("easiest_part", JUDGE, "unsafe_div(share, rules.tasks)", "unsafe_div(full, case.bar)"),
    without("lone_labeler", JUDGE, "counted < rules.r_min", "counted < 1"),
    without("lone_labeler", RULES, "rules.r_min >= 3", "rules.r_min >= 1"),
    # Of verdict, payroll and signed withdrawals.
    without(
        "forged_verdict",
        ROUNDS,
        "payroll = commitments._enlist(payroll, labelers[i], rulings[i])",
        "pass",
    ),
    without("forged_verdict", HASHES, "abi_encode(payroll, labeler, ruling)", "abi_encode(ruling)"),
    without("forged_verdict", HASHES, "tasks_root, verdict, payroll))", "tasks_root, verdict))"),
    without("withdrawal_replay", ROUNDS, "self.nonces[owner] = nonce + 1", "pass"),
    *(
        without(
            "withdrawal_replay", HASHES, "_WITHDRAWAL, owner, amount, receiver, fee, dead", left
        )
        for left in (
            "_WITHDRAWAL, amount, receiver, fee, dead",
            "_WITHDRAWAL, owner, receiver, fee, dead",
            "_WITHDRAWAL, owner, amount, fee, dead",
            "_WITHDRAWAL, owner, amount, receiver, dead",
        )
    ),
    without("withdrawal_replay", HASHES, "fee, deadline, nonce)\n", "fee, nonce)\n"),
    without("withdrawal_replay", HASHES, "fee, deadline, nonce)\n", "fee, deadline)\n"),
    without("withdrawal_replay", ROUNDS, "recovered != empty(address) and "),
    without(
        "withdrawal_terms", ROUNDS, "block.timestamp < deadline", "block.timestamp <= deadline"
    ),
    without("withdrawal_terms", ACCOUNTS, "assert amount > fee", "assert amount > 0"),
    without("withdrawal_terms", ACCOUNTS, "unsafe_sub(amount, fee)", "amount"),
    without("withdrawal_terms", ACCOUNTS, "        self._credit(msg.sender, fee)", "        pass"),
    without("withdrawal_terms", ROUNDS, "@nonreentrant\ndef withdraw_for", "def withdraw_for"),
    without("withdrawal_wallet", ROUNDS, "return answer == _EIP1271_YES", "return True"),
    without("withdrawal_wallet", ROUNDS, "if not wallet.is_contract:", "if False:"),
    without(
        "withdrawal_wallet", ROUNDS, "signed or self._wallet_signed", "True or self._wallet_signed"
    ),
    without(
        "multicall",
        MULTICALL,
        """    assert msg.gas > needed + needed // 63, "multicall: not enough gas"\n""",
    ),
    without("multicall", MULTICALL, "needed += part.gas + _EACH", "needed = part.gas + _EACH"),
    without("multicall", MULTICALL, "gas=part.gas", "gas=msg.gas"),
    without("multicall", MULTICALL, "            log CallFailed(position=position)\n"),
    without(
        "multicall",
        MULTICALL,
        """    assert start == len(calls), "multicall: sizes do not add up"\n""",
    ),
    without("multicall", MULTICALL, "assert failed < position", "assert True"),
    without("multicall", MULTICALL, "assert label_rounds.is_contract", "assert True"),
    # Of seats by lot.
    without("pool_late_joining", DRAW, "member.joined + pool.RIPENING > terms", "0 > terms"),
    without("pool_late_joining", POOL, "state.ripe = state.middle", "state.ripe = state.units"),
    without("pool_early_leaving", POOL, "> member.left + LONGEST_WINDOW", "> member.left"),
    without("pool_early_leaving", DRAW, "member.left > 0 and member.left <= terms", "0 > terms"),
    without("pool_holes", DRAW, "terms.n // units", "terms.n // terms.n"),
    without("pool_holes", POOL, "    state.freed = unit + 1\n"),
    without("draw_again", DRAW, "assert self._drawn[word] & low == 0", "assert True"),
    without("draw_again", DRAW, "assert terms.captured == 0", "assert True"),
    without("draw_again", DRAW, "    money._collect(fee)\n"),
    without("draw_foreign_rounds", DRAW, "assert round.requester == msg.sender", "assert True"),
    without("draw_foreign_rounds", DRAW, "assert round.admission != empty", "assert self != empty"),
    without("draw_foreign_rounds", DRAW, "assert terms.liable", "assert True"),
    without("draw_small_pool", DRAW, "assert units >= least", "assert units > 0"),
    without("draw_two_at_once", DRAW, "member.struck < turn and ", ""),
    without("draw_two_at_once", DRAW, "(luck >> place) & 1 == 0", "luck == 0"),
    without("draw_hoarding", DRAWS, "if turn > terms.standby:", "if turn > 0:"),
    without("draw_standby_bots", DRAWS, "captured + begin + (turn", "captured + (turn"),
    without("draw_seed_grinding", BEACON, "if prefix >= _LONG:", "if prefix > 255:"),
    without("draw_seed_grinding", BEACON, "if difficulty != _ZERO:", "if False:"),
    without("draw_seed_grinding", BEACON, "mix if self._is_random(mix) else empty(bytes32)", "mix"),
    without("draw_seed_grinding", DRAW, "self, draw_id)), uint256)", "self)), uint256)"),
    without("draw_capture", DRAW, "assert keccak256(header) == block_hash", "assert True"),
    without(
        "draw_capture",
        DRAW,
        "assert beacon._hash_of(terms.seed_block) == empty(bytes32)",
        "assert True",
    ),
    without("draw_capture", DRAW, " and block.timestamp > terms.frozen", ""),
    without("draw_capture", DRAW, "assert length >= _FAIR_WINDOW", "assert True"),
    without("pool_false_reports", DRAW, "assert enough", "assert True"),
    without("pool_false_reports", DRAW, "member.struck + _RESPITE <= block.timestamp", "True"),
    without("pool_reentrancy", POOL, "@nonreentrant\ndef sweep", "def sweep"),
    without("pool_reentrancy", POOL, "    self.balances[msg.sender] = 0\n"),
    without("pool_hostile_gate", POOL, "assert GATE == empty(address)", "assert True"),
    # Of policies.
    without("hostile_member", COMPOSITION, "        gas=asked.gas_limit,\n"),
    without("hostile_member", COMPOSITION, "assert msg.gas >= least", "assert True"),
    without(
        "hostile_member",
        COMPOSITION,
        "len(answer) == 32 and convert(answer, uint256) == 1",
        "len(answer) > 0",
    ),
    without("hostile_member", COMPOSITION, "gas_limit >= self._need_of(policy)", "True"),
    without("hostile_member", COMPOSITION, "assert NEEDED <= admission.POLICY_GAS", "assert True"),
    without("hostile_member", ALL, "at == len(evidence) and lengths == 0", "lengths == 0"),
    without("hostile_member", ALL, "at == len(evidence) and lengths == 0", "at == len(evidence)"),
    without("attestation_replay", ATTESTATION, "block.timestamp >= expiry or "),
    without("attestation_replay", ATTESTATION, " or expiry <= self.revoked[labeler]"),
    *(
        without("attestation_replay", ATTESTATION, "_ATTESTATION, labeler, _GROUP_HASH, exp", left)
        for left in (
            "_ATTESTATION, _GROUP_HASH, exp",
            "_ATTESTATION, labeler, exp",
        )
    ),
    without("attestation_replay", ATTESTATION, "_GROUP_HASH, expiry", "_GROUP_HASH"),
    without("attestation_replay", ATTESTATION, "msg.sender == STEWARD", "True"),
    without("attestation_replay", ATTESTATION, "assert expiry > self.rev", "assert 1 > self.rev"),
    without("attestation_replay", ATTESTATION, "steward != empty(address)", "True"),
    without("attestation_replay", ATTESTATION, " and convert(answer, bytes32) == _EIP1271_YES"),
    without("hostile_gate_token", TOKEN, "balanceOf(labeler) >= LEAST", "balanceOf(self) >= LEAST"),
    without("bought_record", BOOK, "assert not self.is_entered[round_id]", "assert True"),
    without("bought_record", BOOK, "assert counts", "assert True"),
    without("bought_record", BOOK, "    self.is_entered[round_id] = True\n"),
    without("bought_record", CLOSINGS, "assert is_so", "assert True"),
    without("bought_record", CLOSINGS, "len(closing.rulings) == len(closing.labelers)", "True"),
    without("returning_participant", EXCLUSION, "self.took_part[labeler] = True", "pass"),
    without(
        "returning_participant", EXCLUSION, "        closings._require(label_rounds, closing)\n"
    ),
)


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_without_it_the_attack_succeeds(guard: Guard, tmp_path: Path) -> None:
    seeded = tmp_path / "seeded.json"
    seeded.write_text(json.dumps(seed_bug(guard, tmp_path)))
    attack = ROOT / "tests" / "attacks" / guard.attack
    command = [sys.executable, "-m", "pytest", "-p", "no:ape_test", "-p", "no:boa_test", "-x", "-q"]
    done = subprocess.run(
        [*command, str(attack)],
        cwd=ROOT,
        env={**os.environ, "SEEDED": str(seeded)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert " failed" in done.stdout.splitlines()[-1], done.stdout
