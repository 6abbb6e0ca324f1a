"""The command lines as a user starts them: processes with a folder and an environment."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3

from plumbline.chain.deployment import load, path_of
from plumbline.labeler.vault import Vault
from tests.build import ROOT
from tests.integration.rpc import rpc

PATIENCE = 300.0  # seconds for one command, on a busy machine
PASSPHRASE = "correct horse"


@dataclass(frozen=True)
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout, which must be JSON and nothing else."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The last line on stderr of a command that failed as it should."""
        assert self.code == 1, (self.code, self.out, self.err)
        assert "Traceback" not in self.err, self.err
        return self.err.strip().splitlines()[-1].removeprefix("Error: ")

    @property
    def said(self) -> str:
        """All its words, as if no line had been broken."""
        return " ".join(f"{self.out} {self.err}".split())


LINKS = ("contracts", "plumbline", "scripts", "docs", "ape-config.yaml")


class Shell:
    """Runs `plumbline` in a folder with links to the sources, so that nothing lands among them."""

    def __init__(self, folder: Path, url: str, links: Sequence[str] = LINKS) -> None:
        self.folder = folder
        for name in links:
            (folder / name).symlink_to(ROOT / name)
        self.vault = folder / "secrets"
        self.environment = {
            **os.environ,
            "APE_FOUNDRY_HOST": url,
            "APE_DATA_FOLDER": str(folder / "ape"),
            "PLUMBLINE_VAULT": str(self.vault),
            "PATH": f"{ROOT / '.venv/bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "COLUMNS": "100",
        }

    def __call__(self, *arguments: str, **changes: str) -> Result:
        return self.run("plumbline", *arguments, **changes)

    def run(self, program: str, *arguments: str, **changes: str) -> Result:
        """Run a program to its end."""
        done = subprocess.run(
            [self.program(program), *arguments],
            cwd=self.folder,
            env={**self.environment, **changes},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def good(self, *arguments: str) -> Result:
        """Run a command that must succeed."""
        result = self(*arguments)
        assert result.code == 0, (arguments, result.out, result.err)
        return result

    def program(self, name: str) -> str:
        """Where a program is that commands would find by its name."""
        found = shutil.which(name, path=self.environment["PATH"])
        assert found is not None, name
        return found


def import_account(shell: Shell, w3: Web3, alias: str, ether: int = 10**18) -> str:
    """An account in ape's keystore, with so much ether (wei): its address."""
    account = Account.create()
    keyfile = shell.folder / "ape" / "accounts" / f"{alias}.json"
    keyfile.parent.mkdir(parents=True, exist_ok=True)
    keyfile.write_text(json.dumps(Account.encrypt(account.key, PASSPHRASE, iterations=1_024)))
    shell.environment[f"APE_ACCOUNTS_{alias}_PASSPHRASE"] = PASSPHRASE
    rpc(w3, "anvil_setBalance", account.address, hex(ether))
    return str(account.address)


def manifest_of(shell: Shell, w3: Web3) -> Path:
    """Where the commands of a shell find the deployment."""
    return shell.folder / path_of(w3.eth.chain_id)


def vault_of(shell: Shell, w3: Web3) -> Vault:
    """The secrets that the commands of a shell keep."""
    deployment = load(manifest_of(shell, w3))
    genesis = bytes(w3.eth.get_block(0)["hash"])
    return Vault(shell.vault, deployment.deployed, genesis)


def pass_time(w3: Web3, seconds: int) -> None:
    """The next block is so much later, and there is one."""
    rpc(w3, "evm_increaseTime", seconds)
    rpc(w3, "evm_mine")
