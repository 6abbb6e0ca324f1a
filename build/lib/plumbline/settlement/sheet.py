"""A labeler's answers as bit planes, the form in which a contract reads them.

A plane is one 256-bit word; its bit t belongs to task t. A sheet is always five planes:

    answered   digit 0   digit 1   digit 2   digit 3

Bit t of `answered` says that task t was not skipped, bit t of digit j is binary digit j of
the option chosen. Three tasks answered 2, skipped, 1 (task 0 is the rightmost bit):

    answered 101   digit 0 100   digit 1 001   digit 2 000   digit 3 000

A skipped task has no digits and K options leave the planes above their digits empty: each
row of answers has exactly one sheet, so that it also has one commitment only.
"""

from collections.abc import Sequence
from typing import Final

from plumbline.errors import PlumblineError
from plumbline.settlement.terms import MAX_OPTIONS, MAX_TASKS

SHEET_PLANES: Final = 5

Sheet = tuple[int, int, int, int, int]

# A task as a byte: its option, and bit 4 if it was answered.
_ANSWERED: Final = 4
_SKIP: Final = 255
_ANSWERS: Final = (*[None] * MAX_OPTIONS, *range(MAX_OPTIONS))
_AS_BITS: Final = bytes(byte & 1 for byte in range(256))  # of the letters 0 and 1
# For each plane: what is read of an option, as a letter.
_AS_DIGITS: Final = (
    b"1" * _SKIP + b"0",
    *(
        bytes(ord("0") + (byte >> digit & 1) for byte in range(_SKIP)) + b"0"
        for digit in range(SHEET_PLANES - 1)
    ),
)


class SheetError(PlumblineError):
    """Answers that no sheet can hold, or planes that are no sheet."""


def digits(options: int) -> int:
    """How many binary digits tell K options apart."""
    return (options - 1).bit_length()


def planes_used(options: int) -> int:
    """How many of the five planes may be other than 0."""
    return 1 + digits(options)


def pack(answers: Sequence[int | None], options: int) -> Sheet:
    """Write T answers (an option below `options`, or None for a skip) as five planes.

    Raises SheetError for more than 256 answers, one that is no option, or too many options.
    """
    if len(answers) > MAX_TASKS:
        raise SheetError(f"{len(answers)} answers: a sheet holds {MAX_TASKS} at most")
    if options > MAX_OPTIONS:
        raise SheetError(f"{options} options: a sheet tells {MAX_OPTIONS} apart")
    given = [answer for answer in answers if answer is not None]
    if given and not 0 <= min(given) <= max(given) < options:
        for task, answer in enumerate(answers):
            if answer is not None:
                _check_option(task, answer, options)
    # A byte a task, the first task last, as it is in a number: then every plane is the same
    # bytes read as a text of zeros and ones.
    row = bytes([_SKIP if answer is None else answer for answer in answers])[::-1]
    return _as_sheet([int(b"0" + row.translate(letters), 2) for letters in _AS_DIGITS])


def unpack(sheet: Sequence[int], options: int, tasks: int) -> list[int | None]:
    """Read five planes as T answers, None for a skip: the inverse of `pack`.

    Raises SheetError unless `pack` could have written exactly this sheet for that many tasks.
    """
    if not _is_well_formed(sheet, options, tasks):
        raise _malformed(sheet, options, tasks)
    # A byte a task, of digits each 0 or 1: no sum of them carries into the next byte.
    answered, *binary = (_spread(plane, tasks) for plane in sheet)
    total = answered << _ANSWERED
    for digit, spread in enumerate(binary):
        total |= spread << digit
    return [_ANSWERS[byte] for byte in total.to_bytes(tasks, "little")]


def require_sheet(sheet: Sequence[int], options: int, tasks: int) -> None:
    """Raise SheetError unless the sheet is well-formed, with the reason that `unpack` has.

    All tasks are looked at at once, as the contract does.
    """
    if not _is_well_formed(sheet, options, tasks):
        raise _malformed(sheet, options, tasks)


def tighten(sheet: Sequence[int], options: int) -> tuple[int, ...]:
    """The planes that K options can use: what goes into calldata.

    Raises SheetError unless there are five, with nothing in those left out.
    """
    _check_unused(sheet, options)
    return tuple(sheet[: planes_used(options)])


def widen(planes: Sequence[int]) -> Sheet:
    """Fill up with empty planes to five: the inverse of `tighten`.

    Raises SheetError for more than five planes.
    """
    if len(planes) > SHEET_PLANES:
        raise SheetError(f"{len(planes)} planes: a sheet has {SHEET_PLANES}")
    return _as_sheet([*planes, *[0] * (SHEET_PLANES - len(planes))])


def _is_well_formed(sheet: Sequence[int], options: int, tasks: int) -> bool:
    if len(sheet) != SHEET_PLANES or tasks > MAX_TASKS or min(sheet) < 0:
        return False
    answered, *binary = sheet
    above, same = 0, answered  # tasks whose answer is above the last option, or begins like it
    for digit in reversed(range(SHEET_PLANES - 1)):
        plane = binary[digit]
        if plane & ~answered:
            return False
        if (options - 1) >> digit & 1:
            same &= plane
        else:
            above |= same & plane
            same &= ~plane
    return not above and not answered >> tasks


def _spread(plane: int, tasks: int) -> int:
    """The bits of a plane, a byte each."""
    return int.from_bytes(f"{plane:0{tasks}b}".encode().translate(_AS_BITS), "big")


def _malformed(sheet: Sequence[int], options: int, tasks: int) -> SheetError:
    """Why a sheet is not well-formed, by the first task that shows it."""
    try:
        _check_planes(sheet, options, tasks)
        for task in range(tasks):
            option = sum((sheet[1 + digit] >> task & 1) << digit for digit in range(4))
            if sheet[0] >> task & 1:
                _check_option(task, option, options)
            elif option:
                return SheetError(f"task {task} is skipped but has digits of {option}: clear them")
    except SheetError as error:
        return error
    raise AssertionError("a sheet without a fault is well-formed")


def _check_option(task: int, option: int, options: int) -> None:
    if not 0 <= option < options:
        raise SheetError(f"task {task} has answer {option}: must be 0 to {options - 1}")


def _check_planes(sheet: Sequence[int], options: int, tasks: int) -> None:
    if tasks > MAX_TASKS:
        raise SheetError(f"{tasks} tasks: a sheet holds {MAX_TASKS} at most")
    _check_unused(sheet, options)
    for number, plane in enumerate(sheet):
        if plane < 0:
            raise SheetError(f"plane {number} is {plane}: must not be negative")
        if plane >> tasks:
            stray = plane.bit_length() - 1
            raise SheetError(f"plane {number} has a bit of task {stray}: there are {tasks} tasks")


def _check_unused(sheet: Sequence[int], options: int) -> None:
    if len(sheet) != SHEET_PLANES:
        raise SheetError(f"{len(sheet)} planes: a sheet has {SHEET_PLANES}")
    for number in range(planes_used(options), SHEET_PLANES):
        plane = sheet[number]
        if plane:
            raise SheetError(
                f"plane {number} has a bit of task {plane.bit_length() - 1}: "
                f"{options} options use planes 0 to {planes_used(options) - 1}"
            )


def _as_sheet(planes: Sequence[int]) -> Sheet:
    answered, digit0, digit1, digit2, digit3 = planes
    return answered, digit0, digit1, digit2, digit3
