"""The wallet alone makes every secret again, and no two places share one."""

import json
from hmac import new
from itertools import product
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.backends import CoinCurveECCBackend, NativeECCBackend, get_backend
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from plumbline.chain.events import Committed, Event
from plumbline.files.private import StorageError
from plumbline.labeler.unlocking import (
    Unlocked,
    UnlockError,
    candidate_keys,
    keyring,
    last_epoch,
    next_epoch,
    unlock,
)
from plumbline.labeler.vault import KeptKey, Vault
from plumbline.protocol.commitment import CommitmentError
from plumbline.protocol.master_key import (
    MAX_EPOCH,
    MasterKey,
    from_signature,
    message,
    random_key,
    typed_data,
)
from plumbline.protocol.typed_data import Deployed, digest
from plumbline.settlement.sheet import Sheet, pack

WALLET = Account.from_key("0x" + "11" * 32)
DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
ELSEWHERE = Deployed(31337, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512")
OTHER_CHAIN = Deployed(1, DEPLOYED.address)
MESSAGE_DIGEST = "caf658b3c1cd5833757b954cdbf942d1ac3b8cbb79d012166de2606b5eb6d5d1"
SHEET: Sheet = pack([0, 1, None, 1] * 3, 2)


def sign(asked: SignableMessage) -> bytes:
    return bytes(WALLET.sign_message(asked).signature)


def key_of(deployed: Deployed, labeler: str = WALLET.address, epoch: int = 0) -> MasterKey:
    return from_signature(deployed, labeler, epoch, sign(message(deployed, labeler, epoch)))


def test_the_message_says_what_it_is_for_and_that_it_is_for_nobody_else() -> None:
    data = json.loads(json.dumps(typed_data(DEPLOYED, WALLET.address, 7)))
    assert data["message"]["epoch"] == "7"
    assert encode_typed_data(full_message=data) == message(DEPLOYED, WALLET.address, 7)
    assert data["domain"]["verifyingContract"] == DEPLOYED.address
    assert data["domain"]["chainId"] == 31337
    assert data["message"]["account"] == WALLET.address
    for words in ("gold answers", "take my stake", "never to log in", "only where I answer"):
        assert words in data["message"]["purpose"]


def test_the_derivation_is_hkdf_with_these_very_labels() -> None:  # H8.1, H8.2, H8.3, H8.4, H8.7
    """Whoever changes one locks labelers out of their rounds. RFC 5869, by hand."""

    def hmac(key: bytes, text: bytes) -> bytes:
        return new(key, text, "sha256").digest()

    def word(number: int) -> bytes:
        return number.to_bytes(32, "big")

    key = key_of(DEPLOYED)
    asked = message(DEPLOYED, WALLET.address, 0)
    assert digest(asked).hex() == MESSAGE_DIGEST
    signature = WALLET.sign_message(asked)
    compact = word(signature.r) + word(signature.s | (signature.v - 27) << 255)
    drawn = hmac(DEPLOYED.domain, compact)
    info = b"plumbline master key 1" + bytes.fromhex(WALLET.address[2:])
    assert key.secret == hmac(drawn, info + b"\x01")
    planes = b"".join(word(plane) for plane in SHEET)
    assert key.salt(3, SHEET) == hmac(key.secret, b"plumbline salt 1" + word(3) + planes + b"\x01")
    info = b"plumbline sealing key 1" + word(3)
    first = hmac(key.secret, info + b"\x01")
    assert key.sealing_key(3) == first + hmac(key.secret, first + info + b"\x02")
    gold = b"plumbline gold salt 1" + word(5) + word(2) + planes
    assert key.gold_salt(word(5), SHEET, 2) == hmac(key.secret, gold + b"\x01")
    first = hmac(key.secret, b"plumbline gold key 1\x01")
    assert key.gold_key == first + hmac(key.secret, first + b"plumbline gold key 1\x02")
    assert key.fingerprint == hmac(key.secret, b"plumbline fingerprint 1\x01")[:16]


def test_no_two_places_share_a_secret() -> None:
    other = Account.from_key("0x" + "22" * 32).address
    keys = [key_of(each) for each in (DEPLOYED, ELSEWHERE, OTHER_CHAIN)]
    keys += [key_of(DEPLOYED, other), key_of(DEPLOYED, epoch=1), key_of(DEPLOYED, epoch=256)]
    sheets = [SHEET, pack([1, 1, None, 1] * 3, 2)]
    salts = {key.salt(number, sheet) for key, number, sheet in product(keys, (1, 2), sheets)}
    assert len(salts) == 6 * 2 * 2
    assert len({key.sealing_key(number) for key, number in product(keys, (1, 2))}) == 12
    assert len({len(salt) for salt in salts} | {32}) == 1


def test_every_form_of_a_signature_makes_the_same_key() -> None:
    signature = sign(message(DEPLOYED, WALLET.address, 0))
    low = signature[:64] + bytes([signature[64] - 27])
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high_s = (order - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")
    high = signature[:32] + high_s + bytes([55 - signature[64]])
    made = {from_signature(DEPLOYED, WALLET.address, 0, each) for each in (signature, low, high)}
    assert made == {key_of(DEPLOYED)}
    with pytest.raises(CommitmentError, match="it must be 64 or 65"):
        from_signature(DEPLOYED, WALLET.address, 0, b"short")


# ---------------------------------------------------------------------------- unlock


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, bytes(32))


class Wallet:
    """Signs, and counts how often it was asked; `noise` makes every signature another."""

    def __init__(self, noise: bool = False, silent: bool = False) -> None:
        self.asked = 0
        self.noise = noise
        self.silent = silent

    def __call__(self, asked: SignableMessage) -> bytes | None:
        self.asked += 1
        if self.silent:
            return None
        signature = sign(asked)
        return self.asked.to_bytes(32, "big") + signature[32:] if self.noise else signature


def test_a_wallet_is_asked_twice_once_and_nothing_secret_is_stored(vault: Vault) -> None:
    wallet = Wallet()
    assert unlock(vault, WALLET.address, WALLET.address, wallet, 0) == Unlocked(key_of(DEPLOYED))
    assert wallet.asked == 2
    assert unlock(vault, WALLET.address, WALLET.address, wallet, 0) == Unlocked(key_of(DEPLOYED))
    assert wallet.asked == 3
    assert (
        key_of(DEPLOYED).secret.hex()
        not in vault.key_path(WALLET.address, WALLET.address, 0).read_text()
    )


def test_a_wallet_that_cannot_make_it_again_gets_a_stored_key_and_a_warning(vault: Vault) -> None:
    wallet = Wallet(noise=True)
    first = unlock(vault, WALLET.address, WALLET.address, wallet, 0)
    assert first.warning is not None and "signs the same message differently" in first.warning
    assert str(vault.key_path(WALLET.address, WALLET.address, 0)) in first.warning
    assert first.key != key_of(DEPLOYED)
    assert unlock(vault, WALLET.address, WALLET.address, wallet, 0) == Unlocked(first.key)
    assert first.key in candidate_keys(vault, WALLET.address, WALLET.address, wallet, 0)
    assert vault.key_path(WALLET.address, WALLET.address, 0).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("refusals", [{1}, {2}, {3}])
def test_a_wallet_that_declines_once_changes_nothing(vault: Vault, refusals: set[int]) -> None:
    """The wrong button pressed must not replace what the wallet can make by what it cannot."""
    wallet = Wallet()

    def moody(asked: SignableMessage) -> bytes | None:
        signature = wallet(asked)
        return None if wallet.asked in refusals else signature

    with pytest.raises(UnlockError, match=r"did not sign the message.* try again"):
        for _ in range(2):
            unlock(vault, WALLET.address, WALLET.address, moody, 0)
    assert unlock(vault, WALLET.address, WALLET.address, moody, 0) == Unlocked(key_of(DEPLOYED))


def test_an_account_that_never_signs_gets_a_stored_key_only_if_told_so(vault: Vault) -> None:
    silent = Wallet(silent=True)
    with pytest.raises(UnlockError, match="--stored-key"):
        unlock(vault, WALLET.address, WALLET.address, silent, 0)
    stored = unlock(vault, WALLET.address, WALLET.address, silent, 0, may_store=True)
    assert stored.warning is not None and "does not sign typed data" in stored.warning
    assert unlock(vault, WALLET.address, WALLET.address, silent, 0) == Unlocked(stored.key)
    assert candidate_keys(vault, WALLET.address, WALLET.address, silent, 0) == (stored.key,)


def test_a_wallet_that_begins_to_sign_differently_is_noticed(vault: Vault) -> None:
    unlock(vault, WALLET.address, WALLET.address, Wallet(), 0)
    later = unlock(vault, WALLET.address, WALLET.address, Wallet(noise=True), 0)
    assert later.warning is not None
    assert later.key != key_of(DEPLOYED)
    assert unlock(vault, WALLET.address, WALLET.address, Wallet(), 0) == Unlocked(later.key)


def test_a_stored_key_is_never_replaced(vault: Vault) -> None:
    first, second = random_key(0), random_key(0)
    vault.replace_key(WALLET.address, WALLET.address, 0, KeptKey(first.fingerprint, first))
    vault.replace_key(WALLET.address, WALLET.address, 0, KeptKey(second.fingerprint, second))
    assert vault.key(WALLET.address, WALLET.address, 0) == KeptKey(first.fingerprint, first)


def test_on_an_empty_machine_the_wallet_is_asked_once(vault: Vault) -> None:
    wallet = Wallet()
    assert candidate_keys(vault, WALLET.address, WALLET.address, wallet, 0) == (key_of(DEPLOYED),)
    assert wallet.asked == 1
    with pytest.raises(UnlockError):
        candidate_keys(vault, WALLET.address, WALLET.address, Wallet(silent=True), 0)


def test_what_the_wallet_made_before_it_was_replaced_is_not_forgotten(vault: Vault) -> None:
    unlock(vault, WALLET.address, WALLET.address, Wallet(), 0)
    later = unlock(vault, WALLET.address, WALLET.address, Wallet(noise=True), 0)
    found = candidate_keys(vault, WALLET.address, WALLET.address, Wallet(), 0)
    assert found == (later.key, key_of(DEPLOYED))


@pytest.mark.parametrize(
    "damage", [{"secret": "00" * 32}, {"fingerprint": "zz"}, {"fingerprint": None}]
)
def test_a_damaged_key_is_never_used(vault: Vault, damage: dict[str, str]) -> None:
    key = random_key(0)
    vault.keep_key(WALLET.address, WALLET.address, 0, KeptKey(key.fingerprint, key))
    path = vault.key_path(WALLET.address, WALLET.address, 0)
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    with pytest.raises(StorageError, match=r"damaged.* move it away if it was your wallet"):
        unlock(vault, WALLET.address, WALLET.address, Wallet(), 0)
    # What the wallet makes is not lost with it, and a silent wallet is told of the file.
    assert candidate_keys(vault, WALLET.address, WALLET.address, Wallet(), 0) == (key_of(DEPLOYED),)
    with pytest.raises(StorageError, match="damaged"):
        candidate_keys(vault, WALLET.address, WALLET.address, Wallet(silent=True), 0)


def test_the_owners_of_a_wallet_contract_do_not_get_into_each_others_way(vault: Vault) -> None:
    owners = [Account.from_key("0x" + digit * 64) for digit in ("3", "4")]
    keys = []
    for owner in owners:

        def signed(asked: SignableMessage, owner: LocalAccount = owner) -> bytes:
            return bytes(owner.sign_message(asked).signature)

        unlocked = unlock(vault, ELSEWHERE.address, owner.address, signed, 0)
        assert unlocked.warning is None
        assert unlock(vault, ELSEWHERE.address, owner.address, signed, 0) == unlocked
        keys.append(unlocked.key)
    assert keys[0] != keys[1]


# --------------------------------------------------------------------------- epochs


def committed(labeler: str, epoch: int | None, block: int = 1) -> Committed:
    sealed = b"" if epoch is None else epoch.to_bytes(2, "big") + bytes(40)
    return Committed(block, 0, bytes(32), 7, labeler, bytes(32), sealed)


def test_an_empty_machine_learns_the_epoch_from_its_own_commitments_alone(vault: Vault) -> None:
    others = [committed(ELSEWHERE.address, 9)]
    assert last_epoch(vault, WALLET.address, others) == 0
    own = [committed(WALLET.address, epoch) for epoch in (0, 3, 1, None)]
    assert last_epoch(vault, WALLET.address, [*others, *own]) == 3
    assert not vault.root.exists()


def test_what_others_would_have_sealed_uses_up_no_epochs(vault: Vault) -> None:
    """A page that is not to be trusted may have bytes of its own signed along."""
    owner = WALLET.address
    reached = [committed(owner, epoch, block) for block, epoch in enumerate((0, 256, 512))]
    assert last_epoch(vault, owner, reversed(reached)) == 512
    assert last_epoch(vault, owner, [*reached, committed(owner, MAX_EPOCH, 9)]) == 512
    assert last_epoch(vault, owner, [committed(owner, 257)]) == 0


def test_a_rotation_is_kept_and_what_came_before_stays(vault: Vault) -> None:
    wallet, owner = Wallet(), WALLET.address
    before = unlock(vault, owner, owner, wallet, 0)
    assert last_epoch(vault, owner, []) == 0
    after = unlock(vault, owner, owner, wallet, next_epoch(0, None))
    assert after.key == key_of(DEPLOYED, epoch=1) != before.key
    assert last_epoch(vault, owner, [committed(owner, 0)]) == 1
    assert candidate_keys(vault, owner, owner, wallet, 0) == (before.key,)
    assert last_epoch(vault, ELSEWHERE.address, []) == 0


def test_a_stored_key_is_of_its_epoch_alone(vault: Vault) -> None:
    silent, owner = Wallet(silent=True), WALLET.address
    first = unlock(vault, owner, owner, silent, 0, may_store=True).key
    second = unlock(vault, owner, owner, silent, 1, may_store=True).key
    assert (first.epoch, second.epoch) == (0, 1) and first.secret != second.secret
    assert candidate_keys(vault, owner, owner, silent, 0) == (first,)
    assert candidate_keys(vault, owner, owner, silent, 1) == (second,)


def test_a_rotation_that_the_wallet_declines_changes_nothing(vault: Vault) -> None:
    with pytest.raises(UnlockError):
        unlock(vault, WALLET.address, WALLET.address, Wallet(silent=True), 1)
    assert last_epoch(vault, WALLET.address, []) == 0


@pytest.mark.parametrize(
    ("now", "wanted", "epoch"), [(0, None, 1), (4, 7, 7), (4, 4, 4), (4, 3, None)]
)
def test_epochs_only_go_on(now: int, wanted: int | None, epoch: int | None) -> None:
    if epoch is None:
        with pytest.raises(UnlockError, match="epoch 3 is over, the account is in epoch 4"):
            next_epoch(now, wanted)
    else:
        assert next_epoch(now, wanted) == epoch
    with pytest.raises(UnlockError, match="more than 256 after epoch 0"):
        next_epoch(0, 257)
    with pytest.raises(UnlockError, match="epochs end at 65,535"):
        next_epoch(MAX_EPOCH, None)


def test_a_keyring_asks_once_for_each_epoch_and_begins_with_the_last(vault: Vault) -> None:
    wallet, owner = Wallet(), WALLET.address
    vault.keep_key(owner, owner, 2, KeptKey(key_of(DEPLOYED, epoch=2).fingerprint, None))

    class Quiet:
        def events(self) -> list[Event]:
            return [committed(owner, 1)]

    keys = keyring(Quiet(), vault, owner, owner, wallet)  # type: ignore[arg-type]
    assert keys.last() == 2
    first = next(keys.all())
    assert (first, wallet.asked) == (key_of(DEPLOYED, epoch=2), 1)
    assert [key.epoch for key in keys.all()] == [key.epoch for key in keys.all()] == [2, 1, 0]
    assert wallet.asked == 3


def test_the_fast_signatures_are_those_that_anyone_makes() -> None:
    # All secrets come from a signature: it must not depend on which library made it.
    for number in range(1, 20):
        secret, message = keccak(text=f"key {number}"), keccak(text=f"message {number}")
        made = [
            PrivateKey(secret, backend=backend).sign_msg_hash(message).to_bytes()
            for backend in (CoinCurveECCBackend(), NativeECCBackend())
        ]
        assert made[0] == made[1]
    assert isinstance(get_backend(), CoinCurveECCBackend), "the fast one is in use"
