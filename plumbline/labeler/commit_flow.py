"""Taking a seat: from answers to a commitment, sent oneself or signed for a relayer.

The order guards the stake: what can be seen to be wrong is refused, the secret is on disk, then
it is signed, then sent.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plumbline.chain.call import Call
from plumbline.chain.events import Committed
from plumbline.chain.records import Phase
from plumbline.chain.wallets import accepts
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.history.offer import SeatOffer
from plumbline.history.rounds import RoundHistory
from plumbline.labeler.consents import Consent
from plumbline.labeler.drawn_seats import DrawnSeats
from plumbline.labeler.identity import Labeler, WalletError
from plumbline.labeler.seats import Prepared, prepare, recognise
from plumbline.labeler.unlocking import Unlocked, epoch_now
from plumbline.labeler.vault import Secret, Vault
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.manifest import Manifest, require_root
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import Policy
from plumbline.seating.policies import ChainFacts, read_policy
from plumbline.units import format_time


class CommitError(PlumblineError):
    """A seat that cannot be taken, or not like this."""


@dataclass(frozen=True, slots=True)
class AtStake:
    """What a commitment to a sheet binds its labeler to, and what the seat offers."""

    answered: int
    skipped: int
    offer: SeatOffer


@dataclass(frozen=True)
class CommitFlow:
    """All that taking one seat depends on.

    given   what the round's policy is shown; None for what its pools tell of the labeler
    """

    market: Market
    vault: Vault
    labeler: Labeler
    history: RoundHistory
    given: Evidence | None = None
    is_sealed: bool = True
    may_store_key: bool = False
    wallet_signature: bytes | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Where this seat's secret is kept."""
        return self.vault.answers_path(self.history.round_id, self.labeler.address)

    @functools.cached_property
    def policy(self) -> Policy | None:
        """The round's policy; None if whoever comes first is seated. Raises SeatingError."""
        address = self.history.opened.admission
        return None if address == ZERO else read_policy(self.market.node.w3, address)

    @functools.cached_property
    def evidence(self) -> Evidence:
        """What the round's policy is shown. Raises SeatingError, EventsError."""
        if self.given is not None:
            return self.given
        if self.policy is None:
            return ()
        units = DrawnSeats(self.market.contract, self.labeler.address)
        facts = ChainFacts.at(self.market.node.w3)
        return units.shown(self.policy, facts, self.history.round_id)

    @property
    def landed(self) -> Committed | None:
        """The commitment on chain, if there is one."""
        return self.history.commitment_of(self.labeler.address)

    @property
    def missing_stake(self) -> int:
        """What the free balance lacks, in the smallest unit."""
        free = self.market.contract.account(self.labeler.address).free
        return max(0, self.history.rules.stake - free)

    @property
    def deposit_command(self) -> str:
        """What covers the stake."""
        owner = f" --for {self.labeler.address}" if self.labeler.is_wallet else ""
        amount = self.market.unit.exact(self.missing_stake)
        return f'plumbline labeler deposit "{amount}" --account {self.labeler.account.name}{owner}'

    def at_stake(self, answers: list[int | None]) -> AtStake:
        """What a commitment to these answers binds the labeler to."""
        skipped = sum(answer is None for answer in answers)
        return AtStake(len(answers) - skipped, skipped, self.market.offer(self.history))

    def doubt(self, answers: list[int | None], options: Sequence[str]) -> str:
        """Why a sheet would hardly be meant, and what it costs; empty if it may well be."""
        given = [answer for answer in answers if answer is not None]
        if not given:
            sheet = f"all {len(answers)} tasks are skipped"
        elif len(set(given)) == 1:
            sheet = f"every answer given is {options[given[0]]!r}"
        else:
            return ""
        stake, unit = self.at_stake(answers).offer, self.market.unit
        return (
            f"{sheet}: that is no better than chance, and a seat with such answers can lose "
            f"{unit.exact(stake.outlier_least)} to {unit.exact(stake.outlier_most)} of its stake"
        )

    # ------------------------------------------------------------ what is refused

    def require_tasks(self, manifest: Manifest) -> None:
        """Raise an error unless these are the tasks that the requester committed to."""
        history = self.history
        require_root(manifest, history.opened.tasks_root, history.rules.tasks)
        if len(manifest.options) != history.rules.options:
            raise CommitError(
                f"the tasks name {len(manifest.options)} options and round {history.round_id} has "
                f"{history.rules.options}: the requester made a mistake, stay out of it"
            )

    def require_commit_phase(self) -> None:
        """Raise CommitError, why and since when, if no seat can be taken."""
        history = self.history
        phase, _ = self.market.time_left(history)
        if phase is Phase.COMMIT:
            return
        seats = history.rules.seats
        why = (
            f"all {seats} seats are taken"
            if len(history.commitments) == seats
            else f"it ended at {format_time(history.deadlines.commit)}"
        )
        raise CommitError(
            f"the commit phase of round {history.round_id} is over, {why}: take part in another "
            "round"
        )

    def require_admitted(self) -> None:
        """Raise CommitError, with what would change that, if the round's policy says no."""
        if self.policy is None:
            return
        round_id, labeler = self.history.round_id, self.labeler.address
        facts = ChainFacts.at(self.market.node.w3)
        refusal = self.policy.refusal(facts, round_id, labeler, self.evidence)
        if refusal is not None:
            raise CommitError(f"round {round_id} would not admit {labeler}: {refusal}")

    def require_stake(self) -> None:
        """Raise CommitError, with what is missing, if the stake is not covered."""
        missing, unit = self.missing_stake, self.market.unit
        if not missing:
            return
        stake = self.history.rules.stake
        raise CommitError(
            f"{self.labeler.name} has {unit.exact(stake - missing)} free and the stake is "
            f"{unit.exact(stake)}: {unit.exact(missing)} are missing, `{self.deposit_command}`"
        )

    def require_same(self, answers: list[int | None], discard: bool) -> None:
        """Raise CommitError if others are kept that a transaction to come might commit to."""
        kept = self.vault.answers(self.history.round_id, self.labeler.address)
        if kept is None or kept.answers == answers or discard:
            return
        raise CommitError(
            f"other answers for round {self.history.round_id} are kept in {self.path}, but are not "
            "committed: commit those, or add --discard to set them aside"
        )

    # ------------------------------------------------------------------- the steps

    def unlock(self) -> Unlocked:
        """The labeler's key for new commitments, of the epoch that it is in."""
        epoch = epoch_now(self.market, self.vault, self.labeler.address)
        return self.labeler.unlock(self.vault, epoch, self.may_store_key)

    def prepare(self, unlocked: Unlocked, answers: list[int | None], discard: bool) -> Prepared:
        """Make the secrets and keep them, before anything is signed."""
        round_id, labeler = self.history.round_id, self.labeler.address
        kept = self.vault.answers(round_id, labeler)
        if discard and kept is not None and kept.answers != answers:
            self.vault.discard_answers(round_id, labeler)
        options = self.history.rules.options
        return prepare(
            self.vault, unlocked.key, round_id, labeler, answers, options, self.is_sealed
        )

    def consent(self, prepared: Prepared) -> Consent:
        """The labeler's signed agreement. Raises WalletError if its wallet does not take it."""
        unsigned = Consent(
            deployed=self.market.deployment.deployed,
            round_id=self.history.round_id,
            labeler=self.labeler.address,
            stake=self.history.rules.stake,
            commitment=prepared.secret.digest,
            sealed=prepared.sealed,
            evidence=self.evidence,
            signature=b"",
            is_wallet=self.labeler.is_wallet,
        )
        account = self.labeler.account
        signature = self.wallet_signature or account.sign_message(unsigned.message)
        if signature is None:
            raise CommitError(
                f"{self.labeler.name} cannot sign typed data: commit from the account itself"
            )
        signed = unsigned.with_signature(signature)
        w3 = self.market.node.w3
        if signed.is_wallet and not accepts(w3, signed.labeler, signed.digest, signature):
            raise WalletError(
                f"invalid signature for the wallet {signed.labeler}: is {account.name} an owner? "
                "If it wants others, have them sign what `labeler sign --typed-data` prints, and "
                "give it as --signature"
            )
        return signed

    def call(self, prepared: Prepared) -> Call:
        """The transaction that takes the seat."""
        contract, round_id = self.market.contract, self.history.round_id
        if not self.labeler.is_wallet:
            return contract.commit(
                round_id,
                prepared.secret.digest,
                self.history.rules.stake,
                prepared.sealed,
                self.evidence,
            )
        signed = self.consent(prepared)
        return contract.commit_for_wallet(
            round_id,
            signed.labeler,
            signed.commitment,
            signed.signature,
            signed.sealed,
            signed.evidence,
        )

    def require_kept(self, landed: Committed, answers: list[int | None] | None) -> Secret:
        """The secret of a commitment on chain, which these very answers may give back.

        Raises CommitError if the commitment is to something else than what is kept here, or than
        these answers.
        """
        vault, labeler = self.vault, self.labeler
        kept = vault.answers(self.history.round_id, labeler.address)
        if kept is None and answers is not None:
            options = self.history.rules.options
            keyring = labeler.keyring(self.market, vault)
            kept = recognise(vault, keyring, landed, answers, options)
        where = f"{labeler.name} committed in round {self.history.round_id} (block {landed.block})"
        if kept is None or kept.digest != landed.commitment:
            these = "" if answers is None else "these are not the answers committed to: "
            raise CommitError(
                f"{these}{where} to answers that are not kept here: `plumbline labeler restore "
                f"{labeler.options}` gets them back"
            )
        if answers is not None and kept.answers != answers:
            others = sum(a != b for a, b in zip(kept.answers, answers, strict=True))
            raise CommitError(
                f"these are not the answers committed to: {where}, with other answers to {others} "
                f"of {len(answers)} tasks, which are kept in {self.path} and cannot be changed any "
                "more. Nothing was sent"
            )
        return kept
