"""A local market: two rounds that are always open, and a crowd that takes all seats but one.

The crowd works as browsers do, through the site. It answers well for the most part; one of them
guesses. It leaves a seat of each round to the newcomer, reveals when all are taken, and the keeper
closes the round with gold, so that whoever takes the last seat sees what came of it in a minute.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.chain.call import Call, Receipt
from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.formats.gold_choice import draw
from plumbline.formats.published import Publication
from plumbline.history.market import Market
from plumbline.keeper.service_loop import LogWriter, Stop
from plumbline.lab.site.client import SheetToCommit, SiteAway, SiteClient
from plumbline.lab.site.tasks import KnownTasks, messages, replies
from plumbline.labeler.delegated_gold import DelegatedGold, gold_file_in, write_gold
from plumbline.labeler.vault import Secret
from plumbline.protocol.commitment import gold_root, new_salt
from plumbline.settlement.sheet import pack
from plumbline.settlement.terms import usual_terms

TASKS: Final = 32  # of each round: the fewest of three options that may have gold tasks
SEATS: Final = 5
STAKE: Final = 2 * 10**16  # wei
PRICE: Final = 10**16  # wei
_GOLD: Final = 8
_COMMIT: Final = 3_600  # seconds at the longest: it ends when all seats are taken
_PHASE: Final = 900  # seconds, of the phases after it
_SKILLS: Final = (0.97, 0.94, 0.9, 0.0)  # of the crowd; who has none guesses
_PAUSE: Final = 1.0  # seconds

KINDS: Final[Sequence[Callable[[int, random.Random], KnownTasks]]] = (messages, replies)
"""What the open rounds ask."""

Send = Callable[[Call], Receipt]


class LocalMarket:
    """The requester and the crowd of a local market, which `run` plays until it is stopped."""

    def __init__(
        self,
        market: Market,
        requester: LocalAccount,
        send: Send,
        published: Path,
        delegated: Path,
        client: SiteClient,
        seed: int,
        log: LogWriter,
    ) -> None:
        """`send` sends as the requester, `published` and `delegated` are the folders of tasks and
        of gold answers that the site reads.
        """
        self._market = market
        self._requester = requester
        self._send = send
        self._published = published
        self._delegated = delegated
        self._client = client
        self._draw = random.Random(seed)
        self._log = log
        self._known: dict[int, tuple[int, KnownTasks]] = {}  # by round: the kind, and the tasks
        self._seats: dict[int, list[SheetToCommit]] = {}  # of the crowd, not revealed yet

    def run(self, stop: Stop) -> None:
        """Keep a round of each kind open and play the crowd. What fails is tried again."""
        while not stop.is_set():
            try:
                self.step()
            except (PlumblineError, OSError) as error:
                self._log("warning", "the crowd waits", reason=str(error))
            stop.sleep(_PAUSE)

    def step(self) -> None:
        """Do what is due now. Raises SiteAway, or PlumblineError where a transaction fails."""
        open_kinds = set()
        for number, (kind, _) in list(self._known.items()):
            reply = self._client.get(f"/api/rounds/{number}")
            shown = reply.json
            if reply.status != 200:  # the site has not seen it yet
                open_kinds.add(kind)
            elif shown["phase"] == "commit":
                open_kinds.add(kind)
                self._take_seat(shown)
            elif shown["phase"] == "reveal":
                self._reveal(number)
            else:
                del self._known[number], self._seats[number]
        for kind in range(len(KINDS)):
            if kind not in open_kinds:
                self.open(kind)

    def open(self, kind: int) -> int:
        """Open a round of that kind: its number."""
        known = KINDS[kind](TASKS, self._draw)
        manifest, question = known.manifest, known.question
        gold = draw(dict(enumerate(known.answers)), _GOLD, manifest.root)
        shape = (question.kind, len(question.options), question.width, TASKS)
        rules = usual_terms(*shape, PRICE, STAKE, SEATS, len(gold))
        answers = [gold.get(task) for task in range(TASKS)]
        sheet, salt = pack(answers, rules.options), new_salt()
        requester = str(self._requester.address)
        deployed = self._market.deployment.deployed
        root = gold_root(deployed.domain, requester, sheet, salt)
        secret = Secret(rules.options, TASKS, sheet, salt, root)
        delegated = DelegatedGold(deployed, self._market.node.genesis, requester, secret)
        write_gold(gold_file_in(self._delegated, delegated), delegated)
        publication = Publication.of(manifest, {})
        publication.write(publication.place_in(self._published))
        contract = self._market.contract
        self._send(contract.deposit(rules.price * rules.seats))
        commit = self._market.node.now + _COMMIT
        ends = Deadlines(commit, commit + _PHASE, commit + 2 * _PHASE)
        self._send(contract.open(rules, ends, manifest.root, root))
        number = contract.round_count()
        self._known[number] = (kind, known)
        self._seats[number] = []
        self._log("info", "a round was opened", round=number, question=question.wording)
        return number

    def _take_seat(self, shown: Mapping[str, Any]) -> None:
        """One of the crowd takes a seat, if more than one is left."""
        number = shown["round"]
        seats = self._seats[number]
        if len(seats) >= len(_SKILLS) or shown["seats"] - shown["committed"] < 2:
            return
        key = Account.create()
        answers = self._answers(self._known[number][1], _SKILLS[len(seats)])
        self._require(self._client.post("/api/faucet", f'{{"labeler": "{key.address}"}}'), "paid")
        about = self._client.get("/api/site").json
        sheet = SheetToCommit.of(key, about, shown, answers)
        reply = self._client.post("/api/commitments", sheet.consent(int(shown["stake"])))
        self._require(reply, "seated")
        seats.append(sheet)

    def _reveal(self, number: int) -> None:
        """The crowd of a round hands in its answers, once that is allowed."""
        while self._seats[number]:
            reply = self._client.post("/api/openings", self._seats[number][-1].opening())
            self._require(reply, "heard")
            self._seats[number].pop()

    def _answers(self, known: KnownTasks, skill: float) -> list[int | None]:
        options = range(len(known.question.options))
        return [
            truth if self._draw.random() < skill else self._draw.choice(options)
            for truth in known.answers
        ]

    def _require(self, reply: Any, what: str) -> None:
        if reply.status >= 300:
            raise SiteAway(f"somebody of the crowd was not {what}: {reply.json.get('error')}")
