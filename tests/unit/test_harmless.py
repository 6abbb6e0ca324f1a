"""Texts of strangers on a screen, in a table and on a page: all that people write, and no power."""

import io
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from plumbline.cli.output import plain, table
from plumbline.formats.task_text import readable
from plumbline.harmless import harmless

LRM, RLM = "\u200e", "\u200f"
KEPT = {
    "no-break space": "10\u00a0km",
    "narrow no-break space": "1\u202f000",
    "thin space": "a\u2009b",
    "ideographic space": "\u6771\u3000\u4eac",
    "soft hyphen": "Donau\u00addampf",
    "joined emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "emoji with a selector": "\u2764\ufe0f",
    "newer than Python": "\U0001fae8 \U0001fae9 \U0001faea \U0001f6dc",
    "no emoji as yet": "\U0001faff\U0001f8ff",
    "flag": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Hindi": "\u0915\u094d\u200d\u0937",
    "accents": "e\u0301",
    "replaced before": "\ufffd",
}
TURNING = {
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Hebrew with a mark": f"\u05e9\u05dc{RLM}\u05d5\u05dd",
    "a mark after a sign": f"\u05e9\u05dc!{RLM} \u05e9",
    "a mark between others": f"C++{RLM}-",
}
POWERFUL = (
    "\x1b[2J",
    "\x07",
    "\x00",
    "\x7f",
    "\x9b1m",
    *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    "\u200b",
    "\u2060",
    "\ufeff",
    "\u2061",
    "\U000e0041",
    "\ud800",
    "\ufff9",
    "\U0001ffff",
    "\U000f0000",
    "\ue000",
)


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_people_write_is_shown_as_they_wrote_it(text: str) -> None:
    assert harmless(text) == text
    assert harmless(f"a {text} b") == f"a {text} b"
    assert readable(text) == text


@pytest.mark.parametrize("text", TURNING.values(), ids=TURNING)
def test_what_runs_from_right_to_left_is_kept_and_ends_with_its_text(text: str) -> None:
    """What follows on the line, a number for example, is not drawn into it."""
    assert harmless(text) == text + LRM
    assert cell_len(harmless(text)) == cell_len(text)


@pytest.mark.parametrize("text", POWERFUL, ids=ascii)
def test_what_has_power_is_shown_as_its_code_point(text: str) -> None:
    shown = harmless(f"a{text}b")
    assert shown == f"a<U+{ord(text[0]):04X}>{text[1:]}b"
    shown.encode()


@pytest.mark.parametrize("mark", [LRM, RLM, "\u061c", "\u200c", "\u200d", "\u00ad"], ids=ascii)
def test_a_mark_alone_is_none(mark: str) -> None:
    for text in (f" {mark} ", f"a {mark} b", f"{mark}{mark} a"):
        assert mark not in harmless(text).removesuffix(LRM)
        assert f"<U+{ord(mark):04X}>" in harmless(text)
    assert mark in harmless(f"a{mark}b")


def test_a_mark_at_the_edge_of_a_word_is_one_only_where_people_write_it() -> None:
    assert harmless("a\u00ad b") == "a<U+00AD> b"
    assert harmless("a \u00adb") == "a <U+00AD>b"
    assert harmless("\u0915\u094d\u200d x") == "\u0915\u094d\u200d x"  # half a letter of Hindi
    assert harmless("a \u200db") == "a <U+200D>b"
    assert harmless("a\u200d") == "a<U+200D>"
    assert harmless(f"a {RLM}b") == f"a {RLM}b"


@pytest.mark.parametrize("name", ["", "x", "abcdefgh", "ab "])
def test_only_flags_hold_letters_that_cannot_be_seen(name: str) -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in name)
    assert not any(letter in harmless(f"\U0001f3f4{hidden}\U000e007f") for letter in hidden)
    assert "\U000e007f" not in harmless(f"\U0001f3f4{hidden}\U000e007f")


def test_lines_end_where_the_caller_says() -> None:
    text = "a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h\u2029i"
    assert harmless(text) == "a b c d e f g h i"
    assert harmless(text, "\n") == "a\nb\nc\nd\ne\nf\ng\nh\ni"
    assert harmless("a\tb") == "a   b"
    assert harmless("\u05d0\n1", "\n") == f"\u05d0{LRM}\n1"


_ALL = "".join(["a1 -\n\t", *POWERFUL, *KEPT.values(), *TURNING.values()])
LETTERS = st.text() | st.text(st.sampled_from(_ALL))


@settings(max_examples=1_000)
@example("\u05d0 ")
@example("\u061b \r")
@given(LETTERS)
def test_whatever_is_written_has_no_power(text: str) -> None:
    shown = harmless(text)
    for letter in shown:
        category = unicodedata.category(letter)
        assert category not in ("Cc", "Zl", "Zp", "Cs", "Co")
        assert unicodedata.bidirectional(letter) not in (
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
        )
    last = [c for c in shown if unicodedata.bidirectional(c) in ("L", "R", "AL", "AN")][-1:]
    assert [unicodedata.bidirectional(letter) for letter in last] in ([], ["L"])
    assert harmless(shown) == shown, "what is shown is shown as it is"
    shown.encode()


@settings(max_examples=100)
@given(LETTERS.filter(lambda text: len(text) < 20))
@example("\u32500\u200d")
def test_columns_stay_where_they_are(text: str) -> None:
    """However wide the letters of a cell are: what is right of them begins in one place."""
    out = io.StringIO()
    shown = table(None, "=name", "=after")
    shown.add_row(plain(text), "|")
    shown.add_row("x" * 30, "|")
    Console(file=out, width=200, color_system=None).print(shown)
    rows = [line for line in out.getvalue().split("\n") if "|" in line.rstrip()[-1:]]
    assert len({cell_len(row.rstrip()) for row in rows}) == 1, rows


def test_every_letter_of_python_is_kept_or_named() -> None:
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if letter.isprintable():
            assert harmless(letter).rstrip(LRM) == letter.rstrip(LRM)
