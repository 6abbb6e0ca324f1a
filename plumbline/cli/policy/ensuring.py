"""Creating a policy where none with its terms is there, and saying what it admits."""

from functools import partial

from plumbline.chain.call import Call, Receipt
from plumbline.chain.creation import CreationError, evm_version_of
from plumbline.cli.accounts import UnlockableSigner
from plumbline.cli.output import advise, count, plain, progress_bars
from plumbline.cli.sending import left_to_next_run, send
from plumbline.formats.admission_terms import AdmissionTerms
from plumbline.harmless import harmless
from plumbline.history.market import Market
from plumbline.requester.admission import preview, reads_all_rounds
from plumbline.seating.gates import OtherGate, Policy, pools_in
from plumbline.seating.wanted import WantedPolicy


def ensure(
    market: Market, account: UnlockableSigner, wanted: WantedPolicy, receipts: list[Receipt]
) -> Policy:
    """The policy, once it is on the chain; what was sent for it is added to `receipts`.

    Interrupted at any point it goes on when the command is run again.
    """

    def create(call: Call) -> str:
        receipt = partial(send, market.node, account)(call)
        receipts.append(receipt)
        if receipt.created is None:
            raise CreationError(
                f"the node does not say what transaction {receipt.transaction} has created: use "
                "another node"
            )
        return receipt.created

    if wanted.policy is not None:
        return wanted.policy
    with left_to_next_run():
        return wanted.ensure(create, evm_version_of(market.node))


def policy_lines(wanted: WantedPolicy | None) -> list[str]:
    """Whom the policy of a round admits, if it is there already."""
    if wanted is None or wanted.policy is None:
        return []
    policy = wanted.policy
    return [f"Seats go to {harmless(policy.gate.summary)} (policy {policy.address})."]


def advise_on_records(terms: AdmissionTerms) -> None:
    """Say of terms that ask for a record in whosever rounds what it is worth."""
    if reads_all_rounds(terms):
        advise(
            "a record of all rounds keeps out the careless, and can be bought for gas: name as"
            " `book` a book of the rounds that count, see `plumbline book create`"
        )


def advise_on(
    market: Market, wanted: WantedPolicy, terms: AdmissionTerms, seats: int, asked: str = ""
) -> None:
    """Say what the terms of a round are worth, and how many of those who have worked here would be
    admitted; `asked` is the group that it asks, if there are several.

    Of a draw nothing can be said before it is made.
    """
    advise_on_records(terms)
    policy = wanted.foreseen
    if policy is None or pools_in(policy):
        return
    if isinstance(policy.gate, OtherGate):
        advise("the policy is none that is known here: nobody looked whom it admits")
    of_whom = f"{plain(asked)}: " if asked else ""
    with progress_bars() as progress:
        seen = preview(market, policy, terms, progress)
    if not seen.known:
        advise("nobody has worked on this deployment yet, so nothing is known of whom it admits")
        return
    known = count(seen.known, "labeler")
    words = f"{of_whom}of {known} seen here, {len(seen.admitted)} would be admitted"
    if seen.refusals:
        reason, often = seen.refusals[0]
        words += f"; most often refused, {often}: {plain(reason)}"
    advise(words)
    if len(seen.admitted) < seats:
        advise(f"a round has {seats} seats: make sure that others learn of it, or ask for less")
    if seen.funder is not None:
        advise(
            f"{seen.funder} paid in for {seen.funded} of those admitted: one account has one seat "
            f"of a round, who holds several can have up to {min(seen.funded, seats)}"
        )
