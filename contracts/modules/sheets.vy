# pragma version 0.4.3
"""
@title Sheets: the one form of a labeler's answers
@license MIT
@notice A sheet is five planes: the answered tasks, then the binary digits of
        the options. Every row of answers has exactly one sheet, and only such
        sheets are let in, so whatever reads them later need not ask.
"""


from . import planes


@internal
@pure
def _is_well_formed(sheet: uint256[planes.SHEET], tasks: uint256, options: uint256) -> bool:
    """
    @notice Whether a sheet answers no task beyond the last, gives no option to a
            skipped task and names no option beyond the last. The third
            is a comparison with K - 1 in all tasks at once: walking up from
            the lowest digit, the highest that differs has the last word.
    @param sheet The sheet.
    @param tasks The number of tasks T, 12..256.
    @param options The number of options K, 2..16.
    """
    skipped: uint256 = ~sheet[0]
    last: uint256 = unsafe_sub(options, 1)
    beyond: uint256 = sheet[0] & ~planes._first(tasks)
    above: uint256 = 0
    for j: uint256 in range(planes.DIGITS):
        digit: uint256 = sheet[unsafe_add(j, 1)]
        beyond ^= (digit & skipped) & ~beyond
        if (last >> j) & 1 == 1:
            above &= digit
        else:
            above ^= digit & ~above
    return beyond == 0 and above == 0
