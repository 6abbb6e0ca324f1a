"""How an audit looks: the rounds, the books, the verdict."""

from rich.table import Table

from plumbline.audit import AuditReport
from plumbline.cli.output import count, pairs, table
from plumbline.units import Unit


def audit_tables(report: AuditReport, unit: Unit) -> list[Table]:
    """What was each: the rounds, then the books."""
    rounds = table(
        f"Audit of {report.address} on chain {report.chain_id}, up to block {report.block}",
        ">round",
        "=state",
        ">tasks",
        ">seats",
        ">revealed",
        ">silent",
        ">kappa",
        ">escrow",
        ">paid",
        ">refund",
        ">slashed",
        ">to sink",
    )
    for each in report.rounds:
        rounds.add_row(
            str(each.round_id),
            each.mode or each.state,
            str(each.tasks),
            f"{each.committed}/{each.seats}",
            str(each.revealed),
            str(each.gone),
            f"{each.crowd_kappa / 1e6:.2f}" if each.mode else "",
            *(
                _bare(unit, amount)
                for amount in (
                    each.escrow,
                    each.paid,
                    each.refund,
                    each.slashed,
                    each.to_sink,
                )
            ),
        )
    rounds.caption = f"amounts in {unit.symbol}" if report.rounds else "no rounds yet"
    withheld = [str(each.round_id) for each in report.rounds if each.gold_withheld]
    if withheld:
        rounds.caption += f"; closed without the gold answers promised: {', '.join(withheld)}"
    if report.totals is None:
        return [rounds]
    totals = report.totals
    books = pairs("The books, rebuilt from events alone")
    books.columns[1].justify = "right"
    for name, amount in (
        ("paid in", totals.deposited),
        ("paid out", totals.withdrawn),
        ("swept to the sink", totals.swept),
        ("free balances", totals.free),
        ("locked stakes", totals.locked),
        ("escrow of open rounds", totals.escrow),
        ("owed to the sink", totals.sink),
        ("sum of the books", totals.books),
        ("held by the contract", totals.held),
    ):
        books.add_row(name, unit.exact(amount), end_section=name.startswith(("swept", "owed")))
    return [rounds, books]


def audit_verdict(report: AuditReport) -> str:
    """The last line of an audit that found nothing."""
    scope = f"{count(report.accounts, 'account')}, " if report.totals else ""
    return (
        f"[bold green]Agrees to the wei:[/] {scope}{count(len(report.rounds), 'round')} "
        f"rebuilt from {report.events:,} events, "
        f"{report.checks:,} values compared."
    )


def _bare(unit: Unit, amount: int) -> str:
    """An amount for a column whose unit the caption says."""
    return unit.column(amount) if amount else "-"
