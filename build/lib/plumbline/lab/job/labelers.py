"""The labelers of a job: keys, secrets, and what they sign."""

from dataclasses import dataclass

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.lab.job.plan import Plan, row
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.protocol import master_key as masterkey
from plumbline.protocol.commitment import commitment, sign
from plumbline.protocol.master_key import MasterKey
from plumbline.protocol.sealing import seal
from plumbline.protocol.typed_data import Deployed
from plumbline.settlement.sheet import pack


@dataclass(frozen=True, slots=True)
class Labeler:
    """A key, and what its secrets in one deployment come from."""

    account: LocalAccount
    master: MasterKey

    @property
    def address(self) -> str:
        """Whose seats they are."""
        return str(self.account.address)


@dataclass(frozen=True, slots=True)
class Answered:
    """A seat that is to be taken: what a relayer is given, and what a keeper is given later."""

    consent: Consent
    delegated: DelegatedReveal


def labeler_of(plan: Plan, number: int, deployed: Deployed) -> Labeler:
    """A labeler of the plan, with the master key that the wallet's signature makes."""
    account: LocalAccount = Account.from_key(plan.secret(number))
    signed = account.sign_message(masterkey.message(deployed, account.address))
    return Labeler(
        account, masterkey.from_signature(deployed, account.address, bytes(signed.signature))
    )


def answer_round(
    plan: Plan,
    number: int,
    round_id: int,
    labelers: list[Labeler],
    deployed: Deployed,
    genesis: bytes,
) -> list[Answered]:
    """What those who take the seats of round `number` of the plan sign, in order of the seats."""
    return [
        _answer(plan, round_id, labelers[seat], row(answers), deployed, genesis)
        for seat, answers in zip(plan.seated(number), plan.sheets(number), strict=True)
    ]


def _answer(
    plan: Plan,
    round_id: int,
    labeler: Labeler,
    answers: list[int | None],
    deployed: Deployed,
    genesis: bytes,
) -> Answered:
    options, stake = plan.options, plan.terms.stake
    address = labeler.address
    sheet = pack(answers, options)
    salt = labeler.master.salt(round_id, sheet)
    made = commitment(deployed.domain, round_id, address, sheet, salt)
    sealed = b""
    if plan.is_sealed:
        sealed = seal(labeler.master, deployed, round_id, address, answers, options)
    signed = sign(labeler.account, deployed, round_id, stake, made, sealed)
    consent = Consent(
        deployed=deployed,
        round_id=round_id,
        labeler=address,
        stake=stake,
        commitment=made,
        sealed=sealed,
        evidence=(),
        signature=signed.r + signed.vs.to_bytes(32, "big"),
        is_wallet=False,
    )
    delegated = DelegatedReveal(
        deployed, genesis, round_id, address, options, tuple(answers), salt, made
    )
    return Answered(consent, delegated)
