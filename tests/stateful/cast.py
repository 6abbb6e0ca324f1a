"""Who plays in stateful runs, and what they choose from."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from eth_utils.crypto import keccak
from hypothesis import strategies as st

from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET, Opening
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import Kind, ScoringTerms, fewest_gold_tasks
from tests.world.jobs import Row, truth_of
from tests.world.people import Person, person

BANK: Final = person("bank")
REQUESTER: Final = person("requester")
RIVAL: Final = person("rival")  # opens rounds and labels in them
STRANGER: Final = person("stranger")
PAUPER: Final = person("pauper")  # labels without a stake to lock, unless somebody pays one in
LABELERS: Final = tuple(person(f"labeler {number}") for number in range(4))
OWNER: Final = person("owner")  # of the wallet contract that labels

SEATABLE: Final[tuple[Person, ...]] = (*LABELERS, RIVAL, PAUPER)
ACCOUNTS: Final[tuple[Person, ...]] = (*SEATABLE, REQUESTER, STRANGER, BANK)

KINDS: Final = (
    (Kind.NOMINAL, 2, 1),
    (Kind.NOMINAL, 3, 1),
    (Kind.NOMINAL, 16, 1),
    (Kind.ORDINAL, 3, 2),
    (Kind.ORDINAL, 5, 3),
)
GOLD_KINDS: Final = (
    *("none", "none", "true", "true", "true", "true", "false", "false"),
    *("few", "many", "one-sided", "one-sided", "empty", "malformed"),
)
MANNERS: Final = (
    *("honest", "honest", "honest", "careless", "careless"),
    *("misled", "inverted", "constant", "skipping"),
)
# What most of a round's labelers do.
TENDENCIES: Final = ("honest", "careless", "misled", "misled", "inverted", "constant")
MALFORMED: Final = ("beyond the last task", "digit of a skipped task", "beyond the last option")


@st.composite
def rules(draw: st.DrawFn, gold_kind: str) -> ScoringTerms:
    """Rules that are allowed: small rounds, where one vote changes everything."""
    kind, options, width = draw(st.sampled_from(KINDS))
    seats = draw(st.integers(3, 6))
    slash_max = draw(st.sampled_from([5_000, 500, 10_000]))
    tasks = draw(st.sampled_from([24, 12, 256] if gold_kind == "none" else [48, 49, 256]))
    # As few as there may be, one more, or as many.
    fewest = fewest_gold_tasks(options)
    counts = [fewest, min(fewest + 1, tasks // 4), tasks // 4]
    return ScoringTerms(
        kind=kind,
        options=options,
        width=width,
        tasks=tasks,
        price=draw(st.sampled_from([10**15 + 7, 1, 10**18])),
        stake=draw(st.sampled_from([7 * 10**17 + 3, 10_000, 2 * 10**18])),
        seats=seats,
        r_min=draw(st.integers(3, seats)),
        tau_bps=draw(st.sampled_from([200, 0, 5_000])),
        rho_bps=draw(st.sampled_from([5_000, 0, 10_000])),
        bar_bps=draw(st.sampled_from([12_500, 10_000, 20_000])),
        refund_bps=draw(st.sampled_from([5_000, 0, 3_333, 10_000])),
        slash_base_bps=draw(st.sampled_from([slash_max // 2, 1, slash_max])),
        slash_max_bps=slash_max,
        showup_bps=draw(st.sampled_from([1_000, 0, 10_000])),
        gold_count=0 if gold_kind == "none" else draw(st.sampled_from(counts)),
        gold_pass_bps=draw(st.sampled_from([2_500, 500, 4_000])),
        gold_slash_bps=draw(st.sampled_from([1_000, 4_000, 10_000])),
    )


@dataclass(frozen=True)
class Script:
    """What the players of a round know, and what most labelers do in it."""

    rules: ScoringTerms
    gold: Sheet
    gold_salt: bytes
    tendency: str


def script(rules: ScoringTerms, gold_kind: str, tendency: str) -> Script:
    """The gold answers of a round, by kind."""
    if gold_kind == "none":
        return Script(rules, EMPTY_SHEET, EMPTY_HASH, tendency)
    salt = keccak(text=f"golds {gold_kind}")
    row = _gold_answers(rules, gold_kind)
    sheet = EMPTY_SHEET if gold_kind == "empty" else pack(row, rules.options)
    if gold_kind == "malformed":
        sheet = malformed(sheet, rules, 0)
    return Script(rules, sheet, salt, tendency)


def _gold_answers(rules: ScoringTerms, gold_kind: str) -> Row:
    """As many as are promised unless they are few or many, drawn evenly over the true answers."""
    truth = truth_of(rules)
    count = rules.gold_count + {"few": -1, "many": 1}.get(gold_kind, 0)
    seen: Counter[int] = Counter()
    rank = []
    for answer in truth:
        rank.append(seen[answer])
        seen[answer] += 1
    drawn = sorted(range(rules.tasks), key=lambda task: (rank[task], task))[:count]
    known: list[int | None] = [None] * rules.tasks
    for task in drawn:
        known[task] = (truth[task] + (gold_kind == "false")) % rules.options
        if gold_kind == "one-sided":  # but for one, which makes chance of less than all
            known[task] = int(task == drawn[0])
    return known


def opening(
    rules: ScoringTerms, round_id: int, labeler: str, manner: str, version: int = 0
) -> Opening:
    """What somebody answers, in that manner, with a salt of their own."""
    salt = keccak(text=f"{labeler} in {round_id}, {manner}, {version}")
    sheet = pack(_row(rules, labeler, manner), rules.options)
    if manner in MALFORMED:
        sheet = malformed(sheet, rules, MALFORMED.index(manner))
    return Opening(labeler, sheet, salt)


def altered(of: Opening, what: str) -> Opening:
    """The same with one thing changed."""
    if what == "salt":
        return replace(of, salt=keccak(of.salt))
    answered, digit0, *rest = of.sheet
    return replace(of, sheet=(answered | 1, digit0 ^ 1, *rest))


def malformed(sheet: Sheet, rules: ScoringTerms, which: int) -> Sheet:
    """A sheet that no row of answers has; of a few rules none can be made, and it stays."""
    answered, digit0, *rest = sheet
    if which == 0 and rules.tasks < 256:
        return (answered | 1 << rules.tasks, digit0, *rest)
    if which == 2 and rules.options == 3:
        return (answered | 1, digit0 | 1, rest[0] | 1, *rest[1:])
    return (answered & ~1, digit0 | 1, *rest)


def _row(rules: ScoringTerms, labeler: str, manner: str) -> Row:
    truth = truth_of(rules)
    if manner == "inverted":
        return [(answer + 1) % rules.options for answer in truth]
    if manner == "misled":  # all by the same
        return [(answer + (task % 5 > 2)) % rules.options for task, answer in enumerate(truth)]
    if manner == "constant":
        return [0] * rules.tasks
    if manner == "skipping":
        return [None] * rules.tasks
    dice = Random(f"{labeler} {manner}")
    often = 0.6 if manner == "careless" else 0.95
    return [
        answer if dice.random() < often else dice.choice([None, *range(rules.options)])
        for answer in truth
    ]
