"""The commands of a steward: to attest, and to revoke."""

from pathlib import Path
from typing import Final

import click

from plumbline.cli.accounts import UnlockableSigner, account_of
from plumbline.cli.command import Command, fail, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import note, print_json, print_text, say, tx_json, write_text
from plumbline.cli.sending import confirm, outbox_of, send, sender_of
from plumbline.harmless import harmless
from plumbline.history.market import Market
from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed
from plumbline.seating.attestation import Attestation
from plumbline.seating.attestation_file import SignedAttestation
from plumbline.seating.client import SeatingContract
from plumbline.seating.gates import StewardGate
from plumbline.seating.policies import read_policy
from plumbline.units import format_time, parse_duration

_SIGNED: Final = "SignedAdmission"
_USUAL: Final = "90d"
_SELECTOR_AND_LABELER: Final = 36  # bytes of the data of a revocation


@click.command(cls=Command)
@click.argument("address")
@click.option("--labeler", metavar="ADDRESS", required=True, help="Of whom.")
@click.option("--for", "duration", default=_USUAL, show_default=True, help="How long it counts.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Instead of stdout."
)
@sending_options(account_required=True)
def attest(
    address: str,
    labeler: str,
    duration: str,
    output: Path | None,
    alias: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Sign that a labeler belongs to the group that the policy at ADDRESS is about.

    For the policy's steward. Nothing is sent: hand the file to the labeler, who shows it with
    `policy prove --attestation`. It serves nobody else, and no other policy.
    """
    del as_json  # it is JSON either way
    market = open_market()
    account = account_of(alias, market.node, required=True)
    gate = _gate(market, address, account)
    attestation = Attestation(
        checksum(labeler), gate.group, market.node.now + parse_duration(duration, "--for")
    )
    here = Deployed(market.node.chain_id, checksum(address))
    message = attestation.message(here)
    until = format_time(attestation.expiry)
    confirm(
        yes,
        market.node,
        account,
        [f"of {attestation.labeler}, until {until}: {harmless(gate.group)}"],
        sends=False,
    )
    signature = account.sign_message(message)
    if signature is None:
        fail("the account did not sign: nothing was written")
    signed = SignedAttestation.of(here, attestation, signature)
    if output is None:
        print_text(signed.to_json())
    else:
        write_text(output, signed.to_json())
        note(f"{output} is for {attestation.labeler}")


@click.command(cls=Command)
@click.argument("address")
@click.option("--labeler", metavar="ADDRESS", required=True, help="Of whom.")
@click.option(
    "--for",
    "duration",
    default=_USUAL,
    show_default=True,
    help="Revoke what expires within that time from now: all that `attest --for` as much signed.",
)
@sending_options(account_required=True)
def revoke(address: str, labeler: str, duration: str, alias: str, yes: bool, as_json: bool) -> None:
    """Revoke what was attested of a labeler so far for the policy at ADDRESS.

    For the policy's steward. Seats that are taken stay taken. An attestation that is signed
    afterwards, for as long a time, admits again.
    """
    market = open_market()
    account = sender_of(alias, market.node, required=True)
    _gate(market, address, account)
    who = checksum(labeler)
    contract = SeatingContract(market.node.w3, address, _SIGNED)
    until = market.node.now + parse_duration(duration, "--for")
    call = contract.call(
        "revoke",
        [who, until],
        f"Revoke what was attested of {who} that expires by {format_time(until)}.",
    )
    # An earlier run that was interrupted meant the same, until a moment before.
    same = call.data[:_SELECTOR_AND_LABELER]
    receipt = outbox_of(market.node, account).take_if(
        lambda other: other.to == call.to and other.data.startswith(same)
    )
    if receipt is None:
        confirm(yes, market.node, account, [call.description])
        receipt = send(market.node, account, call)
    if as_json:
        print_json({"policy": contract.address, "labeler": who, **tx_json(receipt)})
    else:
        say(f"revoked: {contract.address} does not admit {who} any more")


def _gate(market: Market, address: str, account: UnlockableSigner) -> StewardGate:
    """The terms of a policy whose steward the account is."""
    policy = read_policy(market.node.w3, checksum(address))
    if not isinstance(policy.gate, StewardGate):
        fail(f"{address} is no policy with a steward: it admits {harmless(policy.gate.summary)}")
    if policy.gate.steward != account.address:
        fail(f"its steward is {policy.gate.steward}, not {account.address}: use that account")
    return policy.gate
