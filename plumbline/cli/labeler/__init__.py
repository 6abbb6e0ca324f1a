"""What labelers do: from a deposit to the pay."""

from plumbline.cli.lazy import lazy_group


@lazy_group(
    {
        "deposit": ("money:deposit", "Add to the free balance, of which stakes are locked."),
        "rounds": ("labeler.rounds:rounds", "List the rounds with seats to be had."),
        "answer": ("labeler.answer:answer", "Answer the tasks of a round on the screen."),
        "template": ("labeler.template:template", "Write the tasks as a table to be filled in."),
        "commit": ("labeler.commit:commit", "Commit to the answers in a file."),
        "sign": ("labeler.commit:sign", "Sign a commitment for somebody else to relay."),
        "status": ("labeler.status:status", "Show balances, record and seats."),
        "record": ("labeler.record:record", "Show a record as gates read it, and what it lacks."),
        "reveal": ("labeler.reveal:reveal", "Open commitments, or hand that to a keeper."),
        "restore": ("labeler.reveal:restore", "Get the answers back from wallet and chain."),
        "rotate-key": ("labeler.rotate_key:rotate_key", "Move on to a new key for rounds to come."),
        "report-leak": (
            "labeler.report_leak:report_leak",
            "Show answers that leaked, for a share of the stake.",
        ),
        "withdraw": ("money:labeler_withdraw", "Pay out of the free balance."),
    },
    package="plumbline.cli",
)
def cli() -> None:
    """Deposit a stake, commit to answers in secret, reveal them and withdraw the pay."""
