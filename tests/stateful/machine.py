"""Random runs of several rounds in one deployment, checked after every step.

Each rule asks the model what must happen, has it happen on the chain, and compares reasons and
events. The invariants look at the chain alone, or hold it against the model and the replay of
its events. In a refused transaction nothing can have changed, so they rest then.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from plumbline.audit import check_events
from plumbline.chain.events import (
    Committed,
    Event,
    Forfeited,
    LeakReported,
    Released,
    RoundClosed,
    RoundExpired,
)
from plumbline.chain.records import Account, Deadlines, Phase, RoundState
from plumbline.history.ledger import Ledger, replay
from plumbline.history.rounds import history
from plumbline.protocol.addresses import ZERO
from plumbline.protocol.commitment import (
    EMPTY_HASH,
    EMPTY_SHEET,
    LEAKED,
    Opening,
    RollEntry,
    SignedCommitment,
    extend_roll,
    gold_root,
)
from plumbline.protocol.withdrawal import Withdrawal
from tests.stateful import cast
from tests.stateful.cast import ACCOUNTS, BANK, LABELERS, REQUESTER, RIVAL, SEATABLE, STRANGER
from tests.stateful.model import EXPIRY, MONTH, Model, Round
from tests.world.adapter import TASKS_ROOT
from tests.world.chain import Refused
from tests.world.people import Person, person, signed, wallet_signature, withdrawal_signature
from tests.world.world import World, bare, of_kind

MOST_ROUNDS: Final = 4  # in one run
NO_ROUND: Final = 99
SEALED: Final = bytes(range(99))

Sent = Callable[[], list[Event]]


class StatefulRun(RuleBasedStateMachine):
    """A deployment in ether or a token; `world` is set by whoever runs it."""

    world: ClassVar[World]
    seen: ClassVar[Counter[str]] = Counter()  # what runs came to, to see that they come to all

    def __init__(self) -> None:
        super().__init__()
        self._undo = self.world.undone()
        self._undo.__enter__()
        world = self.world
        self.wallet = world.chain.mock("Wallet", cast.OWNER)
        self.closed_wallet = world.chain.mock("Wallet", cast.OWNER)
        self.closed_wallet.send(BANK, "refuse_ether")
        self.policy = world.chain.mock("Policy")
        self.everyone: tuple[str, ...] = (*ACCOUNTS, self.wallet.address, world.sink)
        self.model = Model(
            world.deployed.domain, world.token is None, frozenset([self.closed_wallet.address])
        )
        self.model.policies[self.policy.address] = {}
        self.model.now = world.chain.now
        self.scripts: dict[int, cast.Script] = {}
        self.secrets: dict[bytes, Opening] = {}  # by commitment
        self.forged: dict[int, RollEntry] = {}  # by round, who is on its roll from the first
        self.consents: list[tuple[Withdrawal, bytes, bool]] = []  # to withdrawals, and who knows
        self.phases: dict[int, Phase] = {}
        self.went_out: dict[int, int] = defaultdict(int)  # by round, wei
        self.summed = 0  # events of which it knows
        self.losses: dict[tuple[int, str], int] = defaultdict(int)
        self.before: dict[str, Account] = {}
        self.ledger = Ledger()
        self.booked = 0
        self.ended: set[tuple[int, ...]] = set()
        self.in_play = 0  # the round that the last step was about
        self.has_changed = False
        self._is_opening = False
        self._goes_well = False
        self._apart: Any = None  # what the last batch came to in parts

    def teardown(self) -> None:
        try:
            self._everything_is_as_modelled()
            self._the_audit_finds_nothing()
            for round_id, round in self.model.rounds.items():
                self._strangers_end(round_id, round.deadlines.last)
        finally:
            self._undo.__exit__(None, None, None)

    # ------------------------------------------------------------------- actions

    @initialize(
        data=st.data(), stakes=st.integers(0, 3), escrow=st.sampled_from([10**20, 5 * 10**18])
    )
    def begin(self, data: st.DataObject, stakes: int, escrow: int) -> None:
        """Some can afford several seats at a time, and some one or none."""
        for number, owner in enumerate([*LABELERS, RIVAL, self.wallet.address]):
            amount = 10**18 * (1 + (stakes + number) % 4)
            self._pay_in(BANK, owner, amount, amount)
        for owner in (REQUESTER, RIVAL):
            self._pay_in(BANK, owner, escrow, escrow)
        while not self.model.rounds:
            self.open(data)

    @rule(data=st.data())
    def play_on(self, data: st.DataObject) -> None:
        """What comes next, a few times; the other rules do it too, and everything else."""
        for _ in range(data.draw(st.integers(1, 6), "moves")):
            self._play_on(data)
            self.nothing_is_lost_or_made()

    def _play_on(self, data: st.DataObject) -> None:
        unfinished = self._of(Phase.COMMIT, Phase.REVEAL, Phase.GOLD, Phase.DUE)
        if not unfinished:
            return self.wait(data)
        round = data.draw(st.sampled_from(unfinished), "round")
        phase = round.phase(self.model.now)
        if phase == Phase.COMMIT and len(round.seats) < 3:
            return self._relay(data, round.round_id)
        if phase == Phase.REVEAL:
            how = data.draw(st.sampled_from([self._reveal, self._reveal, self._conclude]), "how")
            return how(data, round.round_id)
        if phase == Phase.COMMIT:
            return self.wait(data)
        if data.draw(self._mostly([True], [False, False, False]), "is not forgotten"):
            return self._close(data, round.round_id)
        self._wait_until(max(self.model.now, round.deadlines.last + EXPIRY))
        return self._expire(data, round.round_id)

    @precondition(lambda self: len(self.model.rounds) < MOST_ROUNDS)
    @rule(data=st.data())
    def play_out(self, data: st.DataObject) -> None:
        """A whole round without a mishap, so that most are judged."""
        self._goes_well = True
        try:
            self._play_out(data)
        finally:
            self._goes_well = False

    def _play_out(self, data: st.DataObject) -> None:
        before = len(self.model.rounds)
        self.open(data)
        if len(self.model.rounds) == before:
            return
        self.nothing_is_lost_or_made()
        round = self.model.rounds[before + 1]
        self._relay(data, round.round_id)
        if round.phase(self.model.now) == Phase.COMMIT:
            self._wait_until(round.deadlines.commit)
        self.nothing_is_lost_or_made()
        if round.phase(self.model.now) == Phase.REVEAL:
            self._reveal(data, round.round_id)
        if round.phase(self.model.now) == Phase.REVEAL:  # some cannot be opened
            self._wait_until(round.deadlines.reveal)
        self.nothing_is_lost_or_made()
        self._close(data, round.round_id)

    @rule(data=st.data())
    def move_money(self, data: st.DataObject) -> None:
        """One rule for what is no part of a round, so that runs are mostly of rounds."""
        moves = [self._deposit, self._withdraw, self._sweep, self._force_money_upon_it]
        if self.model.sink:
            moves += [self._sweep] * 4
        data.draw(st.sampled_from(moves), "move")(data)

    def _deposit(self, data: st.DataObject) -> None:
        """Now and then of nothing, for nobody, with other ether than it names, or of too much."""
        payer = data.draw(st.sampled_from(ACCOUNTS), "payer")
        owner = data.draw(st.sampled_from([payer, *ACCOUNTS, ZERO]), "owner")
        amount = data.draw(st.sampled_from([10**18, 1, 0, 2**88]), "amount")
        value = data.draw(st.sampled_from([amount, amount, amount + 1]), "value")
        self._pay_in(payer, owner, amount, value)

    def _withdraw(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(ACCOUNTS), "owner")
        free = self.model.account(owner).free
        amount = data.draw(st.sampled_from([free, 1, free // 2, free + 1]), "amount")
        receivers = [owner, STRANGER, self.closed_wallet.address, ZERO]
        receiver = data.draw(st.sampled_from(receivers), "receiver")
        wealth = self.world.wealth(receiver)
        took = self._act(
            owner,
            self.world.calls.withdraw(amount, receiver),
            lambda: self.model.withdraw(owner, amount, receiver),
        )
        if took:
            assert self.world.wealth(receiver) == wealth + amount

    @rule(data=st.data())
    def withdraw_for(self, data: st.DataObject) -> None:
        """Signed by somebody, relayed by anybody; now and then what was relayed before."""
        if not self.consents or data.draw(self._mostly([True], [False, False]), "is new"):
            self.consents.append(self._consent(data))
            withdrawal, signature, is_good = self.consents[-1]
        else:
            withdrawal, signature, is_good = data.draw(st.sampled_from(self.consents), "again")
        relayer = data.draw(st.sampled_from([*ACCOUNTS, withdrawal.owner]), "relayer")
        if relayer == self.wallet.address:
            relayer = STRANGER
        receiver, relayed = withdrawal.receiver, self.model.nonces[withdrawal.owner]
        wealth = self.world.wealth(receiver)
        took = self._act(
            relayer,
            self.world.calls.withdraw_for(
                withdrawal.owner,
                withdrawal.amount,
                receiver,
                withdrawal.fee,
                withdrawal.deadline,
                signature,
            ),
            lambda: self.model.withdraw_for(relayer, withdrawal, is_good),
        )
        assert self.world.views.nonce(withdrawal.owner) == relayed + took
        if took:
            self.seen["withdrawals relayed"] += 1
            self.seen["withdrawals of wallets relayed"] += withdrawal.owner == self.wallet.address
            assert self.world.wealth(receiver) == wealth + withdrawal.amount - withdrawal.fee

    def _consent(self, data: st.DataObject) -> tuple[Withdrawal, bytes, bool]:
        """What is signed, with what, and whether its owner signed just that."""
        owner = data.draw(st.sampled_from([*ACCOUNTS, *[self.wallet.address] * 4]), "owner")
        free, nonce = self.model.account(owner).free, self.model.nonces[owner]
        amounts = self._mostly([free, 1_000, free // 2], [free + 1, 1])
        amount = data.draw(amounts, "amount")
        withdrawal = Withdrawal(
            owner=owner,
            amount=amount,
            receiver=data.draw(
                self._mostly([STRANGER, owner] * 2, [self.closed_wallet.address, ZERO]), "receiver"
            ),
            fee=data.draw(self._mostly([0, amount // 10], [amount, amount + 1]), "fee"),
            deadline=self.model.now + data.draw(self._mostly([86_400, 1], [0]), "deadline"),
            nonce=max(0, nonce + data.draw(self._mostly([0], [1, -1]), "nonce")),
        )
        is_wallet = owner == self.wallet.address
        usual: Person = cast.OWNER if is_wallet else next(who for who in ACCOUNTS if who == owner)
        signer = data.draw(self._mostly([usual], [STRANGER]), "signer")
        what = data.draw(
            self._mostly(["all"] * 4, ["another amount", "another owner"]), "signed is"
        )
        said = {
            "all": withdrawal,
            "another amount": replace(withdrawal, amount=withdrawal.amount + 1),
            "another owner": replace(withdrawal, owner=self.closed_wallet.address),
        }[what]
        signature = withdrawal_signature(
            signer, self.world.deployed, said, is_compact=not is_wallet
        )
        return withdrawal, signature, signer == usual and what == "all"

    def _sweep(self, data: st.DataObject) -> None:
        wealth, due = self.world.wealth(self.world.sink), self.model.sink
        self._act(STRANGER, self.world.calls.sweep(), self.model.sweep)
        assert self.world.wealth(self.world.sink) == wealth + due

    def _force_money_upon_it(self, data: st.DataObject) -> None:
        amount = data.draw(st.sampled_from([1, 10**18]), "amount")
        self.world.force(amount)
        self.model.gifts += amount
        self.has_changed = True

    @precondition(lambda self: len(self.model.rounds) < MOST_ROUNDS)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        requester = data.draw(st.sampled_from([REQUESTER, RIVAL]), "requester")
        kind = data.draw(st.sampled_from(cast.GOLD_KINDS), "golds")
        rules = data.draw(cast.rules(kind), "rules")
        tendency = data.draw(st.sampled_from(cast.TENDENCIES), "tendency")
        script = cast.script(rules, kind, tendency)
        policy = data.draw(self._mostly([ZERO], [self.policy.address] * 4), "policy")
        root = EMPTY_HASH
        if script.gold_salt != EMPTY_HASH:
            domain = self.model.domain
            root = gold_root(domain, requester, script.gold, script.gold_salt)
        if data.draw(self._mostly([False] * 4, [True]), "promises no golds, or without a root"):
            root = TASKS_ROOT if root == EMPTY_HASH else EMPTY_HASH
        commit = self.model.now + data.draw(self._mostly([600, 1], [0]), "commit")
        reveal = commit + data.draw(self._mostly([300, 3_600], [299, 366 * 86_400]), "reveal")
        gold_deadline = reveal + data.draw(self._mostly([3_600, 1, MONTH], [0, MONTH + 1]), "gold")
        # Now and then tasks whose root is a roll already, with somebody on it.
        forged = RollEntry(LABELERS[0], cast.opening(rules, 0, LABELERS[0], "inverted").sheet)
        roots = self._mostly(
            [TASKS_ROOT], [extend_roll(TASKS_ROOT, forged.labeler, forged.sheet)] * 2
        )
        tasks_root = data.draw(roots, "tasks root")
        deadlines = Deadlines(commit, reveal, gold_deadline if root != EMPTY_HASH else 0)
        opened = self._act(
            requester,
            self.world.calls.open(rules, deadlines, tasks_root, root, policy),
            lambda: self.model.open(requester, rules, deadlines, tasks_root, root, policy),
        )
        if not opened:
            return
        self.in_play = len(self.model.rounds)
        self.scripts[self.in_play] = script
        if tasks_root != TASKS_ROOT:
            self.forged[self.in_play] = forged
        if policy != ZERO:
            admitted = set(data.draw(st.permutations(SEATABLE), "admitted")[:4])
            self.model.policies[policy][self.in_play] = set(admitted)
            for labeler in admitted:
                self.policy.send(BANK, "admit", self.in_play, labeler)

    @precondition(lambda self: self._of(Phase.COMMIT))
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        self._commit(data, self._any_round(data, Phase.COMMIT))

    def _commit(self, data: st.DataObject, round_id: int) -> None:
        labeler = data.draw(st.sampled_from(SEATABLE), "labeler")
        made = self._made(data, round_id, labeler)
        made = data.draw(st.sampled_from([made, made, made, EMPTY_HASH, LEAKED]), "commitment")
        stake = self._stake(round_id) + data.draw(st.sampled_from([0, 0, 0, 1]), "more")
        self._act(
            labeler,
            self.world.calls.commit(round_id, made, stake),
            lambda: self.model.commit(labeler, round_id, made, stake),
            round_id,
        )

    @precondition(lambda self: self._of(Phase.COMMIT))
    @rule(data=st.data())
    def relay(self, data: st.DataObject) -> None:
        self._relay(data, self._any_round(data, Phase.COMMIT))

    def _relay(self, data: st.DataObject, round_id: int) -> None:
        """Signed commitments in one batch; some twice, some with another's signature."""
        those = list(data.draw(st.permutations(SEATABLE), "labelers"))
        if data.draw(self._mostly([False], [True]), "some"):
            those = data.draw(st.lists(st.sampled_from(SEATABLE), max_size=5), "labelers")
        sealed = data.draw(st.sampled_from([(b"",), (b"",), (b"", SEALED)]), "sealed")
        batch = [
            self._signed(
                round_id,
                labeler,
                self._made(data, round_id, labeler),
                data.draw(st.sampled_from(sealed), "sealed answers"),
            )
            for labeler in those
        ]
        self.seen["relayed with enclosures"] += any(item.sealed for item in batch)
        goods = [data.draw(self._mostly([True], [False]), "good") for _ in batch]
        for place, is_good in enumerate(goods):
            if not is_good:
                batch[place] = replace(batch[place], labeler=STRANGER)
        self._in_parts(data, round_id, batch, self.world.calls.commit_signed)
        self._act(
            STRANGER,
            self.world.calls.commit_signed(round_id, batch),
            lambda: self.model.commit_signed(round_id, list(zip(batch, goods, strict=True))),
            round_id,
        )
        self._same_as_in_parts()

    @precondition(lambda self: self._of(Phase.COMMIT))
    @rule(data=st.data())
    def commit_for_wallet(self, data: st.DataObject) -> None:
        self._commit_for_wallet(data, self._any_round(data, Phase.COMMIT))

    def _commit_for_wallet(self, data: st.DataObject, round_id: int) -> None:
        labeler = data.draw(st.sampled_from([self.wallet.address, LABELERS[0]]), "labeler")
        made = self._made(data, round_id, labeler)
        is_good = data.draw(st.booleans(), "is signed by the owner")
        owner = cast.OWNER if is_good else STRANGER
        stake, deployed = self._stake(round_id), self.world.deployed
        signature = wallet_signature(owner, labeler, deployed, round_id, stake, made)
        is_good = is_good and labeler == self.wallet.address
        self._act(
            STRANGER,
            self.world.calls.commit_for_wallet(round_id, labeler, made, signature),
            lambda: self.model.commit_for_wallet(round_id, labeler, made, is_good),
            round_id,
        )

    @precondition(lambda self: any(round.seats for round in self._of(Phase.COMMIT)))
    @rule(data=st.data())
    def report_leak(self, data: st.DataObject) -> None:
        self._report_leak(data, self._any_round(data, Phase.COMMIT))

    def _report_leak(self, data: st.DataObject, round_id: int) -> None:
        of = data.draw(st.sampled_from(self._known_openings(round_id)), "opening")
        wrong = data.draw(self._mostly([""], ["salt", "sheet"]), "wrong")
        shown = cast.altered(of, wrong) if wrong else of
        reporter = data.draw(self._mostly([STRANGER, RIVAL], [of.labeler]), "reporter")
        shows = (round_id, shown.labeler, shown.sheet, shown.salt)
        self._act(
            reporter,
            self.world.calls.report_leak(*shows),
            lambda: self.model.report_leak(reporter, *shows),
            round_id,
        )

    @precondition(lambda self: self._of(Phase.REVEAL))
    @rule(data=st.data())
    def reveal(self, data: st.DataObject) -> None:
        self._reveal(data, self._any_round(data, Phase.REVEAL))

    def _reveal(self, data: st.DataObject, round_id: int) -> None:
        batch = self._batch(data, round_id)
        self._in_parts(data, round_id, batch, self.world.calls.reveal)
        self._act(
            STRANGER,
            self.world.calls.reveal(round_id, batch),
            lambda: self.model.reveal(round_id, batch),
            round_id,
        )
        self._same_as_in_parts()

    @precondition(lambda self: self._of(Phase.GOLD, Phase.DUE))
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        self._close(data, self._any_round(data, Phase.GOLD, Phase.DUE))

    def _close(self, data: st.DataObject, round_id: int) -> None:
        tasks_root, entries = self._roll(data, round_id)
        gold, salt = self._gold(data, round_id)
        self._act(
            STRANGER,
            self.world.calls.close(round_id, entries, gold, salt, tasks_root),
            lambda: self.model.close(round_id, tasks_root, entries, gold, salt),
            round_id,
        )

    @precondition(lambda self: self._of(Phase.REVEAL))
    @rule(data=st.data())
    def conclude(self, data: st.DataObject) -> None:
        self._conclude(data, self._any_round(data, Phase.REVEAL))

    def _conclude(self, data: st.DataObject, round_id: int) -> None:
        """And what reveal and close would have come to is the same."""
        batch = self._batch(data, round_id)
        gold, salt = self._gold(data, round_id)
        calls, tasks_root = self.world.calls, self._tasks_root(round_id)
        entries = [RollEntry(opening.labeler, opening.sheet) for opening in batch]
        self._apart = None
        with self.world.undone():
            try:
                self.world.send(STRANGER, calls.reveal(round_id, batch))
                self.world.send(STRANGER, calls.close(round_id, entries, gold, salt, tasks_root))
            except Refused:
                pass
            else:
                self._apart = self._all_state(round_id)
        concluded = self._act(
            STRANGER,
            calls.conclude(round_id, batch, gold, salt, tasks_root),
            lambda: self.model.conclude(round_id, tasks_root, batch, gold, salt),
            round_id,
        )
        if concluded and batch:  # without any it is a close like others
            self._same_as_in_parts()

    @precondition(lambda self: self._of(Phase.GOLD, Phase.DUE, Phase.CLOSED))
    @rule(data=st.data())
    def forfeit(self, data: st.DataObject) -> None:
        self._forfeit(data, self._any_round(data, Phase.GOLD, Phase.DUE, Phase.CLOSED))

    def _forfeit(self, data: st.DataObject, round_id: int) -> None:
        round = self.model.rounds.get(round_id)
        seated = list(round.seats) if round else []
        named = self._mostly(seated or self._seatable, self._seatable)
        batch = data.draw(st.lists(named, max_size=8), "labelers")
        self._in_parts(data, round_id, batch, self.world.calls.forfeit, in_any_order=True)
        self._act(
            STRANGER,
            self.world.calls.forfeit(round_id, batch),
            lambda: self.model.forfeit(round_id, batch),
            round_id,
        )
        self._same_as_in_parts()

    @precondition(lambda self: self._of(Phase.GOLD, Phase.DUE))
    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        self._expire(data, self._any_round(data, Phase.GOLD, Phase.DUE))

    def _expire(self, data: st.DataObject, round_id: int) -> None:
        tasks_root, entries = self._roll(data, round_id)
        self._act(
            STRANGER,
            self.world.calls.expire(round_id, entries, tasks_root),
            lambda: self.model.expire(round_id, tasks_root, entries),
            round_id,
        )

    @rule(data=st.data())
    def wait(self, data: st.DataObject) -> None:
        """Until just before or at a moment at which something ends, or a while."""
        moments = {self.model.now, self.model.now + 7}
        for round in self.model.rounds.values():
            times = round.deadlines
            for moment in (times.commit, times.reveal, times.gold, times.last + EXPIRY):
                moments |= {moment - 1, moment}
        ahead = sorted(moment for moment in moments if moment >= self.model.now)
        self._wait_until(data.draw(st.sampled_from(ahead[:6]), "until"))

    def _wait_until(self, moment: int) -> None:
        self.world.chain.wait_until(moment)
        self.model.now = moment
        self.has_changed = True

    @rule(data=st.data())
    def do_anything(self, data: st.DataObject) -> None:
        """In time or not, in a round that exists or not."""
        actions = [
            self._commit,
            self._relay,
            self._commit_for_wallet,
            self._report_leak,
            self._reveal,
            self._close,
            self._conclude,
            self._forfeit,
            self._expire,
        ]
        action = data.draw(st.sampled_from(actions), "action")
        action(data, data.draw(st.sampled_from([*self.model.rounds, NO_ROUND]), "round"))

    @precondition(lambda self: any(not round.roll for round in self._of(Phase.REVEAL)))
    @rule(data=st.data())
    def order_does_not_matter(self, data: st.DataObject) -> None:
        """The same answers revealed in another order, in several calls, are worth the same; only
        the payroll tells.
        """
        rounds = [round for round in self._of(Phase.REVEAL) if not round.roll]
        round = data.draw(st.sampled_from(rounds), "round")
        those = [of for of in self._known_openings(round.round_id) if self._can_open(round, of)]
        others = data.draw(st.permutations(those), "openings")
        cut = data.draw(st.integers(0, len(others)), "cut")
        assert self._settled(round, [those]) == self._settled(round, [others[:cut], others[cut:]])

    # ---------------------------------------------------------------- invariants

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        """What is held is free, locked, in escrow, the sink's or a gift (A2.2)."""
        if not self.has_changed:
            return
        accounts = {owner: self.world.account(owner) for owner in self.everyone}
        states = [self.world.views.round(round_id) for round_id in self.model.rounds]
        escrow = sum(
            state.rules.price * state.rules.seats
            for round_id, state in enumerate(states, 1)
            if self.world.views.phase(round_id)[0] != Phase.CLOSED
        )
        owned = sum(account.free + account.locked for account in accounts.values())
        sink = self.world.views.sink_balance()
        assert self.world.held == owned + escrow + sink + self.world.gifts
        self._the_model_agrees(accounts, sink)
        self._the_replay_agrees(accounts, sink)
        self._nobody_lost_more_than_a_stake(accounts)
        self._every_round_adds_up(states)
        self._phases_go_forward()
        self._free_balance_can_be_withdrawn(accounts)
        self._rounds_past_their_deadlines_can_be_ended()
        self.before = accounts
        self.has_changed = False

    def _the_model_agrees(self, accounts: dict[str, Account], sink: int) -> None:
        for owner, account in accounts.items():
            assert account == self.model.account(owner), owner
        assert sink == self.model.sink
        if self.in_play:
            self._round_is_as_modelled(self.in_play)

    def _the_replay_agrees(self, accounts: dict[str, Account], sink: int) -> None:
        for event in self.world.events[self.booked :]:
            self.ledger.book(event)
        self.booked = len(self.world.events)
        books = self.ledger.books()
        assert books.shortfalls == ()
        for owner, account in accounts.items():
            assert account == books.accounts.get(owner, Account()), owner
        assert sink == books.sink
        assert self.world.held == books.total + self.world.gifts

    def _nobody_lost_more_than_a_stake(self, accounts: dict[str, Account]) -> None:
        """All the actions in a round together, but for the escrow paid at its opening."""
        if self.in_play and self.before and not self._is_opening:
            stake = self.model.rounds[self.in_play].rules.stake
            for owner, account in accounts.items():
                before = self.before[owner]
                lost = before.free + before.locked - account.free - account.locked
                self.losses[self.in_play, owner] += lost
                assert self.losses[self.in_play, owner] <= stake, owner

    def _every_round_adds_up(self, states: Sequence[RoundState]) -> None:
        """What came into it is what it paid, gave back and left to the sink, and what is still in
        it: to the wei, and of nothing but its events (P3.6).
        """
        for event in self.world.events[self.summed :]:
            self._sum_up(event)
        self.summed = len(self.world.events)
        for round_id, state in enumerate(states, 1):
            rules, left = state.rules, 0
            if not state.is_closed:
                left = rules.price * rules.seats + rules.stake * state.revealed
            left += rules.stake * state.awaited
            came_in = rules.price * rules.seats + rules.stake * state.committed
            assert came_in == self.went_out[round_id] + left, round_id

    def _sum_up(self, event: Event) -> None:
        """Pay, refund, what the sink got, bounties and the stakes that came back."""
        match event:
            case RoundClosed():
                slashed = sum(each.slash for each in event.outcomes)
                stake = self.model.rounds[event.round_id].rules.stake
                returned = stake * len(event.outcomes) - slashed
                self.went_out[event.round_id] += event.paid + event.refund + event.to_sink
                self.went_out[event.round_id] += returned
                assert event.paid == sum(each.pay for each in event.outcomes)
            case RoundExpired():
                self.went_out[event.round_id] += event.refund
            case Forfeited() | LeakReported():  # slash or bounty, and the rest of the stake
                self.went_out[event.round_id] += self.model.rounds[event.round_id].rules.stake
            case Released():
                self.went_out[event.round_id] += event.stake

    def _phases_go_forward(self) -> None:
        for round_id, round in self.model.rounds.items():
            phase, left = self.world.views.phase(round_id)
            assert phase >= self.phases.get(round_id, Phase.COMMIT), round_id
            assert (phase, left) == (
                round.phase(self.model.now),
                round.seconds_left(self.model.now),
            )
            self.phases[round_id] = phase

    def _free_balance_can_be_withdrawn(self, accounts: dict[str, Account]) -> None:
        """By everybody, one after the other, whatever else is going on."""
        receiver = person("beyond")
        with self.world.undone():
            for owner, account in accounts.items():
                data = self.world.calls.withdraw(account.free, receiver)
                if account.free and owner == self.wallet.address:
                    self._send(owner, data)
                elif account.free:
                    self.world.send(owner, data)
            assert self.world.wealth(receiver) == sum(each.free for each in accounts.values())

    def _rounds_past_their_deadlines_can_be_ended(self) -> None:
        for round_id, round in self.model.rounds.items():
            if self.model.now >= round.deadlines.last:
                self._strangers_end(round_id, self.model.now)

    def _strangers_end(self, round_id: int, moment: int) -> None:
        """Somebody who knows but the events ends a round in two transactions, or, 30 days later,
        unwinds it in two; nobody's stake stays locked in it.
        """
        round = self.model.rounds[round_id]
        key = (round_id, round.is_over, len(round.roll), round.gone, len(round.seats))
        if key in self.ended:
            return
        self.ended.add(key)
        told = history(self.world.events)[round_id]
        for ending, wait in ((self.world.calls.close, 0), (self.world.calls.expire, EXPIRY)):
            with self.world.undone():
                self.world.chain.wait_until(max(moment + wait, self.model.now))
                locked = self._locked()
                if not told.is_over:
                    call = ending(round_id, told.entries, tasks_root=round.tasks_root)
                    self.world.send(STRANGER, call)
                if told.awaited:
                    self.world.send(STRANGER, self.world.calls.forfeit(round_id, told.awaited))
                assert self.world.views.phase(round_id) == (Phase.CLOSED, 0)
                assert self.world.views.round(round_id).awaited == 0
                freed = len(told.awaited) + (0 if told.is_over else len(told.entries))
                assert locked - self._locked() == freed * round.rules.stake

    def _locked(self) -> int:
        return sum(self.world.account(owner).locked for owner in self.everyone)

    def _everything_is_as_modelled(self) -> None:
        for round_id in self.model.rounds:
            self._round_is_as_modelled(round_id)
        assert self.world.views.round_count() == len(self.model.rounds)

    def _round_is_as_modelled(self, round_id: int) -> None:
        round = self.model.rounds[round_id]
        assert self.world.views.round(round_id) == round.state()
        for labeler in self._seatable:
            assert self.world.views.seat(round_id, labeler) == round.seat(labeler)
        if round.verdict:
            is_verdict, verdict, payroll = self.world.views.is_verdict, round.verdict, round.payroll
            assert is_verdict(round_id, verdict, payroll, round.tasks_root)
            assert not is_verdict(round_id, verdict, payroll, bytes(32))
            assert not is_verdict(round_id, verdict, round.tasks_root, round.tasks_root)
            wrong = replace(verdict, bar=verdict.bar + 1)
            assert not is_verdict(round_id, wrong, payroll, round.tasks_root)

    def _the_audit_finds_nothing(self) -> None:
        assert check_events(self.world.events, self.model.domain) == []
        assert replay(self.world.events) == self.ledger.books()

    # ------------------------------------------------------------------ internal

    @property
    def _seatable(self) -> tuple[str, ...]:
        return (*SEATABLE, self.wallet.address, STRANGER)

    def _act(
        self,
        sender: str,
        data: bytes,
        predicted: Sent,
        round_id: int = 0,
        value: int = 0,
    ) -> bool:
        """Has it happen; whether it was not refused."""
        expected = _outcome(predicted)
        found = _outcome(lambda: self._send(sender, data, value))
        assert found == expected, f"{found}, not {expected}"
        self.in_play = round_id if round_id in self.model.rounds else 0
        self._is_opening = round_id == 0
        self._count(found)
        if isinstance(found, str):
            return False
        self.has_changed = True
        return True

    def _send(self, sender: str, data: bytes, value: int = 0) -> list[Event]:
        if sender == self.wallet.address:
            return self.world.through(self.wallet, STRANGER, data, value)
        return self.world.do(sender, data, value)

    def _count(self, found: Any) -> None:
        if isinstance(found, str):
            self.seen[f"refused: {found}"] += 1
            return
        for name, *values in found:
            self.seen[name] += 1
            if name == "RoundClosed":
                self.seen[f"mode {values[1][0]}"] += 1
                self.seen.update(self.model.came_to)
                self.seen.update(f"band {band.label}" for _, band, *_ in values[2])

    def _pay_in(self, payer: str, owner: str, amount: int, value: int) -> None:
        world = self.world
        world.enrich(payer, max(amount, value))
        if world.token is not None:
            value -= amount  # so that a right amount comes without ether
            world.chain.give(payer, value)
        own = world.calls.deposit(amount)
        data = own if payer == owner else world.calls.deposit_for(owner, amount)
        self._act(payer, data, lambda: self.model.deposit(payer, owner, amount, value), value=value)

    def _of(self, *phases: Phase) -> list[Round]:
        rounds = self.model.rounds.values()
        return [round for round in rounds if round.phase(self.model.now) in phases]

    def _any_round(self, data: st.DataObject, *phases: Phase) -> int:
        fitting = [round.round_id for round in self._of(*phases)]
        return int(data.draw(st.sampled_from(fitting), "round"))

    def _stake(self, round_id: int) -> int:
        round = self.model.rounds.get(round_id)
        return round.rules.stake if round else 1

    def _made(self, data: st.DataObject, round_id: int, labeler: str) -> bytes:
        """A commitment of somebody, who will know how to open it."""
        round = self.model.rounds.get(round_id)
        if round is None:
            return TASKS_ROOT
        usual = [self.scripts[round_id].tendency] * len(cast.MANNERS) * 4
        manners = st.sampled_from([*usual, *cast.MANNERS * 2, *cast.MALFORMED])
        of = cast.opening(round.rules, round_id, labeler, data.draw(manners, "manner"))
        made = round.commitment(of.labeler, of.sheet, of.salt)
        self.secrets[made] = of
        return made

    def _signed(
        self, round_id: int, labeler: Person, made: bytes, sealed: bytes
    ) -> SignedCommitment:
        return signed(labeler, self.world.deployed, round_id, self._stake(round_id), made, sealed)

    def _known_openings(self, round_id: int) -> list[Opening]:
        """Of all who took a seat; of somebody who did not, if nobody did."""
        taken = of_kind(self.world.events, Committed)
        known = [self.secrets[event.commitment] for event in taken if event.round_id == round_id]
        return known or [Opening(LABELERS[0], EMPTY_SHEET, TASKS_ROOT)]

    def _can_open(self, round: Round, of: Opening) -> bool:
        is_held = round.seat(of.labeler).commitment != EMPTY_HASH
        return is_held and round.is_well_formed(of.sheet)

    def _settled(self, round: Round, batches: Sequence[Sequence[Opening]]) -> Any:
        """What comes of revealing these batches and closing; not to stay."""
        round_id, script, calls = round.round_id, self.scripts[round.round_id], self.world.calls
        with self.world.undone():
            for batch in batches:
                if batch:
                    self.world.send(STRANGER, calls.reveal(round_id, batch))
            entries = [RollEntry(of.labeler, of.sheet) for batch in batches for of in batch]
            try:
                root = round.tasks_root
                call = calls.close(round_id, entries, script.gold, script.gold_salt, root)
                self.world.send(STRANGER, call)
            except Refused:  # not yet, or not this gold
                self.world.chain.wait_until(round.deadlines.last)
                self.world.send(STRANGER, calls.close(round_id, entries, tasks_root=root))
            accounts, seats, state, sink = self._all_state(round_id)
            # The payroll, and so what the round keeps, is in the order of the roll (H5.2).
            return accounts, seats, replace(state, roll=EMPTY_HASH), sink

    def _batch(self, data: st.DataObject, round_id: int) -> list[Opening]:
        """Openings of some or all, in any order; now and then one twice or a wrong one."""
        round = self.model.rounds.get(round_id)
        known = self._known_openings(round_id)
        of_all = self._goes_well or data.draw(st.sampled_from([True, True, False]), "all")
        if round is not None and of_all:
            awaited = [of for of in known if round.seat(of.labeler).commitment != EMPTY_HASH]
            return list(data.draw(st.permutations(awaited), "openings"))
        batch = data.draw(st.lists(st.sampled_from(known), max_size=6), "openings")
        return [
            cast.altered(of, wrong) if wrong else of
            for of in batch
            for wrong in [data.draw(self._mostly([""], ["salt", "sheet"]), "wrong")]
        ]

    def _tasks_root(self, round_id: int) -> bytes:
        round = self.model.rounds.get(round_id)
        return round.tasks_root if round else TASKS_ROOT

    def _roll(self, data: st.DataObject, round_id: int) -> tuple[bytes, list[RollEntry]]:
        """Mostly what was revealed; or with somebody left out, twice, out of order, or with whom
        the requester had on it from the first.
        """
        round, root = self.model.rounds.get(round_id), self._tasks_root(round_id)
        roll = list(round.roll) if round else []
        changes = ["less", "more", "order", "root"]
        if round_id in self.forged:
            changes += ["forged"] * 8
        change = data.draw(self._mostly([""], changes), "roll")
        if change == "forged":
            return TASKS_ROOT, [self.forged[round_id], *roll]
        if change == "root":
            return bytes(32), roll
        if roll and change == "less":
            return root, roll[1:]
        if roll and change == "more":
            return root, [*roll, roll[0]]
        return root, roll[::-1] if change == "order" else roll

    def _gold(self, data: st.DataObject, round_id: int) -> tuple[Any, bytes]:
        """Gold answers where they are awaited, and now and then where they are not, or others."""
        script = self.scripts.get(round_id)
        if script is None:
            return EMPTY_SHEET, EMPTY_HASH
        round = self.model.rounds[round_id]
        awaited = script.gold_salt != EMPTY_HASH and self.model.now < round.deadlines.gold
        if data.draw(self._mostly([True], [False]), "as awaited") == awaited:
            return script.gold, script.gold_salt
        return EMPTY_SHEET, EMPTY_HASH

    def _mostly(self, usual: Sequence[Any], odd: Sequence[Any]) -> st.SearchStrategy[Any]:
        """Four times in five or so one of the usual; always in a round that goes well."""
        return st.sampled_from([*usual * (8 // len(usual)), *([] if self._goes_well else odd)])

    def _in_parts(
        self,
        data: st.DataObject,
        round_id: int,
        batch: Sequence[Any],
        call: Callable[[int, Sequence[Any]], bytes],
        in_any_order: bool = False,
    ) -> None:
        """The same batch in parts, not to stay; what came of it is kept for comparison."""
        items = list(batch)
        if in_any_order and items:
            items = list(data.draw(st.permutations(items), "order"))
        cuts = data.draw(st.sets(st.integers(1, max(1, len(items) - 1)), max_size=3), "cuts")
        edges = [0, *sorted(cut for cut in cuts if cut < len(items)), len(items)]
        with self.world.undone():
            for start, end in pairwise(edges):
                try:
                    self.world.send(STRANGER, call(round_id, items[start:end]))
                except Refused:
                    continue  # a part of which nothing applies
            self._apart = self._all_state(round_id)

    def _same_as_in_parts(self) -> None:
        if self.in_play in self.model.rounds:
            assert self._all_state(self.in_play) == self._apart

    def _all_state(self, round_id: int) -> Any:
        if round_id not in self.model.rounds:
            return None
        views = self.world.views
        return (
            [self.world.account(owner) for owner in self.everyone],
            [views.seat(round_id, labeler) for labeler in self._seatable],
            views.round(round_id),
            views.sink_balance(),
        )


def _outcome(action: Sent) -> str | list[tuple[Any, ...]]:
    """The reason, or the events without where they stand."""
    try:
        return [bare(event) for event in action()]
    except Refused as refusal:
        return refusal.reason
