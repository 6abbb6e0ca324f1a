"""The command `pool create`."""

from pathlib import Path
from typing import Final

import click

from plumbline.chain.call import Receipt
from plumbline.chain.creation import CreationError, evm_version_of
from plumbline.cli.command import Command, sending_options
from plumbline.cli.market import open_market
from plumbline.cli.output import print_json, say, tx_json
from plumbline.cli.policy.ensuring import advise_on_records, ensure
from plumbline.cli.pool.terms import term_rows, terms_json
from plumbline.cli.sending import confirm, outbox_of, send, sender_of
from plumbline.formats.admission_terms import load_admission
from plumbline.protocol.addresses import ZERO
from plumbline.requester.admission import wanted_policy
from plumbline.seating.records import PoolTerms
from plumbline.seating.seat_draw import MAX_SEED_DELAY, create_pool, pool_at

_USUAL_DELAY: Final = 96  # blocks: 19 minutes where one takes 12 seconds


@click.command(cls=Command)
@click.option("--bond", required=True, help="A unit's bond, like `0.05 ether`.")
@click.option("--most-stake", required=True, help="Most that a round may ask as a stake.")
@click.option("--least-price", required=True, help="Least that a round pays for each task.")
@click.option(
    "--gate",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File with terms of admission: who may join. [default: anybody]",
)
@click.option(
    "--seed-delay",
    type=click.IntRange(1, MAX_SEED_DELAY),
    default=_USUAL_DELAY,
    show_default=True,
    help="Blocks from a draw to its seed.",
)
@sending_options(account_required=False)
def create(
    bond: str,
    most_stake: str,
    least_price: str,
    gate: Path | None,
    seed_delay: int,
    alias: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Create a pool that seats of this deployment are drawn from.

    It is nobody's and its terms cannot be changed. --gate names a file of terms like that of
    `policy deploy`; the policy is created first if none with these terms is known. Prints the
    address, which round files name as `admission: {draw: 0x...}`.
    """
    market = open_market()
    node, unit = market.node, market.unit
    account = sender_of(alias, node)
    admission = None if gate is None else load_admission(gate)
    wanted = None if admission is None else wanted_policy(market, admission)

    def terms_with(policy: str) -> PoolTerms:
        return PoolTerms(
            label_rounds=market.contract.address,
            gate=policy,
            bond=unit.parse(bond, "--bond"),
            most_stake=unit.parse(most_stake, "--most-stake"),
            least_price=unit.parse(least_price, "--least-price"),
            seed_delay=seed_delay,
        )

    version = evm_version_of(node)
    known = wanted.policy if wanted else None
    # Whatever is wrong with the terms is said before anything is sent.
    terms = terms_with(known.address if known else ZERO)
    call = create_pool(terms, version)
    receipts: list[Receipt] = []
    landed = outbox_of(node, account).take(call) if wanted is None or known else None
    if landed is None:
        if admission is not None:
            advise_on_records(admission)
        lines = [*(wanted.missing if wanted else ()), call.description]
        lines += [f"{name}: {value}" for name, value in term_rows(terms, unit)]
        confirm(yes, node, account, lines)
        if wanted is not None:
            terms = terms_with(ensure(market, account, wanted, receipts).address)
            call = create_pool(terms, version)
        landed = send(node, account, call)
    receipts.append(landed)
    if landed.created is None:
        raise CreationError(
            f"the node does not say what transaction {landed.transaction} has created: use another"
            " node"
        )
    pool = pool_at(market.contract, landed.created)
    if as_json:
        print_json(
            {
                "pool": pool.address,
                **terms_json(pool.terms()),
                "transactions": [tx_json(each) for each in receipts],
            }
        )
        return
    say(f"[bold]{pool.address}[/] is the pool: a round file names it as")
    say(f'  admission: {{draw: "{pool.address}"}}')
    say(f"Members join with `plumbline pool join {pool.address}`.")
