"""One judge for all: it has no state."""

import pytest

from tests.build import compiled_contracts
from tests.world.chain import Chain, Contract


@pytest.fixture(scope="session")
def judge(request: pytest.FixtureRequest) -> Contract:
    return Chain(now=1).deploy(compiled_contracts(request.config)["Judge"])
