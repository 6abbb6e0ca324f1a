"""The command `site`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from plumbline.cli.accounts import account_of
from plumbline.cli.command import (
    Command,
    account_option,
    fail,
    vault_option,
    yes_option,
)
from plumbline.cli.environment import integer_in
from plumbline.cli.keeper.log import StructuredLog
from plumbline.cli.keeper.options import (
    confirmations_option,
    log_options,
    max_fee_of,
    max_fee_option,
)
from plumbline.cli.listening import host_option, port_option
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.requester.gold import gold_store
from plumbline.cli.requester.publish import FOLDER
from plumbline.cli.sending import confirm, outbox_of
from plumbline.cli.stopping import WakeOrStop
from plumbline.errors import PlumblineError
from plumbline.history.market import Market
from plumbline.keeper import KeeperSettings
from plumbline.keeper.service_loop import ServiceLoop
from plumbline.site.app import application
from plumbline.site.guard import Admitted, Guard
from plumbline.site.inbox import Inbox
from plumbline.site.limits import Proxies
from plumbline.site.server import Capacity, SiteServer
from plumbline.site.service import Site, SiteSettings

PAGE: Final = Path(__file__).resolve().parents[2] / ".build" / "web"
"""Where `make web` builds the page."""

_CONNECTIONS: Final = 600
_LEAST_CONNECTIONS: Final = 16  # of a client
_HERE: Final = ("127.0.0.1", "localhost", "::1")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

page_option = click.option(
    "--page",
    type=click.Path(file_okay=False, path_type=Path),
    default=PAGE,
    help="The built page. [default: what `make web` built]",
)


@click.command(cls=Command)
@host_option
@port_option(8_080)
@click.option(
    "--public-url",
    "public",
    multiple=True,
    metavar="URL",
    help="Where browsers find the site, like https://label.example (repeatable). Requests for any "
    "other name are refused. [default: this computer alone]",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to keep what labelers hand in. [default: one in the vault]",
)
@click.option(
    "--tasks",
    type=click.Path(file_okay=False, path_type=Path),
    multiple=True,
    default=[FOLDER],
    show_default=True,
    help="Folder of published tasks (repeatable). Those of other rounds are copied from where "
    "their requesters say they are.",
)
@page_option
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 60),
    default=2,
    show_default=True,
    help="Seconds between two looks at the chain.",
)
@confirmations_option("answers are taken")
@max_fee_option
@click.option(
    "--withdrawal-fee",
    help="Least fee for which signed withdrawals are relayed, like 0.001 ETH. [default: none are; "
    "0 on a local chain]",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A reverse proxy before this, which says whose request it passes on (repeatable).",
)
@click.option(
    "--proxy-header",
    default="X-Forwarded-For",
    show_default=True,
    help="The header it says that in.",
)
@click.option(
    "--rate",
    type=click.IntRange(60, 1_000_000),
    default=600,
    show_default=True,
    help="Requests that one client may make in a minute; a tenth of them may hand something in.",
)
@log_options
@yes_option
@vault_option
@account_option(required=False)
def cli(
    host: str,
    port: int,
    public: tuple[str, ...],
    folder: Path | None,
    tasks: tuple[Path, ...],
    page: Path,
    interval: float,
    confirmations: int | None,
    max_fee: str | None,
    withdrawal_fee: str | None,
    proxies: tuple[str, ...],
    proxy_header: str,
    rate: int,
    log_format: str,
    debug: bool,
    yes: bool,
    alias: str | None,
) -> None:
    """Offer the labeling page to browsers, until stopped (Ctrl-C).

    Shows open rounds and their tasks, relays the commitments that labelers sign in the page, takes
    their answers to reveal once nobody can commit any more, relays their withdrawals for a fee, and
    does all that a keeper does. The account pays for gas. What was taken is on the disk before it
    is acknowledged. Anyone can run one, and nobody has to trust it with money: the page asks a node
    of the labeler's own whatever could cost a stake.
    """
    market = open_market()
    node = market.node
    unit = market.unit
    if withdrawal_fee is not None:
        fee: int | None = unit.parse(withdrawal_fee, "--withdrawal-fee")
    else:
        fee = 0 if node.is_local else None
    settings = KeeperSettings(
        confirmations=node.confirmations if confirmations is None else confirmations,
        max_fee=max_fee_of(max_fee),
        is_local=node.is_local,
        gas_cap=integer_in("PLUMBLINE_GAS_CAP"),
    )
    trusted = Proxies.of(proxies, proxy_header)
    origins = [_origin(each) for each in public]
    if not origins and host not in _HERE:
        fail(f"--host {host} is for others too: say where they find it, with --public-url URL")
    account = account_of(alias, node)
    confirm(yes, node, account, _terms(market, settings, fee))
    account.unlock()
    outbox = outbox_of(node, account)
    vault = vault_of(market)
    store = gold_store(market, account, {})
    store.unlock()
    log = StructuredLog(log_format, debug, is_quiet=False)
    stop = WakeOrStop()
    inbox = Inbox(folder or vault.folder / "site", vault.deployed, vault.genesis)
    site = Site(
        market,
        inbox,
        SiteSettings(account.address, settings.confirmations, fee, tasks),
        stop.wake,
        log,
    )
    loop = ServiceLoop(
        market,
        vault,
        outbox,
        settings,
        inbox.openings,
        inbox.commitments,
        store.of,
        log,
        stop,
        companion=site,
    )
    server = serve(site, page, host, port, origins, rate, trusted, log)
    try:
        loop.run(interval)
    except PlumblineError:
        raise click.exceptions.Exit(1) from None  # the log has it
    finally:
        server.stop()
        site.stop()


def serve(
    site: Site,
    page: Path,
    host: str,
    port: int,
    origins: Sequence[str],
    rate: int,
    proxies: Proxies,
    log: StructuredLog,
) -> SiteServer:
    """Answer browsers that come for the site under one of its names. Raises SiteServerError."""
    of_client = max(_LEAST_CONNECTIONS, rate // 10)
    capacity = Capacity(of_client, max(_CONNECTIONS, of_client))
    server = SiteServer(host, port, capacity, proxies)
    own = (f"http://{name}:{server.port}" for name in _LOOPBACK)
    allowed = frozenset((*origins, *own))
    names = frozenset(origin.partition("://")[2] for origin in allowed)
    admitted = Admitted(names, allowed, rate, proxies)
    server.start(Guard(application(site, page), admitted, log))
    log("info", "site is open", url=origins[0] if origins else server.url)
    if not (page / "index.html").is_file():
        log("warning", "the page is not built: `make web`", folder=str(page))
    return server


def _terms(market: Market, settings: KeeperSettings, fee: int | None) -> list[str]:
    """What will be signed, for whoever agrees to it."""
    if settings.max_fee is None:
        price = "the price of the moment"
    else:
        price = f"at most {settings.max_fee / 10**9:g} gwei for a unit of gas"
    withdrawals = []
    if fee is not None:
        least = f" that pay a fee of {market.unit.exact(fee)} or more" if fee else ""
        withdrawals = [f"Relay the withdrawals that labelers sign{least}."]
    gifts = (
        ["Give labelers what they stake, for this is a local chain."]
        if market.node.is_local
        else []
    )
    return [
        f"Whatever is due, until stopped, without asking again, at {market.contract.address}: "
        "relay the commitments that labelers sign in the page, reveal the answers that they hand "
        "in, close rounds, slash whoever stayed silent, unwind rounds that could not be closed, "
        "fix the seeds of draws, report who was drawn and stays away.",
        *withdrawals,
        *gifts,
        f"It pays for gas, {price}" + ("." if gifts else "; nothing else leaves the account."),
    ]


def _origin(url: str) -> str:
    """An origin as browsers write it."""
    parts = urlsplit(url.strip())
    try:
        port = parts.port
    except ValueError:
        port = -1
    is_plain = not parts.query and not parts.fragment and parts.path in ("", "/")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or not is_plain:
        fail(
            f"--public-url {url} is not the address of a site: write it like https://label.example"
        )
    if parts.username is not None or parts.password is not None:
        fail("--public-url has a user in it: write it like https://label.example")
    usual = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{name}" + ("" if port in (None, usual) else f":{port}")
