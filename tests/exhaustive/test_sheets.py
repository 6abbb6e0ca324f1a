"""Which words are a sheet: every answer under every number of options, every end of a batch."""

from itertools import product

import pytest

from tests.exhaustive.columns import COLUMNS
from tests.world.chain import Contract

# All that can stand in the column of a task: a bit of each of five planes.
COLUMN = [tuple(way >> j & 1 for j in range(5)) for way in range(32)]


@pytest.mark.parametrize("options", range(2, 17))
def test_an_answer_is_an_option_and_a_skip_is_empty(  # D1.4
    scoring: Contract, options: int
) -> None:
    fits = []
    for answered, *digits in COLUMN:
        answer = sum(digit << j for j, digit in enumerate(digits))
        fits.append(answer < options if answered else answer == 0)
    for task in (0, 1, 100, COLUMNS - 1):
        sheets = [tuple(bit << task for bit in column) for column in COLUMN]
        assert scoring.ask("fit", sheets, COLUMNS, options) == tuple(fits)


def test_no_task_is_answered_beyond_the_last(scoring: Contract) -> None:  # D1.4
    for tasks in range(1, COLUMNS + 1):
        places = [0, tasks - 1, min(tasks, COLUMNS - 1), COLUMNS - 1]
        sheets = [(1 << task, 0, 0, 0, 0) for task in places]
        assert scoring.ask("fit", sheets, tasks, 2) == tuple(task < tasks for task in places)


def test_one_wrong_column_among_256_is_found(scoring: Contract) -> None:
    """Five options everywhere, then a sixth, or a digit without an answer, in any one task."""
    everywhere = 2**COLUMNS - 1
    good = (everywhere, 0, 0, everywhere, 0)
    assert scoring.ask("fit", [good], COLUMNS, 5) == (True,)
    for place, start in product((1, 2, 4), range(0, COLUMNS, 64)):
        sheets = [
            (*good[:place], 1 << task, *good[place + 1 :]) for task in range(start, start + 64)
        ]
        assert not any(scoring.ask("fit", sheets, COLUMNS, 5))
    skips = [(everywhere ^ 1 << task, *good[1:]) for task in range(COLUMNS)]
    assert not any(scoring.ask("fit", skips, COLUMNS, 5))
