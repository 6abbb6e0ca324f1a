"""Only the labeler's wallet opens sealed answers, and only where they were sealed for."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from plumbline.protocol.limits import MAX_SEALED_BYTES
from plumbline.protocol.master_key import MAX_EPOCH, MasterKey, random_key
from plumbline.protocol.sealing import SealError, epoch_of, seal, seal_gold, unseal, unseal_gold
from plumbline.protocol.typed_data import Deployed

KEY = MasterKey(b"\x07" * 32, epoch=513)
DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
LABELER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OTHER = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
ANSWERS: list[int | None] = [0, 1, None, 1, 0, 1, 0, 0, 1, 1, 0, None]


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[int | None], int]:
    options = draw(st.integers(2, 16))
    answer = st.one_of(st.none(), st.integers(0, options - 1))
    return draw(st.lists(answer, min_size=12, max_size=256)), options


@given(rows(), st.integers(1, 2**64))
def test_what_was_sealed_comes_out_again(row: tuple[list[int | None], int], number: int) -> None:
    answers, options = row
    sealed = seal(KEY, DEPLOYED, number, LABELER, answers, options)
    found = unseal(KEY, DEPLOYED, number, LABELER, sealed, options, len(answers))
    assert found == (answers, b"")
    salt = b"\x09" * 32
    sealed = seal(KEY, DEPLOYED, number, LABELER, answers, options, salt)
    found = unseal(KEY, DEPLOYED, number, LABELER, sealed, options, len(answers))
    assert found == (answers, salt)


def test_the_bytes_are_those_of_the_specification() -> None:  # H8.5, H8.6
    """Whoever writes another program opens them without this one."""
    sealed = seal(KEY, DEPLOYED, 9, LABELER, ANSWERS, 4, salt=b"\x09" * 32)
    headers = [
        b"plumbline sealed answers 1",
        DEPLOYED.domain,
        (9).to_bytes(32, "big"),
        bytes.fromhex(LABELER[2:]),
    ]
    assert sealed[:2] == b"\x02\x01"  # 513, and bound to it
    text = AESSIV(KEY.sealing_key(9)).decrypt(sealed[2:], [*headers, b"\x02\x01"])
    digits = "".join("0" if answer is None else str(answer + 1) for answer in ANSWERS)
    assert text == int(digits, 5).to_bytes(4, "big") + b"\x09" * 32  # 12 digits in base 5


@pytest.mark.parametrize(("options", "size"), [(2, 69), (3, 82), (4, 93), (5, 101), (16, 149)])
def test_the_largest_batch_fits(options: int, size: int) -> None:  # H8.6
    answers: list[int | None] = [options - 1] * 256
    sealed = seal(KEY, DEPLOYED, 1, LABELER, answers, options)
    assert len(sealed) == size <= MAX_SEALED_BYTES
    # The size tells nothing about the answers.
    assert len(seal(KEY, DEPLOYED, 1, LABELER, [None] * 256, options)) == size


def test_it_opens_nowhere_else() -> None:
    sealed = seal(KEY, DEPLOYED, 1, LABELER, ANSWERS, 2)
    elsewhere = [
        (random_key(513), DEPLOYED, 1, LABELER),
        (KEY, Deployed(1, DEPLOYED.address), 1, LABELER),
        (KEY, Deployed(31337, OTHER), 1, LABELER),
        (KEY, DEPLOYED, 2, LABELER),
        (KEY, DEPLOYED, 1, OTHER),
    ]
    for key, deployed, number, labeler in elsewhere:
        with pytest.raises(SealError, match="not sealed by this wallet"):
            unseal(key, deployed, number, labeler, sealed, 2, 12)


def test_a_changed_bit_is_noticed_anywhere() -> None:
    sealed = seal(KEY, DEPLOYED, 1, LABELER, ANSWERS, 2)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealError):
            unseal(KEY, DEPLOYED, 1, LABELER, bytes(changed), 2, 12)
    for cut in (b"", sealed[:2], sealed[:18], sealed[:-1], sealed + b"\x00"):
        with pytest.raises(SealError):
            unseal(KEY, DEPLOYED, 1, LABELER, cut, 2, 12)


def test_the_same_answers_are_sealed_the_same_and_others_share_nothing() -> None:
    first = seal(KEY, DEPLOYED, 1, LABELER, ANSWERS, 2)
    assert seal(KEY, DEPLOYED, 1, LABELER, ANSWERS, 2) == first
    other = seal(KEY, DEPLOYED, 1, LABELER, [1, *ANSWERS[1:]], 2)
    assert sum(a == b for a, b in zip(first[2:], other[2:], strict=True)) < 5


@pytest.mark.parametrize("epoch", [0, 1, 255, 256, MAX_EPOCH])
def test_the_epoch_stands_in_front_and_is_authenticated(epoch: int) -> None:
    key = MasterKey(KEY.secret, epoch)
    sealed = seal(key, DEPLOYED, 1, LABELER, ANSWERS, 2)
    assert epoch_of(sealed) == epoch
    other = MasterKey(KEY.secret, epoch ^ 1)
    moved = other.epoch.to_bytes(2, "big") + sealed[2:]
    for wrong, box in ((other, sealed), (other, moved), (key, moved)):
        with pytest.raises(SealError):
            unseal(wrong, DEPLOYED, 1, LABELER, box, 2, 12)


def test_what_is_too_short_to_be_sealed_answers_has_no_epoch() -> None:
    sealed = seal(KEY, DEPLOYED, 1, LABELER, [None], 2)
    assert len(sealed) == 19 and epoch_of(sealed) == KEY.epoch
    assert epoch_of(sealed[:-1]) is epoch_of(b"") is None


def test_another_number_of_tasks_or_options_is_noticed() -> None:
    sealed = seal(KEY, DEPLOYED, 1, LABELER, ANSWERS, 16)
    for options, tasks in ((16, 11), (16, 200), (2, 12)):
        with pytest.raises(SealError, match="not answers to its tasks"):
            unseal(KEY, DEPLOYED, 1, LABELER, sealed, options, tasks)


@pytest.mark.parametrize("answer", [2, -1])
def test_an_answer_that_is_no_option_is_not_sealed(answer: int) -> None:
    with pytest.raises(SealError, match="not one of the 2 options"):
        seal(KEY, DEPLOYED, 1, LABELER, [*ANSWERS, answer], 2)


# ------------------------------------------------------------------ gold answers

ROOT = b"\x05" * 32
SALT = b"\x09" * 32


def test_gold_is_sealed_as_the_specification_says() -> None:  # H8.8
    sealed = seal_gold(KEY, DEPLOYED, LABELER, ROOT, ANSWERS, 4, SALT)
    headers = [b"plumbline sealed gold 1", DEPLOYED.domain, bytes.fromhex(LABELER[2:]), ROOT]
    digits = "".join("0" if answer is None else str(answer + 1) for answer in ANSWERS)
    assert sealed[:2] == b"\x02\x01"
    text = AESSIV(KEY.gold_key).decrypt(sealed[2:], [*headers, b"\x02\x01"])
    assert text == int(digits, 5).to_bytes(4, "big") + SALT
    found = unseal_gold(KEY, DEPLOYED, LABELER, ROOT, sealed, 4, len(ANSWERS))
    assert found == (ANSWERS, SALT)


def test_gold_opens_nowhere_else() -> None:
    sealed = seal_gold(KEY, DEPLOYED, LABELER, ROOT, ANSWERS, 2, SALT)
    elsewhere = [
        (random_key(513), DEPLOYED, LABELER, ROOT),
        (KEY, Deployed(1, DEPLOYED.address), LABELER, ROOT),
        (KEY, DEPLOYED, OTHER, ROOT),
        (KEY, DEPLOYED, LABELER, SALT),
    ]
    for key, deployed, owner, root in elsewhere:
        with pytest.raises(SealError, match="not sealed by this wallet"):
            unseal_gold(key, deployed, owner, root, sealed, 2, 12)
    with pytest.raises(SealError, match="not answers to these tasks"):
        unseal_gold(KEY, DEPLOYED, LABELER, ROOT, sealed, 16, 256)
