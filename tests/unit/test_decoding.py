"""Bytes of a chain are decoded strictly, whatever another library does to the process."""

import ape.utils.abi  # noqa: F401  # loosens eth_abi for the whole process
import pytest
from eth_abi.abi import decode as loosened
from eth_abi.abi import encode
from eth_abi.exceptions import DecodingError
from eth_abi.registry import registry

from plumbline.chain.decoding import decode

WORD = (32).to_bytes(32)


def test_missing_bytes_are_no_zeros() -> None:
    assert loosened(["uint256"], b"") == (0,)  # else this module has had its day
    for cut in (b"", WORD[:31]):
        with pytest.raises(DecodingError):
            decode(["uint256"], cut)
    with pytest.raises(DecodingError):
        decode(["uint256[2]"], WORD)
    with pytest.raises(DecodingError):
        decode(["(uint8,address)", "uint256"], WORD + WORD)


def test_nobody_else_is_touched() -> None:
    before = registry.get_decoder("uint256")
    assert decode(["uint256"], WORD) == (32,)
    assert registry.get_decoder("uint256") is before


def test_whole_encodings_are_decoded() -> None:
    types = ["uint8", "uint256[]", "string", "(bool,bytes)"]
    values = (7, (1, 2**256 - 1), "a", (True, b"b"))
    assert decode(types, encode(types, values)) == values


@pytest.mark.parametrize("length", [2**62, 2**63, 2**255, 2**256 - 1])
@pytest.mark.parametrize("kind", ["string", "bytes", "uint256[]"])
def test_absurd_lengths_are_no_encoding(kind: str, length: int) -> None:
    for data in (length.to_bytes(32), WORD + length.to_bytes(32), WORD + length.to_bytes(32) * 3):
        with pytest.raises(DecodingError):
            decode([kind], data)


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80"])
def test_what_is_no_text_in_a_text_is_replaced(raw: bytes) -> None:
    (text,) = decode(["string"], encode(["bytes"], [raw]))
    assert text == raw.decode(errors="replace")
    assert "\ufffd" in text
    text.encode()
