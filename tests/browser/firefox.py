"""Firefox as Debian has it, for Playwright: between them, word for word, but for one answer.

Playwright drives a Firefox of others by WebDriver BiDi, and asks for a command that the extended
support release does not know yet: to emulate a colour scheme. That it is unknown is passed on as
if it had been done, so the page is seen in the scheme that the profile sets.

python -m tests.browser.firefox /usr/bin/firefox-esr --profile FOLDER ..
"""

import asyncio
import contextlib
import json
import re
import shlex
import signal
import sys
from pathlib import Path
from typing import Final

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tests.build import ROOT

LISTENS: Final = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
EMULATE: Final = "emulation.setMediaFeaturesOverride"


def as_program(firefox: str, folder: Path) -> Path:
    """A program to start in the place of Firefox, which Playwright can drive."""
    program = folder / "firefox"
    command = shlex.join([sys.executable, "-m", "tests.browser.firefox", firefox])
    program.write_text(f'#!/bin/sh\ncd {shlex.quote(str(ROOT))}\nexec {command} "$@"\n')
    program.chmod(0o755)
    return program


async def main() -> int:
    """Start Firefox, tell where it can be reached, and pass on what is said: its exit code."""
    process = await asyncio.create_subprocess_exec(*sys.argv[1:], stderr=asyncio.subprocess.PIPE)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, process.terminate)
    assert process.stderr is not None
    address = ""

    async def passed_on(playwright: ServerConnection) -> None:
        assert playwright.request is not None
        async with connect(address + playwright.request.path, max_size=None) as firefox:
            emulations: set[int] = set()

            async def answers() -> None:
                async for text in firefox:
                    answer = json.loads(text)
                    if answer.get("id") in emulations and answer.get("error") == "unknown command":
                        done = {"type": "success", "id": answer["id"], "result": {}}
                        await playwright.send(json.dumps(done))
                    else:
                        await playwright.send(text)
                await playwright.close()

            answering = asyncio.create_task(answers())
            async for text in playwright:
                asked = json.loads(text)
                if asked["method"] == EMULATE:
                    emulations.add(asked["id"])
                await firefox.send(text)
            answering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await answering

    async with serve(passed_on, "127.0.0.1", 0, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async for line in process.stderr:
            text = line.decode(errors="replace")
            if found := LISTENS.match(text):
                address = found[1]
                text = text.replace(address, f"ws://127.0.0.1:{port}")
            print(text, end="", file=sys.stderr, flush=True)
        return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
