"""The command `market`: a local market with its labeling page."""

import tempfile
import threading
from functools import partial
from pathlib import Path

import click

from plumbline.cli.command import LabCommand, fail
from plumbline.cli.keeper.log import StructuredLog
from plumbline.cli.keeper.options import log_options
from plumbline.cli.lab.stage import local_node, set_up
from plumbline.cli.listening import port_option
from plumbline.cli.output import say
from plumbline.cli.site import page_option, serve
from plumbline.cli.stopping import WakeOrStop
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.keeper import KeeperSettings
from plumbline.keeper.service_loop import ServiceLoop
from plumbline.lab.site.client import SiteClient
from plumbline.lab.site.market import KINDS, SEATS, TASKS, LocalMarket
from plumbline.labeler.vault import Vault
from plumbline.site.inbox import Inbox
from plumbline.site.limits import Proxies
from plumbline.site.service import Site, SiteSettings
from plumbline.transactions.outbox import Outbox, send

_RATE = 6_000  # requests a minute: the crowd and the newcomer are one client
_INTERVAL = 1.0  # seconds


@click.command(cls=LabCommand)
@port_option(8_080)
@page_option
@click.option("--seed", type=int, default=7, show_default=True, help="Same seed, same tasks.")
@log_options
def cli(port: int, page: Path, seed: int, log_format: str, debug: bool) -> None:
    """Open a local market and its labeling page, until stopped (Ctrl-C).

    A chain of its own, the contracts, two rounds of different kinds with gold tasks, and a crowd
    that takes all seats but one of each. Whoever answers in the page takes the last seat, and sees
    a minute later what that earned or lost, and why; then another round is open. No wallet is
    needed: the page makes a key, and the site pays in its stake. Nothing outlives the command.
    """
    node = local_node()
    if not node.gives_time:
        fail("this needs Anvil, a chain whose clock goes on: `make setup` installs it")
    stage = set_up(node, 2)
    requester, relayer = stage.keys
    market = Market(node, stage.deployment)
    log = StructuredLog(log_format, debug, is_quiet=log_format == "text" and not debug)
    stop = WakeOrStop()
    with tempfile.TemporaryDirectory(prefix="plumbline-market-") as folder:
        vault = Vault(Path(folder), stage.deployment.deployed, node.genesis)
        published = Path(folder) / "published"
        published.mkdir()
        inbox = Inbox(vault.folder / "site", vault.deployed, vault.genesis)
        settings = KeeperSettings(confirmations=0, is_local=True)
        offer = SiteSettings(str(relayer.address), 0, 0, (published,))
        site = Site(market, inbox, offer, stop.wake, log)
        outbox = Outbox(node.w3, relayer, None)
        loop = ServiceLoop(
            market,
            vault,
            outbox,
            settings,
            inbox.openings,
            inbox.commitments,
            lambda history: None,
            log,
            stop,
            companion=site,
        )
        server = serve(site, page, "127.0.0.1", port, (), _RATE, Proxies(), log)
        client = SiteClient(server.url)
        local = LocalMarket(
            market,
            requester,
            partial(send, node.w3, requester),
            published,
            inbox.openings,
            client,
            seed,
            log,
        )
        for kind in range(len(KINDS)):
            local.open(kind)
        crowd = threading.Thread(target=local.run, args=(_Pausing(stop),), daemon=True)
        crowd.start()
        say(f"The market is open: [bold]{server.url}[/] until Ctrl-C.")
        say(
            f"Two rounds of {TASKS} tasks; a crowd takes {SEATS - 1} of {SEATS} seats, one is "
            "yours. All of it ends with this command."
        )
        if not (page / "index.html").is_file():
            say("The page itself is not built yet: `make web`.")
        try:
            loop.run(_INTERVAL)
        except PlumblineError:
            raise click.exceptions.Exit(1) from None  # the log has it
        finally:
            server.stop()
            site.stop()
            crowd.join(10)


class _Pausing:
    """Pauses of its own, which nobody else cuts short."""

    def __init__(self, stop: WakeOrStop) -> None:
        self._stop = stop
        self._never = threading.Event()

    def is_set(self) -> bool:
        """Whether to end."""
        return self._stop.is_set()

    def sleep(self, seconds: float) -> None:
        """Pause."""
        self._never.wait(seconds)
