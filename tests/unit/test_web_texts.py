"""What strangers wrote is shown on the page, and answered by keys, as it is elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from plumbline.files.media import ENDINGS, media_type
from plumbline.formats.task_text import task_text
from plumbline.harmless import harmless
from plumbline.questions.keys import keys_of
from plumbline.units import ETHER
from tests.unit.page_code import needs_node, run_page_code

pytestmark = needs_node

TEXTS = [
    "plain",
    "a\tb\r\nc\x0bd\u2028e",
    "\x1b[31mred\x00",
    "right \u202eto left\u202c \u2066x\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "zero\u200bwidth \ufeff and \u00adhy\u00adphen\u00ad",
    "\U0001f469\u200d\U0001f52c",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u200d\u200fmarks \u200f alone\u200d",
    "\U000e0041tag \ue000private \U0001faff new",
    "narrow\u202fspace\u00a0here",
]
OPTIONS = [
    ["yes", "no"],
    ["1", "2", "3"],
    [str(number) for number in range(1, 11)],
    ["spam", "ham", "unsure", "spoof"],
    [f"option {number}" for number in range(16)],
    ["A", "tie", "B"],
    ["0", "1", "1"],
    ["\u00e4", "", " Zulu "],
]
TASKS: list[Any] = [
    "text",
    {"id": "q1", "text": "only"},
    {"id": "q1"},
    {"prompt": "p", "reply_1": "l", "reply_2": "r", "note": "n"},
    {"b": "x", "a": "y"},
    {"a": "x", "b": "y"},
    {"data": "x", "datb": "y"},
    {"10": "x", "9": "y", "text": {"role": "user", "content": "z"}},
]
CONTENTS = [
    b"\x89PNG\r\n\x1a\nrest",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    b"RIFX\x00\x00\x00\x00WEBPVP8 ",
    b"RIFF\x00\x00\x00\x00WAVEfmt ",
    b"ID3\x04",
    b"\xff\xfb\x90",
    b"OggS",
    b"fLaC",
    b"\x00\x00\x00\x20ftypM4A ",
    b"\x00\x00\x00\x20ftypavif",
    b"<svg onload='x()'/>",
    "grüße\n".encode(),
    b"\xc3",
    b"\x00",
    b"",
]
AMOUNTS = [0, 1, 10**12, 123_456_789_012_345_678, 10**18, 2 * 10**16, 10**25 + 1]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page makes of all that."""
    given = {
        "texts": TEXTS,
        "options": OPTIONS,
        "tasks": [json.dumps(task) for task in TASKS],
        "contents": ["0x" + content.hex() for content in CONTENTS],
        "amounts": [str(amount) for amount in AMOUNTS],
    }
    folder: Path = tmp_path_factory.mktemp("texts")
    told: dict[str, Any] = json.loads(run_page_code("texts.ts", json.dumps(given), folder))
    return told


def test_texts_of_strangers_are_as_harmless(shown: dict[str, Any]) -> None:
    # On a page every text has a direction of its own, and needs no mark at its end.
    lines = [harmless(text, "\n").split("\n") for text in TEXTS]
    expected = ["\n".join(line.rstrip("\u200e") for line in each) for each in lines]
    assert [text.replace("\u200e", "") for text in shown["texts"]] == [
        text.replace("\u200e", "") for text in expected
    ]


def test_options_have_the_keys_of_the_terminal(shown: dict[str, Any]) -> None:
    assert shown["keys"] == [[list(keys) for keys in keys_of(names)] for names in OPTIONS]


def test_fields_of_a_task_are_read_in_the_same_order(shown: dict[str, Any]) -> None:
    def names(task: Any) -> list[list[str]]:
        text = task_text(task)
        parts = (text.before, text.pair or (), text.after)
        return [[section.name for section in part] for part in parts]

    assert shown["fields"] == [names(task) for task in TASKS]


def test_content_is_what_its_bytes_are(shown: dict[str, Any], tmp_path: Path) -> None:
    expected = []
    for content in CONTENTS:
        path = tmp_path / "content"
        path.write_bytes(content)
        with path.open("rb") as file:
            expected.append(media_type(file))
    assert shown["types"] == expected
    assert set(ENDINGS) == set(expected) - {None}


def test_amounts_are_written_as_elsewhere(shown: dict[str, Any]) -> None:
    for amount, (exact, short, read) in zip(AMOUNTS, shown["amounts"], strict=True):
        assert exact == ETHER.exact(amount)
        assert int(read) == amount
        if amount == 0 or amount >= 10**12:  # what is less is told in gwei there
            assert short == ETHER.short(amount)
