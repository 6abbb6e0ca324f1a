"""Reads a page as a browser and a screen reader would, and says what is wrong with it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "hr", "img", "link", "input", "col", "wbr"})
# Elements of SVG that may close themselves.
SHAPES = frozenset({"rect", "line", "path", "circle", "image"})
# Attributes by which a page could fetch or run something.
REFERENCES = frozenset({"src", "href", "xlink:href", "action", "data", "poster", "srcset"})
ELEMENTS = frozenset(
    """
    html head meta title style body header main footer section article div p h1 h2 h3
    a span strong small i bdi time code pre blockquote details summary figure figcaption
    ul ol li dl dt dd table caption thead tbody tr th td
    svg desc path rect line circle text image
    """.split()  # noqa: SIM905
)


@dataclass
class Page(HTMLParser):
    """A parsed page; `faults` is empty if all is well."""

    source: str
    faults: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._level = 0
        self._ids: list[str] = []
        self._named: list[str] = []
        self._anchors: list[str] = []
        self._tables: list[set[str]] = []
        self._pictures: list[bool] = []
        self.feed(self.source)
        self.close()
        if self._open:
            self.faults.append(f"never closed: {self._open}")
        if len(self._ids) != len(set(self._ids)):
            self.faults.append("an id comes twice")
        self.faults += [f"no id {name}" for name in self._named if name not in self._ids]
        self.faults += [f"no place {name}" for name in self._anchors if name not in self._ids]

    @property
    def text(self) -> str:
        """All that can be read, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, dict(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SHAPES:
            self.faults.append(f"<{tag}/> does not close itself in HTML")
        self._look(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else, line {self.getpos()[0]}")
        if tag == "table" and not self._tables.pop() >= {"caption", "th"}:
            self.faults.append("a table without caption or headings")
        if tag == "svg" and not self._pictures.pop():
            self.faults.append("a picture without words")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    def _look(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(f"<{tag}> has no business here")
        for name, value in attributes.items():
            if name.startswith("on"):
                self.faults.append(f"{tag} runs something: {name}")
            if name in REFERENCES:
                self._refer(tag, value or "")
            if name == "id":
                self._ids.append(value or "")
            if name == "aria-labelledby":
                self._named += (value or "").split()
        if tag == "table":
            self._tables.append(set())
        elif self._tables:
            self._tables[-1].add(tag)
        if tag == "th" and "scope" not in attributes:
            self.faults.append("a heading of a table without scope")
        if tag == "svg":
            labelled = "aria-label" in attributes or "aria-labelledby" in attributes
            self._pictures.append(labelled and attributes.get("role") == "img")
        if tag == "img" and not attributes.get("alt"):
            self.faults.append("an image without words")
        if re.fullmatch("h[1-6]", tag):
            level = int(tag[1])
            if level > self._level + 1 or (level == 1 and self._level):
                self.faults.append(f"{tag} after h{self._level}")
            self._level = level

    def _refer(self, tag: str, value: str) -> None:
        if value.startswith("#"):
            self._anchors.append(value[1:])
        elif not (tag == "image" and value.startswith("data:image/png;base64,")):
            self.faults.append(f"{tag} refers to {value[:40]}")
