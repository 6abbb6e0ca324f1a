"""Whatever a stranger sends, and whatever a log says: readers go on, for all rounds but that one.

FUZZ_SECONDS plays new calls and logs for so long; otherwise a few, always the same.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple, replace
from itertools import count
from random import Random

from plumbline.audit import check_events
from plumbline.audit.event_checks import explained
from plumbline.audit.wording import in_words, to_json
from plumbline.chain.events import Event, EventsError, RoundOpened, Unreadable, decode
from plumbline.chain.feed import FeedUpdate
from plumbline.chain.logs import Log
from plumbline.errors import PlumblineError
from plumbline.forensics import investigate
from plumbline.harmless import harmless
from plumbline.history.ledger import replay
from plumbline.history.remarks import remarks
from plumbline.history.rounds import EXPIRY, history, rebuild
from plumbline.keeper.decisions import DecisionContext, decide
from plumbline.keeper.round_index import RoundIndex
from plumbline.tables.rows import rows_of
from plumbline.units import ETHER
from tests.build import Compiled
from tests.sampling import ALL
from tests.world.chain import Refused
from tests.world.jobs import RULES, Row, crowd_of, gold_sheet
from tests.world.people import person
from tests.world.world import World

FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
FEW = 12  # plays, of some hundred calls each
LOGS = 400 if ALL else 120  # altered histories

REQUESTER, STRANGER = person("requester"), person("stranger")
LABELERS = [person(f"labeler {number}") for number in range(6)]
# Words that readers stumble over: bounds, offsets that overlap, text that is none.
WORDS = [
    *(number.to_bytes(32, "big") for number in (0, 1, 2, 31, 32, 64, 255, 256, 2**40, 2**64 - 1)),
    *(number.to_bytes(32, "big") for number in (2**88 - 1, 2**160 - 1, 2**255, 2**256 - 1)),
    b"\xff\xfe\x00\x1b[2J\xe2\x80\xae" + b"\xed\xa0\x80" + b"\xc0" * 18,
]


def seeds(few: int) -> Iterator[int]:
    """As many as there is time for, never the same; without FUZZ_SECONDS the first few numbers."""
    if not FUZZ_SECONDS:
        yield from range(few)
        return
    end = time.monotonic() + FUZZ_SECONDS
    for seed in count(time.time_ns()):
        if time.monotonic() > end:
            return
        yield seed


def altered(data: bytes, dice: Random, first: int) -> bytes:
    """The same bytes with some changed, from `first` on."""
    made = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        words = (len(made) - first) // 32
        at = first + 32 * dice.randrange(max(1, words))
        match dice.randrange(6):
            case 0:
                made[at : at + 32] = dice.choice(WORDS)
            case 1 if len(made) > first:
                made[dice.randrange(first, len(made))] = dice.randrange(256)
            case 2 if len(made) > first:
                made[dice.randrange(first, len(made))] ^= 1 << dice.randrange(8)
            case 3:
                del made[dice.randrange(first, len(made) + 1) :]
            case 4:
                made += dice.randbytes(dice.choice((1, 31, 32, 64)))
            case _:
                # What fills up a last word, or the word of a length.
                made[at + 16 : at + 32] = dice.randbytes(16)
    return bytes(made)


class Play:
    """A deployment where people play rounds, and a stranger sends what they sent, altered."""

    def __init__(self, world: World, dice: Random, mischief: int) -> None:
        self.world, self.dice, self.mischief = world, dice, mischief
        self.logs: list[Log] = []
        self.sent = 0

    def send(self, sender: str, data: bytes) -> bool:
        """One transaction; False if it is refused."""
        self.sent += 1
        try:
            logs = self.world.chain.send(sender, self.world.address, data)
        except Refused:
            return False
        transaction = self.sent.to_bytes(32, "big")
        self.logs += [replace(log, block=self.sent, transaction=transaction) for log in logs]
        return True

    def act(self, sender: str, data: bytes) -> None:
        """What somebody does, and what a stranger makes of it before or after."""
        hostile = [altered(data, self.dice, 4) for _ in range(self.mischief)]
        who = [self.dice.choice((STRANGER, sender)) for _ in hostile]
        before = self.dice.randrange(len(hostile) + 1) if self.dice.random() < 0.2 else 0
        for one, by in list(zip(hostile, who, strict=True))[:before]:
            self.send(by, one)
        self.send(sender, data)
        for one, by in list(zip(hostile, who, strict=True))[before:]:
            self.send(by, one)

    def play(self) -> None:
        """Rounds of every end, side by side."""
        world, calls, dice = self.world, self.world.calls, self.dice
        for owner in (REQUESTER, STRANGER, *LABELERS):
            world.enrich(person("bank"), 10**19)
            data = calls.deposit_for(owner, 10**19)
            logs = world.chain.send(person("bank"), world.address, data, 10**19)
            self.sent += 1
            self.logs += [replace(log, block=self.sent) for log in logs]
        crowd: dict[str, Row] = dict(zip(LABELERS, crowd_of(RULES), strict=True))
        gold_answers = gold_sheet(RULES)
        for ending in dice.sample(("closed", "gold", "concluded", "silent", "leak", "expired"), 4):
            gold = gold_answers if ending in ("gold", "concluded") else None
            job = world.plan(REQUESTER, crowd, gold)
            uri = dice.choice(("", "https://example.org/tasks.json", "x" * 31, "\u202e" * 85))
            opening = (job.rules, job.deadlines, b"\x07" * 32, job.gold_root, job.admission, uri)
            self.act(REQUESTER, calls.open(*opening))
            signed = [job.signed(labeler, sealed=b"\xff" * 40) for labeler in LABELERS[3:]]
            for labeler in LABELERS[:3]:
                made = job.commitment(labeler)
                sealed = dice.randbytes(dice.randrange(200))
                self.act(labeler, calls.commit(job.round_id, made, job.rules.stake, sealed))
            self.act(STRANGER, calls.commit_signed(job.round_id, signed))
            if ending == "leak":
                one = job.opening(LABELERS[0])
                data = calls.report_leak(job.round_id, one.labeler, one.sheet, one.salt)
                self.act(STRANGER, data)
            world.chain.wait_until(max(world.chain.now, job.deadlines.commit))
            told = LABELERS[1:] if ending == "leak" else LABELERS
            told = told[:4] if ending in ("silent", "expired") else told
            if ending != "concluded":
                for place, _ in enumerate(told):
                    # With one who has revealed already, which is skipped.
                    openings = job.openings(told[max(0, place - 1) : place + 1])
                    self.act(STRANGER, calls.reveal(job.round_id, openings))
            root = {"tasks_root": b"\x07" * 32}
            if ending == "concluded":
                data = calls.conclude(job.round_id, job.openings(), job.gold, job.gold_salt, **root)
                self.act(STRANGER, data)
                continue
            wait = EXPIRY if ending == "expired" else 0
            last = max(job.deadlines.reveal, job.deadlines.gold if ending != "gold" else 0)
            if ending in ("silent", "expired", "leak"):
                world.chain.wait_until(max(world.chain.now, last + wait))
            entries = job.entries(told)
            if ending == "expired":
                self.act(STRANGER, calls.expire(job.round_id, entries, **root))
            data = calls.close(job.round_id, entries, job.gold, job.gold_salt, **root)
            self.act(STRANGER, data)
            self.act(STRANGER, calls.forfeit(job.round_id, LABELERS))
        self.act(LABELERS[0], calls.withdraw(7, LABELERS[1]))
        self.act(STRANGER, calls.sweep())


def look_at(events: Sequence[Event], domain: bytes) -> None:
    """All that readers make of events, of every round that can be told."""
    histories, unreadable = rebuild(events)
    assert not histories.keys() & unreadable.keys()
    for line in remarks(histories.values(), unreadable):
        assert harmless(line).isprintable()
    for event in events:
        assert in_words(event, ETHER).isprintable()
        to_json(event)
    replay(explained(events))
    index = RoundIndex()
    index.take(FeedUpdate(tuple(events), None, 10**6, 0))
    assert (index.rounds.keys(), index.unreadable.keys()) == (histories.keys(), unreadable.keys())
    for number, one in histories.items():
        for now in (0, one.deadlines.commit, one.deadlines.last, one.expires_at):
            decide(one, DecisionContext(now, 10**6, 5), {}, None, False)
        with suppress(PlumblineError):  # answers that do not fit, said in words
            one.settlement()
            investigate(one, events)
        own = [event for event in events if getattr(event, "round_id", None) == number]
        with suppress(PlumblineError):
            rows_of(own, {number: one.opened})
    check_events(events, domain)


def test_no_transaction_stops_a_reader(built: Compiled) -> None:
    """Calls of every kind, altered, by those who may and those who may not."""
    world = World(built)
    seen: Counter[str] = Counter()
    for seed in seeds(FEW):
        with world.undone():
            play = Play(world, Random(seed), mischief=3)
            play.play()
            events = decode(play.logs, world.contract.abi.entries)
            broken = [event for event in events if isinstance(event, Unreadable)]
            assert not broken, (seed, broken)
            assert not rebuild(events)[1], seed
            # Storage would say the same: it is what the rules allow, to the wei.
            assert check_events(events, world.deployed.domain) == [], seed
            look_at(events, world.deployed.domain)
            seen.update(type(event).__name__ for event in events)
            odd = [e for e in events if isinstance(e, RoundOpened) and "\ufffd" in e.uri]
            seen["text that is none"] += len(odd)
    print(dict(seen))
    names = {entry["name"] for entry in world.contract.abi.entries if entry["type"] == "event"}
    assert names <= seen.keys(), names - seen.keys()
    assert seen["text that is none"]


def test_an_altered_log_costs_no_more_than_its_round(built: Compiled) -> None:
    """As no contract of ours logs, but a node might say: its own round is told or is named."""
    world = World(built)
    play = Play(world, Random(1), mischief=0)
    play.play()
    abi, domain = world.contract.abi.entries, world.deployed.domain
    whole = history(decode(play.logs, abi))
    assert len(whole) == 4
    kinds = {log.topics[0] for log in play.logs}
    seen: Counter[str] = Counter()
    for seed in seeds(LOGS):
        dice = Random(seed)
        at = dice.randrange(len(play.logs))
        (log,) = play.logs[at : at + 1]
        match dice.randrange(4):
            case 0:
                fake = replace(log, data=altered(log.data, dice, 0))
            case 1:
                topic = altered(log.topics[-1], dice, 0) if len(log.topics) > 1 else b""
                fake = replace(log, topics=(*log.topics[:-1], topic))
            case 2:
                fake = replace(log, topics=(dice.choice(sorted(kinds)), *log.topics[1:]))
            case _:
                data = dice.randbytes(32 * dice.randrange(8))
                fake = replace(log, data=data, topics=log.topics[: dice.randrange(1, 4)])
        logs = [*play.logs[:at], fake, *play.logs[at + 1 :]]
        try:
            events = decode(logs, abi)
        except EventsError as error:
            seen["refused"] += 1
            assert harmless(str(error)), seed
            continue
        look_at(events, domain)
        touched = {
            event.round_id
            for event in (*decode([log], abi), *decode([fake], abi))
            if hasattr(event, "round_id")
        }
        found = history(events)
        for number in whole.keys() - touched:
            assert astuple(found[number]) == astuple(whole[number]), seed
        seen["cost its round" if rebuild(events)[1] else "is told"] += 1
    print(dict(seen))
    assert min(seen["refused"], seen["cost its round"], seen["is told"]) > 0
