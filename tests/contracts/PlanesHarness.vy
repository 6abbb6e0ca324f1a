# pragma version 0.4.3
"""
@title Planes, one by one
@license MIT
@notice For tests: hands each function of `planes` to the outside.
"""


from ...contracts.modules import planes


@external
@pure
def first(count: uint256) -> uint256:
    return planes._first(count)


@external
@pure
def popcount(plane: uint256) -> uint256:
    return planes._popcount(plane)


@external
@pure
def popcounts(many: DynArray[uint256, 256]) -> DynArray[uint256, 256]:
    counts: DynArray[uint256, 256] = []
    for plane: uint256 in many:
        counts.append(planes._popcount(plane))
    return counts


@external
@pure
def columns(sheet: uint256[planes.SHEET]) -> uint256[4]:
    return planes._columns(sheet)


@external
@pure
def rows(sheet: uint256[planes.SHEET]) -> uint256[4]:
    return planes._rows(sheet)


@external
@pure
def one_hot(sheet: uint256[planes.SHEET], options: uint256) -> uint256[planes.OPTIONS]:
    return planes._one_hot(sheet, options)


@external
@pure
def constant_sheet(x: uint256) -> uint256[planes.SHEET]:
    return planes._constant(x)


@external
@pure
def choose(
    mask: uint256, a: uint256[planes.SHEET], b: uint256[planes.SHEET]
) -> uint256[planes.SHEET]:
    return planes._choose(mask, a, b)


@external
@pure
def same(a: uint256[planes.SHEET], b: uint256[planes.SHEET]) -> uint256:
    return planes._same(a, b)


@external
@pure
def above(a: uint256[planes.SHEET], b: uint256[planes.SHEET]) -> uint256:
    return planes._above(a, b)


@external
@pure
def distance(
    a: uint256[planes.SHEET], b: uint256[planes.SHEET]
) -> uint256[planes.SHEET]:
    return planes._distance(a, b)


@external
@pure
def equal(a: uint256[planes.SHEET], b: uint256[planes.SHEET]) -> bool:
    return planes._equal(a, b)


@external
@pure
def union(a: uint256, b: uint256) -> uint256:
    return planes._union(a, b)


@external
@pure
def increment(
    counter: uint256[planes.COUNT_DIGITS], plane: uint256
) -> uint256[planes.COUNT_DIGITS]:
    return planes._increment(counter, plane)


@external
@pure
def add_four(
    counter: uint256[planes.COUNT_DIGITS], a: uint256, b: uint256, c: uint256, d: uint256
) -> uint256[planes.COUNT_DIGITS]:
    return planes._add_four(counter, a, b, c, d)


@external
@pure
def add(
    a: uint256[planes.COUNT_DIGITS], b: uint256[planes.COUNT_DIGITS]
) -> uint256[planes.COUNT_DIGITS]:
    return planes._add(a, b)


@external
@pure
def subtract(
    a: uint256[planes.COUNT_DIGITS], b: uint256[planes.COUNT_DIGITS]
) -> uint256[planes.COUNT_DIGITS]:
    return planes._subtract(a, b)


@external
@pure
def halve(counter: uint256[planes.COUNT_DIGITS]) -> uint256[planes.COUNT_DIGITS]:
    return planes._halve(counter)


@external
@pure
def select(
    mask: uint256, a: uint256[planes.COUNT_DIGITS], b: uint256[planes.COUNT_DIGITS]
) -> uint256[planes.COUNT_DIGITS]:
    return planes._select(mask, a, b)


@external
@pure
def compare(
    a: uint256[planes.COUNT_DIGITS], b: uint256[planes.COUNT_DIGITS]
) -> (uint256, uint256):
    return planes._compare(a, b)


@external
@pure
def more_than(counter: uint256[planes.COUNT_DIGITS], least: uint256) -> uint256:
    return planes._more_than(counter, least)


@external
@pure
def weigh(counter: uint256[planes.COUNT_DIGITS], within: uint256) -> uint256:
    return planes._weigh(counter, within)
