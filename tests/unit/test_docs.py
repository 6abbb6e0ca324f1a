"""README and docs agree with the code: links, commands, round-file keys, the packages' picture."""

import ast
import importlib
import re
import shlex
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import click
import pytest
import yaml

import plumbline
from plumbline.cli.lazy import LazyGroup
from plumbline.cli.main import cli
from plumbline.errors import PlumblineError
from plumbline.formats import round_file
from plumbline.formats.campaign_file import CAMPAIGN_KEYS
from plumbline.questions.registry import QUESTIONS
from plumbline.settlement.terms import USUAL_SHARES

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md")], key=lambda path: str(path.relative_to(ROOT))
)
PAGE_NAMES: Final = [str(page.relative_to(ROOT)) for page in PAGES]

LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING: Final = re.compile(r"(?m)^#{1,6} (.+)$")
FENCE: Final = re.compile(r"(?ms)^```(\w*)\n(.*?)^```")
SPAN: Final = re.compile(r"`([^`\n]+)`")

LONGEST: Final = 10  # lines of a paragraph, at
WIDE: Final = 100  # columns


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_fences(text: str) -> str:
    return FENCE.sub("", text)


# Links


def anchors(page: Path) -> set[str]:
    """The places of a page, by the names that its host gives them."""
    found: dict[str, int] = {}
    names = set()
    for heading in HEADING.findall(without_fences(text_of(page))):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")
        count = found.get(name, 0)
        found[name] = count + 1
        names.add(f"{name}-{count}" if count else name)
    return names


def links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """Every link within the project: as written, the file, the place in it."""
    for target in LINK.findall(without_fences(text_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, place = target.partition("#")
        yield target, (page.parent / name).resolve() if name else page, place


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, path, place in links(page):
        assert path.exists(), target
        assert path.is_relative_to(ROOT), target
        if place:
            assert path.suffix == ".md" and place in anchors(path), target


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        waiting += [path for _, path, _ in links(page) if path.suffix == ".md"]
    assert set(PAGES) <= reached
    index = {path for _, path, _ in links(DOCS / "README.md")}
    assert set(DOCS.glob("*.md")) - {DOCS / "README.md"} <= index


def test_every_picture_is_shown() -> None:
    shown = {path for page in PAGES for _, path, _ in links(page)}
    assert {path.resolve() for path in (DOCS / "images").iterdir()} <= shown


# Form


def test_the_readme_can_be_read_at_a_sitting() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 160


def paragraphs(text: str) -> Iterator[str]:
    """Prose without tables, code and headings; each item of a list is one."""
    lines: list[str] = []
    for line in [*without_fences(text).splitlines(), ""]:
        is_prose = bool(line.strip()) and not re.match(r"[|#<]", line)
        if lines and (not is_prose or re.match(r"\s*(?:[-*]|\d+\.) ", line)):
            yield " ".join(lines)
            lines = []
        if is_prose:
            lines.append(line.strip())


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_no_paragraph_is_too_long(page: Path) -> None:
    for paragraph in paragraphs(text_of(page)):
        assert len(textwrap.wrap(paragraph, WIDE)) <= LONGEST, paragraph[:WIDE]


# Commands


def commands_in(text: str) -> Iterator[str]:
    """Everything that is written like a command line of ours, one command each."""
    for _, block in FENCE.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _in_line(line)
    for span in SPAN.findall(without_fences(text)):
        if span.startswith("plumbline "):
            yield span


def _in_line(line: str) -> Iterator[str]:
    line = re.sub(r"(?:^|\s)#.*", "", line)
    for part in re.split(r"\|\||&&|[;|&]|\bdo\b", line):
        match = re.search(r"(?:^|[\s/=])(plumbline [a-z].*)", part)
        if match:
            yield " ".join(match[1].split())


def words_of(command: str) -> list[str]:
    return shlex.split(command.replace("..", "").replace("'", "").replace("<", "").split(">")[0])


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that is named, and the rest; KeyError if there is no such command."""
    command: click.Command = cli
    rest = words[1:]
    while isinstance(command, click.Group):
        named = command.get_command(None, rest[0]) if rest else None  # type: ignore[arg-type]
        if named is not None:
            command, rest = named, rest[1:]
        elif isinstance(command, LazyGroup) and command.default and rest != []:
            default = command.get_command(None, command.default)
            assert default is not None
            command = default
        elif rest and not rest[0].startswith("-"):
            raise KeyError(rest[0])
        else:
            break
    return command, rest


def options_of(command: click.Command) -> set[str]:
    names = {name for parameter in command.params for name in parameter.opts}
    names |= {name for parameter in command.params for name in parameter.secondary_opts}
    return {name for name in names if name.startswith("-")} | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_every_command_and_option_on_a_page_exists(page: Path) -> None:
    for written in commands_in(text_of(page)):
        command, rest = resolve(words_of(written))
        for word in rest:
            if word.startswith("-") and len(word) > 1 and not word[1].isdigit():
                assert word.partition("=")[0] in options_of(command), written


def test_every_command_is_on_some_page() -> None:
    named = {
        resolve(words_of(written))[0] for page in PAGES for written in commands_in(text_of(page))
    }
    assert set(leaves(cli)) <= named


def leaves(command: click.Command) -> Iterator[click.Command]:
    if not isinstance(command, click.Group):
        yield command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        each = command.get_command(context, name)
        assert each is not None
        yield from leaves(each)


def test_commands_are_found_where_they_are_written() -> None:
    block = "for i in 1 2; do plumbline a --b; done  # plumbline c\nx/bin/plumbline d \\\n  --e"
    text = f"```\n{block}\n```\nthe `plumbline f` and plumbline g"
    assert list(commands_in(text)) == [
        "plumbline a --b",
        "plumbline d --e",
        "plumbline f",
    ]


@pytest.mark.parametrize("written", ["plumbline nothing", "plumbline labeler nothing"])
def test_a_command_that_is_none_is_noticed(written: str) -> None:
    with pytest.raises(KeyError):
        resolve(written.split())


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_every_target_of_make_on_a_page_exists(page: Path) -> None:
    makefile = text_of(ROOT / "Makefile")
    rules = " ".join(re.findall(r"(?m)^([a-z][\w $()-]*):(?!=)", makefile))
    lists = " ".join(re.findall(r"(?m)^[A-Z_]+ *:= (.*)$", makefile))
    targets = set(f"{rules} {lists}".split())
    written = SPAN.findall(text_of(page)) + [
        line for _, block in FENCE.findall(text_of(page)) for line in block.splitlines()
    ]
    for line in written:
        if line.startswith("make "):
            goals = re.findall(r"[a-z][a-z-]*", re.sub(r'[A-Z_]+=(?:"[^"]*"|\S*)|#.*', "", line))
            assert set(goals[1:]) <= targets, line


# Names in the code


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_every_file_and_module_on_a_page_exists(page: Path) -> None:
    for span in SPAN.findall(without_fences(text_of(page))):
        if re.fullmatch(r"(?:plumbline|tests|contracts|scripts|docs)/[\w./]*", span):
            assert (ROOT / span).exists(), span
        if re.fullmatch(r"plumbline(?:\.\w+)+", span):
            _require_name(span)


def _require_name(dotted: str) -> None:
    """A module, or something in one."""
    module, _, name = dotted.rpartition(".")
    try:
        found = importlib.import_module(dotted)
    except ModuleNotFoundError:
        found = importlib.import_module(module)
        assert hasattr(found, name), dotted


def test_every_variable_of_the_environment_is_explained() -> None:
    sources = (ROOT / "plumbline").rglob("*.py")
    read = {name for path in sources for name in re.findall(r"PLUMBLINE_[A-Z_]+", text_of(path))}
    section = text_of(DOCS / "operator.md").partition("## Variables")[2]
    assert read == set(re.findall(r"(?m)^\| `(PLUMBLINE_\w+)` \|", section))


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_the_pages_speak_the_words_of_the_field(page: Path) -> None:
    """Not those that would have to be explained; what a measurement prints is its own."""
    if page == DOCS / "mutants.md":
        return  # all of it is printed
    text = SPAN.sub("", without_fences(text_of(page)))
    text = re.sub(r"(?ms)^<!-- (?:figures|gas): .*?^<!-- (?:gas: )?end", "", text)
    coined = r"\b(?:golds|twins?|likest|entrusted|planted|became of|stands? twice)\b"
    assert re.findall(coined, text) == []


# The round file

REQUESTER: Final = text_of(DOCS / "requester.md")


def keys_of(text: str) -> set[str]:
    """The first cells of tables that have a preset for each key."""
    found: set[str] = set()
    for table in re.findall(r"(?m)^\| key \|.*\n(?:\|.*\n)+", text):
        found |= set(re.findall(r"(?m)^\| `(\w+)` \|", table))
    return found


def known_keys() -> set[str]:
    """What a round file may hold, by the error for what it may not."""
    with pytest.raises(PlumblineError) as refused:
        round_file.parse({"!": 1}, DOCS)
    return set(re.findall(r"\w+", str(refused.value).partition("known are ")[2]))


def test_every_key_of_a_round_file_is_explained_and_no_other() -> None:
    assert len(known_keys()) > 15
    rounds, _, campaigns = REQUESTER.partition("### The campaign file")
    assert keys_of(rounds) == known_keys()
    assert keys_of(campaigns) == set(CAMPAIGN_KEYS) - known_keys()


def test_every_preset_is_explained() -> None:
    assert set(QUESTIONS) <= set(re.findall(r"(?m)^\| `(\w+)` \| (?:no|or)", REQUESTER))


def example(first_line: str) -> round_file.RoundFile:
    blocks = [block for kind, block in FENCE.findall(REQUESTER) if kind == "yaml"]
    (block,) = (block for block in blocks if block.startswith(first_line))
    return round_file.parse(yaml.safe_load(block), DOCS / "examples")


def test_the_short_example_takes_what_the_tables_call_preset() -> None:
    wanted = example("preset: binary")
    day = 86_400
    assert (wanted.commit_seconds, wanted.reveal_seconds, wanted.rules.seats) == (day, day, 9)
    assert wanted.rules.r_min == 5
    for key in USUAL_SHARES:
        assert f"| `{key}` | {getattr(wanted.rules, key)} |" in REQUESTER


def test_the_full_example_has_every_key_and_says_the_presets() -> None:
    block = text_of(DOCS / "examples" / "reference.yaml")
    assert f"```yaml\n{block}```" in REQUESTER
    assert set(re.findall(r"(?m)^(?:# )?(\w+): ", block)) == known_keys()
    values = yaml.safe_load(block)
    given = round_file.parse(values, DOCS / "examples")
    terms = ("width", "r_min")
    bare = {key: value for key, value in values.items() if not key.endswith("_bps")}
    assert (
        given.rules
        == round_file.parse(
            {key: value for key, value in bare.items() if key not in terms}, DOCS / "examples"
        ).rules
    )


def test_every_warning_is_explained() -> None:
    section = REQUESTER.partition("## Warnings")[2].partition("## Errors")[0]
    explained = re.findall(r"(?m)^\| `(.+?)` \|", section)
    base = {"preset": "binary", "price": "1 gwei", "stake": "1 gwei", "seats": 5}
    tasks = [str(number) for number in range(88)]
    few = {**base, "tasks": tasks[:20], "no_gold": True}
    # Three of fifteen gold tasks are the rare option.
    gold = {number: "yes" if number % 5 == 0 else "no" for number in range(1, 16)}
    strict = {**base, "tasks": tasks, "gold": gold, "gold_pass_bps": 3_000}
    alike = {**base, "tasks": [*tasks, "0", "1"], "no_gold": True}
    advice = [
        line for values in (few, strict, alike) for line in round_file.parse(values, DOCS).advice
    ]
    said = {re.sub(r"\bare (yes|no):", "are ..:", _without_numbers(line)) for line in advice}
    assert len(said) == 8
    assert said <= {_without_numbers(line) for line in explained}


def _without_numbers(line: str) -> str:
    return re.sub(r"\b\d+\b", "N", line)


# The packages

DEVELOPING: Final = text_of(DOCS / "developing.md")


@cache
def imports() -> dict[str, set[str]]:
    """Package or module at the top of the library -> those that it imports."""
    root = Path(plumbline.__file__).parent
    found: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*.py")):
        package = path.relative_to(root).with_suffix("").parts[0]
        if package.startswith("__"):
            continue
        needed = found.setdefault(package, set())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            needed |= {name for name in _imported(node) if name != package}
    return found


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    else:
        return
    for name in names:
        parts = name.split(".")
        if parts[0] == "plumbline" and len(parts) > 1 and not parts[1].startswith("__"):
            yield parts[1]


def reduced(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """The arrows that do not follow from others; the graph has no circle."""

    def below(package: str) -> set[str]:
        return set().union(*({each} | below(each) for each in graph[package]))

    return {
        (package, needed)
        for package, direct in graph.items()
        for needed in direct
        if not any(needed in below(other) for other in direct)
    }


def test_the_picture_of_the_packages_is_that_of_their_imports() -> None:
    (picture,) = (block for kind, block in FENCE.findall(DEVELOPING) if kind == "mermaid")
    drawn = {
        (package, needed.strip())
        for package, several in re.findall(r"(?m)^ +(\w+) --> (.+)$", picture)
        for needed in several.split("&")
    }
    there = reduced(imports())
    lines = [
        f"    {package} --> {' & '.join(sorted(to for of, to in there if of == package))}"
        for package in sorted({package for package, _ in there})
    ]
    assert drawn == there, "the picture should be\n" + "\n".join(lines)


def test_every_package_is_described() -> None:
    described = set(re.findall(r"\[`(\w+)`\]\(\.\./plumbline/", DEVELOPING))
    assert set(imports()) <= described


def test_only_commands_import_what_measures() -> None:
    assert {package for package, needed in imports().items() if "lab" in needed} == {"cli"}
