# pragma version 0.4.3
"""
@title Sheets: the one form of a labeler's answers
@license MIT
@notice A sheet is five planes: the answered tasks, then the binary digits of
        the options. Every row of answers has exactly one sheet, and only such
        sheets are let in, so whatever reads them later need not ask.
"""


from . import planes


# @dev What a sheet of a round must fit into.
struct Form:
    # the tasks there are, a plane
    tasks: uint256
    # the sheet of who always answers the last option
    last: uint256[planes.SHEET]


@internal
@pure
def _form(tasks: uint256, options: uint256) -> Form:
    """
    @notice The form of a round's sheets, the same for all of a batch.
    @param tasks The number of tasks T, 12..256.
    @param options The number of options K, 2..16.
    """
    return Form(tasks=planes._first(tasks), last=planes._constant(unsafe_sub(options, 1)))


@internal
@pure
def _fits(sheet: uint256[planes.SHEET], form: Form) -> bool:
    """
    @notice Whether a sheet answers no task beyond the last, gives no option to a
            skipped task and names no option beyond the last.
    @param sheet The sheet.
    @param form The form.
    """
    skipped: uint256 = ~sheet[0]
    return (
        (sheet[0] & ~form.tasks) == 0
        and (sheet[1] & skipped) == 0
        and (sheet[2] & skipped) == 0
        and (sheet[3] & skipped) == 0
        and (sheet[4] & skipped) == 0
        and planes._above(sheet, form.last) == 0
    )
