"""A round as stages that can be returned to, and what is to be seen after one of them."""

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.types import Nonce
from web3.utils import get_create_address

from plumbline.chain.events import Committed, Event, RoundOpened, fetch
from plumbline.cli.accounts import test_keys
from plumbline.labeler.vault import Vault
from plumbline.protocol.master_key import MasterKey, from_signature, message
from plumbline.protocol.typed_data import Deployed
from tests.integration.forking import ForkShell, Project
from tests.integration.paperwork import SEATS, write_campaign, write_round
from tests.integration.rpc import rpc
from tests.integration.shell import pass_time, vault_of

_STATES = ("*.state.json", "*.follow-ups.json")
# What differs from run to run: places in the chain, salts and what is hashed with them.
_BY_CHANCE = {
    *("block", "log_index", "transaction"),
    *("salt", "commitment", "sealed", "gold_root", "deadlines"),
}


@dataclass(frozen=True)
class Stage:
    """A command of a round: who runs it, and what else has to happen first.

    `output` is a file for its result, of a command that sends nothing.
    """

    account: int  # TEST::account
    arguments: tuple[str, ...]
    before: Callable[["RewindableRound"], None] = lambda staged: None
    output: str | None = None

    @property
    def sends(self) -> bool:
        """Whether there is a transaction."""
        return self.output is None

    @property
    def command(self) -> tuple[str, ...]:
        """All arguments."""
        return (*self.arguments, "--account", f"TEST::{self.account}", "--yes")


@dataclass(frozen=True)
class Sight:
    """What the chain shows since a stage began.

    story          its events, without what is left to chance
    transactions   how many the account of the stage has in blocks
    secrets_kept   whether all that was committed to can be opened with what is in the vault
    """

    story: list[tuple[str, dict[str, Any]]]
    transactions: int
    secrets_kept: bool


class RewindableRound:
    """One round in one folder; each stage can be returned to, the later ones first."""

    def __init__(self, project: Project) -> None:
        self.shell = project.shell
        self.w3 = project.w3
        self.deployment = project.deployment
        self._snapshots: dict[str, str] = {}
        write_round(self.shell.folder, seats=SEATS + 1)

    def play(self) -> None:
        """Play all stages, and remember how it was before each."""
        for name, stage in STAGES.items():
            stage.before(self)
            self._remember(name)
            result = self.shell.good(*stage.command)
            if stage.output is not None:
                (self.shell.folder / stage.output).write_text(result.out)

    def return_to(self, name: str) -> None:
        """Chain, pool and folder as they were before a stage. Later stages are forgotten."""
        rpc(self.w3, "anvil_dropAllTransactions")
        assert rpc(self.w3, "evm_revert", self._snapshots[name])
        # Anvil goes back to the block, but not to the fee that comes after it.
        fee = self.w3.eth.get_block("latest")["baseFeePerGas"]
        rpc(self.w3, "anvil_setNextBlockBaseFeePerGas", hex(fee))
        shutil.rmtree(self.shell.vault)
        shutil.copytree(self._copy(name), self.shell.vault)
        for path in _matching(self.shell.folder):
            path.unlink()
        for path in _matching(self._copy(name).parent, f"{name}:"):
            shutil.copy(path, self.shell.folder / path.name.partition(":")[2])
        self._snapshots[name] = rpc(self.w3, "evm_snapshot")

    def see(self, name: str, since: int) -> Sight:
        """What the chain shows after the block in which a stage began."""
        events = self.events()
        address = self.address(name)
        return Sight(
            [_without_chance(event) for event in events if event.block > since],
            self.w3.eth.get_transaction_count(address)
            - self.w3.eth.get_transaction_count(address, since),
            are_kept(self.shell, self.w3, events),
        )

    def address(self, name: str) -> Any:
        """Of the account that runs a stage."""
        return self.w3.eth.accounts[STAGES[name].account]

    def events(self) -> list[Event]:
        """All there are."""
        return fetch(self.w3, self.deployment)

    def _remember(self, name: str) -> None:
        self.shell.vault.mkdir(mode=0o700, exist_ok=True)
        shutil.copytree(self.shell.vault, self._copy(name))
        for path in _matching(self.shell.folder):
            shutil.copy(path, self._copy(name).parent / f"{name}:{path.name}")
        self._snapshots[name] = rpc(self.w3, "evm_snapshot")

    def _copy(self, name: str) -> Path:
        return self.shell.folder / "copies" / name


def _matching(folder: Path, before: str = "") -> list[Path]:
    """What a campaign keeps beside its file."""
    return [path for pattern in _STATES for path in folder.glob(f"{before}{pattern}")]


def are_kept(shell: ForkShell, w3: Web3, events: Iterable[Event]) -> bool:
    """Whether what events commit to can be opened with what is in the vault."""
    promises = [event for event in events if isinstance(event, Committed | RoundOpened)]
    if not promises:
        return True  # and maybe no deployment to have a vault for
    vault = vault_of(shell, w3)
    return all(_is_kept(vault, promise) for promise in promises)


def _is_kept(vault: Vault, promise: Committed | RoundOpened) -> bool:
    if isinstance(promise, Committed):
        secret = vault.answers(promise.round_id, promise.labeler)
        return secret is not None and secret.digest == promise.commitment
    kept = vault.gold(promise.requester, promise.gold_root)
    key = master_key_of(vault.deployed, promise.requester)
    return kept is not None and kept.open(key, vault.deployed).digest == promise.gold_root


@cache
def master_key_of(deployed: Deployed, owner: str) -> MasterKey:
    """The key of one of the test accounts."""
    accounts = [Account.from_key(key) for key in test_keys(SEATS + 2)]
    (account,) = (account for account in accounts if account.address == owner)
    signature = account.sign_message(message(deployed, owner, 0)).signature
    return from_signature(deployed, owner, 0, bytes(signature))


def _without_chance(event: Event) -> tuple[str, dict[str, Any]]:
    values = dataclasses.asdict(event)
    return type(event).__name__, {key: values[key] for key in values.keys() - _BY_CHANCE}


COMMIT = ("labeler", "commit", "answers.csv", "--tasks", "round.tasks.json")
_SIGN = ("labeler", "sign", *COMMIT[2:])
_FIRST, _RELAYED, _FORGETFUL, _OTHER, _SILENT, _CARELESS = range(1, SEATS + 2)
_STEWARD = SEATS + 2
_LABELER, _STEWARD_ADDRESS = (
    str(Account.from_key(test_keys(1, start=account)[0]).address) for account in (_FIRST, _STEWARD)
)
_MEMBER, _VOUCHING = SEATS + 3, SEATS + 4


def _first_contract(account: int) -> str:
    """The address of what an account creates with its first transaction."""
    creator = Account.from_key(test_keys(1, start=account)[0]).address
    return str(get_create_address(to_checksum_address(creator), Nonce(0)))


_POLICY, _POOL, _BOOK = map(_first_contract, (_STEWARD, _MEMBER, _VOUCHING))
_REQUESTER_ADDRESS = str(Account.from_key(test_keys(1)[0]).address)


def _deposit(staged: RewindableRound, account: int) -> tuple[str, ...]:
    who = ("--account", f"TEST::{account}", "--yes")
    staged.shell.good("labeler", "deposit", "0.02 ether", *who)
    return who


def policy_file(folder: Path, steward: str) -> None:
    """Terms of admission that take three contracts; the steward's is created first."""
    (folder / "people.txt").write_text(f"{steward}\n", encoding="ascii")
    attested = {"attested": {"steward": steward, "group": "reads German"}}
    terms = {"any": [attested, {"list": "people.txt"}]}
    (folder / "admission.json").write_text(json.dumps(terms), encoding="utf-8")


def _terms_are_written(staged: RewindableRound) -> None:
    policy_file(staged.shell.folder, staged.w3.eth.accounts[_STEWARD])


def _one_deposits(staged: RewindableRound) -> None:
    _deposit(staged, _RELAYED)


def _one_is_careless(staged: RewindableRound) -> None:
    who = _deposit(staged, _CARELESS)
    staged.shell.good(*COMMIT, *who)
    staged.shell.good("labeler", "reveal", "--export", "leaked.json", *who)


def _others_commit(staged: RewindableRound) -> None:
    for account in (_FORGETFUL, _OTHER, _SILENT):
        staged.shell.good(*COMMIT, *_deposit(staged, account))


def _others_reveal(staged: RewindableRound) -> None:
    for account in (_RELAYED, _OTHER):
        staged.shell.good("labeler", "reveal", "--account", f"TEST::{account}", "--yes")


def _one_forgets(staged: RewindableRound) -> None:
    labeler = staged.w3.eth.accounts[_FORGETFUL]
    vault_of(staged.shell, staged.w3).answers_path(1, labeler).unlink()


def _one_signs_a_withdrawal(staged: RewindableRound) -> None:
    staged.shell.good(
        *("labeler", "withdraw", "0.003 ether", "--sign", "withdrawal.json", "--fee", "1 gwei"),
        *("--account", f"TEST::{_RELAYED}", "--yes"),
    )


def _campaign_is_written(staged: RewindableRound) -> None:
    # One at a time: of several that are closed together a refusal stops none.
    write_campaign(staged.shell.folder, batch=75, open_at_once=1)


def _campaign_is_over(staged: RewindableRound) -> None:
    opened = [event for event in staged.events() if isinstance(event, RoundOpened)][-1]
    answers = staged.shell.folder / "campaign.csv"
    tasks = f"published/{opened.tasks_root.hex()}.json"
    names = [task["id"] for task in json.loads((staged.shell.folder / tasks).read_text())["tasks"]]
    rows = [f"{name},{('no', 'yes')[int(name) % 2]}\n" for name in names]
    answers.write_text("task,answer\n" + "".join(rows), encoding="utf-8")
    who = _deposit(staged, _OTHER)
    staged.shell.good("labeler", "commit", answers.name, "--tasks", tasks, *who)
    pass_time(staged.w3, 3_700)  # nobody else has come; before the gold deadline
    staged.shell.good("labeler", "reveal", *who)
    staged.shell.good("campaign", "close", "job.json", "--account", "TEST::0", "--yes")


def _more_is_free(staged: RewindableRound) -> None:
    _deposit(staged, 0)


def _commits_end(staged: RewindableRound) -> None:
    pass_time(staged.w3, 3_700)  # nobody has come; before the gold deadline


def _reveals_end(staged: RewindableRound) -> None:
    pass_time(staged.w3, 7_300)  # before the gold deadline


def _a_round_can_be_drawn(staged: RewindableRound) -> None:
    who = ("--account", "TEST::0", "--yes")
    staged.shell.good("pool", "join", _POOL, "--units", "7", *who)
    pass_time(staged.w3, 2 * 86_400)
    terms = {"draw": _POOL}
    write_round(staged.shell.folder, "drawn.json", admission=terms, seats=3, commit="1d")
    staged.shell.good("requester", "open", "drawn.json", *who)


def _the_seed_is_there(staged: RewindableRound) -> None:
    rpc(staged.w3, "anvil_mine", hex(97), hex(1))


def _bonds_come_back(staged: RewindableRound) -> None:
    pass_time(staged.w3, 15 * 86_400)


# In the order of a round. To have another command killed everywhere, put it in here.
STAGES = {
    "deposit": Stage(_FIRST, ("labeler", "deposit", "0.02 ether")),
    "lens": Stage(0, ("deploy", "lens")),
    "open": Stage(0, ("requester", "open", "round.json")),
    "sign": Stage(_RELAYED, _SIGN, _one_deposits, "signed.json"),
    "relay": Stage(0, ("requester", "relay", "signed.json")),
    "report a leak": Stage(0, ("labeler", "report-leak", "leaked.json"), _one_is_careless),
    "commit": Stage(_FIRST, COMMIT, _others_commit),
    "reveal": Stage(_FIRST, ("labeler", "reveal"), _others_reveal),
    "restore": Stage(_FORGETFUL, ("labeler", "restore"), _one_forgets),
    "close": Stage(0, ("requester", "close"), _reveals_end),
    "sweep": Stage(0, ("requester", "sweep")),
    "withdraw": Stage(_FIRST, ("labeler", "withdraw", "0.005 ether")),
    "relay a withdrawal": Stage(
        0, ("requester", "relay-withdrawals", "withdrawal.json"), _one_signs_a_withdrawal
    ),
    "withdraw all": Stage(_FIRST, ("labeler", "withdraw", "all")),
    "withdraw the refund": Stage(0, ("requester", "withdraw", "all")),
    "open a campaign": Stage(0, ("campaign", "open", "job.json"), _campaign_is_written),
    "close a campaign": Stage(0, ("campaign", "close", "job.json"), _commits_end),
    "resume a campaign": Stage(0, ("campaign", "resume", "job.json")),
    "extend a campaign": Stage(
        0, ("campaign", "extend", "job.json", "--confidence", "0.9"), _campaign_is_over
    ),
    "withdraw from a campaign": Stage(0, ("campaign", "withdraw", "job.json"), _more_is_free),
    "create a policy": Stage(_STEWARD, ("policy", "deploy", "admission.json"), _terms_are_written),
    "revoke an attestation": Stage(
        _STEWARD, ("policy", "revoke", _POLICY, "--labeler", _LABELER, "--for", "1h")
    ),
    "create a book": Stage(_VOUCHING, ("book", "create", _REQUESTER_ADDRESS)),
    "enter rounds": Stage(_VOUCHING, ("book", "enter", _BOOK, "1", "3")),
    "create a pool": Stage(
        _MEMBER,
        (
            *("pool", "create", "--bond", "0.001 ether", "--most-stake", "1 ether"),
            *("--least-price", "1 gwei"),
        ),
    ),
    "join a pool": Stage(_MEMBER, ("pool", "join", _POOL, "--units", "2")),
    "draw": Stage(0, ("requester", "draw", "drawn.json"), _a_round_can_be_drawn),
    "capture a seed": Stage(_MEMBER, ("pool", "capture", _POOL, "1"), _the_seed_is_there),
    "leave a pool": Stage(_MEMBER, ("pool", "leave", _POOL)),
    "withdraw from a pool": Stage(_MEMBER, ("pool", "withdraw", _POOL), _bonds_come_back),
    "sweep a pool": Stage(_MEMBER, ("pool", "sweep", _POOL)),
}
