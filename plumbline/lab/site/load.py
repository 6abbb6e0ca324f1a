"""Many labelers who commit and reveal through one site at once, which is killed in the middle.

Each labeler is a library client with a connection for each request. Whoever got the answer that a
commitment or an opening was taken hands it in no more: it must be on the chain in the end, though
the site was killed meanwhile without warning and started again.
"""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eth_account import Account
from eth_account.signers.local import LocalAccount

from plumbline.chain.deployment import save
from plumbline.chain.events import fetch
from plumbline.chain.records import Deadlines
from plumbline.errors import PlumblineError
from plumbline.history.rounds import RoundHistory, history_of
from plumbline.lab.play import Stage
from plumbline.lab.site.client import SheetToCommit, SiteAway, SiteClient
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.protocol.manifest import Manifest
from plumbline.settlement.terms import Kind, ScoringTerms, usual_terms

_TASKS: Final = 48
_PRICE: Final = 10**15  # wei
_STAKE: Final = 2 * 10**15  # wei
_PHASE: Final = 3_600  # seconds: a phase ends when all have come
_RATE: Final = "1000000"  # requests a minute: all labelers are one client here
_PATIENCE: Final = 300.0  # seconds for a phase
_PAUSE: Final = 0.25  # seconds until a labeler tries again


class LoadError(PlumblineError):
    """A site that lost something, or did not come to an end."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """So many labelers, and whether the site is killed in the middle of each phase."""

    labelers: int
    is_killed: bool = True


@dataclass(slots=True)
class LoadPhase:
    """What a phase took.

    seconds    until all were done on the chain
    waits      of each labeler, seconds from the first attempt until it was acknowledged
    requests   that were answered, with those that were refused or asked how things stand
    lost       requests that the killed site did not answer
    kills      how often it was killed
    """

    name: str
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    requests: int = 0
    lost: int = 0
    kills: int = 0


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What all of it took.

    memory   the most that a site process had in memory, bytes; 0 where the system does not say
    history  the round in the end
    """

    phases: tuple[LoadPhase, ...]
    memory: int
    history: RoundHistory


class _SiteProcess:
    """A site, as its operator starts it, always at the same port."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command = list(command)
        self._log = folder / "site.log"
        self._port = 0
        self.memory = 0
        self._start()
        self.client = SiteClient(f"http://127.0.0.1:{self._port}", patience=60)

    def kill(self) -> None:
        """End it without warning, and start another."""
        self._note_memory()
        self._process.kill()
        self._process.wait()
        self._start()

    def stop(self) -> None:
        """End it as its operator does."""
        self._note_memory()
        self._process.terminate()
        self._process.wait(30)

    def _start(self) -> None:
        with self._log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [*self._command, "--port", str(self._port), "--log", "json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            for line in self._log.read_bytes()[begin:].splitlines():
                if b'"site is open"' in line:
                    url = json.loads(line)["url"]
                    self._port = int(url.rstrip("/").rpartition(":")[2])
                    return
            time.sleep(0.05)
        raise LoadError(f"the site did not start: see {self._log}")

    def _note_memory(self) -> None:
        with suppress(OSError, StopIteration, ValueError):
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
            line = next(each for each in status.splitlines() if each.startswith("VmHWM:"))
            self.memory = max(self.memory, int(line.split()[1]) * 1024)


class SiteLoad:
    """A round for all of them, and a site in a process of its own."""

    def __init__(
        self,
        stage: Stage,
        plan: LoadPlan,
        command: Sequence[str],
        folder: Path,
        progress: Callable[[str, int, int], None],
    ) -> None:
        """`command` starts a site, but for its options; the stage has accounts of a requester and
        of the site, and its node is at a URL.
        """
        self._stage = stage
        self._plan = plan
        self._folder = folder
        self._progress = progress
        manifest = folder / "deployment.json"
        save(manifest, stage.deployment)
        self._command = [
            *command,
            *("--network", str(getattr(stage.w3.provider, "endpoint_uri", ""))),
            *("--deployment", str(manifest), "--folder", str(folder / "kept")),
            *("--vault", str(folder / "vault"), "--account", "TEST::1", "--yes"),
            *("--rate", _RATE, "--interval", "0.2", "--page", str(folder / "page")),
        ]

    def run(self) -> LoadResult:
        """All of it. Raises LoadError if anything that was acknowledged is lost."""
        keys: list[LocalAccount] = [Account.create() for _ in range(self._plan.labelers)]
        round_id, rules = self._open(keys)
        site = _SiteProcess(self._command, self._folder)
        try:
            shown = self._round(site, round_id)
            about = site.client.get("/api/site").json
            sheets = [
                SheetToCommit.of(
                    key, about, shown, [place % 2] * (_TASKS // 2) + [1] * (_TASKS // 2)
                )
                for place, key in enumerate(keys)
            ]
            consents = [sheet.consent(rules.stake) for sheet in sheets]
            openings = [sheet.opening() for sheet in sheets]
            commit = self._phase(site, "commit", "/api/commitments", consents, round_id)
            reveal = self._phase(site, "reveal", "/api/openings", openings, round_id)
            self._wait(lambda: self._history(round_id).closed is not None, "closed")
        finally:
            site.stop()
        return LoadResult((commit, reveal), site.memory, self._history(round_id))

    def _open(self, keys: Sequence[LocalAccount]) -> tuple[int, ScoringTerms]:
        stage, seats = self._stage, len(keys)
        requester, contract = stage.keys[0], stage.client
        rules = usual_terms(Kind.NOMINAL, 2, 1, _TASKS, _PRICE, _STAKE, seats, 0)
        tasks = tuple(f"message {number}" for number in range(_TASKS))
        manifest = Manifest(("no", "yes"), tasks)
        for number, key in enumerate(keys, 1):
            stage.send(requester, contract.deposit_for(str(key.address), rules.stake))
            self._progress("labelers pay in", number, seats)
        stage.send(requester, contract.deposit(rules.price * seats))
        now = stage.now() + _PHASE
        stage.send(
            requester,
            contract.open(rules, Deadlines(now, now + _PHASE, 0), manifest.root, EMPTY_HASH),
        )
        return contract.round_count(), rules

    def _round(self, site: _SiteProcess, round_id: int) -> Any:
        path = f"/api/rounds/{round_id}"
        self._wait(lambda: site.client.get(path).status == 200, "seen by the site")
        return site.client.get(path).json

    def _phase(
        self, site: _SiteProcess, name: str, path: str, bodies: Sequence[str], round_id: int
    ) -> LoadPhase:
        """Everybody hands something in at once; the site is killed when half is acknowledged."""
        phase, lock = LoadPhase(name), threading.Lock()
        half = threading.Event()
        began = time.monotonic()

        def hand_in(body: str) -> None:
            first = time.monotonic()
            while time.monotonic() - began < _PATIENCE:
                try:
                    reply = site.client.post(path, body)
                except SiteAway:
                    with lock:
                        phase.lost += 1
                    time.sleep(_PAUSE)
                    continue
                with lock:
                    phase.requests += 1
                    if reply.status in (200, 202):
                        phase.waits.append(time.monotonic() - first)
                        self._progress(f"labelers {name}", len(phase.waits), len(bodies))
                        if len(phase.waits) >= len(bodies) // 2:
                            half.set()
                        return
                if reply.status not in (429, 503):
                    raise LoadError(f"{name}: {reply.status}, {reply.json['error']}")
                time.sleep(_PAUSE)

        with ThreadPoolExecutor(len(bodies)) as browsers:
            results = [browsers.submit(hand_in, body) for body in bodies]
            if self._plan.is_killed and half.wait(_PATIENCE):
                site.kill()
                phase.kills += 1
            for result in results:
                result.result()
        acknowledged = len(phase.waits)
        if acknowledged < len(bodies):
            raise LoadError(f"{name}: only {acknowledged} of {len(bodies)} were acknowledged")

        def is_done() -> bool:
            history = self._history(round_id)
            return len(history.commitments if name == "commit" else history.reveals) == acknowledged

        self._wait(is_done, f"on the chain after they were acknowledged ({name})")
        phase.seconds = time.monotonic() - began
        return phase

    def _history(self, round_id: int) -> RoundHistory:
        stage = self._stage
        return history_of(fetch(stage.w3, stage.deployment, round_id=round_id), round_id)

    def _wait(self, is_so: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not is_so():
            if time.monotonic() > end:
                raise LoadError(f"not all were {what} in {_PATIENCE:.0f} seconds")
            time.sleep(_PAUSE)
