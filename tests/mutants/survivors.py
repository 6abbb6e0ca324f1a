"""Mutants that no test kills, each with the reason why that is right."""

from dataclasses import dataclass
from typing import Final

from tests.build import CONTRACTS
from tests.mutants.operators import Mutant


@dataclass(frozen=True)
class Survivor:
    """The mutants of a file whose line has `code` in it, and that `old` becomes `new` in."""

    file: str
    code: str
    old: str
    new: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        lines = (CONTRACTS / self.file).read_text().splitlines()
        return (
            (mutant.file, mutant.old, mutant.new) == (self.file, self.old, self.new)
            and self.code in lines[mutant.line - 1]
        )  # fmt: skip


_ACCOUNTS: Final = "modules/accounts.vy"
_ADMISSION: Final = "modules/admission.vy"
_BEACON: Final = "modules/beacon.vy"
_COMPOSITION: Final = "modules/composition.vy"
_DRAW: Final = "policies/SeatDraw.vy"
_DRAWS: Final = "modules/draws.vy"
_JUDGE: Final = "Judge.vy"
_MULTICALL: Final = "Multicall.vy"
_GOLD: Final = "modules/gold.vy"
_CONSENSUS: Final = "modules/consensus.vy"
_ROUNDS: Final = "LabelRounds.vy"
_OUTCOMES: Final = "modules/outcomes.vy"
_PLANES: Final = "modules/planes.vy"
_PERMUTATION: Final = "modules/permutation.vy"
_POOL: Final = "modules/pool.vy"
_SCORING: Final = "modules/scoring.vy"

_ROOM: Final = "room for one more than is ever sent together"
_LONG_AGO: Final = "nobody left in the first second of 1970"
_SPARE: Final = "gas to spare: half of it would do (tests/attacks)"


def _assigned(file: str, *names: str) -> tuple[Survivor, ...]:
    """Vyper wants a value where a variable is declared, even if it never is read."""
    reason = "assigned before it is read"
    return tuple(Survivor(file, f" {name}: uint256 = 0", "0", "1", reason) for name in names)


SURVIVORS: Final[tuple[Survivor, ...]] = (
    Survivor(_ACCOUNTS, "if amount > 0:", ">", ">=", "0 is added"),
    Survivor(_ACCOUNTS, "if fee > 0:", ">", ">=", "0 is added"),
    Survivor(
        "modules/rules.vy", "rules.gold_count > 0", "0", "1", "fewer than 8 are refused before"
    ),
    Survivor(_ACCOUNTS, "BPS:", "10_000", "10001", "kappa is at most 1,000,000 ppm"),
    Survivor(
        _JUDGE, " waiting: uint256 = 0", "0", "1", "the first place stays empty: no votes are in it"
    ),
    Survivor(
        _JUDGE,
        "waiting = unsafe_add(waiting, 1)",
        "1",
        "2",
        "every other place stays empty: the same votes, counted in more steps",
    ),
    Survivor(
        _JUDGE,
        "if waiting == 4:",
        "==",
        "!=",
        "each sheet is counted by itself: the same votes, in more steps",
    ),
    Survivor(_JUDGE, "bound=3", "3", "4", "a bound on at most three steps"),
    *_assigned(_JUDGE, "crowd_tasks", "crowd_best"),
    Survivor(_JUDGE, "score.loss > 0", ">", ">=", "a loss of 0 adds 0 to the rate"),
    Survivor(
        _JUDGE,
        "outcome.kappa > 0 and",
        "0",
        "1",
        "the least kappa above 0 is 2 ppm: Gmax is at most 15 * 256 * 256 / 2",
    ),
    *(
        Survivor(_GOLD, f"score.{side} > 0", old, new, "a mark is more than a point of any Gmax")
        for side in ("gain", "loss")
        for old, new in ((">", ">="), ("0", "1"))
    ),
    *_assigned(_ROUNDS, "phase", "deadline", "current"),
    Survivor(_ROUNDS, "assert revealed > 0", "0", "1", "counted in steps of REVEALED, far above 1"),
    Survivor(_ROUNDS, "assert gone > 0", "0", "1", "counted in steps of GONE, far above 1"),
    Survivor(_ROUNDS, "if len(refusal) > 0:", "0", "1", "no reason is one letter"),
    Survivor(_ROUNDS, "assert status.seats > 0", "0", "1", "a round has three seats at least"),
    *(
        Survivor(asking, " answered: bool = False", "False", "True", "assigned before it is read")
        for asking in (_ADMISSION, _BEACON, _COMPOSITION)
    ),
    *_assigned(_DRAW, "refusal", "opens", "phase", "deadline", "rank"),
    Survivor(_DRAW, " listed: bool = False", "False", "True", "assigned before it is read"),
    Survivor(_DRAW, "            break", "break", "pass", "no bit is set above the highest"),
    Survivor(
        _DRAW,
        "+ _BPS - 1) // _BPS",
        "1",
        "2",
        "a hundredth of whole wei never ends in one of 10,000",
    ),
    Survivor(_DRAWS, "_BLOCK: constant", "40", "41", "nobody asks for it once there is a seed"),
    Survivor(_DRAWS, "return False, 0", "0", "1", "who is not listed has no rank"),
    Survivor(_COMPOSITION, " most: uint256 = 0", "0", "1", "each needs far more"),
    Survivor(_COMPOSITION, " every: uint256 = 0", "0", "1", "one gas more, of 200,000"),
    Survivor(
        _COMPOSITION,
        "gas_limit <= admission.POLICY_GAS",
        "<=",
        "<",
        "one that needs all the gas there is leaves none for the others",
    ),
    *(
        Survivor(_COMPOSITION, "_SAYING: constant", "20_000", other, _SPARE)
        for other in ("19999", "20001")
    ),
    *(
        Survivor(_POOL, old, old, "pass", "who joins first brings it up to date")
        for old in ("state.epoch = block.timestamp // EPOCH", "self._write(state)")
    ),
    Survivor(_DRAW, "if high > 0:", ">", ">=", "0 is added"),
    Survivor(_DRAW, "assert terms.n > 0", "0", "1", "nine units are drawn from at least"),
    Survivor(_DRAW, "if member.left > 0 and", "0", "1", _LONG_AGO),
    Survivor(_POOL, "assert member.left > 0", "0", "1", _LONG_AGO),
    Survivor(_POOL, "if amount > 0:", ">", ">=", "0 is added"),
    Survivor(_POOL, "withdraw: nothing", "0", "1", "a credit is half a bond at least, 5 wei"),
    Survivor(_BEACON, "if prefix < _ZERO:", "<", "<=", "the number 0 is one byte long either way"),
    *(
        Survivor(_PERMUTATION, "_WALKS: constant", "32", other, "nobody walks so far")
        for other in ("31", "33")
    ),
    Survivor(_ROUNDS, "band=outcomes.UNREVEALED, kappa=0", "0", "1", "the silent have no kappa"),
    Survivor(_ROUNDS, "band=outcomes.VOID, kappa=0", "0", "1", "of the void no kappa is kept"),
    *_assigned(_CONSENSUS, "overtakes", "stays_behind", "follows", "trails"),
    *_assigned(_CONSENSUS, "above", "below", "reaches", "short", "passed", "still"),
    Survivor(
        _CONSENSUS,
        "if tau_bps * reveals <= v * BPS",
        "<=",
        "<",
        "one more step, in which no task has more votes than there are",
    ),
    Survivor(
        _CONSENSUS,
        " sole: uint256 = 0",
        "0",
        "1",
        "the first step takes no heed of it: nothing trails a runner-up without votes",
    ),
    Survivor(
        _CONSENSUS,
        "runner_up[0] = sole",
        "runner_up[0] = sole",
        "pass",
        "backers are only where the runner-up is alone",
    ),
    Survivor(
        _CONSENSUS, "planes._more_than(voters, 1)", "1", "2", "an even count has no lowest digit"
    ),
    Survivor(
        _CONSENSUS,
        " low: uint256[planes.SHEET]",
        "0",
        "1",
        "lo is chosen in every task that has one",
    ),
    Survivor(_CONSENSUS, "backers=0,", "0", "1", "on a scale nobody looks at them"),
    Survivor(
        _OUTCOMES,
        "_KAPPA: constant(uint256) = 2**24 - 1",
        "1",
        "2",
        "the average forgets the last two decimals, and with them the lowest bit",
    ),
    Survivor(
        _PLANES,
        "hot[1] = sheet[0] & sheet[1]",
        "0",
        "1",
        "a sheet has digits only where it has an answer (D1.4)",
    ),
    Survivor(_PLANES, "if options <= 4:", "<=", "<", "the same, in more steps"),
    Survivor(
        _SCORING,
        "return [planes._same(own, said), 0, 0, 0, 0]",
        "0",
        "1",
        "without a scale nobody looks at distances",
    ),
    *_assigned(_SCORING, "expected", "chance", "among"),
    Survivor(_SCORING, "if x >= options:", ">=", ">", "options that nobody has: zeros"),
    Survivor(_SCORING, "            break", "break", "pass", "options that nobody has: zeros"),
    Survivor(_SCORING, "if y < width:", "<", "<=", "a credit of w - w is none"),
    Survivor(_SCORING, "if observed > chance:", ">", ">=", "a gain of 0 is no loss of 0"),
    Survivor(_SCORING, "if width > 1:", ">", ">=", "without a scale all distances are 0"),
    Survivor(_PLANES, "            break", "break", "pass", "a carry of nothing changes nothing"),
    Survivor(_MULTICALL, "SIZE: constant", "100_000", "100001", _ROOM),
    Survivor(_MULTICALL, "CALLS: constant", "64", "65", _ROOM),
    Survivor(_MULTICALL, "_ONCE: constant", "160_000", "159999", _SPARE),
    Survivor(_MULTICALL, "_ONCE: constant", "160_000", "160001", _SPARE),
    Survivor(_MULTICALL, "_EACH: constant", "3_000", "2999", _SPARE),
    Survivor(_MULTICALL, "_EACH: constant", "3_000", "3001", _SPARE),
    Survivor(_MULTICALL, "needed // 63", ">", ">=", _SPARE),
    Survivor(_MULTICALL, "needed // 63", "63", "64", _SPARE),
)


def reason_for(mutant: Mutant) -> str:
    """Why a mutant may survive; empty if there is no reason."""
    return next((known.reason for known in SURVIVORS if known.is_of(mutant)), "")
