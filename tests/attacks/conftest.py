"""Two deployments, in ether and in a token, and the roles. What a test did is undone."""

from collections.abc import Iterator

import pytest

from tests.build import Compiled, compiled_contracts
from tests.world.draws import Pool
from tests.world.jobs import RULES, Job, Row, crowd_of, gold_sheet
from tests.world.people import Person, person
from tests.world.policies import Policies
from tests.world.world import World


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest) -> Compiled:
    return compiled_contracts(request.config)


@pytest.fixture(scope="session")
def requester() -> Person:
    return person("requester")


@pytest.fixture(scope="session")
def copycat() -> Person:
    return person("copycat")


@pytest.fixture(scope="session")
def stranger() -> Person:
    """Has no account."""
    return person("stranger")


@pytest.fixture(scope="session")
def labelers() -> list[Person]:
    """From the most to the least careful."""
    return [person(f"labeler {number}") for number in range(6)]


@pytest.fixture(scope="session")
def labeler(labelers: list[Person]) -> Person:
    return labelers[0]


@pytest.fixture(scope="session")
def rows(labelers: list[Person]) -> dict[str, Row]:
    return dict(zip(labelers, crowd_of(RULES), strict=True))


@pytest.fixture(scope="session")
def _ether_world(built: Compiled, requester: Person, copycat: Person, labelers: list[Person]):
    return _funded(World(built), [requester, copycat, *labelers])


@pytest.fixture(scope="session")
def _token_world(built: Compiled, requester: Person, copycat: Person, labelers: list[Person]):
    return _funded(World(built, "Token"), [requester, copycat, *labelers])


def _funded(world: World, people: list[Person]) -> World:
    world.fund(people)
    return world


@pytest.fixture
def world(_ether_world: World) -> Iterator[World]:
    """In ether; its books are right however a test ends."""
    with _ether_world.undone():
        yield _ether_world
        _ether_world.check_books()


@pytest.fixture
def token_world(_token_world: World) -> Iterator[World]:
    """The same in a token."""
    with _token_world.undone():
        yield _token_world
        _token_world.check_books()


@pytest.fixture(scope="session")
def _ether_pool(built: Compiled, requester: Person) -> Pool:
    return _pooled(World(built), built, requester)


@pytest.fixture(scope="session")
def _token_pool(built: Compiled, requester: Person) -> Pool:
    return _pooled(World(built, "Token"), built, requester)


def _pooled(world: World, built: Compiled, requester: Person) -> Pool:
    world.fund([requester])
    pool = Pool(world, built)
    pool.crowd(40)
    return pool


@pytest.fixture
def pool(_ether_pool: Pool) -> Iterator[Pool]:
    """Forty members with a unit each, who can be drawn; its books are right however a test ends."""
    with _ether_pool.undone():
        yield _ether_pool
        _ether_pool.check_books()


@pytest.fixture
def token_pool(_token_pool: Pool) -> Iterator[Pool]:
    """The same in a token."""
    with _token_pool.undone():
        yield _token_pool
        _token_pool.check_books()


@pytest.fixture
def policies(world: World, built: Compiled) -> Policies:
    """Policies on the chain of that world."""
    return Policies(world.chain, built)


@pytest.fixture
def job(world: World, requester: Person, rows: dict[str, Row]) -> Job:
    """An open round with eight seats, for six labelers."""
    return world.open(requester, rows)


@pytest.fixture
def committed(world: World, job: Job) -> Job:
    """The same with six seats taken."""
    world.commit(job)
    return job


@pytest.fixture
def revealing(world: World, committed: Job) -> Job:
    """The same, as its reveal phase begins."""
    world.chain.wait_until(committed.deadlines.commit)
    return committed


@pytest.fixture
def revealed(world: World, revealing: Job) -> Job:
    """The same with all answers revealed, and so due to be closed."""
    world.reveal(revealing)
    return revealing


@pytest.fixture
def gold_job(world: World, requester: Person, rows: dict[str, Row]) -> Job:
    """An open round with gold tasks."""
    return world.open(requester, rows, gold_sheet(RULES))


@pytest.fixture
def gold_revealed(world: World, gold_job: Job) -> Job:
    """The same with all answers revealed; its gold answers are awaited."""
    world.commit(gold_job)
    world.chain.wait_until(gold_job.deadlines.commit)
    world.reveal(gold_job)
    return gold_job
