"""What the commands of a campaign share: reading it, opening rounds, closing them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from plumbline.campaign.closings import ClosingPlan, plan_closings, transactions
from plumbline.campaign.openings import OpeningPlan, plan_openings
from plumbline.campaign.rounds import Campaign, PlannedRound, load
from plumbline.campaign.standing import Standing
from plumbline.chain.blocks import BlockError
from plumbline.chain.call import Call, Receipt
from plumbline.chain.contract import ContractError
from plumbline.chain.logs import EventsError
from plumbline.chain.node_errors import SILENT, no_answer
from plumbline.chain.preconditions import CallError
from plumbline.cli.accounts import UnlockableSigner
from plumbline.cli.campaign.words import labels_words
from plumbline.cli.command import fail
from plumbline.cli.market import open_market, vault_of
from plumbline.cli.output import advise, count, note, plain, progress_bars, warn
from plumbline.cli.policy.ensuring import advise_on, ensure, policy_lines
from plumbline.cli.pool.seeding import capture_seed, never
from plumbline.cli.requester.drawing import (
    drawing_calls,
    drawn_line,
    lines_before,
    make_draws,
)
from plumbline.cli.requester.first_task import first_task
from plumbline.cli.requester.gold import UNLOCK_LINE, gold_store, new_gold_key
from plumbline.cli.sending import (
    confirm,
    left_to_next_run,
    outbox_of,
    send,
    send_all,
    sender_of,
)
from plumbline.cli.stopping import StopOnSignal
from plumbline.files.private import StorageError
from plumbline.formats.admission_terms import AdmissionTerms
from plumbline.formats.round_file import RoundFile
from plumbline.history.market import Market
from plumbline.protocol.addresses import ZERO
from plumbline.requester.admission import wanted_policies
from plumbline.requester.drawing import (
    DrawingError,
    DrawingPlan,
    RoundPools,
    plan_drawing,
    require_drawable,
)
from plumbline.requester.gold import GoldStore
from plumbline.requester.opening import RoundOpening
from plumbline.requester.probation import ProbationError, check_probation
from plumbline.seating.capturing import CaptureError
from plumbline.seating.client import SeatingError
from plumbline.seating.seed import SeedError
from plumbline.seating.wanted import WantedPolicy
from plumbline.transactions.funding import funded
from plumbline.transactions.senders import NotLanded, SendError, current_fees
from plumbline.transactions.together import carry
from plumbline.units import Unit

# What may be better the next time.
_PASSING: Final = (
    *(BlockError, ContractError, EventsError, SendError),
    *(CallError, CaptureError, DrawingError, SeatingError, SeedError),
)

PUBLISHED = "published"  # the folder of the rounds' tasks, beside the campaign file

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


def publish_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the tasks of the rounds are written."""
    option = click.option(
        "--publish",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for the tasks of the rounds, a file each, named by its root. [default: "
        f"{PUBLISHED}, beside FILE]",
    )
    return option(command)


@dataclass
class CampaignRun:
    """A command that sends for a campaign; `standing` is as of its last step."""

    market: Market
    account: UnlockableSigner
    standing: Standing
    yes: bool
    folder: Path
    may_store_key: bool = False
    policies: Mapping[AdmissionTerms, WantedPolicy] = field(default_factory=dict)
    pools: RoundPools = field(init=False)

    def __post_init__(self) -> None:
        self.pools = RoundPools(self.market)

    @classmethod
    def of(
        cls,
        file: Path,
        alias: str | None,
        yes: bool,
        publish: Path | None = None,
        stored_key: bool = False,
    ) -> "CampaignRun":
        """Once what earlier runs left behind is finished."""
        market = open_market()
        campaign = load(file, market.unit)
        account = sender_of(alias, market.node)
        standing = standing_of(market, campaign, account.address)
        folder = publish or file.parent / PUBLISHED
        return cls(market, account, standing, yes, folder, stored_key)

    def look_up_policies(self) -> None:
        """The policies of the rounds that are to be opened, by their terms of admission."""
        terms = [each.round_file.admission for each in self.standing.to_open]
        named = [each for each in terms if each is not None]
        self.policies = wanted_policies(self.market, named) if named else {}

    def _wanted(self, plan: OpeningPlan) -> dict[AdmissionTerms | None, WantedPolicy]:
        """What it takes to have the policies of these rounds, by their terms of admission."""
        terms = dict.fromkeys(each.round_file.admission for each in plan.rounds)
        return {each: self.policies[each] for each in terms if each is not None}

    def pools_of(self, planned: PlannedRound) -> tuple[str, ...]:
        """The pools that a round asks, or will when it is opened."""
        history = self.standing.histories.get(planned.number)
        if history is not None:
            return self.pools.asked_by(history.opened.admission)
        terms = planned.round_file.admission
        return () if terms is None else tuple(self.policies[terms].pools)

    @property
    def campaign(self) -> Campaign:
        """What is wanted."""
        return self.standing.campaign

    @property
    def store(self) -> GoldStore:
        """The gold answers of its rounds."""
        return gold_store(self.market, self.account, self.campaign.files)

    # ------------------------------------------------------------ opening

    @property
    def free(self) -> int:
        """The requester's free balance, smallest unit."""
        return self.market.contract.account(self.account.address).free

    def opening_plan(self, is_strict: bool = False) -> OpeningPlan:
        """What may be opened now; nothing that would not be drawn, or be no probation round where
        that is meant.

        Raises DrawingError or ProbationError for such rounds if `is_strict`, else they are held.
        """
        price = current_fees(self.market.node.w3).most
        plan = plan_openings(
            self.standing, price, self.free, lambda planned: len(self.pools_of(planned))
        )
        try:
            self.require_drawable(plan)
            self.probation_advice(plan)
        except (DrawingError, ProbationError) as error:
            if is_strict:
                raise
            return replace(plan, rounds=(), missing=0, held=str(error))
        return plan

    def require_drawable(self, plan: OpeningPlan) -> None:
        """Raise DrawingError if the seats of one of these rounds could not be drawn."""
        # Most rounds differ in their tasks alone.
        for terms in dict.fromkeys(
            (self.pools_of(each), each.round_file.rules, each.round_file.commit_seconds)
            for each in plan.rounds
        ):
            require_drawable(self.market, *terms)

    def probation_advice(self, plan: OpeningPlan) -> list[str]:
        """What should be known of these rounds if newcomers are to earn a record in them.

        Raises ProbationError if nobody would, or not for little; SeatingError without their book.
        """
        files = [each.round_file for each in plan.rounds if not each.is_follow_up]
        probation = files[0].probation if files else None
        if probation is None:
            return []
        rules = [each.rules for each in files]
        return check_probation(self.market, self.account.address, probation, rules)

    def advise_on_admission(self, plan: OpeningPlan) -> None:
        """Say of each policy how many of those who have worked here it would admit."""
        for terms, wanted in self._wanted(plan).items():
            each = next(each for each in plan.rounds if each.round_file.admission == terms)
            if terms is not None:
                seats = each.round_file.rules.seats
                advise_on(self.market, wanted, terms, seats, each.group or "")

    def opening_calls(self, plan: OpeningPlan) -> list[Call]:
        """The deposit, and allowances if it needs any."""
        if not plan.missing:
            return []
        contract, account = self.market.contract, self.account
        deposit = contract.deposit(plan.missing)
        return funded(contract, account.address, account.name, plan.missing, deposit)

    def opening_lines(self, plan: OpeningPlan, calls: Sequence[Call]) -> list[str]:
        """What opening these rounds means."""
        unit = self.market.unit
        terms = [each.round_file.rules for each in plan.rounds]
        wanted = self._wanted(plan).values()
        missing = dict.fromkeys(line for each in wanted for line in each.missing)
        lines = [*missing, *(line for each in wanted for line in policy_lines(each))]
        lines += [call.description for call in calls]
        first, last = plan.rounds[0].number, plan.rounds[-1].number
        numbers = f"number {first}" if first == last else f"numbers {first} to {last}"
        lines.append(
            f"Open {count(len(plan.rounds), 'round')} of {len(self.campaign.rounds)} ({numbers}) at"
            f" {self.market.contract.address}: {unit.exact(plan.escrow)} go into escrow"
            f" ({_most([each.price for each in terms], unit)} a seat,"
            f" {labels_words(self.campaign)}), each labeler locks"
            f" {_most([each.stake for each in terms], unit)} a round."
        )
        drawn: dict[tuple[str, ...], list[RoundFile]] = {}
        for each in plan.rounds:
            drawn.setdefault(self.pools_of(each), []).append(each.round_file)
        for pools, files in drawn.items():
            lines += lines_before(self.market, pools, files)
        least, most = (choose(each.gold_count for each in terms) for choose in (min, max))
        if most:
            lines.insert(0, UNLOCK_LINE)
            lines.append(
                f"{most if least == most else f'{least} to {most}'} tasks of each are gold tasks. "
                f"Their answers are kept in {vault_of(self.market).folder / 'gold'}, encrypted."
            )
        return lines

    def opening(self, planned: PlannedRound) -> RoundOpening:
        """One of the rounds."""
        vault = vault_of(self.market)
        return RoundOpening(self.market, vault, self.account.address, planned.round_file)

    def show_first_task(self) -> None:
        """A task as labelers see it, for whoever is about to pay for it."""
        first = self.campaign.rounds[0].round_file
        for line in first_task(first.manifest, first.question, first.files):
            click.echo(line, err=True)

    def open(self, plan: OpeningPlan, calls: Sequence[Call]) -> list[Receipt]:
        """Publish the tasks, keep the gold answers, then send: the deposit first."""
        key = None
        if any(each.round_file.gold for each in plan.rounds):
            key = new_gold_key(self.market, self.account, self.may_store_key)
        for planned in plan.rounds:
            self._publish(planned)
        self.standing.save()
        receipts: list[Receipt] = []
        policies: dict[AdmissionTerms | None, str] = {None: ZERO}
        for terms, wanted in self._wanted(plan).items():
            policies[terms] = ensure(self.market, self.account, wanted, receipts).address
        with left_to_next_run() if receipts else nullcontext():
            receipts += send_all(self.market.node, self.account, calls)
            earlier = self.opening(plan.rounds[0]).earlier()
            with progress_bars() as progress:
                for done, planned in enumerate(plan.rounds, start=1):
                    opening = self.opening(planned)
                    gold = None if key is None else opening.keep_gold(earlier, key)
                    call = opening.call(gold, policies[planned.round_file.admission])
                    receipts.append(send(self.market.node, self.account, call))
                    progress("open rounds", done, len(plan.rounds))
        self.refresh(receipts)
        return receipts + self.draw()

    def drawing_plan(self) -> DrawingPlan:
        """The draws that rounds which run still lack."""
        rounds = self.pools.to_draw(self.standing.running)
        return plan_drawing(self.pools, self.account.address, rounds)

    def draw(self) -> list[Receipt]:
        """Draw the seats of all rounds that can be drawn, and are not."""
        plan = self.drawing_plan()
        if not plan.to_make:
            return []
        calls = drawing_calls(self.market, self.account, plan)
        drawn, receipts = make_draws(self.market, self.account, plan, calls)
        for pool, each in drawn:
            note(drawn_line(pool, each))
        return receipts

    def capture(self) -> list[Receipt]:
        """Fix the seeds of draws whose block is there."""
        receipts = []
        for each in self.pools.without_seed(self.standing.running):
            _, sent = capture_seed(self.market, self.account, each.pool, each.number, True, never)
            receipts += sent
        return receipts

    def _publish(self, planned: PlannedRound) -> None:
        publication = planned.round_file.publication
        path = publication.place_in(self.folder)
        publication.require_free(path)
        publication.write(path)

    # ------------------------------------------------------------ closing

    def closing_plan(self) -> ClosingPlan:
        """What may be closed now."""
        return plan_closings(self.standing, self.store)

    def close(self, plan: ClosingPlan) -> tuple[list[Receipt], int]:
        """Send all of it, several rounds together; what fails stops nothing else.

        The transactions that are in a block, and how many calls have failed.
        """
        node, contract = self.market.node, self.market.contract
        sender = partial(send, node, self.account)
        planned = transactions(self.standing, plan, outbox_of(node, self.account).gas_cap)
        receipts: dict[str, Receipt] = {}
        failed = done = 0
        with progress_bars() as progress:
            for group in planned:
                for carried in carry(contract, group, sender):
                    if isinstance(carried.error, NotLanded | StorageError):
                        raise carried.error
                    if carried.receipt is not None:
                        receipts[carried.receipt.transaction] = carried.receipt
                    if carried.error is not None:
                        failed += 1
                        note(f"round {carried.candidate.key[0]}: {plain(str(carried.error))}")
                    done += 1
                    progress("close rounds", done, len(plan.calls))
        self.refresh(list(receipts.values()))
        return list(receipts.values()), failed

    # ------------------------------------------------------------ both

    def step(self) -> int:
        """Close what is due, then open what may be; how many calls failed."""
        outbox_of(self.market.node, self.account).recover()
        self.require_alone()
        closing = self.closing_plan()
        failed = self.close(closing)[1] if closing.calls else 0
        self.capture()
        opening = self.opening_plan()
        if opening.rounds:
            self.open(opening, self.opening_calls(opening))
        elif not closing.calls:
            self.refresh()
        # What an earlier run was kept from.
        self.draw()
        return failed

    def confirm(self, lines: Sequence[str]) -> None:
        """Ask before anything is signed, once for a command."""
        confirm(self.yes, self.market.node, self.account, lines)

    def require_alone(self) -> None:
        """Fail if another command is opening one of these rounds just now."""
        outbox = outbox_of(self.market.node, self.account)
        calls = [sent.call for sent in outbox.pending()]
        for planned in self.standing.to_open if calls else []:
            if any(map(self.opening(planned).is_same, calls)):
                fail("another command opens rounds of this campaign right now: wait for it")

    def refresh(self, receipts: Sequence[Receipt] = ()) -> None:
        """How it stands now, on disk as well."""
        standing = self.standing.with_receipts(receipts)
        standing.save()
        self.standing = Standing.of(self.market, self.campaign, self.account.address)
        self.standing.save()


def keep_on(once: Callable[[], bool], stop: StopOnSignal, interval: float) -> None:
    """Again and again, until it is finished or stopped; `once` says whether it is finished.

    What may be better the next time is said, and tried again: a node that is away, no ether.
    """
    while not stop.is_set():
        try:
            if once():
                return
        except SILENT as error:
            note(plain(no_answer(error)))
        except _PASSING as error:
            note(plain(str(error)))
        stop.sleep(interval)


def _most(amounts: Sequence[int], unit: Unit) -> str:
    """An amount that differs from round to round."""
    most = unit.exact(max(amounts))
    return most if min(amounts) == max(amounts) else f"up to {most}"


def standing_of(market: Market, campaign: Campaign, requester: str) -> Standing:
    """How it stands; says what is odd."""
    standing = Standing.of(market, campaign, requester)
    if standing.doubles:
        numbers = ", ".join(map(str, standing.doubles))
        warn(f"rounds {numbers} of yours have the same tasks as others of this campaign")
    if standing.unjudged:
        advise(
            f"{count(len(standing.unjudged), 'round')} ended void, with labels that nobody was "
            "judged on: ask these tasks again in a campaign file of their own"
        )
    return standing


def say_held(plan: OpeningPlan) -> None:
    """Why no more are opened."""
    if plan.held is not None:
        advise(f"the rest is opened later: {plan.held}")
