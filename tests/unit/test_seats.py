"""What a seat is taken with comes back from the chain, whichever key made its salt."""

from pathlib import Path

import pytest

from plumbline.chain.events import Committed
from plumbline.labeler.seats import Prepared, RestoreError, prepare, recognise, restore
from plumbline.labeler.vault import Vault
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.master_key import random_key
from plumbline.protocol.sealing import SealError
from plumbline.protocol.typed_data import Deployed
from tests.unit.builders import terms

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
    key = random_key()
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
    assert prepare(vault, key, 7, LABELER, ANSWERS, 2) == prepared
    assert restore(empty, [key], landed(prepared), RULES) == prepared.secret
    assert empty.answers(7, LABELER) == prepared.secret


def test_what_was_kept_with_another_key_stays_and_comes_back_too(
    vault: Vault, empty: Vault
) -> None:
    """As when a wallet begins to sign differently between two runs of a command."""
    first, second = random_key(), random_key()
    before = prepare(vault, first, 7, LABELER, ANSWERS, 2)
    after = prepare(vault, second, 7, LABELER, ANSWERS, 2)
    assert after.secret == before.secret
    assert restore(empty, [second], landed(after), RULES) == before.secret
    empty.discard_answers(7, LABELER)
    assert restore(empty, [first, second], landed(after), RULES) == before.secret


def test_another_key_gives_nothing_back(vault: Vault, empty: Vault) -> None:
    prepared = prepare(vault, random_key(), 7, LABELER, ANSWERS, 2)
    with pytest.raises(SealError, match="not sealed by this wallet"):
        restore(empty, [random_key()], landed(prepared), RULES)
    assert empty.answers(7, LABELER) is None


def test_sealed_answers_that_were_not_committed_to_are_not_kept(vault: Vault, empty: Vault) -> None:
    key = random_key()
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
    vault.discard_answers(7, LABELER)
    others = prepare(vault, key, 7, LABELER, OTHERS, 2)
    with pytest.raises(RestoreError, match="are not those committed to"):
        restore(empty, [key], landed(Prepared(prepared.secret, others.sealed)), RULES)
    assert empty.answers(7, LABELER) is None


def test_what_is_on_chain_replaces_what_is_in_the_way(vault: Vault, empty: Vault) -> None:
    key = random_key()
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2)
    prepare(empty, key, 7, LABELER, OTHERS, 2)
    assert restore(empty, [key], landed(prepared), RULES) == prepared.secret
    empty.answers_path(7, LABELER).write_text("{")
    assert restore(empty, [key], landed(prepared), RULES) == prepared.secret


def test_without_sealed_answers_the_answers_alone_find_the_salt(vault: Vault, empty: Vault) -> None:
    key = random_key()
    prepared = prepare(vault, key, 7, LABELER, ANSWERS, 2, is_sealed=False)
    assert prepared.sealed == b""
    with pytest.raises(RestoreError, match="without sealed answers"):
        restore(empty, [key], landed(prepared), RULES)
    assert recognise(empty, [key], landed(prepared), OTHERS, 2) is None
    assert recognise(empty, [key], landed(prepared), ANSWERS, 2) == prepared.secret
