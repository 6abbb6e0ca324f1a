"""What a seat is taken with comes back from the chain, whichever key made its salt."""

from pathlib import Path

import pytest

from plumbline.chain.events import Committed
from plumbline.labeler.seats import Prepared, RestoreError, prepare, recognise, restore
from plumbline.labeler.unlocking import Keyring
from plumbline.labeler.vault import Vault
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.master_key import MasterKey, random_key
from plumbline.protocol.sealing import SealError, epoch_of
from plumbline.protocol.typed_data import Deployed
from tests.unit.builders import keyring_of, terms

DEPLOYED = Deployed(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
LABELER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
ANSWERS: list[int | None] = [0, 1, None, 1, 0, 1, 0, 0, 1, 1, 0, None]
OTHERS: list[int | None] = [1, *ANSWERS[1:]]
RULES = terms(tasks=12)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", DEPLOYED, bytes(32))


@pytest.fixture
def empty(tmp_path: Path) -> Vault:
    """Another machine."""
    return Vault(tmp_path / "empty", DEPLOYED, bytes(32))


def landed(prepared: Prepared) -> Committed:
    return Committed(1, 0, EMPTY_HASH, 7, LABELER, prepared.secret.digest, prepared.sealed)


def test_the_chain_and_the_key_give_back_what_was_committed(vault: Vault, empty: Vault) -> None:
    key = random_key(0)
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
    assert prepare(vault, key, 7, LABELER, ANSWERS, 2) == prepared
    assert restore(empty, keyring_of(key), landed(prepared), RULES) == prepared.secret
    assert empty.answers(7, LABELER) == prepared.secret


def test_what_was_kept_with_another_key_stays_and_comes_back_too(
    vault: Vault, empty: Vault
) -> None:
    """As when a wallet begins to sign differently between two runs of a command."""
    first, second = random_key(0), random_key(0)
    before = prepare(vault, first, 7, LABELER, ANSWERS, 2)
    after = prepare(vault, second, 7, LABELER, ANSWERS, 2)
    assert after.secret == before.secret
    assert restore(empty, keyring_of(second), landed(after), RULES) == before.secret
    empty.discard_answers(7, LABELER)
    assert restore(empty, keyring_of(first, second), landed(after), RULES) == before.secret


def test_another_key_gives_nothing_back(vault: Vault, empty: Vault) -> None:
    prepared = prepare(vault, random_key(0), 7, LABELER, ANSWERS, 2)
    with pytest.raises(SealError, match="not sealed by this wallet"):
        restore(empty, keyring_of(random_key(0)), landed(prepared), RULES)
    assert empty.answers(7, LABELER) is None


def test_each_round_comes_back_with_the_key_of_its_epoch(vault: Vault, empty: Vault) -> None:
    keys = [random_key(epoch) for epoch in range(3)]
    for key in keys:
        prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
        assert epoch_of(prepared.sealed) == key.epoch
        asked: list[int] = []

        def watched(epoch: int, asked: list[int] = asked) -> tuple[MasterKey, ...]:
            asked.append(epoch)
            return (keys[epoch],)

        assert restore(empty, Keyring(lambda: 2, watched), landed(prepared), RULES)
        assert asked == [key.epoch], "the wallet is asked for the one that is needed"
        vault.discard_answers(7, LABELER)
        empty.discard_answers(7, LABELER)


def test_unsealed_answers_are_recognised_by_the_key_of_any_epoch_so_far(
    vault: Vault, empty: Vault
) -> None:
    keys = [random_key(epoch) for epoch in range(3)]
    prepared = prepare(vault, keys[1], 7, LABELER, ANSWERS, 2, is_sealed=False)
    assert recognise(empty, keyring_of(*keys), landed(prepared), ANSWERS, 2) == prepared.secret
    empty.discard_answers(7, LABELER)
    assert recognise(empty, keyring_of(keys[0]), landed(prepared), ANSWERS, 2) is None


def test_sealed_answers_that_were_not_committed_to_are_not_kept(vault: Vault, empty: Vault) -> None:
    key = random_key(0)
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
    vault.discard_answers(7, LABELER)
    others = prepare(vault, key, 7, LABELER, OTHERS, 2)
    with pytest.raises(RestoreError, match="are not those committed to"):
        restore(empty, keyring_of(key), landed(Prepared(prepared.secret, others.sealed)), RULES)
    assert empty.answers(7, LABELER) is None


def test_what_is_on_chain_replaces_what_is_in_the_way(vault: Vault, empty: Vault) -> None:
    key = random_key(0)
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
    prepare(empty, key, 7, LABELER, OTHERS, 2)
    assert restore(empty, keyring_of(key), landed(prepared), RULES) == prepared.secret
    empty.answers_path(7, LABELER).write_text("{")
    assert restore(empty, keyring_of(key), landed(prepared), RULES) == prepared.secret


def test_without_sealed_answers_the_answers_alone_find_the_salt(vault: Vault, empty: Vault) -> None:
    key = random_key(0)
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2, is_sealed=False)
    assert prepared.sealed == b""
    with pytest.raises(RestoreError, match="without sealed answers"):
        restore(empty, keyring_of(key), landed(prepared), RULES)
    assert recognise(empty, keyring_of(key), landed(prepared), OTHERS, 2) is None
    assert recognise(empty, keyring_of(key), landed(prepared), ANSWERS, 2) == prepared.secret
