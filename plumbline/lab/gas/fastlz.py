"""How long FastLZ (level 1) would make some bytes, to the byte as the OP stack reckons it.

Matches of three bytes and more within the last 8,192, found through a table of 8,192 places in
which the latest position wins. Only the length is worked out; nothing is compressed.

    literals   1 byte for each run of up to 32, and the bytes themselves
    a match    2 bytes, 3 if it is longer than 8; longer than 264 it is split
"""

from typing import Final

_PLACES: Final = 8_192  # of the table, and how far back a match may lie
_FACTOR: Final = 2_654_435_769  # 2^32 over the golden ratio
_RUN: Final = 32  # literals with one byte before them
_TAIL: Final = 13  # so near the end no match begins
_LAST: Final = 4  # bytes at the end that no match takes
_LONGEST: Final = 262  # bytes of a match beyond the first two
_SHORT: Final = 6  # so many of them fit into two bytes


def compressed_length(data: bytes) -> int:
    """Bytes of `data` after FastLZ."""
    begin = len(data) - _TAIL
    table = [0] * _PLACES
    length = done = 0
    position = 2
    while position < begin:
        three = data[position : position + 3]
        place = _place(three)
        earlier, table[place] = table[place], position
        if position - earlier >= _PLACES or data[earlier : earlier + 3] != three:
            position += 1
            continue
        if position + 1 >= begin:
            break
        length += _literals(position - done)
        matched = _matched(data, earlier + 3, position + 3)
        length += _match(matched)
        position += matched
        for _ in range(2):
            table[_place(data[position : position + 3])] = position
            position += 1
        done = position
    return length + _literals(len(data) - done)


def _place(three: bytes) -> int:
    return (int.from_bytes(three, "little") * _FACTOR & 0xFFFF_FFFF) >> 19


def _literals(count: int) -> int:
    runs, rest = divmod(count, _RUN)
    return runs * (_RUN + 1) + (rest + 1 if rest else 0)


def _match(matched: int) -> int:
    whole, rest = divmod(matched - 1, _LONGEST)
    return 3 * whole + (3 if rest >= _SHORT else 2)


def _matched(data: bytes, earlier: int, position: int) -> int:
    """How many bytes agree, and the one that does not, if there is one before the end."""
    most = max(0, len(data) - _LAST - position)
    pairs = zip(data[earlier : earlier + most], data[position : position + most], strict=True)
    return next((count for count, (one, other) in enumerate(pairs, 1) if one != other), most)
