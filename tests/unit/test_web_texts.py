"""What the page shows, and asks of the contract, is what the library shows and asks."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from plumbline.chain.packing import STATUS, rules_word, word_of
from plumbline.chain.records import Deadlines, RoundState
from plumbline.files.media import ENDINGS, media_type
from plumbline.formats.task_text import task_text
from plumbline.harmless import harmless
from plumbline.protocol.addresses import ZERO
from plumbline.questions.keys import keys_of
from plumbline.settlement.terms import Kind, usual_terms
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


def states() -> list[tuple[RoundState, int]]:
    """Rounds in every phase."""
    dice = random.Random(3)
    found = []
    for _ in range(60):
        rules = usual_terms(
            dice.choice([Kind.NOMINAL, Kind.ORDINAL]),
            dice.randint(2, 16),
            1,
            dice.randint(12, 256),
            dice.randrange(1, 2**88),
            dice.randrange(1, 2**88),
            dice.randint(3, 255),
            dice.choice([0, 8]),
        )
        rules = replace(rules, slash_max_bps=dice.randrange(2**14))
        committed = dice.randint(0, rules.seats)
        revealed = dice.randint(0, committed)
        gone = dice.randint(0, committed - revealed)
        gold = 3_000 if rules.gold_count else 0
        state = RoundState(
            requester=ZERO,
            rules=rules,
            deadlines=Deadlines(1_000, 2_000, gold),
            gold_root=bytes(32),
            admission=ZERO,
            committed=committed,
            revealed=revealed,
            gone=gone,
            roll=dice.randbytes(32),
            is_closed=dice.random() < 0.1,
        )
        found.append((state, dice.choice([999, 1_000, 1_999, 2_000, 3_000])))
    return found


def stored(state: RoundState) -> bytes:
    """A round as `round(uint256)` returns it."""
    rules, ends = state.rules, state.deadlines
    status = {
        "stake": rules.stake,
        "commit": ends.commit,
        "reveal": ends.reveal,
        "gold": ends.gold,
        "seats": rules.seats,
        "committed": state.committed,
        "revealed": state.revealed,
        "gone": state.gone,
        "options": rules.options - 1,
        "tasks": rules.tasks - 1,
        "has_gold": int(rules.gold_count > 0),
        "has_policy": 0,
        "is_closed": int(state.is_closed),
    }
    words = [word_of(status, STATUS), rules_word(rules), 0, int.from_bytes(state.roll, "big"), 0, 0]
    return b"".join(word.to_bytes(32, "big") for word in words)


COMMIT = (7, keccak(text="c"), 2 * 10**16, b"sealed" * 9, [keccak(text="e"), keccak(text="f")])
REVEAL = (7, "0x" + "ab" * 20, [2**255 + n for n in range(5)], keccak(text="salt"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page makes of all that."""
    number, commitment, stake, sealed, evidence = COMMIT
    round_id, labeler, sheet, salt = REVEAL
    given = {
        "texts": TEXTS,
        "options": OPTIONS,
        "tasks": [json.dumps(task) for task in TASKS],
        "contents": ["0x" + content.hex() for content in CONTENTS],
        "rounds": [["0x" + stored(state).hex(), now] for state, now in states()],
        "commit": [
            *(number, "0x" + commitment.hex(), str(stake), "0x" + sealed.hex()),
            ["0x" + word.hex() for word in evidence],
        ],
        "reveal": [round_id, labeler, [str(plane) for plane in sheet], "0x" + salt.hex()],
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


def test_a_round_in_storage_is_read_to_the_bit(shown: dict[str, Any]) -> None:
    for (state, now), found in zip(states(), shown["rounds"], strict=True):
        rules = state.rules
        assert found["stake"] == str(rules.stake) and found["price"] == str(rules.price)
        assert (found["options"], found["tasks"]) == (rules.options, rules.tasks)
        assert found["isOrdinal"] == (rules.kind is Kind.ORDINAL)
        assert (found["gold"], found["slashMaxBps"]) == (rules.gold_count, rules.slash_max_bps)
        assert found["seats"] == rules.seats
        counts = (state.committed, state.revealed, state.gone)
        assert (found["committed"], found["revealed"], found["gone"]) == counts
        assert found["phase"] == state.phase_at(now).label


def test_transactions_are_encoded_as_the_contract_has_them(shown: dict[str, Any]) -> None:
    types = ["uint256", "bytes32", "uint256", "bytes", "bytes32[]"]
    selector = keccak(text=f"commit({','.join(types)})")[:4]
    assert shown["commit"] == "0x" + (selector + encode(types, COMMIT)).hex()
    round_id, labeler, sheet, salt = REVEAL
    types = ["uint256", "address[]", "uint256[5][]", "bytes32[]"]
    selector = keccak(text=f"reveal({','.join(types)})")[:4]
    call = selector + encode(types, [round_id, [labeler], [sheet], [salt]])
    assert shown["reveal"] == "0x" + call.hex()


def test_amounts_are_written_as_elsewhere(shown: dict[str, Any]) -> None:
    for amount, (exact, short, read) in zip(AMOUNTS, shown["amounts"], strict=True):
        assert exact == ETHER.exact(amount)
        assert int(read) == amount
        if amount == 0 or amount >= 10**12:  # what is less is told in gwei there
            assert short == ETHER.short(amount)
