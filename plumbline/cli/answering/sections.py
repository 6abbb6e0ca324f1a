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


def in_blocks(sections: Sequence[Section]) -> Content:
    """Sections with a line between them."""
    return Content("\n\n").join([draw_section(section) for section in sections])
