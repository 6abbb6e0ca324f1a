"""The command `policy deploy`: a contract from the terms in a file."""

from pathlib import Path

import click

from plumbline.chain.call import Receipt
from plumbline.cli.command import Command, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import note, plain, print_json, say, tx_json
from plumbline.cli.policy.ensuring import advise_on_records, ensure
from plumbline.cli.sending import confirm, sender_of
from plumbline.formats.admission_terms import load_admission
from plumbline.requester.admission import wanted_policy


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@sending_options(account_required=False)
def deploy(file: Path, alias: str | None, yes: bool, as_json: bool) -> None:
    """Create the policy that FILE describes, in YAML or JSON, as `admission` in a round file does.

    A policy is nobody's and cannot be changed, so one with the same terms that an earlier round
    has named is used again. Prints its address, which any round file may name.
    """
    market = open_market()
    terms = load_admission(file)
    account = sender_of(alias, market.node)
    wanted = wanted_policy(market, terms)
    receipts: list[Receipt] = []
    advise_on_records(terms)
    if wanted.policy is None:
        confirm(yes, market.node, account, wanted.missing)
    else:
        note("An earlier round has named a policy with these terms: nothing has to be created.")
    policy = ensure(market, account, wanted, receipts)
    if as_json:
        print_json(
            {
                "policy": policy.address,
                "kind": policy.kind,
                "admits": policy.gate.summary,
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    say(f"[bold]{policy.address}[/] admits {plain(policy.gate.summary)}")
