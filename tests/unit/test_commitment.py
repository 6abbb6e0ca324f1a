"""What is hashed and signed off chain is what the contract hashes and recovers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.constants import SECPK1_N
from hypothesis import given, settings
from hypothesis import strategies as st

from plumbline.protocol.addresses import AddressError, checksum
from plumbline.protocol.commitment import (
    CommitmentError,
    commitment,
    compact,
    consent_message,
    consent_typed_data,
    extend_roll,
    gold_root,
    is_signed,
    new_salt,
    recover,
    roll_of,
    sign,
)
from plumbline.protocol.typed_data import Deployed, digest
from plumbline.settlement.sheet import Sheet

ROOT = Path(__file__).resolve().parents[2]

words = st.binary(min_size=32, max_size=32)
uints = st.integers(0, 2**256 - 1)
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: checksum("0x" + raw.hex()))
sheets = st.tuples(uints, uints, uints, uints, uints)
keys = st.integers(1, SECPK1_N - 1).map(lambda key: Account.from_key(key.to_bytes(32, "big")))
sealed_answers = st.binary(max_size=256)


@pytest.fixture(scope="module")
def harness() -> Any:
    """The contract's own functions, in an embedded chain."""
    return boa.load(str(ROOT / "tests/contracts/CommitmentsHarness.vy"))


@pytest.fixture(scope="module")
def deployed(harness: Any) -> Deployed:
    return Deployed(harness.chain_id(), harness.address)


@settings(max_examples=60, deadline=None)
@given(round_id=uints, labeler=addresses, sheet=sheets, salt=words)
def test_commitments_are_those_of_the_contract(
    harness: Any, deployed: Deployed, round_id: int, labeler: str, sheet: Sheet, salt: bytes
) -> None:
    # H1.1
    expected = harness.commitment(round_id, labeler, list(sheet), salt)
    assert commitment(deployed.domain, round_id, labeler, sheet, salt) == expected


@settings(max_examples=60, deadline=None)
@given(requester=addresses, sheet=sheets, salt=words)
def test_gold_roots_are_those_of_the_contract(
    harness: Any, deployed: Deployed, requester: str, sheet: Sheet, salt: bytes
) -> None:
    # H2.1
    expected = harness.gold_root(requester, list(sheet), salt)
    assert gold_root(deployed.domain, requester, sheet, salt) == expected


@settings(max_examples=60, deadline=None)
@given(round_id=uints, labeler=addresses, stake=uints, committed=words, sealed=sealed_answers)
def test_consents_are_those_of_the_contract(
    harness: Any,
    deployed: Deployed,
    round_id: int,
    labeler: str,
    stake: int,
    committed: bytes,
    sealed: bytes,
) -> None:
    # H3.1
    message = consent_message(deployed, round_id, labeler, stake, committed, sealed)
    expected = harness.consent(round_id, labeler, stake, committed, sealed)
    assert digest(message) == expected


@settings(max_examples=30, deadline=None)
@given(root=words, entries=st.lists(st.tuples(addresses, sheets), max_size=5))
def test_rolls_are_those_of_the_contract(
    harness: Any, root: bytes, entries: list[tuple[str, Sheet]]
) -> None:
    # H4.1
    expected = root
    for labeler, sheet in entries:
        expected = harness.extend(expected, labeler, list(sheet))
    assert roll_of(root, entries) == expected


@settings(max_examples=30, deadline=None)
@given(labeler=keys, stake=uints, committed=words, sealed=sealed_answers)
def test_what_is_signed_is_recovered_by_the_contract(
    harness: Any, deployed: Deployed, labeler: Any, stake: int, committed: bytes, sealed: bytes
) -> None:
    # H3.3
    signed = sign(labeler, deployed, 7, stake, committed, sealed)
    hashed = harness.consent(7, labeler.address, stake, committed, sealed)
    assert harness.signer(hashed, signed.r, signed.vs) == labeler.address
    assert is_signed(deployed, 7, stake, signed)


def test_a_consent_is_for_one_round_stake_and_content() -> None:  # H3.1, H3.2
    deployed = Deployed(1, "0x" + "11" * 20)
    labeler, other = Account.create(), Account.create()
    signed = sign(labeler, deployed, 7, 5, b"\x33" * 32, b"sealed")
    assert is_signed(deployed, 7, 5, signed)
    assert not is_signed(deployed, 8, 5, signed)
    assert not is_signed(deployed, 7, 6, signed)
    assert not is_signed(Deployed(2, deployed.address), 7, 5, signed)
    assert not is_signed(deployed, 7, 5, replace(signed, sealed=b"other"))
    assert not is_signed(deployed, 7, 5, replace(signed, commitment=b"\x34" * 32))
    assert not is_signed(deployed, 7, 5, replace(signed, labeler=other.address))
    assert not is_signed(deployed, 7, 5, replace(signed, r=bytes(32)))
    assert not is_signed(deployed, 7, 5, replace(signed, vs=0))


def test_wallets_are_handed_the_same_message() -> None:  # H3.1
    """Through JSON, as a browser's wallet gets it."""
    arguments = (
        Deployed(1, "0x" + "11" * 20),
        7,
        "0x" + "22" * 20,
        10**18,
        b"\x33" * 32,
        b"sealed",
    )
    data = json.loads(json.dumps(consent_typed_data(*arguments)))
    assert encode_typed_data(full_message=data) == consent_message(*arguments)


@given(
    field=st.sampled_from(["chain", "contract", "round", "labeler", "plane", "salt"]),
    plane=st.integers(0, 4),
    bit=st.integers(0, 159),
)
def test_each_field_changes_the_commitment(field: str, plane: int, bit: int) -> None:  # H1.2
    values: dict[str, int] = {
        "chain": 1,
        "contract": 2,
        "round": 3,
        "labeler": 4,
        "salt": 5,
    }
    planes = [6, 7, 8, 9, 10]

    def hashed() -> bytes:
        domain = Deployed(values["chain"], _address(values["contract"])).domain
        salt = values["salt"].to_bytes(32, "big")
        return commitment(domain, values["round"], _address(values["labeler"]), planes, salt)

    before = hashed()
    if field == "plane":
        planes[plane] ^= 1 << bit
    else:
        values[field] ^= 1 << bit
    assert hashed() != before


@given(field=st.sampled_from(["requester", "plane", "salt"]), bit=st.integers(0, 159))
def test_each_field_changes_the_gold_root(field: str, bit: int) -> None:  # H2.1
    values = {"requester": 1, "plane": 2, "salt": 3}

    def hashed() -> bytes:
        sheet = (values["plane"], 0, 0, 0, 0)
        salt = values["salt"].to_bytes(32, "big")
        return gold_root(bytes(32), _address(values["requester"]), sheet, salt)

    before = hashed()
    values[field] ^= 1 << bit
    assert hashed() != before


def test_a_commitment_is_no_gold_root() -> None:  # H1.1, H2.1
    """One sheet, salt and person: the type hash tells them apart."""
    person, sheet, salt = _address(1), (1, 0, 0, 0, 0), bytes(32)
    assert commitment(bytes(32), 0, person, sheet, salt) != gold_root(
        bytes(32), person, sheet, salt
    )


def test_the_roll_tells_order_and_repetition() -> None:  # H4.1
    one, other = (_address(1), (1, 0, 0, 0, 0)), (_address(2), (3, 1, 0, 0, 0))
    root = b"\x01" * 32
    given = ([], [one], [one, one], [one, other], [other, one])
    rolls = [roll_of(root, entries) for entries in given]
    assert len(set(rolls)) == len(rolls)
    assert rolls[0] == root
    assert extend_roll(rolls[1], *other) == rolls[3]


@settings(max_examples=20, deadline=None)
@given(labeler=keys, committed=words)
def test_compact_signatures_lose_nothing(labeler: Any, committed: bytes) -> None:  # H3.3
    message = consent_message(Deployed(1, _address(1)), 1, labeler.address, 1, committed)
    signature = bytes(labeler.sign_message(message).signature)
    r, vs = compact(signature)
    assert recover(message, r, vs) == labeler.address
    assert compact(r + vs.to_bytes(32, "big")) == (r, vs)
    # The same signature with a high s and the other parity.
    s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    high = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    assert compact(high) == (r, vs)
    # And with the bare parity that some wallets give.
    assert compact(signature[:64] + bytes([signature[64] - 27])) == (r, vs)


@pytest.mark.parametrize(
    "signature", [b"", bytes(63), bytes(66), bytes(64) + b"\x1b", b"\x01" * 64 + b"\x05"]
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(CommitmentError):
        compact(signature)


def test_recovering_from_nonsense_says_nobody() -> None:
    message = consent_message(Deployed(1, _address(1)), 1, _address(2), 1, bytes(32))
    for r, vs in ((bytes(32), 0), (b"\xff" * 32, 2**256 - 1), (b"", 1), (bytes(32), -1)):
        assert recover(message, r, vs) is None


def test_values_that_do_not_fit_are_refused() -> None:
    sheet, salt = (1, 0, 0, 0, 0), bytes(32)
    with pytest.raises(CommitmentError, match="salt has 31 bytes"):
        commitment(bytes(32), 1, _address(1), sheet, salt[1:])
    with pytest.raises(CommitmentError, match="4 planes"):
        commitment(bytes(32), 1, _address(1), sheet[1:], salt)
    with pytest.raises(CommitmentError, match="plane 0 does not fit"):
        gold_root(bytes(32), _address(1), (2**256, 0, 0, 0, 0), salt)
    with pytest.raises(CommitmentError, match="plane 4 does not fit"):
        extend_roll(bytes(32), _address(1), (0, 0, 0, 0, -1))
    with pytest.raises(CommitmentError, match="257 bytes"):
        consent_message(Deployed(1, _address(1)), 1, _address(2), 1, bytes(32), bytes(257))
    with pytest.raises(AddressError, match="is not an address"):
        commitment(bytes(32), 1, "0x12", sheet, salt)
    with pytest.raises(AddressError, match="wrong checksum"):
        commitment(bytes(32), 1, "0x5E23eCFF53FC9d493Fd07CeC190106e44c4A536a", sheet, salt)


def test_salts_are_not_repeated() -> None:  # H1.3
    assert len({new_salt() for _ in range(100)}) == 100
    assert len(new_salt()) == 32


def _address(number: int) -> str:
    return checksum(f"0x{number:040x}")
