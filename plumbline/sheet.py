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
from plumbline.terms import MAX_TASKS

SHEET_PLANES: Final = 5

Sheet = tuple[int, int, int, int, int]


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

    Raises SheetError for more than 256 answers, or one that is no option.
    """
    if len(answers) > MAX_TASKS:
        raise SheetError(f"{len(answers)} answers: a sheet holds {MAX_TASKS} at most")
    planes = [0] * SHEET_PLANES
    for task, answer in enumerate(answers):
        if answer is None:
            continue
        _check_option(task, answer, options)
        planes[0] |= 1 << task
        for digit in range(digits(options)):
            planes[1 + digit] |= (answer >> digit & 1) << task
    return _as_sheet(planes)


def unpack(sheet: Sequence[int], options: int, tasks: int) -> list[int | None]:
    """Read five planes as T answers, None for a skip: the inverse of `pack`.

    Raises SheetError unless `pack` could have written exactly this sheet for that many tasks.
    """
    _check_planes(sheet, options, tasks)
    answers: list[int | None] = []
    for task in range(tasks):
        option = _option(sheet, task)
        if sheet[0] >> task & 1:
            _check_option(task, option, options)
            answers.append(option)
        elif option:
            raise SheetError(f"task {task} is skipped but has digits of {option}: clear them")
        else:
            answers.append(None)
    return answers


def require_sheet(sheet: Sequence[int], options: int, tasks: int) -> None:
    """Raise SheetError unless the sheet is well-formed, with the reason that `unpack` has.

    All tasks are looked at at once, as the contract does.
    """
    if not _is_well_formed(sheet, options, tasks):
        unpack(sheet, options, tasks)
        raise AssertionError("what is not well-formed cannot be unpacked")


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


def _option(sheet: Sequence[int], task: int) -> int:
    option = 0
    for digit in range(SHEET_PLANES - 1):
        option |= (sheet[1 + digit] >> task & 1) << digit
    return option


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
