"""Every crowd of few labelers, sheet by sheet, through the judge as it is deployed.

With K options there are (K + 1)^N ways in which N labelers can answer a task. Each is a task here.
Up to seven of them, so that sheets are counted by fours and one by one.
"""

from dataclasses import replace
from itertools import product

import pytest

from plumbline.chain.packing import rules_word, status_word
from plumbline.settlement.terms import Kind, usual_terms
from tests.build import Compiled, compiled_contracts
from tests.exhaustive.columns import Answer, bits, in_words, sheet, values
from tests.exhaustive.test_consensus import (
    consensus_nominal,
    consensus_ordinal,
    told_nominal,
    told_ordinal,
)
from tests.world.chain import Chain, Contract

CROWDS = [(1, 16), (2, 16), (3, 2), (3, 3), (4, 2), (4, 3), (5, 2), (5, 3), (6, 2), (7, 2)]


@pytest.fixture(scope="module")
def judge(chain: Chain, request: pytest.FixtureRequest) -> Contract:
    built: Compiled = compiled_contracts(request.config)
    return chain.deploy(built["Judge"])


def told(votes: tuple[int, ...], own: Answer, tau_bps: int | None) -> int | None:
    """What the others say; without a tau the options are a scale."""
    return told_ordinal(votes, own) if tau_bps is None else told_nominal(votes, own, tau_bps)


@pytest.mark.parametrize("tau_bps", [None, 200, 5_000])
@pytest.mark.parametrize(("labelers", "options"), CROWDS)
def test_the_verdict_on_every_small_crowd(
    judge: Contract, labelers: int, options: int, tau_bps: int | None
) -> None:
    is_ordinal = tau_bps is None
    width = 2 if is_ordinal else 1
    for word in in_words(product((None, *range(options)), repeat=labelers)):
        kind = Kind.ORDINAL if is_ordinal else Kind.NOMINAL
        rules = usual_terms(kind, options, width, len(word), 1, 1, 255, gold_count=0)
        rules = replace(rules, tau_bps=tau_bps or 0)
        sheets = [sheet(row) for row in zip(*word, strict=True)]
        terms = (status_word(rules), rules_word(rules))
        verdict, _ = judge.ask("judge", *terms, sheets, [0] * 5)
        *_, decided, contested, consensus = verdict
        votes = [tuple(answers.count(x) for x in range(options)) for answers in word]
        rule = consensus_ordinal if is_ordinal else consensus_nominal
        assert bits(decided, len(word)) == [any(v) for v in votes]
        assert values(consensus, len(word)) == [rule(v) if any(v) else 0 for v in votes]
        assert bits(contested, len(word)) == [
            any(v) and any(told(v, own, tau_bps) is None for own in {*answers, None})
            for v, answers in zip(votes, word, strict=True)
        ]
