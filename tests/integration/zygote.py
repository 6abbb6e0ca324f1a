"""A process that has imported what commands import, and becomes one by forking.

Only modules and plugins are loaded here. Whatever ape makes of a folder and an environment (its
managers of config, accounts, project and networks) is made on first use, hence in the child, as
in a process that was started for one command.

Requests and answers are lines of JSON on stdin and stdout:

    {"folder", "environment", "arguments", "out", "err", ..}  ->  {"process"}
    {"wait"}                                                  ->  {"code"}

Two things are left out that take longer than most commands do, and change nothing that anybody
could see. A child ends as soon as it has done what there is to do at exit, without taking apart
piece by piece the interpreter and all that was imported. And nothing waits for a disk, as files
outlive the processes that are killed here: only the machine's own end would lose them.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any, Final

# Packages whose modules are all imported, then modules that commands reach only at run time.
_PACKAGES: Final = ("plumbline", "ape.api", "ape.managers", "ape.cli")
_MODULES: Final = (
    "ape._cli",
    "ape_accounts",
    "ape_accounts.accounts",
    "ape_cache",
    "ape_ethereum",
    "ape_ethereum.ecosystem",
    "ape_ethereum.multicall",
    "ape_foundry",
    "ape_foundry.provider",
    "ape_node",
    "ape_node.provider",
    "ape_pm",
    "ape_run._cli",
    "ape_test",
    "ape_test.accounts",
    "ape_test.provider",
    "ape_vyper",
    "ape_vyper.compiler.api",
    "encodings.utf_8_sig",
    "pandas",
    "rich._emoji_codes",
    "rich.console",
    "rich.table",
    "tests.integration.filling",
    "tests.integration.killing",
    "web3.middleware",
)


def main() -> None:
    """Serve until stdin ends; in a child, be the command."""
    code = 1  # of an exception that nobody catches
    # Registered first, so called last.
    atexit.register(lambda: _leave(code))
    _warm()
    _answer(ready=True)
    while line := sys.stdin.readline():
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            _answer(code=os.waitstatus_to_exitcode(status))
            continue
        process = os.fork()
        # A group of its own, whoever of the two comes first; so what it starts goes with it.
        with contextlib.suppress(OSError):
            os.setpgid(process, process)
        if process == 0:
            _become(request)
            break
        _answer(process=process)
    else:
        code = 0
        return
    from plumbline.cli.main import cli

    try:
        cli()
        code = 0
    except SystemExit as end:
        assert isinstance(end.code, int), end.code
        code = end.code
        raise


def _leave(code: int) -> None:
    """What cannot be written is complained of as usual: then this raises, and the rest goes on."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _answer(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def _warm() -> None:
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    for package in _PACKAGES:
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            importlib.import_module(module.name)
    for name in _MODULES:
        importlib.import_module(name)
    from ape.utils.basemodel import ManagerAccessMixin

    # Which plugins are installed is the same in every folder, and takes a while to find out.
    list(ManagerAccessMixin.plugin_manager.account_types)
    gc.collect()
    gc.freeze()  # so that children do not copy the pages of all that


def _redirect(number: int, path: str, flags: int) -> None:
    """As a shell does it, and with a stream that has nothing of the parent's in its buffer."""
    handle = os.open(path, flags)
    os.dup2(handle, number)
    os.close(handle)
    # Python writes every line of stderr at once.
    buffering = 1 if number == 2 else -1
    stream = os.fdopen(number, "w" if number else "r", buffering, closefd=False)
    setattr(sys, ("stdin", "stdout", "stderr")[number], stream)


def _become(request: dict[str, Any]) -> None:
    """Folder, environment, arguments and streams of the command."""
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.fsync = lambda handle: None
    _redirect(0, os.devnull, os.O_RDONLY)
    _redirect(1, request["out"], os.O_WRONLY)
    _redirect(2, request["err"], os.O_WRONLY)
    sys.argv = [request["program"], *request["arguments"]]
    sys.path[0] = str(Path(request["program"]).parent)
    if "room" in request:
        from tests.integration.filling import fill

        fill(Path(request["folder"]), Path(request["trail"]), request["room"])
    elif "trail" in request:
        from tests.integration.killing import arm

        arm(Path(request["vault"]), Path(request["trail"]), request["at"])


if __name__ == "__main__":
    main()
