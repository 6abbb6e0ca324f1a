"""Which labeler belongs to which group: a table with the columns `labeler` and `group`.

    labeler,group
    0x70997970C51812dc3A010C7d01b50e0d17dc79C8,nurses

Other columns are left alone. A labeler is an address, and stands in it once.
"""

from pathlib import Path

from plumbline.errors import PlumblineError
from plumbline.formats.spreadsheet import unguarded
from plumbline.formats.table import read_table
from plumbline.protocol.addresses import AddressError, checksum


class LabelerGroupsError(PlumblineError):
    """A table that does not say who belongs where; the message has file and line."""


def read_labeler_groups(path: Path) -> dict[str, str]:
    """Address -> group. Raises LabelerGroupsError, TableError or FileError."""
    table = read_table(path)
    who, where = table.column("labeler"), table.column("group")
    found: dict[str, str] = {}
    for row in table.rows:
        try:
            labeler = checksum(row.cells[who].strip())
        except AddressError as error:
            raise LabelerGroupsError(f"{table.place(row)}: {error}") from None
        group = unguarded(row.cells[where].strip())
        if not group:
            raise LabelerGroupsError(
                f"{table.place(row)}: {labeler} has no group: name one, or leave the row out"
            )
        if labeler in found:
            raise LabelerGroupsError(f"{table.place(row)}: {labeler} stands there twice")
        found[labeler] = group
    return found
