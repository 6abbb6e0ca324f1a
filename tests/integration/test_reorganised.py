"""The chain takes back two blocks after every step of a round; whoever acted acts again.

One round from the first deposit to the sweep. After each step the last two blocks are replaced
by empty ones, and nobody's pool has what was in them. Then an audit with its cache, a watcher and
a keeper, which have followed the chain all along, look at it, and the step is run again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3

from plumbline.audit import AuditReport, audit
from plumbline.audit.watch import Look, Watcher
from plumbline.chain.call import Call
from plumbline.chain.contract import LabelRounds
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Event, fetch
from plumbline.chain.feed import Feed
from plumbline.chain.log_cache import LogCache
from plumbline.keeper import ActionOutcome, Keeper, KeeperAccount, KeeperSettings, Resources, Tick
from plumbline.labeler.delegated_folder import Contents
from plumbline.transactions.journal import Journal
from plumbline.transactions.outbox import Outbox
from tests.integration.forking import ForkShell, Project
from tests.integration.paperwork import write_round
from tests.integration.rpc import hashes, rpc
from tests.integration.shell import pass_time, vault_of
from tests.integration.stages import COMMIT, are_kept

REQUESTER, FIRST, RELAYED, LEAKY, OTHER, SILENT, RELAYER = (f"TEST::{n}" for n in range(7))
STRANGER = Account.from_key(keccak(text="stranger"))

# Names of steps, and the events that each leaves.
STEPS = {
    "deposit": ["Deposited"],
    "open": ["Deposited", "RoundOpened"],
    "commit": ["Deposited", "Committed"],
    "relay": ["Committed"],
    "leak": ["LeakReported"],
    "reveal": ["Committed", "Revealed"],
    "close": ["GoldOpened", "RoundClosed", "Forfeited"],
    "withdraw": ["Withdrawn"],
    "sweep": ["Swept"],
}


@dataclass(frozen=True)
class Step:
    """A step, what the chain took back of it, and what came of running it again.

    said          all words of the first run, and of the second
    sent          transactions of the first run, as hashes, oldest first
    lost          what they had done: names of events
    gone          whether no event of them was left on the new chain
    look, tick    what watcher and keeper saw there; `report` is an audit of it, with a cache
    kept          whether the vault could open all commitments, before the second run
    after         names of the events that the second run left; `landed` its transactions
    clean         whether audit and watcher found all well at the end
    """

    said: tuple[str, str]
    sent: list[str]
    lost: list[str]
    gone: bool
    look: Look
    tick: Tick
    report: AuditReport
    kept: bool
    after: list[str]
    landed: list[str]
    clean: bool


@dataclass
class Walk:
    """A round under way, and who watches it."""

    shell: ForkShell
    w3: Web3
    deployment: Deployment
    steps: dict[str, Step] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rounds = LabelRounds(self.w3, self.deployment)
        self.watcher = Watcher(self.w3, self.deployment)
        account = KeeperAccount(
            lambda call: pytest.fail("a rehearsal sends nothing"), None, lambda: False
        )
        resources = Resources(
            lambda: Contents((), {}), lambda *args: None, account, lambda entry: None
        )
        settings = KeeperSettings(confirmations=0, is_rehearsal=True)
        feed = Feed(self.w3, self.deployment)
        self.keeper = Keeper(self.rounds, feed, settings, resources, wall=lambda: 0)

    def run(self, *arguments: str, who: str) -> str:
        """All that a command says that succeeds."""
        return self.shell.good(*arguments, "--account", who, "--yes").said

    def send(self, call: Call) -> str:
        """As a command of a stranger would, if there were one for it: what its outbox says."""
        said: list[str] = []
        journal = Journal.of(vault_of(self.shell, self.w3).chain_folder, STRANGER.address)
        outbox = Outbox(self.w3, STRANGER, journal, announce=said.append)
        outbox.reopen()
        outbox.recover()
        outbox.send(call)
        outbox.acknowledge()
        return " ".join(said)

    def events(self, since: int = 0) -> list[Event]:
        return [one for one in fetch(self.w3, self.deployment) if one.block > since]

    def audit(self) -> AuditReport:
        """With the logs of the audits before."""
        cache = LogCache(self.shell.folder / "cache", self.deployment.deployed)
        try:
            return audit(self.w3, self.deployment, cache=cache)
        finally:
            cache.close()

    def step(
        self, name: str, act: Callable[[], str], again: Callable[[], str] | None = None
    ) -> None:
        """Act, lose two blocks, look, act again."""
        rpc(self.w3, "evm_mine")  # what was before is not lost with it
        since = self.w3.eth.block_number
        first = act()
        sent, lost = hashes(self.w3, since), names(self.events(since))
        assert self.audit().is_clean and not self.watcher.look().differences
        self.keeper.tick()
        rpc(self.w3, "anvil_reorg", 2, [])
        gone = self.events(since) == []
        look, tick, report = self.watcher.look(), self.keeper.tick(), self.audit()
        kept = self.all_kept()
        base = self.w3.eth.block_number
        second = (again or act)()
        clean = self.audit().is_clean and not self.watcher.look().differences
        self.keeper.tick()
        self.steps[name] = Step(
            (first, second),
            sent,
            lost,
            gone,
            look,
            tick,
            report,
            kept,
            names(self.events(base)),
            hashes(self.w3, base),
            clean,
        )

    def all_kept(self) -> bool:
        return are_kept(self.shell, self.w3, self.events())


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.fixture(scope="module")
def walk(project: Project, w3: Web3) -> Walk:
    write_round(project.shell.folder)
    paid = w3.eth.send_transaction(
        {"from": w3.eth.accounts[9], "to": STRANGER.address, "value": 10**18}  # type: ignore[typeddict-item]
    )
    w3.eth.wait_for_transaction_receipt(paid)
    made = Walk(project.shell, w3, project.deployment)
    play(made)
    return made


def play(walk: Walk) -> None:
    """The whole round."""
    run, rounds = walk.run, walk.rounds
    deposit = ("labeler", "deposit", "0.02 ether")
    walk.step("deposit", lambda: run(*deposit, who=OTHER))
    walk.step("open", lambda: run("requester", "open", "round.json", who=REQUESTER))
    walk.step(
        "commit",
        lambda: run(*deposit, who=FIRST) + run(*COMMIT, who=FIRST),
        lambda: run(*COMMIT, who=FIRST),
    )
    for who in (RELAYED, LEAKY, SILENT):
        run(*deposit, who=who)
    sign = ("labeler", "sign", *COMMIT[2:], "--output", "signed.json")
    run(*sign, who=RELAYED)
    walk.step("relay", lambda: run("requester", "relay", "signed.json", who=RELAYER))
    run(*COMMIT, who=LEAKY)
    leaky = walk.w3.eth.accounts[3]
    secret = vault_of(walk.shell, walk.w3).answers(1, leaky)
    assert secret is not None
    leak = rounds.report_leak(1, leaky, secret.sheet, secret.salt)
    walk.step("leak", lambda: walk.send(leak))
    run(*COMMIT, who=OTHER)
    reveal = ("labeler", "reveal")
    walk.step(
        "reveal",
        lambda: run(*COMMIT, who=SILENT) + run(*reveal, who=FIRST),
        # The last seat is free again: first nothing can be revealed, then it is taken once more.
        lambda: " / ".join(
            (run(*reveal, who=FIRST), run(*COMMIT, who=SILENT), run(*reveal, who=FIRST))
        ),
    )
    for who in (RELAYED, OTHER):
        run(*reveal, who=who)
    pass_time(walk.w3, 7_300)  # before the gold deadline
    walk.step("close", lambda: run("requester", "close", who=REQUESTER))
    walk.step("withdraw", lambda: run("labeler", "withdraw", "all", who=FIRST))
    walk.step("sweep", lambda: walk.send(rounds.sweep()))


@pytest.fixture(params=STEPS)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def step(walk: Walk, name: str) -> Step:
    return walk.steps[name]


def test_all_of_it_was_taken_back(step: Step, name: str) -> None:
    assert step.lost == STEPS[name]
    assert step.gone


def test_run_again_it_is_done_once(step: Step, name: str) -> None:
    assert step.after == STEPS[name]


def test_what_goes_out_again_is_what_went_out_before(step: Step, name: str) -> None:
    """So that it cannot count twice, whoever else still has it in a pool."""
    # The reveal was given up at first, see below.
    same = 1 if name == "reveal" else len(step.sent)
    assert step.landed[:same] == step.sent[:same]
    assert len(step.landed) == len(step.sent)


def test_it_is_said_that_the_chain_took_it_back(step: Step, name: str) -> None:
    _, said = step.said
    assert said.count("the chain took back block") == len(step.sent)
    assert said.count("is done again, in block") == len(step.landed) - (name == "reveal")


def test_no_answers_are_shown_while_a_seat_is_free_again(walk: Walk) -> None:
    _, said = walk.steps["reveal"].said
    first, _, last = said.split(" / ")
    assert "by now it would fail (round: reveal phase not begun)" in first
    assert "whoever reveals now gives the answers away" in first
    assert "revealed in round 1" in last


def test_the_secrets_of_what_was_taken_back_are_kept(walk: Walk, step: Step) -> None:
    assert step.kept
    assert walk.all_kept()


def test_an_audit_forgets_what_its_cache_had_of_it(step: Step) -> None:
    assert step.report.is_clean
    assert any("the chain was reorganised from block" in note for note in step.report.notes)
    assert step.clean


def test_a_watcher_raises_the_alarm_and_finds_all_well(step: Step) -> None:
    assert step.look.reorganised_from is not None
    assert step.look.differences == ()


def test_a_keeper_plans_nothing_on_what_is_not_there(step: Step) -> None:
    assert step.tick.reorganised_from is not None
    assert {result.outcome for result in step.tick.results} <= {ActionOutcome.PLANNED}


def test_all_money_is_out_in_the_end(walk: Walk) -> None:
    """Once a reorganisation is over nothing is owed to anybody twice, or not at all."""
    assert walk.audit().is_clean
    assert walk.rounds.sink_balance() == 0
    assert walk.rounds.account(walk.w3.eth.accounts[1]).free == 0
