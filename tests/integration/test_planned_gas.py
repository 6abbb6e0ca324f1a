"""What a plan says that rounds take is what they take on a chain: small ones, with gold tasks."""

from eth_account import Account

from plumbline.cli.accounts import test_keys as known_keys
from plumbline.lab.gas.cases import Case, Course
from plumbline.lab.gas.measure import CLOSE, OPEN, RELAYED, REVEAL, measure, terms_of
from plumbline.lab.play import Stage
from plumbline.planning import gas
from plumbline.progress import no_progress
from plumbline.settlement.terms import Kind
from tests.integration.market import Market

CASES = (
    Case(Kind.NOMINAL, 2, 1, 9, 96, Course.GOLD),
    Case(Kind.ORDINAL, 5, 3, 9, 96, Course.GOLD),
)


def test_small_rounds_with_gold_take_what_a_plan_says(market: Market) -> None:
    keys = [Account.from_key(key) for key in known_keys(2)]
    stage = Stage(market.w3, market.deployment, keys)
    taken = {(x.where, x.step): x.gas for x in measure(stage, CASES, no_progress)}
    for case in CASES:
        rules = terms_of(case)
        assert rules.has_gold
        planned, opened, closed = (
            gas.gas_of([rules]),
            taken[case.name, OPEN],
            taken[case.name, CLOSE],
        )
        assert opened <= planned.opening <= opened + 300
        assert 0.995 * closed <= planned.closing <= 1.1 * closed
        # One labeler of nine committed alone, and nobody sealed answers.
        bare = taken[case.name, RELAYED] * 9 // 8 + taken[case.name, REVEAL]
        assert bare <= planned.relayed - 9 * gas.SEALED <= 1.1 * bare
