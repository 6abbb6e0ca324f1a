"""What a keeper asks permission for, and what it prints after a single run."""

from pathlib import Path
from typing import Any, Final

from plumbline.cli.output import console, plain, table
from plumbline.history.market import Market
from plumbline.keeper import KeeperSettings, Step
from plumbline.keeper.service_loop import RunOnce
from plumbline.units import ETHER, format_time

_WAITS_SHOWN: Final = 20


def terms(
    market: Market,
    settings: KeeperSettings,
    delegated: Path | None,
    signed: Path | None,
    once: bool,
) -> list[str]:
    """What will be signed, for whoever agrees to it."""
    what = {
        Step.REVEAL: f"reveal the answers in the folder {delegated}" if delegated else "",
        Step.CLOSE: "close rounds",
        Step.FORFEIT: "slash whoever stayed silent",
        Step.EXPIRE: "unwind rounds that could not be closed for 30 days",
        Step.CAPTURE: "fix the seeds of draws",
        Step.REPORT: "report who was drawn and stays away",
        Step.RELAY: f"relay the commitments in the folder {signed}" if signed else "",
    }
    doing = [what[step] for step in Step if step in settings.steps and what[step]]
    if settings.max_fee is None:
        price = "the price of the moment"
    else:
        price = f"at most {settings.max_fee / 10**9:g} gwei for a unit of gas"
    how_long = "Whatever is due now" if once else "Whatever is due, until stopped"
    return [
        f"{how_long}, without asking again, at {market.contract.address}: {', '.join(doing)}.",
        f"It pays for gas only, {price}; nothing else leaves the account.",
    ]


def show(run: RunOnce, is_rehearsal: bool) -> None:
    """What was done, and what waits."""
    tick = run.tick
    if run.results:
        verb = "would be" if is_rehearsal else "was"
        shown = table(
            f"What {verb} done, up to block {tick.head}",
            ">round",
            "=action",
            ">labelers",
            "=outcome",
            ">gas",
            ">fee",
            "why",
        )
        for result in run.results:
            shown.add_row(
                str(result.round_id),
                result.kind,
                str(result.labelers),
                result.outcome.value,
                f"{result.gas_used:,}" if result.gas_used else "",
                ETHER.short(result.fee) if result.fee else "",
                plain(result.reason),
            )
        if any(result.sharing > 1 for result in run.results):
            shown.caption = (
                "the gas of each action alone: those that share a transaction take less"
                if is_rehearsal
                else "gas and fee of actions that share a transaction are shares of it"
            )
        console().print(shown)
    elif tick.held is None:
        console().print(f"Nothing is due in block {tick.head}.")
    if tick.waits:
        shown = table("What waits", ">round", "=until", "for")
        for wait in tick.waits[:_WAITS_SHOWN]:
            until = "" if wait.until is None else format_time(wait.until)
            shown.add_row(str(wait.round_id), until, plain(wait.reason))
        console().print(shown)
        if len(tick.waits) > _WAITS_SHOWN:
            console().print(f"and {len(tick.waits) - _WAITS_SHOWN} more; --json has them all")


def to_json(address: str | None, run: RunOnce) -> dict[str, Any]:
    """The same for machines."""
    tick = run.tick
    return {
        "account": address,
        "head": tick.head,
        "done": [
            {
                "round": result.round_id,
                "action": result.kind,
                "labelers": result.labelers,
                "outcome": result.outcome.value,
                "reason": result.reason,
                "transaction": result.transaction,
                "block": result.block,
                "gas_used": result.gas_used,
                "fee": str(result.fee),
                "sharing": result.sharing,
            }
            for result in run.results
        ],
        "waits": [
            {"round": wait.round_id, "until": wait.until, "reason": wait.reason}
            for wait in tick.waits
        ],
        "held": tick.held,
        "delegated": tick.delegated,
        "refused_files": tick.refused,
        "commitments": dict(tick.commitments),
    }
