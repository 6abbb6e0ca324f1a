"""The contracts, compiled once per state of their sources."""

import pytest

from tests.build import Compiled, compiled_contracts


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest) -> Compiled:
    return compiled_contracts(request.config)
