"""The page's code and the library agree byte for byte, in both directions.

The library makes rows that the page's code computes again, and the page's code rows of its own,
which the library computes again. The same with manifests, broken ones too: what one of them
refuses, the other refuses.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from eth_account import Account
from eth_keys.constants import SECPK1_N

from plumbline.chain.events import Committed
from plumbline.errors import PlumblineError
from plumbline.files.text import parse_json
from plumbline.labeler import consents, delegated_reveals, withdrawals
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.labeler.unlocking import last_epoch
from plumbline.labeler.vault import KeptKey, Vault
from plumbline.protocol import master_key
from plumbline.protocol.addresses import checksum
from plumbline.protocol.commitment import commitment, compact, consent_typed_data
from plumbline.protocol.manifest import Manifest
from plumbline.protocol.master_key import MAX_EPOCH, from_signature
from plumbline.protocol.media import media_in
from plumbline.protocol.sealing import epoch_of, seal, unseal
from plumbline.protocol.typed_data import Deployed, digest
from plumbline.protocol.withdrawal import SignedWithdrawal, Withdrawal
from plumbline.settlement.sheet import pack, unpack
from tests.unit.page_code import needs_node, run_page_code

COUNT: Final = 60
SEED: Final = 7

pytestmark = needs_node

Row = dict[str, Any]


# ------------------------------------------------------------------------------- what there is


def own_rows(dice: random.Random) -> list[Row]:
    """Random ones, and each number of options at both ends of the number of tasks."""
    shapes = [(options, tasks) for options in range(2, 17) for tasks in (12, 256)]
    shapes += [(dice.randint(2, 16), dice.randint(12, 256)) for _ in range(COUNT)]
    return [own_row(dice, nth, *shape) for nth, shape in enumerate(shapes)]


def own_row(dice: random.Random, nth: int, options: int, tasks: int) -> Row:
    account = Account.from_key(dice.randbytes(32))
    address = Account.from_key(dice.randbytes(32)).address
    deployed = Deployed(dice.choice([1, 31337, 10**9]), address)
    epoch = dice.choice([0, 1, 255, 256, MAX_EPOCH])
    message = master_key.message(deployed, account.address, epoch)
    signature = account.sign_message(message).signature
    answers = [dice.choice([None, *range(options)]) for _ in range(tasks)]
    if nth % 10 == 0:
        answers = [dice.choice([None, options - 1])] * tasks
    amount = dice.choice([1, 10**18, 2**88 - 1])
    row = {
        "chainId": deployed.chain_id,
        "address": address if nth % 2 else address.lower(),
        "genesis": "0x" + dice.randbytes(32).hex(),
        "labeler": account.address.lower() if nth % 2 else account.address,
        "epoch": epoch,
        "signature": "0x" + (high_s if nth % 4 == 0 else bytes)(signature).hex(),
        "round": dice.choice([1, 2**32 - 1, 2**53 - 1]),
        "options": options,
        "answers": answers,
        "salt": "0x" + (b"" if nth % 3 else dice.randbytes(32)).hex(),
        "stake": str(dice.choice([0, 1, 10**18, 2**53 + 1, 2**88 - 1])),
        "evidence": ["0x" + dice.randbytes(32).hex() for _ in range(nth % 3)],
        "isWallet": bool(nth % 5 == 0),
        "amount": str(amount),
        "fee": str(amount // 3),
        "deadline": dice.choice([0, 2**32, 2**40 - 1]),
        "nonce": dice.randrange(1000),
    }
    return row | {"sealed": made_of(row)["sealed"]}


def high_s(signature: bytes) -> bytes:
    """The other form of the same signature."""
    s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    return bytes(signature[:32]) + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def made_of(row: Row) -> dict[str, Any]:
    """What the library makes of a row."""
    deployed = Deployed(row["chainId"], checksum(row["address"]))
    genesis, signature = unhex(row["genesis"]), unhex(row["signature"])
    number, options, answers = row["round"], row["options"], row["answers"]
    labeler, given = checksum(row["labeler"]), unhex(row["salt"])
    key = from_signature(deployed, labeler, row["epoch"], signature)
    sheet = pack(answers, options)
    derived = key.salt(number, sheet)
    salt = given or derived
    sealed = seal(key, deployed, number, labeler, answers, options, given)
    theirs = unhex(row.get("sealed", "0x" + sealed.hex()))
    back = unseal(key, deployed, number, labeler, theirs, options, len(answers))
    hidden = commitment(deployed.domain, number, labeler, sheet, salt)
    stake, evidence = int(row["stake"]), tuple(map(unhex, row["evidence"]))
    consent = Consent(
        deployed,
        number,
        labeler,
        stake,
        hidden,
        sealed,
        evidence,
        signature,
        row["isWallet"],
    )
    withdrawal = Withdrawal(
        labeler,
        int(row["amount"]),
        deployed.address,
        int(row["fee"]),
        row["deadline"],
        row["nonce"],
    )
    r, vs = compact(signature)
    short = r + vs.to_bytes(32, "big")
    opening = DelegatedReveal(
        deployed, genesis, number, labeler, options, tuple(answers), salt, hidden
    )
    return {
        "address": labeler,
        "domain": "0x" + deployed.domain.hex(),
        "compact": "0x" + short.hex(),
        "keyData": master_key.typed_data(deployed, labeler, row["epoch"]),
        "keyDigest": "0x" + digest(master_key.message(deployed, labeler, row["epoch"])).hex(),
        "fingerprint": "0x" + key.fingerprint.hex(),
        "sheet": list(map(str, sheet)),
        "derived": "0x" + derived.hex(),
        "sealingKey": "0x" + key.sealing_key(number).hex(),
        "sealed": "0x" + sealed.hex(),
        "epoch": epoch_of(theirs),
        "unsealed": back[0],
        "unsealedSalt": "0x" + back[1].hex(),
        "unpacked": answers,
        "commitment": "0x" + hidden.hex(),
        "commitData": consent_typed_data(deployed, number, labeler, stake, hidden, sealed),
        "commitDigest": "0x" + consent.digest.hex(),
        "commitmentFile": consents.to_json(consent),
        "openingFile": opening,
        "withdrawalData": withdrawal.typed_data(deployed),
        "withdrawalDigest": "0x" + digest(withdrawal.message(deployed)).hex(),
        "withdrawalFile": withdrawals.to_json(SignedWithdrawal(withdrawal, short), deployed),
    }


def reading_of(content: bytes) -> dict[str, Any]:
    """What the library reads in a file of tasks; only that there is an error if it is refused."""
    try:
        manifest = Manifest.from_json(parse_json(content.decode("utf-8-sig"), "it"))
        return {
            "root": "0x" + manifest.root.hex(),
            "names": list(manifest.names),
            "options": list(manifest.options),
            "instructions": manifest.instructions,
            "media": [
                {"src": media.src, "sha256": media.sha256, "type": media.type}
                for media in media_in(manifest.tasks)
            ],
        }
    except (PlumblineError, UnicodeDecodeError) as error:
        return {"refused": str(error)}


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


LETTERS: Final = [
    *"aZ09\"\\/<&' \n\t\r\b\f\x00\x1f\x7fé\u05d0\u200b\u2028\u202e\ud7ff\ue000\ufeff\uffff",
    *"\U0001f600\U0001f0a1\U0010ffff",
]
KEYS: Final = ["10", "9", "2", "a", "B", "__proto__", "toString", "id", "src", "\uffff", "😀"]
# Each alone, as the only odd thing in a manifest.
ODD: Final = [
    *("1", "1.0", "1e2", "1E+2", "-0", "00", "01", "-", "+1", ".5", "1.", "0x1", "NaN", "Infinity"),
    *("9007199254740991", "9007199254740992", "-9007199254740991", "-9007199254740993"),
    *("9" * 99, "9" * 400, "tru", "True", "null", "nul", "undefined", "'a'", '"a', '"\t"', '"\\x"'),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u00g0"', '"\\/"', '"\\u0000"'),
    *('{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"a":1,}', "[1,]", "[,1]", "[1 2]", '{"a" 1}'),
    *("{1:2}", "{a:1}", "[", "{", "]", "", "[]x", "/**/1", "{}", "[]", '{"":""}', "\x0c1"),
    "[" * 62 + "]" * 62,
    "[" * 63 + "]" * 63,
    '{"id":1}',
    '{"id":""}',
    '{"id":true}',
    '{"id":null}',
    '{"id":-0}',
    '{"src":"a","sha256":"' + "0" * 64 + '"}',
    '{"src":"a","sha256":"' + "A" * 64 + '"}',
    '{"src":"","sha256":"' + "0" * 64 + '"}',
    '{"src":"a","sha256":"' + "0" * 64 + '","type":null}',
    '{"src":"a","sha256":"' + "0" * 64 + '\\n"}',
    '[{"src":"a","sha256":"' + "0" * 64 + '","type":"image/png","by":{"src":"b","sha256":1}}]',
    '"' + "a" * 70_000 + '"',
]
HEADS: Final = [
    "[]",
    "null",
    '"x"',
    "",
    " ",
    "{}",
    '{"options":["a","b"],"tasks":[]}',
    '{"options":["a","b"],"tasks":{}}',
    '{"options":["a",1],"tasks":["x"]}',
    '{"options":"ab","tasks":["x"]}',
    '{"tasks":["x"]}',
    '{"options":["a","b"],"tasks":["x"],"task":1}',
    '{"options":["a","b"],"tasks":["x"],"instructions":null}',
    '{"options":["a","b"],"tasks":["x"],"question":null}',
    '{"options":["a","b"],"tasks":["x"],"question":{}}',
    '{"options":["a","b"],"tasks":["x"],"question":[]}',
    '{"options":["a","b"],"tasks":["x"],"more":1.5}',
    '{"options":[],"tasks":["x"]}',
    '{"options":["a","b"],"tasks":["x"]}x',
    '{"options":["a","b"],"tasks":["x"]}{}',
    '{"options":["a","b"],"tasks":[{"id":1},{"id":"1"}]}',
    '{"options":["a","b"],"tasks":[{"id":1},{"id":2},"x"]}',
    '{"options":["a","b"],"tasks":[{"id":2},{"id":1}]} ',
    '{"options":["a","b"],"tasks":["x"],"instructions":"' + "é" * 32_700 + '"}',
    '{"options":["a","b"],"tasks":["x"],"instructions":"' + "é" * 32_800 + '"}',
]


ADDRESSES: Final = [
    "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    "0x5fbdb2315678afecb367f032d93f642f64180aa3",
    "0x5FBDB2315678AFECB367F032D93F642F64180AA3",
    "0X5fbdb2315678afecb367f032d93f642f64180aa3",
    "0x5fbDB2315678afecb367f032d93F642f64180aa3",
    "5fbdb2315678afecb367f032d93f642f64180aa3",
    "0x5fbdb2315678afecb367f032d93f642f64180aa",
    "0x5fbdb2315678afecb367f032d93f642f64180aa3\n",
    "0x" + "0" * 40,
    "",
]


def odd_sheets(dice: random.Random) -> list[dict[str, Any]]:
    """Sheets with a bit or so changed."""
    sheets = []
    for _ in range(2 * COUNT):
        options, tasks = dice.randint(2, 16), dice.choice([12, 13, 255, 256])
        planes = list(pack([dice.choice([None, *range(options)]) for _ in range(tasks)], options))
        for _ in range(dice.randrange(3)):
            planes[dice.randrange(5)] ^= 1 << dice.randrange(tasks + 1 if tasks < 256 else 256)
        sheets.append({"planes": list(map(str, planes)), "options": options, "tasks": tasks})
    short = {"planes": ["0"] * 4, "options": 2, "tasks": 12}
    return [*sheets, short, short | {"planes": ["0"] * 6}, short | {"planes": [*"10000", "0"]}]


def odd_boxes(rows: list[Row]) -> list[dict[str, Any]]:
    """Sealed answers that were changed, or are opened as those to other tasks."""
    boxes = []
    for row in rows[::5]:
        sealed, options, tasks = unhex(row["sealed"]), row["options"], len(row["answers"])
        for other in (
            sealed,
            bytes([sealed[0] ^ 1]) + sealed[1:],
            sealed[:-1] + bytes([sealed[-1] ^ 1]),
            sealed[:-1],
            sealed + bytes(1),
            sealed[2:],
            sealed[:18],
            b"",
        ):
            boxes.append({"sealed": "0x" + other.hex(), "options": options, "tasks": tasks})
        for shape in ((options, tasks - 1), (options, tasks + 40), (options % 16 + 1, tasks)):
            boxes.append({"sealed": row["sealed"], "options": shape[0], "tasks": shape[1]})
        for box in boxes[-11:]:
            box["row"] = row
    return boxes


def odd_histories(dice: random.Random) -> list[dict[str, Any]]:
    """Sealed answers of an account in the order of the chain: of growing epochs, and nonsense."""
    histories = []
    for _ in range(COUNT):
        known, epochs = dice.choice([0, 0, 7]), list[bytes]()
        reached = known
        for _ in range(dice.randrange(9)):
            reached += dice.choice([-1, 0, 1, 255, 256, 257, 1000])
            head = max(0, min(reached, MAX_EPOCH)).to_bytes(2, "big")
            epochs.append(dice.choice([head + bytes(20), head + bytes(16), head + bytes(17), b""]))
        histories.append({"known": known, "sealed": ["0x" + each.hex() for each in epochs]})
    return histories


def unless_refused(make: Callable[..., Any], *of: Any) -> Any:
    """What is made of these; None if it is refused."""
    try:
        return make(*of)
    except PlumblineError:
        return None


def opened(box: dict[str, Any]) -> list[int | None]:
    row = box["row"]
    deployed, labeler = Deployed(row["chainId"], checksum(row["address"])), checksum(row["labeler"])
    key = from_signature(deployed, labeler, row["epoch"], unhex(row["signature"]))
    where = (key, deployed, row["round"], labeler)
    return unseal(*where, unhex(box["sealed"]), box["options"], box["tasks"])[0]


def own_manifests(dice: random.Random) -> list[bytes]:
    """Well-formed, odd, and broken."""
    texts = [*HEADS]
    for odd in ODD:
        texts.append(f'{{"options":["a","b"],"tasks":["x",{odd}]}}')
        texts.append(f'{{"options":["a","b"],"more":{odd},"tasks":["x"]}}')
    for _ in range(COUNT):
        text = json.dumps(
            manifest_of(dice),
            ensure_ascii=dice.random() < 0.5,
            indent=dice.choice([None, 0, 1]),
        )
        texts.append(text)
        texts += [broken(text, dice) for _ in range(8)]
    contents = [text.encode(errors="surrogatepass") for text in texts]
    plain = b'{"options":["a","b"],"tasks":["x"]}'
    return [*contents, b"\xef\xbb\xbf" + plain, b"\xef\xbb\xbf" * 2 + plain, plain + b"\xff"]


def manifest_of(dice: random.Random) -> dict[str, Any]:
    return {
        dice.choice(KEYS): value_of(dice),
        "tasks": [value_of(dice) for _ in range(dice.randint(1, 9))],
        "instructions": text_of(dice),
        "options": [text_of(dice) for _ in range(dice.randint(2, 16))],
    }


def value_of(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(6 if depth < 4 else 4)
    if kind < 2:
        return text_of(dice)
    if kind == 2:
        return dice.choice([0, -1, 2**53 - 1, 1 - 2**53, dice.randrange(10**6), True, False, None])
    if kind == 3:
        return {"src": "x", "sha256": dice.randbytes(32).hex(), "caption": text_of(dice)}
    if kind == 4:
        return [value_of(dice, depth + 1) for _ in range(dice.randrange(4))]
    keys = [dice.choice([*KEYS, text_of(dice)]) for _ in range(dice.randrange(5))]
    return {key: value_of(dice, depth + 1) for key in keys}


def text_of(dice: random.Random) -> str:
    return "".join(dice.choice(LETTERS) for _ in range(dice.randrange(7)))


def broken(text: str, dice: random.Random) -> str:
    """With one or two letters changed."""
    for _ in range(dice.randint(1, 2)):
        at = dice.randrange(len(text))
        letter = dice.choice(['"', "\\", *"{}[],:0.-e1u ", "", "\ud83d"])
        text = text[:at] + letter + text[at + dice.randrange(2) :]
    return text


# ------------------------------------------------------------------------------------- the test


@dataclass(frozen=True)
class Answered:
    """What went to the page's code, and what came back."""

    rows: list[Row]
    manifests: list[bytes]
    sheets: list[dict[str, Any]]
    boxes: list[dict[str, Any]]
    histories: list[dict[str, Any]]
    back: dict[str, Any]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Answered:
    folder, dice = tmp_path_factory.mktemp("vectors"), random.Random(SEED)
    rows, manifests = own_rows(dice), own_manifests(dice)
    sheets, boxes, histories = odd_sheets(dice), odd_boxes(rows), odd_histories(dice)
    given = {
        "rows": rows,
        "manifests": ["0x" + content.hex() for content in manifests],
        "addresses": ADDRESSES,
        "sheets": sheets,
        "boxes": boxes,
        "histories": histories,
        "seed": SEED,
        "count": COUNT,
    }
    back = run_page_code("vectors.ts", json.dumps(given), folder)
    return Answered(rows, manifests, sheets, boxes, histories, json.loads(back))


def require_same(rows: list[Row], theirs: list[dict[str, Any]], folder: Path) -> None:
    assert len(rows) == len(theirs)
    for nth, (row, made) in enumerate(zip(rows, theirs, strict=True)):
        ours, found = made_of(row), dict(made)
        opening: DelegatedReveal = ours.pop("openingFile")
        path = folder / f"{nth}.json"
        path.write_text(found.pop("openingFile"))
        path.chmod(0o600)
        assert delegated_reveals.read(path, opening.deployed, opening.genesis) == opening
        path.write_text(found["commitmentFile"])
        (consent,) = consents.read(path, opening.deployed)
        path.write_text(found["withdrawalFile"])
        signed = withdrawals.read(path, opening.deployed)
        assert consents.to_json(consent) == found["commitmentFile"]
        assert withdrawals.to_json(signed, opening.deployed) == found["withdrawalFile"]
        assert found == ours


def test_the_page_makes_of_our_rows_what_the_library_makes(
    answered: Answered, tmp_path: Path
) -> None:
    require_same(answered.rows, answered.back["made"], tmp_path)


def test_the_library_makes_of_the_rows_of_the_page_what_the_page_makes(
    answered: Answered, tmp_path: Path
) -> None:
    own = answered.back["own"]
    assert len(own["rows"]) == COUNT
    require_same(own["rows"], own["made"], tmp_path)


def test_both_read_the_same_in_a_manifest_and_refuse_the_same(answered: Answered) -> None:
    own = answered.back["own"]
    contents = [*answered.manifests, *map(unhex, own["manifests"])]
    theirs = [*answered.back["read"], *own["read"]]
    refused = 0
    for content, found in zip(contents, theirs, strict=True):
        ours = reading_of(content)
        if "refused" in ours:
            refused += 1
            assert "refused" in found, (content[:300], ours["refused"])
        else:
            assert found == ours, content[:300]
    assert refused > 100 and len(contents) - refused > 100, "there are many of both"


def test_both_take_the_same_for_addresses(answered: Answered) -> None:
    ours = [unless_refused(checksum, text) for text in ADDRESSES]
    assert answered.back["addresses"] == ours
    assert {None, ADDRESSES[0]} <= set(ours)


def test_both_take_the_same_for_sheets(answered: Answered) -> None:
    for sheet, found in zip(answered.sheets, answered.back["sheets"], strict=True):
        planes = list(map(int, sheet["planes"]))
        ours = unless_refused(unpack, planes, sheet["options"], sheet["tasks"])
        assert found == ours, sheet
    assert sum(found is None for found in answered.back["sheets"]) > COUNT / 2


def test_both_open_the_same_sealed_answers(answered: Answered) -> None:
    ours = [unless_refused(opened, box) for box in answered.boxes]
    assert answered.back["boxes"] == ours
    assert ours[0] == answered.rows[0]["answers"] and ours[1:8] == [None] * 7


def test_both_find_an_account_in_the_same_epoch(answered: Answered, tmp_path: Path) -> None:
    account = Account.from_key("0x" + "11" * 32).address
    found = []
    for nth, history in enumerate(answered.histories):
        vault = Vault(tmp_path / str(nth), Deployed(1, account), bytes(32))
        epoch = history["known"]
        vault.keep_key(account, account, epoch, KeptKey(bytes(16), None))
        commitments = [
            Committed(block, 0, bytes(32), 1, account, bytes(32), unhex(sealed))
            for block, sealed in enumerate(history["sealed"])
        ]
        found.append(last_epoch(vault, account, commitments))
    assert answered.back["epochs"] == found
    assert len(set(found)) > 5
