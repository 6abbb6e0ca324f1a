"""The command `policy prove`: what a labeler has to show."""

from pathlib import Path

import click

from plumbline.cli.command import Command, fail, json_option, round_argument
from plumbline.cli.market import open_market
from plumbline.cli.output import note, plain, print_text, write_text
from plumbline.cli.policy.words import evidence_text
from plumbline.formats.account_list import read_accounts
from plumbline.labeler.drawn_seats import DrawnSeats
from plumbline.protocol.addresses import checksum
from plumbline.requester.admission import proofs_of
from plumbline.seating.attestation_file import read_attestation
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import SeatRefusal, assemble
from plumbline.seating.merkle_list import MerkleList
from plumbline.seating.policies import ChainFacts, read_policy

_file = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("address")
@round_argument
@click.option("--labeler", metavar="ADDRESS", required=True, help="For whom.")
@click.option("--list", "lists", type=_file, multiple=True, help="Accounts of an allow list.")
@click.option(
    "--attestation", "attestations", type=_file, multiple=True, help="What a steward has signed."
)
@click.option("--output", type=_file, help="Instead of stdout.")
@json_option
def prove(
    address: str,
    labeler: str,
    lists: tuple[Path, ...],
    attestations: tuple[Path, ...],
    number: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write the evidence with which the policy at ADDRESS admits a labeler: a JSON list of words.

    Proofs are made from the lists that the policy is about, attestations are put where they belong,
    units are looked up in the pool of a draw for ROUND, and of several policies of which any
    will do one is chosen that admits. `labeler commit --evidence FILE` takes it. Fails with what is
    missing if the labeler would not be admitted.
    """
    del as_json  # it is JSON either way
    market = open_market()
    w3 = market.node.w3
    who = checksum(labeler)
    policy = read_policy(w3, checksum(address))
    trees = [MerkleList(read_accounts(path)) for path in lists]
    own: dict[str, Evidence] = dict(proofs_of(policy, trees, who))
    for path in attestations:
        signed = read_attestation(path, market.node.chain_id)
        if signed.attestation.labeler != who:
            fail(f"{path} is about {signed.attestation.labeler}, not {who}: use the one of {who}")
        own[signed.policy.address] = signed.evidence
    if number is not None:
        own |= DrawnSeats(market.contract, who).evidence(policy, number)
    found = assemble(policy, ChainFacts.at(w3), number or 0, who, own)
    if isinstance(found, SeatRefusal):
        fail(f"{who} would not be admitted: {plain(str(found))}")
    text = evidence_text(found)
    if output is None:
        print_text(text)
    else:
        write_text(output, text)
        note(f"{output}: for `plumbline labeler commit --evidence {output}`")
