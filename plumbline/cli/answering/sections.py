"""The fields of a task, drawn."""

from collections.abc import Sequence

from textual.content import Content

from plumbline.formats.task_text import Section

NAME_STYLE = "bold $accent"


def draw_section(section: Section) -> Content:
    """The name as a heading, the text below."""
    body = Content(section.shown)
    if not section.name:
        return body
    return Content.assemble((section.name, NAME_STYLE), "\n", body)


def beside(blocks: Sequence[Content], width: int) -> Content:
    """Next to each other, in columns of one width with a line between them."""
    column = (width - 3 * (len(blocks) - 1)) // len(blocks)
    wrapped = [block.wrap(column) for block in blocks]
    rows = [
        [lines[row] if row < len(lines) else Content("") for lines in wrapped]
        for row in range(max(map(len, wrapped)))
    ]
    padded = [[cell.pad_right(column - cell.cell_length) for cell in row] for row in rows]
    return Content("\n").join([Content(" │ ").join(row) for row in padded])


def in_blocks(sections: Sequence[Section]) -> Content:
    """Sections with a line between them."""
    return Content("\n\n").join([draw_section(section) for section in sections])
