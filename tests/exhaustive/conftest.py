"""A chain with each harness of tests/contracts on it. Nothing here has a state."""

import pytest

from tests.world.chain import Chain, Contract


@pytest.fixture(scope="session")
def chain() -> Chain:
    return Chain(now=1_800_000_000)


@pytest.fixture(scope="session")
def planes(chain: Chain) -> Contract:
    return chain.mock("PlanesHarness")


@pytest.fixture(scope="session")
def consensus(chain: Chain) -> Contract:
    return chain.mock("ConsensusHarness")


@pytest.fixture(scope="session")
def scoring(chain: Chain) -> Contract:
    return chain.mock("ScoringHarness")


@pytest.fixture(scope="session")
def packing(chain: Chain) -> Contract:
    return chain.mock("PackingHarness")
