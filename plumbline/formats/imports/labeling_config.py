"""The labeling config of Label Studio: the XML that says what is shown and what is asked.

Read by expat, without document types, so that there are no entities: neither those that fill a
memory nor those that read another file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from plumbline.files.text import read_text
from plumbline.formats.imports.imported import TasksError
from plumbline.formats.names import listed, quoted

_LARGEST: Final = 2**20  # characters
_DEEPEST: Final = 64  # elements within each other
_VARIABLE: Final = re.compile(r"\$([A-Za-z_][\w-]*)")
_STRUCTURED: Final = frozenset({"List", "Paragraphs", "Chat", "Table", "Dialog"})
_CONDITIONS: Final = ("visibleWhen", "perRegion", "perItem")


class LabelingConfigError(TasksError):
    """A labeling config that cannot be read, or asks for what cannot be settled."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the XML with the line in which it begins, and those within it."""

    tag: str
    attributes: Mapping[str, str]
    line: int
    inner: list["Element"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        """It and all within it, in their order."""
        yield self
        for each in self.inner:
            yield from each.walk()


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen: as people see it, and as it is written in results."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class Control:
    """What is asked for: `tag` with its `name`, about the elements of those names.

    condition    the attribute that has it asked only now and then; None if it always is
    """

    element: Element
    name: str
    about: tuple[str, ...]
    condition: str | None

    @property
    def tag(self) -> str:
        """The kind of control."""
        return self.element.tag

    def options(self, tag: str, key: str, alias: str) -> tuple[Option, ...]:
        """The options, elements of that tag within it, by their attributes."""
        options = []
        for each in self.element.walk():
            if each.tag != tag:
                continue
            if any(inner.tag == tag for inner in each.inner):
                raise self.refused(f"has {tag} within {tag}, a tree: name all that can be chosen")
            name = each.attributes.get(key, "").strip()
            if not name or name.startswith("$"):
                raise self.refused(f"has a {tag} that does not say what it is: give it a {key}")
            options.append(Option(name, each.attributes.get(alias, name)))
        said = [text for option in options for text in {option.name, option.alias}]
        if len(set(said)) < len(said):
            raise self.refused(f"has two of {tag} that are written as {quoted(_twice(said))}")
        return tuple(options)

    def refused(self, reason: str) -> LabelingConfigError:
        """An error about it, without the file."""
        return LabelingConfigError(
            f"line {self.element.line}: <{self.tag}> {quoted(self.name)} {reason}"
        )


@dataclass(frozen=True, slots=True)
class LabelingConfig:
    """What is shown and what is asked.

    controls        all that is asked
    variables       name of an element -> the field of the task that it shows
    shown           the fields of the task that are shown, in their order
    structured      those of them that are lists or objects, in tables written as JSON
    instructions    what its headers say
    """

    path: Path
    controls: tuple[Control, ...]
    variables: Mapping[str, str]
    shown: tuple[str, ...]
    structured: frozenset[str]
    instructions: str

    @property
    def names(self) -> frozenset[str]:
        """The names of all controls, which are columns of its exports."""
        return frozenset(control.name for control in self.controls)

    def control(self, name: str | None, known: Sequence[str]) -> Control:
        """What is asked: the control of that name, or the only one whose tag is `known`.

        Raises LabelingConfigError if there is none, or more than one.
        """
        able = [control for control in self.controls if control.tag in known]
        found = [c for c in self.controls if c.name == name] if name is not None else able
        if len(found) > 1:
            raise LabelingConfigError(
                f"{self.path} asks for {' and '.join(control.name for control in found)}: say "
                f"which is asked, like `question: {found[0].name}`"
            )
        if name is not None and not found:
            names = listed([control.name for control in self.controls]) or "nothing"
            raise LabelingConfigError(
                f"question is {quoted(name)}, and {self.path} asks for {names}"
            )
        if not found:
            tags = listed(sorted({control.tag for control in self.controls})) or "nothing"
            raise LabelingConfigError(
                f"{self.path} asks for {tags}, which cannot be settled: it can for "
                f"{', '.join(known)}"
            )
        control = found[0]
        if control.tag not in known:
            raise self.error(control.refused(f"cannot be settled: it can for {', '.join(known)}"))
        if control.condition is not None:
            raise self.error(
                control.refused(
                    f"is asked only now and then ({control.condition}): a question here is about "
                    "every task"
                )
            )
        return control

    def error(self, reason: LabelingConfigError) -> LabelingConfigError:
        """An error with the file in front."""
        return LabelingConfigError(f"{self.path}, {reason}")


def read_labeling_config(path: Path) -> LabelingConfig:
    """A labeling config. Raises LabelingConfigError with file and line, FileError if it is no
    text."""
    text = read_text(path)
    if len(text) > _LARGEST:
        raise LabelingConfigError(f"{path} is larger than 1 MiB: is it the labeling config?")
    try:
        root = _parse(text)
        controls = tuple(_controls(root, None))
        names = [control.name for control in controls]
        if len(set(names)) < len(names):
            raise LabelingConfigError(f"two controls are called {_twice(names)}: rename one")
    except LabelingConfigError as error:
        raise LabelingConfigError(f"{path}, {error}") from None
    variables: dict[str, str] = {}
    shown: dict[str, None] = {}
    structured: set[str] = set()
    headers = []
    for element in root.walk():
        if element.tag in ("Choice", "Bucket") or "toName" in element.attributes:
            continue
        value = element.attributes.get("value", "")
        fields = _VARIABLE.findall(value)
        shown |= dict.fromkeys(fields)
        structured |= set(fields if element.tag in _STRUCTURED else ())
        if len(fields) == 1 and "name" in element.attributes:
            variables[element.attributes["name"]] = fields[0]
        if element.tag == "Header" and value and not fields:
            headers.append(value.strip())
    return LabelingConfig(
        path, controls, variables, tuple(shown), frozenset(structured), "\n\n".join(headers)
    )


def _parse(text: str) -> Element:
    parser = expat.ParserCreate("UTF-8")
    stack: list[Element] = []
    roots: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) >= _DEEPEST:
            raise LabelingConfigError(f"line {parser.CurrentLineNumber}: nested too deeply")
        element = Element(tag, attributes, parser.CurrentLineNumber)
        (stack[-1].inner if stack else roots).append(element)
        stack.append(element)

    def end(tag: str) -> None:
        del tag
        stack.pop()

    def doctype(*_: object) -> None:
        raise LabelingConfigError(
            f"line {parser.CurrentLineNumber}: a document type (<!DOCTYPE>), which is not read: "
            "remove it, and write entities out"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise LabelingConfigError(f"line {error.lineno}: not valid XML, {reason}") from None
    return roots[0]


def _controls(element: Element, condition: str | None) -> Iterator[Control]:
    """All that is asked in an element, which itself may be shown only now and then."""
    attributes = element.attributes
    condition = next(
        (key for key in _CONDITIONS if attributes.get(key, "false") != "false"), condition
    )
    if "toName" in attributes:
        about = tuple(name.strip() for name in attributes["toName"].split(","))
        name = attributes.get("name", "")
        if not name:
            raise LabelingConfigError(f"line {element.line}: <{element.tag}> has no name")
        yield Control(element, name, about, condition)
    for each in element.inner:
        yield from _controls(each, condition)


def _twice(names: Sequence[str]) -> str:
    return next(name for name in names if names.count(name) > 1)
