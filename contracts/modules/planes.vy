# pragma version 0.4.3
"""
@title Planes: one word, 256 tasks
@license MIT
@notice A `uint256` is read here as a row of 256 columns, one bit for each
        task of a batch. Such a row is called a plane, and one bitwise
        instruction works on all tasks at once.

        Three tasks (columns, task 0 on the right), options 0..3:

            a sheet          t2  t1  t0        task 0: option 2 (binary 10)
              answered        1   0   1        task 1: skipped
              digit 0         1   0   0        task 2: option 3 (binary 11)
              digit 1         1   0   1

            a counter        t2  t1  t0        task 0: 3 votes (binary 11)
              digit 0         0   1   1        task 1: 1 vote  (binary 01)
              digit 1         1   0   1        task 2: 2 votes (binary 10)

        A sheet is five planes: which tasks were answered, and the four
        binary digits of the options. A counter is eight planes: plane `j`
        holds the binary digit `j` of 256 separate counts, hence at most
        255 votes on a task, hence at most 255 seats in a round.

        Everything is written with AND, XOR and NOT. Where two planes
        are known to share no task, XOR is their union. Steps that are taken
        for each labeler are written out digit by digit, as an index that
        is not constant costs more than the step; rarer ones loop.
@custom:security All functions are pure, none can revert, and loops are bounded
                 by the number of digits.
"""


# @dev Tasks of a batch: the bits of a word.
COLUMNS: constant(uint256) = 256

# @dev The binary digits of an option (0..15).
DIGITS: constant(uint256) = 4

# @dev The planes of a sheet: `answered`, then the digits.
SHEET: constant(uint256) = 5

# @dev The options that four digits can name.
OPTIONS: constant(uint256) = 16

# @dev The binary digits of a count (0..255).
COUNT_DIGITS: constant(uint256) = 8

# @dev All tasks.
ALL: constant(uint256) = max_value(uint256)

# @dev Every second bit (..0101), every second pair (..0011), and so on: the
#      fields in which `_popcount` adds up, each twice as wide as the last.
_PAIRS: constant(uint256) = max_value(uint256) // 3
_NIBBLES: constant(uint256) = max_value(uint256) // 5
_BYTES: constant(uint256) = max_value(uint256) // 17
_DOUBLE_BYTES: constant(uint256) = max_value(uint256) // 257
_ONES: constant(uint256) = max_value(uint256) // 65535


# ---------------------------------------------------------------- one plane


@internal
@pure
def _first(count: uint256) -> uint256:
    """
    @notice The plane of the tasks 0..count - 1.
    @param count Number of tasks, 1..256.
    @return uint256 The plane.
    """
    return ALL >> unsafe_sub(COLUMNS, count)


@internal
@pure
def _popcount(plane: uint256) -> uint256:
    """
    @notice In how many tasks the bit is set: neighbours are added in
            ever wider fields, until one multiplication adds up the
            sixteen double bytes that are left (256 needs nine bits, so
            single bytes would not do).
    @param plane The plane.
    @return uint256 The number of tasks, 0..256.
    """
    x: uint256 = unsafe_sub(plane, (plane >> 1) & _PAIRS)
    x = unsafe_add(x & _NIBBLES, (x >> 2) & _NIBBLES)
    x = unsafe_add(x, x >> 4) & _BYTES
    x = unsafe_add(x, x >> 8) & _DOUBLE_BYTES
    return unsafe_mul(x, _ONES) >> 240


# ------------------------------------------------------------------- sheets


@internal
@pure
def _columns(sheet: uint256[SHEET]) -> uint256[4]:
    """
    @notice Sorts the answers by their two lower digits.
    @param sheet The sheet.
    @return uint256[4] Plane `c`: the tasks answered with c, 4 + c, 8 + c or 12 + c.
    """
    low: uint256 = sheet[0] & ~sheet[2]
    high: uint256 = sheet[0] & sheet[2]
    return [low & ~sheet[1], low & sheet[1], high & ~sheet[1], high & sheet[1]]


@internal
@pure
def _rows(sheet: uint256[SHEET]) -> uint256[4]:
    """
    @notice Sorts the answers by their two higher digits.
    @param sheet The sheet.
    @return uint256[4] Plane `r`: the tasks answered with 4 * r .. 4 * r + 3.
    """
    low: uint256 = sheet[0] & ~sheet[4]
    high: uint256 = sheet[0] & sheet[4]
    return [low & ~sheet[3], low & sheet[3], high & ~sheet[3], high & sheet[3]]


@internal
@pure
def _one_hot(sheet: uint256[SHEET], options: uint256) -> uint256[OPTIONS]:
    """
    @notice Unfolds a sheet into one plane for each option: where row `r`
            crosses column `c` are the answers 4 * r + c.
    @param sheet The sheet.
    @param options The number of options K, 2..16.
    @return uint256[16] Plane `x`: the tasks answered with `x`.
    """
    hot: uint256[OPTIONS] = empty(uint256[OPTIONS])
    if options == 2:
        hot[0] = sheet[0] & ~sheet[1]
        hot[1] = sheet[0] & sheet[1]
        return hot

    column: uint256[4] = self._columns(sheet)
    if options <= 4:
        hot[0] = column[0]
        hot[1] = column[1]
        hot[2] = column[2]
        hot[3] = column[3]
        return hot

    row: uint256[4] = self._rows(sheet)
    return [
        row[0] & column[0], row[0] & column[1], row[0] & column[2], row[0] & column[3],
        row[1] & column[0], row[1] & column[1], row[1] & column[2], row[1] & column[3],
        row[2] & column[0], row[2] & column[1], row[2] & column[2], row[2] & column[3],
        row[3] & column[0], row[3] & column[1], row[3] & column[2], row[3] & column[3],
    ]


@internal
@pure
def _constant(x: uint256) -> uint256[SHEET]:
    """
    @notice The sheet of who always answers the same. (0 - 1 is all ones.)
    @param x The option, 0..15.
    """
    return [
        ALL,
        unsafe_sub(0, x & 1),
        unsafe_sub(0, (x >> 1) & 1),
        unsafe_sub(0, (x >> 2) & 1),
        unsafe_sub(0, (x >> 3) & 1),
    ]


@internal
@pure
def _choose(mask: uint256, a: uint256[SHEET], b: uint256[SHEET]) -> uint256[SHEET]:
    """
    @notice Takes sheet `a` in the tasks of the mask and `b` elsewhere.
    """
    return [
        b[0] ^ (mask & (a[0] ^ b[0])),
        b[1] ^ (mask & (a[1] ^ b[1])),
        b[2] ^ (mask & (a[2] ^ b[2])),
        b[3] ^ (mask & (a[3] ^ b[3])),
        b[4] ^ (mask & (a[4] ^ b[4])),
    ]


@internal
@pure
def _same(a: uint256[SHEET], b: uint256[SHEET]) -> uint256:
    """
    @notice The tasks in which both sheets give the same answer.
    """
    return (
        a[0] & b[0] & ~(a[1] ^ b[1]) & ~(a[2] ^ b[2]) & ~(a[3] ^ b[3]) & ~(a[4] ^ b[4])
    )


@internal
@pure
def _above(a: uint256[SHEET], b: uint256[SHEET]) -> uint256:
    """
    @notice The tasks in which both sheets have an answer and that of `a` is the
            greater one. Walking up from the lowest digit, the highest in
            which they differ has the last word.
    """
    above: uint256 = a[1] & ~b[1]
    above ^= (a[2] ^ b[2]) & (a[2] ^ above)
    above ^= (a[3] ^ b[3]) & (a[3] ^ above)
    above ^= (a[4] ^ b[4]) & (a[4] ^ above)
    return a[0] & b[0] & above


@internal
@pure
def _distance(a: uint256[SHEET], b: uint256[SHEET]) -> uint256[SHEET]:
    """
    @notice How far apart the answers of two sheets are: subtracts digit by digit with
            a borrow, and where one is left over, the difference is
            negative. To turn the sign of a binary number, flip all
            digits above its lowest 1.
    @return uint256[5] The distances, as a sheet of the tasks that both answered.
    """
    ones: uint256 = a[1] ^ b[1]
    borrow: uint256 = ones & b[1]
    differ: uint256 = a[2] ^ b[2]
    twos: uint256 = differ ^ borrow
    borrow ^= differ & (b[2] ^ borrow)
    differ = a[3] ^ b[3]
    fours: uint256 = differ ^ borrow
    borrow ^= differ & (b[3] ^ borrow)
    differ = a[4] ^ b[4]
    eights: uint256 = differ ^ borrow
    borrow ^= differ & (b[4] ^ borrow)
    flip_twos: uint256 = borrow & ones
    flip_fours: uint256 = flip_twos ^ (twos & (borrow ^ flip_twos))
    flip_eights: uint256 = flip_fours ^ (fours & (borrow ^ flip_fours))
    return [a[0] & b[0], ones, twos ^ flip_twos, fours ^ flip_fours, eights ^ flip_eights]


@internal
@pure
def _equal(a: uint256[SHEET], b: uint256[SHEET]) -> bool:
    """
    @notice Whether two sheets are the same in all tasks.
    """
    return (
        a[0] == b[0] and a[1] == b[1] and a[2] == b[2] and a[3] == b[3] and a[4] == b[4]
    )


@internal
@pure
def _union(a: uint256, b: uint256) -> uint256:
    """
    @notice The tasks that are in one of two planes or in both.
    """
    return a ^ b ^ (a & b)


# ----------------------------------------------------------------- counters


@internal
@pure
def _increment(counter: uint256[COUNT_DIGITS], plane: uint256) -> uint256[COUNT_DIGITS]:
    """
    @notice Adds one in the tasks of the plane: the carry ripples up
            and stops as soon as no task has one left.
    """
    sum: uint256[COUNT_DIGITS] = counter
    carry: uint256 = plane
    for j: uint256 in range(COUNT_DIGITS):
        if carry == 0:
            break
        digit: uint256 = sum[j]
        sum[j] = digit ^ carry
        carry &= digit
    return sum


@internal
@pure
def _add_four(
    counter: uint256[COUNT_DIGITS], a: uint256, b: uint256, c: uint256, d: uint256
) -> uint256[COUNT_DIGITS]:
    """
    @notice Adds one for each of four planes, in the tasks of the plane. A full
            adder takes three bits and says in two how many are set.
            Three of them leave one carry where there were four planes:

                counter[0] + a + b  =  ones   and twos_ab
                ones + c + d        =  ones   and twos_cd
                counter[1] + both   =  twos   and fours

            and only that one ripples up to the top.
    """
    differ: uint256 = counter[0] ^ a
    twos_ab: uint256 = (counter[0] & a) ^ (differ & b)
    ones: uint256 = differ ^ b
    differ = ones ^ c
    twos_cd: uint256 = (ones & c) ^ (differ & d)
    ones = differ ^ d
    differ = counter[1] ^ twos_ab
    fours: uint256 = (counter[1] & twos_ab) ^ (differ & twos_cd)
    eights: uint256 = counter[2] & fours
    sixteens: uint256 = counter[3] & eights
    thirty_twos: uint256 = counter[4] & sixteens
    sixty_fours: uint256 = counter[5] & thirty_twos
    return [
        ones,
        differ ^ twos_cd,
        counter[2] ^ fours,
        counter[3] ^ eights,
        counter[4] ^ sixteens,
        counter[5] ^ thirty_twos,
        counter[6] ^ sixty_fours,
        counter[7] ^ (counter[6] & sixty_fours),
    ]


@internal
@pure
def _add(a: uint256[COUNT_DIGITS], b: uint256[COUNT_DIGITS]) -> uint256[COUNT_DIGITS]:
    """
    @notice Adds two counters whose sum is at most 255 in every task.
    """
    sum: uint256[COUNT_DIGITS] = empty(uint256[COUNT_DIGITS])
    carry: uint256 = 0
    for j: uint256 in range(COUNT_DIGITS):
        differ: uint256 = a[j] ^ b[j]
        sum[j] = differ ^ carry
        carry = (a[j] & b[j]) ^ (carry & differ)
    return sum


@internal
@pure
def _subtract(a: uint256[COUNT_DIGITS], b: uint256[COUNT_DIGITS]) -> uint256[COUNT_DIGITS]:
    """
    @notice Takes `b` from `a`, which is in no task the smaller one.
    """
    difference: uint256[COUNT_DIGITS] = empty(uint256[COUNT_DIGITS])
    borrow: uint256 = 0
    for j: uint256 in range(COUNT_DIGITS):
        differ: uint256 = a[j] ^ b[j]
        difference[j] = differ ^ borrow
        borrow ^= differ & (b[j] ^ borrow)
    return difference


@internal
@pure
def _halve(counter: uint256[COUNT_DIGITS]) -> uint256[COUNT_DIGITS]:
    """
    @notice Half of each count, rounded down.
    """
    half: uint256[COUNT_DIGITS] = empty(uint256[COUNT_DIGITS])
    for j: uint256 in range(7):
        half[j] = counter[unsafe_add(j, 1)]
    return half


@internal
@pure
def _select(
    mask: uint256, a: uint256[COUNT_DIGITS], b: uint256[COUNT_DIGITS]
) -> uint256[COUNT_DIGITS]:
    """
    @notice Takes counter `a` in the tasks of the mask and `b` elsewhere.
    """
    return [
        b[0] ^ (mask & (a[0] ^ b[0])),
        b[1] ^ (mask & (a[1] ^ b[1])),
        b[2] ^ (mask & (a[2] ^ b[2])),
        b[3] ^ (mask & (a[3] ^ b[3])),
        b[4] ^ (mask & (a[4] ^ b[4])),
        b[5] ^ (mask & (a[5] ^ b[5])),
        b[6] ^ (mask & (a[6] ^ b[6])),
        b[7] ^ (mask & (a[7] ^ b[7])),
    ]


@internal
@pure
def _compare(a: uint256[COUNT_DIGITS], b: uint256[COUNT_DIGITS]) -> (uint256, uint256):
    """
    @notice Compares two counters, see {_above}.
    @return uint256 The tasks in which `a` counts more than `b`.
    @return uint256 The tasks in which `a` counts less than `b`.
    """
    greater: uint256 = 0
    less: uint256 = 0
    for j: uint256 in range(COUNT_DIGITS):
        x: uint256 = a[j]
        y: uint256 = b[j]
        differ: uint256 = x ^ y
        greater ^= differ & (x ^ greater)
        less ^= differ & (y ^ less)
    return greater, less


@internal
@pure
def _more_than(counter: uint256[COUNT_DIGITS], least: uint256) -> uint256:
    """
    @notice The tasks that count more than a number.
    @param counter The counter.
    @param least The number, 0..255.
    """
    more: uint256 = 0
    for j: uint256 in range(COUNT_DIGITS):
        if (least >> j) & 1 == 1:
            more &= counter[j]
        else:
            more = self._union(more, counter[j])
    return more


@internal
@pure
def _weigh(counter: uint256[COUNT_DIGITS], within: uint256) -> uint256:
    """
    @notice The sum of the counts of some tasks: digit `j` weighs `2^j`.
    @param counter The counter.
    @param within The tasks to add up.
    @return uint256 The sum, at most 255 * 256.
    """
    total: uint256 = 0
    for j: uint256 in range(COUNT_DIGITS):
        share: uint256 = counter[j] & within
        if share != 0:
            total = unsafe_add(total, self._popcount(share) << j)
    return total
