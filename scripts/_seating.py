"""Taking a seat: from answers to a commitment, sent oneself or signed for a relayer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from scripts._command import fail
from scripts._labelers import UNLOCK_LINE
from scripts._output import console, print_json, tx_json, when
from scripts._sending import send

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.chain.call import Call
    from plumbline.chain.events import Committed
    from plumbline.history.rounds import RoundHistory
    from plumbline.labeler.consents import Consent
    from plumbline.labeler.seats import Prepared
    from plumbline.labeler.vault import Vault
    from plumbline.protocol.manifest import Manifest
    from scripts._labelers import Labeler
    from scripts._node import Market

_WORD = 32
_BPS = 10_000


@dataclass(frozen=True)
class Seating:
    """All that taking one seat depends on."""

    here: Market
    who: Labeler
    one: RoundHistory
    evidence: tuple[bytes, ...]
    is_sealed: bool
    may_store: bool
    wallet_signature: bytes | None

    @property
    def vault(self) -> Vault:
        """The labeler's secrets."""
        return self.here.vault

    @property
    def path(self) -> Path:
        """Where this seat's secret is kept."""
        return self.vault.answers_path(self.one.round_id, self.who.address)

    @property
    def landed(self) -> Committed | None:
        """The commitment on chain, if there is one."""
        return self.one.commitment_of(self.who.address)

    def require_commit_phase(self) -> None:
        """An error that says why and since when, if no seat can be taken."""
        from plumbline.chain.records import Phase

        one = self.one
        phase, _ = self.here.time_left(one)
        if phase is Phase.COMMIT:
            return
        taken = len(one.commitments) == one.rules.seats
        why = (
            f"all {one.rules.seats} seats are taken"
            if taken
            else f"it ended at {when(one.deadlines.commit)}"
        )
        fail(f"the commit phase of round {one.round_id} is over, {why}: take part in another round")

    @property
    def missing_stake(self) -> int:
        """Wei that the free balance lacks."""
        free = self.here.rounds.account(self.who.address).free
        return max(0, self.one.rules.stake - free)

    def require_stake(self) -> None:
        """An error that says what is missing, if the stake is not covered."""
        unit, missing = self.here.unit, self.missing_stake
        if not missing:
            return
        free = self.here.rounds.account(self.who.address).free
        fail(
            f"{self.who.name} has {unit.exact(free)} free and the stake is "
            f"{unit.exact(self.one.rules.stake)}: {unit.exact(missing)} are missing, "
            f"`{self.deposit_command(missing)}`"
        )

    def deposit_command(self, missing: int) -> str:
        """What covers the stake."""
        whose = f" --for {self.who.address}" if self.who.is_wallet else ""
        amount = self.here.unit.exact(missing)
        return f'ape run labeler deposit "{amount}" --account {self.who.account.name}{whose}'

    def lines(self, answers: list[int | None], action: str) -> list[str]:
        """What is signed, what is at stake and by when it must be revealed."""
        rules, unit = self.one.rules, self.here.unit
        skips = sum(answer is None for answer in answers)
        silent = rules.stake * rules.slash_max_bps // _BPS
        outlier = rules.stake * rules.slash_base_bps // _BPS
        return [
            UNLOCK_LINE,
            f"{action} to {len(answers) - skips} answers and {skips} skips in round "
            f"{self.one.round_id} at {self.here.rounds.address} and lock {unit.exact(rules.stake)}"
            + (f" of {self.who.address}." if self.who.is_wallet else "."),
            f"Reveal them by {when(self.one.deadlines.reveal)}: who is silent loses "
            f"{unit.exact(silent)}, an outlier {unit.exact(outlier)} or more.",
            f"Answers and salt are kept in {self.path}"
            + (", and encrypted on chain." if self.is_sealed else " only: they are not sealed."),
        ]

    def require_same(self, answers: list[int | None], discard: bool) -> None:
        """An error if other answers are kept that might be committed by a transaction to come."""
        kept = self.vault.answers(self.one.round_id, self.who.address)
        if kept is None or kept.answers == answers or discard:
            return
        fail(
            f"other answers for round {self.one.round_id} are kept in {self.path}, but are not "
            "committed: commit those, or add --discard to set them aside"
        )

    def prepare(self, answers: list[int | None], discard: bool) -> Prepared:
        """Make the secrets and keep them, before anything is signed."""
        from plumbline.labeler.seats import prepare

        round_id, labeler = self.one.round_id, self.who.address
        kept = self.vault.answers(round_id, labeler)
        if discard and kept is not None and kept.answers != answers:
            self.vault.discard_answers(round_id, labeler)
        key = self.who.unlock(self.vault, self.may_store)
        options = self.one.rules.options
        return prepare(self.vault, key, round_id, labeler, answers, options, self.is_sealed)

    def consent(self, prepared: Prepared) -> Consent:
        """The labeler's signed agreement; an error if a wallet contract does not take it."""
        from plumbline.chain.wallets import accepts
        from plumbline.labeler.consents import Consent

        unsigned = Consent(
            deployed=self.here.deployment.deployed,
            round_id=self.one.round_id,
            labeler=self.who.address,
            stake=self.one.rules.stake,
            commitment=prepared.secret.digest,
            sealed=prepared.sealed,
            evidence=self.evidence,
            signature=b"",
            is_wallet=self.who.is_wallet,
        )
        signature = self.wallet_signature or self.who.account.sign_message(unsigned.message)
        if signature is None:
            fail(f"{self.who.name} cannot sign typed data: commit from the account itself")
        signed = unsigned.with_signature(signature)
        if signed.is_wallet and not accepts(
            self.here.chain.w3, signed.labeler, signed.digest, signature
        ):
            fail(
                f"the wallet {signed.labeler} does not take this signature for its own: is "
                f"{self.who.account.name} an owner? If it wants others, have them sign what "
                "`labeler sign --typed-data` prints, and give it as --signature"
            )
        return signed

    def call(self, prepared: Prepared) -> Call:
        """The transaction that takes the seat."""
        rounds, one = self.here.rounds, self.one
        if not self.who.is_wallet:
            return rounds.commit(
                one.round_id,
                prepared.secret.digest,
                one.rules.stake,
                prepared.sealed,
                self.evidence,
            )
        signed = self.consent(prepared)
        return rounds.commit_for_wallet(
            one.round_id,
            signed.labeler,
            signed.commitment,
            signed.signature,
            signed.sealed,
            signed.evidence,
        )


def commit(
    seating: Seating, answers: list[int | None], discard: bool, yes: bool, as_json: bool
) -> None:
    """Take the seat, or say that it is taken already."""
    if seating.landed is not None:
        say_landed(seating, seating.landed, answers, as_json)
        return
    seating.require_commit_phase()
    seating.require_same(answers, discard)
    seating.require_stake()
    seating.who.confirm(yes, seating.lines(answers, "Commit"))
    prepared = seating.prepare(answers, discard)
    receipt = send(seating.here.chain, seating.who.account, seating.call(prepared))
    one, who = seating.one, seating.who
    if as_json:
        print_json(
            _said(seating, prepared.secret.digest, already=False)
            | {"sealed_bytes": len(prepared.sealed), **tx_json(receipt)}
        )
        return
    console().print(
        f"{who.name} is seated in round {one.round_id}: reveal with `ape run labeler reveal "
        f"{who.options}` once all seats are taken or at {when(one.deadlines.commit)}, "
        f"and by {when(one.deadlines.reveal)}",
        soft_wrap=True,
    )


def say_landed(
    seating: Seating, landed: Committed, answers: list[int | None] | None, as_json: bool
) -> None:
    """A second run, or one after a crash: the commitment is on chain already.

    If its secret is not here, these very answers may give it back.
    """
    from plumbline.labeler.seats import recognise

    one, who, vault = seating.one, seating.who, seating.vault
    kept = vault.answers(one.round_id, who.address)
    if kept is None and answers is not None:
        kept = recognise(vault, who.earlier_keys(vault), landed, answers, one.rules.options)
    if kept is None or kept.digest != landed.commitment:
        fail(
            f"{who.name} committed in round {one.round_id} (block {landed.block}) to answers "
            f"that are not kept here: `ape run labeler restore {who.options}` gets them back"
        )
    if as_json:
        print_json(
            _said(seating, landed.commitment, already=True)
            | {"transaction": "0x" + landed.transaction.hex(), "block": landed.block}
        )
        return
    console().print(
        f"{who.name} is committed already in round {one.round_id}, since block "
        f"{landed.block}, to the answers kept here: nothing was sent",
        soft_wrap=True,
    )


def sign(
    seating: Seating,
    answers: list[int | None],
    discard: bool,
    typed_data: bool,
    output: Path | None,
    yes: bool,
) -> None:
    """Write the labeler's consent, for somebody else to carry."""
    from plumbline.labeler import consents
    from plumbline.protocol.commitment import consent_typed_data

    one, who = seating.one, seating.who
    if seating.landed is not None:
        say_landed(seating, seating.landed, answers, as_json=False)
        return
    seating.require_commit_phase()
    seating.require_same(answers, discard)
    who.confirm(yes, seating.lines(answers, "Agree to commit"), sends=False)
    missing = seating.missing_stake
    if missing:
        click.echo(
            f"Before it is carried, {seating.here.unit.exact(missing)} are to be deposited: "
            f"`{seating.deposit_command(missing)}`, or anybody with --for {who.address}",
            err=True,
        )
    prepared = seating.prepare(answers, discard)
    if typed_data:
        deployed = seating.here.deployment.deployed
        print_json(
            consent_typed_data(
                deployed.chain_id,
                deployed.address,
                one.round_id,
                who.address,
                one.rules.stake,
                prepared.secret.digest,
                prepared.sealed,
            )
        )
        return
    text = consents.to_json(seating.consent(prepared))
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="ascii")
        except OSError as error:
            fail(f"{output} cannot be written ({error.strerror}): name another file")
    click.echo(
        f"Hand it to whoever carries it (`ape run requester relay FILE`) before "
        f"{when(one.deadlines.commit)}. It holds no secret. `ape run labeler commit` with the same "
        "answers sends it from your own account at any time.",
        err=True,
    )


def _said(seating: Seating, digest: bytes, already: bool) -> dict[str, Any]:
    return {
        "round": seating.one.round_id,
        "labeler": seating.who.address,
        "commitment": "0x" + digest.hex(),
        "already": already,
        "reveal_by": seating.one.deadlines.reveal,
        "kept": str(seating.path),
    }


# ---------------------------------------------------------------------- what is given


def manifest_of(one: RoundHistory, tasks_file: Path | None) -> Manifest:
    """The tasks of a round, which are those that the requester committed to."""
    from plumbline.formats.manifest_file import fetch_manifest, load_manifest
    from plumbline.protocol.manifest import require_root

    manifest = load_manifest(tasks_file) if tasks_file else fetch_manifest(one.opened.uri)
    require_root(manifest, one.opened.tasks_root, one.rules.tasks)
    if len(manifest.options) != one.rules.options:
        fail(
            f"the tasks name {len(manifest.options)} options and round {one.round_id} has "
            f"{one.rules.options}: the requester made a mistake, stay out of it"
        )
    return manifest


def evidence_from(path: Path | None) -> tuple[bytes, ...]:
    """What the policy of a round wants to see."""
    from plumbline.files.text import parse_json, read_text

    if path is None:
        return ()
    words = parse_json(read_text(path), str(path))
    try:
        made = tuple(bytes.fromhex(str(word).removeprefix("0x")) for word in words)
    except (TypeError, ValueError):
        made = (b"",)
    if any(len(word) != _WORD for word in made):
        fail(f"{path} must hold a list of words, 0x and 64 hex digits each")
    return made


def signature_from(text: str | None) -> bytes | None:
    """A signature made elsewhere."""
    if text is None:
        return None
    try:
        return bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        fail("--signature is no hex: give 0x and the digits")
