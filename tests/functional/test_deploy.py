"""What is fixed at deployment, for good."""

from web3.utils import get_create_address

from plumbline.protocol.addresses import ZERO
from tests.functional.market import refused


def test_a_deployment_says_what_it_is(market, token_market, token, judge, sink, chain):
    # A1.1, V1.1
    view = market.rounds.functions
    assert view.asset().call() == ZERO
    assert view.sink().call() == sink
    assert view.JUDGE().call() == judge.address
    assert view.round_count().call() == 0
    assert view.sink_balance().call() == 0
    assert token_market.rounds.functions.asset().call() == token.address


def test_signatures_are_bound_to_chain_and_contract(market, chain):  # V1.6
    """EIP-5267: fields name, version, chain and contract are there, salt and extensions not."""
    domain = market.rounds.functions.eip712Domain().call()
    assert domain == [b"\x0f", "Plumbline", "1", chain.id, market.address, bytes(32), []]


def test_the_asset_must_be_a_contract(deploy, stranger):  # A1.2
    with refused("deploy: asset has no code"):
        deploy(asset=stranger)


def test_there_must_be_a_sink(deploy):  # A1.2
    with refused("deploy: no sink"):
        deploy(sink=ZERO)


def test_the_contract_cannot_be_its_own_sink(deploy, chain, bank):  # A1.2
    nonce = chain.w3.eth.get_transaction_count(bank)
    with refused("deploy: sink is this contract"):
        deploy(sink=get_create_address(bank, nonce))


def test_the_judge_must_be_a_contract(deploy, stranger):  # A1.2
    with refused("deploy: judge has no code"):
        deploy(judge=stranger)
    with refused("deploy: judge has no code"):
        deploy(judge=ZERO)
