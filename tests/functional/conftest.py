"""Two deployments, in ether and in a token, and the roles. Ape undoes what each test did."""

import os
from typing import Any

import pytest
from ape import chain as ape_chain
from ape import project
from ape_foundry.provider import FoundryProvider
from eth_account import Account
from web3.contract import Contract

from plumbline.protocol.addresses import ZERO
from tests.functional.batch import GOLD_ANSWERS, Batch
from tests.functional.chain import Chain
from tests.functional.market import ETHER, Market
from tests.integration.nodes import free_port
from tests.world.jobs import RULES, Row, crowd_of
from tests.world.people import Person

# Ape has Anvil record every step of every transaction. Nobody looks, and a close takes seconds.
_command = FoundryProvider.build_command
FoundryProvider.build_command = lambda self: [
    part for part in _command(self) if part != "--steps-tracing"
]

# Ape draws a port and does not draw again when somebody has it.
os.environ.setdefault("APE_FOUNDRY_HOST", f"http://127.0.0.1:{free_port()}")

ROWS = crowd_of(RULES)
ROLES = ("bank", "requester", "copycat", "stranger", "relayer", "keeper", "sink", "latecomer")


@pytest.fixture(scope="session")
def people(accounts) -> list[Person]:
    """All of them can sign and have ether of their own."""
    roles = [*ROLES, *(f"labeler {number}" for number in range(len(ROWS)))]
    return [
        Person.of(Account.from_key(accounts[i].private_key), role) for i, role in enumerate(roles)
    ]


@pytest.fixture(scope="session")
def labelers(people) -> list[Person]:
    """From the most to the least careful."""
    return people[len(ROLES) :]


def _role(name: str):
    @pytest.fixture(scope="session", name=name)
    def role(people) -> Person:
        return people[ROLES.index(name)]

    return role


bank, requester, copycat, stranger, relayer, keeper, sink, latecomer = map(_role, ROLES)


@pytest.fixture(scope="session")
def labeler(labelers) -> Person:
    return labelers[0]


@pytest.fixture(scope="session")
def chain(networks) -> Chain:
    return Chain(ape_chain)


def _deploy(chain: Chain, bank: Person, name: str, *args: Any) -> Contract:
    built = getattr(project, name).contract_type
    abi = [entry.model_dump() for entry in built.abi]
    return chain.deploy(bank, abi, built.deployment_bytecode.bytecode, *args)


@pytest.fixture(scope="session")
def judge(chain, bank) -> Contract:
    return _deploy(chain, bank, "Judge")


@pytest.fixture(scope="session")
def lens(chain, bank) -> Contract:
    return _deploy(chain, bank, "Lens")


@pytest.fixture(scope="session")
def census(chain, bank, lens) -> Contract:
    return chain.mock(bank, "Census", lens.address)


@pytest.fixture(scope="session")
def deploy(chain, bank, sink, judge):
    """Deploys LabelRounds for an asset, or with other arguments."""

    def deploy(asset: str = ZERO, sink: str = sink, judge: str = judge.address) -> Contract:
        return _deploy(chain, bank, "LabelRounds", asset, sink, judge)

    return deploy


@pytest.fixture(scope="session")
def deploy_multicall(chain, bank):
    """Deploys the multicall of a contract."""
    return lambda address: _deploy(chain, bank, "Multicall", address)


@pytest.fixture(scope="session")
def deploy_list(chain, bank):
    """Deploys the allow list of a root."""
    return lambda root: _deploy(chain, bank, "MerkleAllowList", root)


@pytest.fixture(scope="session")
def token(chain, bank) -> Contract:
    return chain.mock(bank, "Token")


@pytest.fixture(scope="session", autouse=True)
def market(chain, deploy, lens, census, bank, stranger, people) -> Market:
    """In ether; everybody has paid some in."""
    market = Market(chain, deploy(), None, lens, census, stranger)
    market.fund(bank, people[1:], ETHER)
    return market


@pytest.fixture(scope="session", autouse=True)
def token_market(chain, deploy, token, lens, census, bank, stranger, people) -> Market:
    """The same in a token."""
    market = Market(chain, deploy(token.address), token, lens, census, stranger)
    chain.do(bank, token, "mint", bank, 1_000 * ETHER)
    chain.do(bank, token, "approve", market.address, 1_000 * ETHER)
    market.fund(bank, people[1:], ETHER)
    return market


@pytest.fixture
def wallet(market, chain, stranger, labeler) -> Contract:
    """A wallet contract of the labeler's, with a deposit."""
    wallet = chain.mock(stranger, "Wallet", labeler)
    market.fund(stranger, [wallet.address], ETHER)
    return wallet


# ----------------------------------------------------------------- rounds to begin with


@pytest.fixture(scope="session")
def rows(labelers) -> dict[Person, Row]:
    """What each labeler answers."""
    return dict(zip(labelers, ROWS, strict=True))


@pytest.fixture
def batch(market, requester, rows) -> Batch:
    """An open round with eight seats, for six labelers."""
    return market.open(requester, rows)


@pytest.fixture
def committed(market, batch) -> Batch:
    """The same with six seats taken."""
    market.commit(batch)
    return batch


@pytest.fixture
def revealing(market, committed) -> Batch:
    """The same, as its reveal phase begins."""
    market.chain.wait_until(committed.deadlines.commit)
    return committed


@pytest.fixture
def revealed(market, revealing) -> Batch:
    """The same with all answers revealed, and so due to be closed."""
    market.reveal(revealing)
    return revealing


@pytest.fixture
def gold_batch(market, requester, rows) -> Batch:
    """An open round with gold tasks."""
    return market.open(requester, rows, GOLD_ANSWERS)


@pytest.fixture
def gold_revealed(market, gold_batch) -> Batch:
    """The same with all answers revealed; its gold answers are awaited."""
    market.commit(gold_batch)
    market.chain.wait_until(gold_batch.deadlines.commit)
    market.reveal(gold_batch)
    return gold_batch
