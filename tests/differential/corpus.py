"""The hard rounds that are kept: at least one for each edge of the rule, the smallest found.

`python -m tests.differential.corpus` looks for rounds at edges that none is kept for, and keeps
them. Each is kept whole, so that it stays the same when random rounds become others.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from plumbline.settlement.terms import MIN_SEATS, Kind, ScoringTerms, usual_terms
from tests.differential.crowds import Answers, Round, random_round
from tests.differential.edges import edges_of

_FILE: Final = Path(__file__).with_suffix(".json")
_TRIED: Final = 20_000
_DIGITS: Final = "0123456789abcdef"


def kept() -> dict[str, Round]:
    """The rounds by name."""
    return {name: _read(vector) for name, vector in json.loads(_FILE.read_text()).items()}


def keep(rounds: Mapping[str, Round]) -> None:
    """Writes them all."""
    lines = [f"{json.dumps(name)}: {json.dumps(_write(case))}" for name, case in rounds.items()]
    _FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _write(case: Round) -> dict[str, Any]:
    """As a vector, but with rows as text: a digit for each answer, a dot for a skip."""
    rows = [
        None if row is None else "".join("." if x is None else _DIGITS[x] for x in row)
        for row in case.answers
    ]
    return {**case.to_question(), "answers": rows}


def _read(vector: Mapping[str, Any]) -> Round:
    rows = [
        None if row is None else [None if x == "." else _DIGITS.index(x) for x in row]
        for row in vector["answers"]
    ]
    return Round.from_vector({**vector, "answers": rows})


def _terms(kind: Kind, options: int, width: int, tasks: int, seats: int) -> ScoringTerms:
    """The usual ones, for as few reveals as may be."""
    usual = usual_terms(kind, options, width, tasks, 10**16, 10**17, seats, gold_count=0)
    return replace(usual, r_min=MIN_SEATS)


def _crowd_at(
    seats: int, few: Sequence[int], many: Sequence[int], skipped: tuple[int, int] | None = None
) -> Round:
    """A crowd of two minds: `few` and `many` say, task by task, how many answer 0, and 1, where
    most do; `skipped` is a labeler and a task. No random crowd comes to what these come to, see
    `_MADE`.
    """
    tasks = [(0, votes) for votes in few] + [(1, votes) for votes in many]
    rows: list[Answers] = [[1 - leader for leader, _ in tasks] for _ in range(seats)]
    for task, (leader, votes) in enumerate(tasks):
        for number in range(votes):
            rows[(number + 7 * task) % seats][task] = leader
    if skipped is not None:
        labeler, task = skipped
        rows[labeler][task] = None
    return Round(_terms(Kind.NOMINAL, 2, 1, len(tasks), seats), rows, {})


def _odd(case: Round, first: int) -> Round:
    """The same crowd, but of four options of which only 1 and 3 are chosen, save in the first
    task: so the lowest digit is set wherever a task counts.
    """
    rows = [
        [None if x is None else 2 * x + 1 if task else first for task, x in enumerate(row)]
        for row in case.answers
        if row is not None
    ]
    return Round(replace(case.terms, options=4), rows, {})


def _agreed(answers: Sequence[int]) -> Round:
    """Three of one mind, of three options."""
    return Round(_terms(Kind.NOMINAL, 3, 1, len(answers), 3), [answers] * 3, {})


def _split(lo: int, hi: int, others: Sequence[int]) -> Round:
    """Four on a scale of 16 who agree in all tasks but the first, where two say `lo` and two `hi`:
    only there are some told otherwise, and the answers differ in one digit.
    """
    rows = [[first, *(others * 4)[:15]] for first in (lo, lo, hi, hi)]
    return Round(_terms(Kind.ORDINAL, 16, 5, 16, 4), rows, {})


def _held_to_gold(rights: Sequence[int | tuple[int, int, int]], **changes: int) -> Round:
    """Sheets with so many of 12 gold tasks right, and all the other 36, of two options; some skip
    so many gold tasks, those at the end, and so many of the others.
    """
    usual = usual_terms(Kind.NOMINAL, 2, 1, 48, 10**16, 10**17, max(3, len(rights)), gold_count=12)
    truth = [task % 2 for task in range(48)]
    rows: list[Answers] = []
    for each in rights:
        right, skipped, others = (each, 0, 0) if isinstance(each, int) else each
        row: Answers = [1 - x if right <= task < 12 else x for task, x in enumerate(truth)]
        row[12 - skipped : 12] = [None] * skipped
        row[48 - others :] = [None] * others
        rows.append(row)
    return Round(replace(usual, **changes), rows, {task: truth[task] for task in range(12)})


def _gold_that_varies(few: int) -> Round:
    """Four options in a row, and so many of eight gold answers two steps from the others."""
    terms = usual_terms(Kind.ORDINAL, 4, 3, 32, 10**16, 10**17, 5, gold_count=8)
    rows: list[Answers] = [[(task + task // 3) % 4 for task in range(32)] for _ in range(5)]
    gold = {task: 1 if task < few else 3 for task in range(8)}
    for row in rows:
        row[:8] = gold.values()
    return Round(terms, rows, gold)


# Two of three agree in the first task: of this the third is told, and they are not.
_FIRST_FOR_SOME: Final = _crowd_at(3, [3] * 6, [3] * 7, skipped=(0, 0))
_MADE: Final = {
    # 12*n - 72 of 72: a half at nine right, a third at eight
    "a crowd that just passes the gold tasks": _held_to_gold([9] * 5),
    "a crowd that is captured though it knows something": _held_to_gold([8] * 5),
    # 30 of 72, of eleven answers
    "a crowd that is captured by a hair": _held_to_gold([(8, 1, 0)] * 5),
    "gold tasks just failed, and all others right": _held_to_gold(
        [12, 12, 12, 12, (4, 1, 0)], gold_slash_bps=2_500
    ),
    "enough revealed, and one too few count": _held_to_gold([12, 12, 12, 7, 7], r_min=4),
    "void alone, and better by gold than their bar": _held_to_gold([12, 11, (12, 0, 25)]),
    "just as many passed as must": _held_to_gold([12] * 3 + [6] * 5 + [7]),
    "one sheet too many did not pass": _held_to_gold([12] * 3 + [6] * 6 + [7]),
    "gold answers that just vary enough": _gold_that_varies(3),
    "gold answers that vary a little too little": _gold_that_varies(2),
    "a crowd that is just good enough": _crowd_at(61, [32] * 48, [32] * 76 + [33] * 4),
    "a crowd a millionth too bad": _crowd_at(71, [37] * 32 + [38] * 11, [37] * 60 + [38] * 25),
    "only the first task counts for some only": _FIRST_FOR_SOME,
    "all is odd, but for what some are told": _odd(_FIRST_FOR_SOME, 0),
    "all is odd, and what some are told as well": _odd(_FIRST_FOR_SOME, 1),
    # 76 * 76 - 71 * 71 - 3 * 3 - 2 * 2 is an eighth of 76 * 76
    "on the edge of one-sided, and judged": _agreed([0] * 71 + [1] * 3 + [2] * 2),
    "told 3 for 1, the second digit being the third": _split(1, 3, [0, 7, 8, 15]),
    "told 7 for 5, the second digit being the third": _split(5, 7, [0, 7, 8, 15]),
    "told 5 for 1, the third digit being the fourth": _split(1, 5, [0, 3, 12, 15]),
    "told 9 for 1": _split(1, 9, [0, 3, 12, 15]),
    "told 13 for 9, the third digit being the fourth": _split(9, 13, [0, 3, 12, 15]),
}


def _size(case: Round) -> int:
    return case.terms.tasks * len(case.answers)


def _search() -> None:
    rounds = {**(kept() if _FILE.exists() else {}), **_MADE}
    known = {edge for case in rounds.values() for edge in edges_of(case)}
    found: dict[str, tuple[int, Round]] = {}
    for seed in range(_TRIED):
        case = random_round(seed)
        for edge in edges_of(case) - known:
            if edge not in found or _size(case) < _size(found[edge][1]):
                found[edge] = seed, case
        if seed % 100 == 0:
            print(f"\r{seed} of {_TRIED}, {len(found)} new edges", end="", file=sys.stderr)
    largest_first = sorted(found.items(), key=lambda item: -_size(item[1][1]))
    for edge, (seed, case) in largest_first:
        if edge not in known:
            rounds[f"{edge} ({seed})"] = case
            known |= edges_of(case)
    keep(rounds)
    print(f"\n{len(rounds)} rounds, {_FILE.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    _search()
