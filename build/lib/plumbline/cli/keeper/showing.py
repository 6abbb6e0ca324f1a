"""What a keeper asks to be allowed, and what it prints after a single run."""

from pathlib import Path
from typing import Any, Final

from plumbline.cli.output import console, table
from plumbline.history.market import Market
from plumbline.keeper import Settings, Step
from plumbline.keeper.service_loop import RunOnce
from plumbline.units import ETHER, format_time

_WAITS_SHOWN: Final = 20


def terms(market: Market, settings: Settings, delegated: Path | None, once: bool) -> list[str]:
    """What will be signed, for whoever agrees to it."""
    what = {
        Step.REVEAL: f"reveal the answers in the folder {delegated}" if delegated else "",
        Step.CLOSE: "close rounds",
        Step.FORFEIT: "slash whoever stayed silent",
        Step.EXPIRE: "unwind rounds that could not be closed for 30 days",
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
    if run.done:
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
        for done in run.done:
            shown.add_row(
                str(done.round_id),
                done.kind,
                str(done.labelers),
                done.outcome.value,
                f"{done.gas_used:,}" if done.gas_used else "",
                ETHER.short(done.fee) if done.fee else "",
                done.reason,
            )
        console().print(shown)
    elif tick.held is None:
        console().print(f"Nothing is due in block {tick.head}.")
    if tick.waits:
        shown = table("What waits", ">round", "=until", "for")
        for wait in tick.waits[:_WAITS_SHOWN]:
            until = "" if wait.until is None else format_time(wait.until)
            shown.add_row(str(wait.round_id), until, wait.reason)
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
                "round": done.round_id,
                "action": done.kind,
                "labelers": done.labelers,
                "outcome": done.outcome.value,
                "reason": done.reason,
                "transaction": done.transaction,
                "block": done.block,
                "gas_used": done.gas_used,
                "fee": str(done.fee),
            }
            for done in run.done
        ],
        "waits": [
            {"round": wait.round_id, "until": wait.until, "reason": wait.reason}
            for wait in tick.waits
        ],
        "held": tick.held,
        "delegated": tick.delegated,
        "refused_files": tick.refused,
    }
