"""The shuffle of a draw maps 0..n-1 onto itself, and can be undone."""

import random

import pytest

from plumbline.seating.permutation import Permutation, rows

SIZES = [*range(1, 40), 61, 100, 257, 1_000, 1_024, 1_025]


@pytest.mark.parametrize("n", SIZES)
def test_nobody_is_lost_or_meets_another(n: int) -> None:  # Q4.1
    permutation = Permutation(n, seed=n * 2**100 + 7, layer=n % 5)
    positions = [permutation.position(unit) for unit in range(n)]
    assert sorted(positions) == list(range(n))
    assert list(permutation.units(0, n)) == sorted(range(n), key=positions.__getitem__)


def test_each_undoes_the_other_in_large_pools() -> None:
    rng = random.Random(1)
    for _ in range(200):
        n = rng.randrange(2, 2 ** rng.randrange(2, 33))
        permutation = Permutation(n, rng.getrandbits(128), rng.randrange(128))
        unit = rng.randrange(n)
        assert permutation.unit_at(permutation.position(unit)) == unit


def test_seed_and_layer_make_another_shuffle() -> None:
    shuffles = {
        tuple(Permutation(50, seed, layer).units(0, 50)) for seed in (0, 1) for layer in (0, 1)
    }
    assert len(shuffles) == 4


@pytest.mark.parametrize("number", [-1, 10])
def test_who_is_not_there_has_no_position(number: int) -> None:
    permutation = Permutation(10, 0, 0)
    with pytest.raises(ValueError, match=r"not in 0\.\.9"):
        permutation.position(number)
    with pytest.raises(ValueError, match=r"not in 0\.\.9"):
        permutation.unit_at(number)


@pytest.mark.parametrize("n", [1, 2, 4, 5, 99, 100, 101, 2**32 - 1])
def test_fewer_cells_than_rows_lie_behind_the_last_unit(n: int) -> None:
    """So nobody walks on more than 32 times up to 1,024 units."""
    columns = -(-n // rows(n))
    assert 0 <= rows(n) * columns - n < rows(n)
    assert rows(n) ** 2 >= n
