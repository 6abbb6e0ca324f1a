"""The command `rotate-key`: a new key for the secrets of all rounds to come."""

import click

from plumbline.cli.command import Command, sending_options
from plumbline.cli.labeler.options import (
    UNLOCK_LINE,
    labeler_of,
    stored_key_option,
    wallet_option,
)
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import advise, print_json, say, warn
from plumbline.cli.sending import confirm
from plumbline.labeler.unlocking import epoch_now, next_epoch
from plumbline.protocol.master_key import MAX_EPOCH


@click.command(name="rotate-key", cls=Command)
@click.option(
    "--epoch",
    "wanted",
    type=click.IntRange(0, MAX_EPOCH),
    metavar="N",
    help="The epoch to be in, if another machine has moved on to it. [default: the next one]",
)
@stored_key_option
@wallet_option
@sending_options(account_required=True)
def rotate_key(
    wanted: int | None, stored_key: bool, wallet: str | None, alias: str, yes: bool, as_json: bool
) -> None:
    """Move on to the next epoch: a new key for answers and gold answers of all rounds to come.

    For when the signature that unlocks them may have got into other hands. Rounds so far stay
    under their keys and can be revealed and closed like before. Sends nothing.
    """
    market = open_market()
    vault = vault_of(market)
    labeler = labeler_of(market, alias, wallet, sends=False)
    before = epoch_now(market, vault, labeler.address)
    epoch = next_epoch(before, wanted)
    lines = [
        UNLOCK_LINE,
        f"From epoch {before} to {epoch}: rounds so far keep their keys, new ones get another.",
    ]
    confirm(yes, market.node, labeler.account, lines, sends=False)
    unlocked = labeler.unlock(vault, epoch, stored_key)
    if unlocked.warning:
        warn(unlocked.warning)
    if as_json:
        print_json({"account": labeler.address, "before": before, "epoch": epoch})
        return
    say(f"{labeler.name}: epoch {epoch} from now on, for answers and gold answers")
    advise(
        "what was sealed before stays readable for whoever has an earlier signature, until it is "
        "revealed"
    )
    advise(
        "another machine learns of the epoch from your next commitment with sealed answers; "
        f"before, `plumbline labeler rotate-key --epoch {epoch} {labeler.options}` tells it"
    )
