"""Campaigns of a made-up crowd on a real chain, and the dataset that comes of each.

Everything but the people is real: contracts on a local Anvil, stakes, commitments, gold tasks, the
settlement, and the folder that `plumbline requester dataset` writes.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from eth_account.signers.local import LocalAccount

from plumbline.chain.events import fetch
from plumbline.dataset.exports.card import CardDetails
from plumbline.dataset.exports.folder import formats_for, write_dataset
from plumbline.dataset.groups import NO_GROUPS
from plumbline.dataset.labeling import label
from plumbline.dataset.provenance import DatasetOptions, Provenance
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.dataset.split import SplitDataset
from plumbline.formats.asked import asked_in
from plumbline.history.rounds import RoundHistory, history_of
from plumbline.lab.crowds import Batch, Habit, invent
from plumbline.lab.demo import STAKE, rules_of
from plumbline.lab.play import Holding, Play, Stage
from plumbline.planning.worlds import PRICE
from plumbline.protocol.commitment import new_salt
from plumbline.protocol.manifest import Manifest
from plumbline.questions.choice import Binary
from plumbline.settlement.sheet import pack
from plumbline.units import ETHER

QUESTION: Final = Binary(("A", "B"))
GOLD_TASKS: Final = 24  # of each round

_HOUR: Final = 3_600
_VOCABULARY: Final = 200
_LENGTHS: Final = (8, 16)  # words of a reply

Crowd = Sequence[tuple[Habit, float]]
"""Everybody who may take a seat: how they work, and how often they are right."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replies to a prompt; A is better if `truth` is 0, else B."""

    prompt: str
    a: str
    b: str
    truth: int


class Language:
    """Words, each of a worth that nobody sees: the reply with more of it is better."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._worth = {f"word{n}": dice.gauss(0, 1) for n in range(_VOCABULARY)}

    def pair(self) -> Pair:
        """Two replies, neither of which is better by its side."""
        a, b = self._reply(), self._reply()
        return Pair(f"prompt {self._dice.randrange(10**6)}", a, b, int(self._of(b) > self._of(a)))

    def _reply(self) -> str:
        return " ".join(self._dice.choices(list(self._worth), k=self._dice.randint(*_LENGTHS)))

    def _of(self, reply: str) -> float:
        return sum(self._worth[word] for word in reply.split())


@dataclass(frozen=True, slots=True)
class Job:
    """How much is asked: rounds, tasks of each, seats of each."""

    rounds: int
    tasks: int
    seats: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a campaign left: its folder, the pairs by the names of their items, and the money.

    price   of an answer, wei
    spent   wei
    """

    folder: Path
    pairs: dict[str, Pair]
    price: float
    spent: int


def play(stage: Stage, crowd: Crowd, job: Job, seed: int, folder: Path) -> Outcome:
    """A campaign from its opening to its folder. Seats go to whoever of the crowd comes first."""
    dice = random.Random(f"campaign {seed}")
    language = Language(dice)
    pairs: dict[str, Pair] = {}
    sources = []
    for number in range(job.rounds):
        own = {f"{number}-{task}": language.pair() for task in range(job.tasks)}
        pairs |= own
        tasks = [
            {"id": name, "prompt": pair.prompt, "A": pair.a, "B": pair.b}
            for name, pair in own.items()
        ]
        truth = [pair.truth for pair in own.values()]
        batch = invent(f"round {number}", QUESTION, tasks, seed, GOLD_TASKS, crowd, truth)
        batch = replace(batch, workers=tuple(dice.sample(batch.workers, job.seats)))
        sources.append(_round(stage, batch))
    return Outcome(folder, pairs, PRICE / job.tasks, _write(stage, sources, folder))


def fresh_pairs(seed: int, count: int) -> list[Pair]:
    """Pairs of the language of that campaign, which nobody was asked about."""
    dice = random.Random(f"campaign {seed}")
    language = Language(dice)
    dice.seed(f"fresh {seed}")
    return [language.pair() for _ in range(count)]


def _round(stage: Stage, batch: Batch) -> SourceRound:
    """A round, played through: who does not mean to reveal stays silent."""
    requester, relayer, *keys = stage.keys
    accounts: dict[str, LocalAccount] = {f"{n:02d}": key for n, key in enumerate(keys, start=1)}
    manifest = Manifest(batch.question.options, batch.tasks, question=batch.question.to_json())
    rules = replace(rules_of(batch), stake=STAKE)
    gold = (batch.gold, new_salt())
    played = Play(stage, requester, rules, _HOUR, gold, manifest.root)
    held = [
        (worker, Holding(accounts[worker.name], pack(worker.answers, rules.options), new_salt()))
        for worker in batch.workers
    ]
    played.relay(relayer, [played.signed(holding) for _, holding in held])
    openings = [holding.opening for worker, holding in held if worker.habit.reveals]
    played.reveal(relayer, openings)
    if len(openings) < len(held):
        stage.advance(played.deadlines.reveal - stage.now() + 1)
    played.close(requester, _history(stage, played).entries)
    history = _history(stage, played)
    items = asked_in(rules.kind, manifest).items
    return SourceRound.of(history, manifest, {item.name: ItemSource(item.name) for item in items})


def _history(stage: Stage, played: Play) -> RoundHistory:
    block = played.opening.receipt.block
    return history_of(
        fetch(stage.w3, stage.deployment, block, round_id=played.round_id), played.round_id
    )


def _write(stage: Stage, sources: Sequence[SourceRound], folder: Path) -> int:
    """The folder, with nothing set apart for testing; what the rounds cost, wei."""
    dataset = label(sources)
    deployed = stage.deployment.deployed
    options = DatasetOptions(None, 0, None, formats_for(dataset.question))
    genesis = bytes(stage.w3.eth.get_block(0)["hash"])
    provenance = Provenance.of(dataset, sources, deployed, genesis, options, NO_GROUPS)
    write_dataset(
        folder,
        SplitDataset(dataset, 0),
        CardDetails(None, deployed, ETHER),
        provenance,
        [source.manifest for source in sources],
    )
    return sum(each.spent for each in dataset.rounds)
