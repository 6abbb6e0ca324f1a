# pragma version 0.4.3
"""
@title Proofs: planes
@license MIT
@notice For `make proofs`. Every `check_` holds for all planes: the solver is asked for planes and a
        task in which the result is another than that of plain arithmetic on the task's own bits.
"""


from ...contracts.modules import planes


@internal
@pure
def _claim(holds: bool):
    """
    @notice Reverts as the solver expects it of what is false: Panic(1).
    """
    if not holds:
        raw_revert(abi_encode(convert(1, uint256), method_id=method_id("Panic(uint256)")))


@internal
@pure
def _bit(plane: uint256, task: uint256) -> uint256:
    return (plane >> task) & 1


@internal
@pure
def _answer(sheet: uint256[planes.SHEET], task: uint256) -> uint256:
    return (
        self._bit(sheet[1], task)
        + 2 * self._bit(sheet[2], task)
        + 4 * self._bit(sheet[3], task)
        + 8 * self._bit(sheet[4], task)
    )


@internal
@pure
def _count(counter: uint256[planes.COUNT_DIGITS], task: uint256) -> uint256:
    count: uint256 = 0
    for j: uint256 in range(planes.COUNT_DIGITS):
        count += self._bit(counter[j], task) << j
    return count


@external
@pure
def check_same_above_and_distance(
    a: uint256[planes.SHEET], b: uint256[planes.SHEET], at: uint256
):
    task: uint256 = at & 255
    both: bool = self._bit(a[0] & b[0], task) == 1
    x: uint256 = self._answer(a, task)
    y: uint256 = self._answer(b, task)
    self._claim(self._bit(planes._same(a, b), task) == convert(both and x == y, uint256))
    self._claim(self._bit(planes._above(a, b), task) == convert(both and x > y, uint256))
    distance: uint256[planes.SHEET] = planes._distance(a, b)
    self._claim(self._bit(distance[0], task) == convert(both, uint256))
    self._claim(self._answer(distance, task) == max(x, y) - min(x, y))


@external
@pure
def check_choose(
    mask: uint256, a: uint256[planes.SHEET], b: uint256[planes.SHEET], at: uint256
):
    task: uint256 = at & 255
    chosen: uint256[planes.SHEET] = planes._choose(mask, a, b)
    of: uint256[planes.SHEET] = b
    if self._bit(mask, task) == 1:
        of = a
    self._claim(self._bit(chosen[0], task) == self._bit(of[0], task))
    self._claim(self._answer(chosen, task) == self._answer(of, task))


@external
@pure
def check_add_and_subtract(
    a: uint256[planes.COUNT_DIGITS], b: uint256[planes.COUNT_DIGITS], at: uint256
):
    task: uint256 = at & 255
    x: uint256 = self._count(a, task)
    y: uint256 = self._count(b, task)
    self._claim(self._count(planes._add(a, b), task) == (x + y) & 255)
    self._claim(self._count(planes._subtract(a, b), task) == (x + 256 - y) & 255)


@external
@pure
def check_add_four(
    counter: uint256[planes.COUNT_DIGITS],
    a: uint256,
    b: uint256,
    c: uint256,
    d: uint256,
    at: uint256,
):
    task: uint256 = at & 255
    more: uint256 = (
        self._bit(a, task) + self._bit(b, task) + self._bit(c, task) + self._bit(d, task)
    )
    raised: uint256[planes.COUNT_DIGITS] = planes._add_four(counter, a, b, c, d)
    self._claim(self._count(raised, task) == (self._count(counter, task) + more) & 255)


@external
@pure
def check_increment(counter: uint256[planes.COUNT_DIGITS], plane: uint256, at: uint256):
    task: uint256 = at & 255
    raised: uint256[planes.COUNT_DIGITS] = planes._increment(counter, plane)
    expected: uint256 = (self._count(counter, task) + self._bit(plane, task)) & 255
    self._claim(self._count(raised, task) == expected)


@external
@pure
def check_compare(
    a: uint256[planes.COUNT_DIGITS], b: uint256[planes.COUNT_DIGITS], at: uint256
):
    task: uint256 = at & 255
    x: uint256 = self._count(a, task)
    y: uint256 = self._count(b, task)
    greater: uint256 = 0
    less: uint256 = 0
    greater, less = planes._compare(a, b)
    self._claim(self._bit(greater, task) == convert(x > y, uint256))
    self._claim(self._bit(less, task) == convert(x < y, uint256))
