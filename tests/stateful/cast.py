"""Who plays in stateful runs, and what they choose from."""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from eth_utils.crypto import keccak
from hypothesis import strategies as st

from plumbline.protocol.commitment import EMPTY_HASH, EMPTY_SHEET, Opening
from plumbline.settlement.sheet import Sheet, pack
from plumbline.settlement.terms import Kind, ScoringTerms, gold_presets
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
GOLDS: Final = ("none", "none", "true", "true", "false", "false", "few", "empty", "malformed")
MANNERS: Final = (
    *("honest", "honest", "honest", "careless", "careless"),
    *("inverted", "constant", "skipping"),
)
MALFORMED: Final = ("beyond the last task", "digit of a skipped task", "beyond the last option")


@st.composite
def rules(draw: st.DrawFn) -> ScoringTerms:
    """Rules that are allowed: small rounds, where one vote changes everything."""
    kind, options, width = draw(st.sampled_from(KINDS))
    seats = draw(st.integers(3, 6))
    slash_max = draw(st.sampled_from([5_000, 500, 10_000]))
    gold_pass, gold_slash = gold_presets(options)
    return ScoringTerms(
        kind=kind,
        options=options,
        width=width,
        tasks=draw(st.sampled_from([24, 12, 256])),
        price=draw(st.sampled_from([10**15 + 7, 1, 10**18])),
        stake=draw(st.sampled_from([7 * 10**17 + 3, 10_000, 2 * 10**18])),
        seats=seats,
        r_min=draw(st.integers(3, seats)),
        tau_bps=draw(st.sampled_from([200, 0, 5_000])),
        rho_bps=draw(st.sampled_from([5_000, 0, 10_000])),
        slash_base_bps=draw(st.sampled_from([slash_max // 2, 1, slash_max])),
        slash_max_bps=slash_max,
        showup_bps=draw(st.sampled_from([1_000, 0, 10_000])),
        gold_pass_bps=gold_pass,
        gold_slash_bps=gold_slash,
    )


@dataclass(frozen=True)
class Script:
    """What the players of a round know."""

    rules: ScoringTerms
    gold: Sheet
    gold_salt: bytes


def script(rules: ScoringTerms, golds: str) -> Script:
    """The gold answers of a round, by kind."""
    if golds == "none":
        return Script(rules, EMPTY_SHEET, EMPTY_HASH)
    salt = keccak(text=f"golds {golds}")
    if golds == "empty":
        return Script(rules, EMPTY_SHEET, salt)
    if golds == "malformed":
        return Script(rules, malformed(pack(truth_of(rules), rules.options), rules, 0), salt)
    truth = truth_of(rules)
    count = {"true": 7, "false": 6, "few": 3}[golds]
    step = 1 if golds == "false" else 0
    every = min(3, rules.tasks // count)
    known = [
        (answer + step) % rules.options if task % every == 0 and task < every * count else None
        for task, answer in enumerate(truth)
    ]
    return Script(rules, pack(known, rules.options), salt)


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
