"""The answering screen, played without a terminal."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from plumbline.cli.answering.app import Answering, Heading
from plumbline.formats.asked import asked_in
from plumbline.labeler.drafts import Draft, Mark
from plumbline.protocol.manifest import Manifest
from plumbline.settlement.terms import Kind

TASKS = 12
DEADLINE = 1_700_000_000
EARLY = DEADLINE - 7_200
Result = list[int | None] | None
Answers = Pilot[Result]

binary = Manifest(("no", "yes"), tuple(f"message {n}" for n in range(TASKS)), "Is it spam?")
scale = Manifest(("bad", "poor", "fair", "good", "best"), binary.tasks)
preference = Manifest(("A", "tie", "B"), tuple({"a": f"x{n}", "b": "y"} for n in range(TASKS)))


def heading(manifest: Manifest = binary, kind: Kind = Kind.NOMINAL) -> Heading:
    asked = asked_in(kind, manifest)
    return Heading(7, "0.02 ETH", "0.01 ETH", "2026-03-04 18:00", DEADLINE, asked)


class Play:
    """An application on a screen that nobody sees, and its draft."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest = binary,
        kind: Kind = Kind.NOMINAL,
        size: tuple[int, int] = (80, 24),
        held: float = 0,
    ) -> None:
        self.path = folder / "x.draft.json"
        self.manifest, self.kind, self.size, self.held = manifest, kind, size, held
        self.now = EARLY
        self.app = self._app()

    def _app(self) -> Answering:
        head = heading(self.manifest, self.kind)
        return Answering(self.manifest, head, self.opened(), lambda: self.now, self.held)

    def opened(self) -> Draft:
        tasks = len(self.manifest.tasks)
        return Draft.open(self.path, self.manifest.root, tasks, len(self.manifest.options))

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is on the disk."""
        return self.opened().marks

    def press(self, *keys: str) -> Result:
        """Start it (again), press keys, and leave it as a kill would: nothing is tidied up."""

        async def then(pilot: Answers) -> None:
            await pilot.press(*keys)

        return self.play(then)

    def play(self, steps: Callable[[Answers], Awaitable[None]]) -> Result:
        self.app = self._app()

        async def run() -> None:
            async with self.app.run_test(size=self.size) as pilot:
                await pilot.pause()
                await steps(pilot)
                await pilot.pause()

        asyncio.run(run())
        return self.app.return_value

    def screen(self, *keys: str) -> str:
        """What is on the screen after these keys."""
        seen = []

        async def look(pilot: Answers) -> None:
            await pilot.press(*keys)
            await pilot.pause()
            seen.append(text_of(pilot.app))

        self.play(look)
        return seen[0]


def text_of(app: object) -> str:
    assert isinstance(app, Answering)
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
