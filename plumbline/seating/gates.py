"""The terms of each policy, and whom it admits: the rules of the contracts, with reasons.

A policy says yes or no. Here it says what is missing, too, and what would change that. What it
looks up is handed to it as `Facts`, so the same code serves a node, a simulation and a test.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from plumbline.chain.records import Account
from plumbline.errors import PlumblineError
from plumbline.harmless import harmless
from plumbline.protocol.addresses import checksum
from plumbline.protocol.typed_data import Deployed
from plumbline.seating import evidence as words
from plumbline.seating.attestation import Attestation, is_signed_by, shown
from plumbline.seating.draw import DrawRefusal, RefusalReason
from plumbline.seating.evidence import Evidence, EvidenceError
from plumbline.seating.merkle_list import root_of
from plumbline.seating.records import PoolTerms
from plumbline.units import format_time

POLICY_GAS: Final = 200_000  # that a round has for its policy
MOST_MEMBERS: Final = 8
MOST_ROUNDS: Final = 2_047  # that a gate can ask for: a full count is halved
MOST_KAPPA: Final = 9_993  # bps, the highest average there is

_BPS: Final = 10_000
_LEVELS: Final = (7_000, 8_500, _BPS)  # kappas that labelers may reach, bps
_PATIENCE: Final = 100  # rounds: after so many perfect ones no average is higher
_ASKING: Final = 5_000  # gas for asking a member that uses none, see modules/composition
_AROUND: Final = 9_000


class GateError(PlumblineError):
    """Terms that no contract would take."""


@dataclass(frozen=True, slots=True)
class SeatRefusal:
    """Why a seat is refused: `reason`, and what would change that, `remedy`; both are said in a
    line. `policy` is the address of the one that refuses, a member perhaps; `until` is when it ends
    by itself, unix seconds, None if it does not.
    """

    policy: str
    reason: str
    remedy: str
    until: int | None = None

    def __str__(self) -> str:
        return f"{self.reason}: {self.remedy}"


class Facts(Protocol):
    """What policies look up. All of it is of one block."""

    @property
    def chain_id(self) -> int:
        """Of the chain that the policies are on."""

    @property
    def now(self) -> int:
        """The time, unix seconds."""

    def record(self, kept_by: str, labeler: str) -> Account:
        """The record of a labeler, from LabelRounds or a book."""

    def revoked(self, policy: str, labeler: str) -> int:
        """Attestations that expire then or before were revoked, unix seconds."""

    def wallet_signed(self, wallet: str, digest: bytes, signature: bytes) -> bool:
        """Whether a wallet contract takes a signature for its own (EIP-1271)."""

    def tokens(self, token: str, holder: str) -> int | None:
        """How many tokens are held; None if the token does not say."""

    def took_part(self, policy: str, labeler: str) -> bool:
        """Whether a labeler answered in a round whose participants the policy excludes."""

    def is_drawn(self, pool: str, round_id: int) -> bool:
        """Whether a round is in a draw of a pool."""

    def draw_refusal(
        self, pool: str, round_id: int, labeler: str, evidence: Evidence
    ) -> DrawRefusal:
        """Whether a pool refuses a seat of a round, why, and the rank that the unit has there."""

    def admits(
        self, policy: str, round_id: int, labeler: str, evidence: Evidence, gas: int
    ) -> bool:
        """What a policy answers, if it is asked with so much gas."""


class Gate(Protocol):
    """The terms of one kind of policy."""

    @property
    def summary(self) -> str:
        """Whom it admits, in a line."""

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        """Why the policy at an address refuses a labeler; None if it admits."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy on a chain: its address, its kind (the name of the contract; empty if it is none of
    ours) and its terms.
    """

    address: str
    kind: str
    gate: Gate

    @property
    def all(self) -> list["Policy"]:
        """Itself, and all that it is made of."""
        if not isinstance(self.gate, AllOf | AnyOf):
            return [self]
        return [self, *(each for member in self.gate.members for each in member.policy.all)]

    def refusal(
        self, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        """Why it refuses a labeler; None if it admits."""
        return self.gate.refusal(self.address, facts, round_id, labeler, evidence)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Accounts of a list, of which only the root is known (32 bytes)."""

    root: bytes

    @property
    def summary(self) -> str:
        return f"accounts on the list with root 0x{self.root.hex()}"

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        if root_of(labeler, evidence) == self.root:
            return None
        if not evidence:
            return SeatRefusal(
                policy,
                f"no proof that {labeler} is on the list",
                "ask the requester for it, if you are",
            )
        return SeatRefusal(
            policy,
            f"the proof does not show that {labeler} is on the list",
            "ask the requester for the one of your account",
        )


@dataclass(frozen=True, slots=True)
class RecordRequirement:
    """One thing that is asked of a record: what there is and what is needed, in words.

    reason, remedy   why it does not suffice, and what would change that; None if it does
    """

    name: str
    has: str
    needs: str
    reason: str | None
    remedy: str | None

    @property
    def is_met(self) -> bool:
        """Whether the record suffices."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class RecordGate:
    """Who has a record.

    label_rounds        the deployment
    records             where records are read: the same, or a book of the rounds that count
    least_rounds        rounds that must have ended, 1..2,047
    least_kappa_bps     of the moving average
    most_outlier_bps    share of rounds as an outlier
    most_silent_bps     share of rounds without a reveal, of all rounds
    """

    label_rounds: str
    records: str
    least_rounds: int
    least_kappa_bps: int
    most_outlier_bps: int
    most_silent_bps: int

    def require_valid(self) -> None:
        """Raise GateError for what the contract would not take."""
        if not 0 < self.least_rounds <= MOST_ROUNDS:
            raise GateError(f"{self.least_rounds} rounds: ask for 1 to {MOST_ROUNDS:,}")
        for name, value, most in (
            ("kappa", self.least_kappa_bps, MOST_KAPPA),
            ("outliers", self.most_outlier_bps, _BPS),
            ("silent seats", self.most_silent_bps, _BPS),
        ):
            if not 0 <= value <= most:
                raise GateError(f"{name} of {value} bps: it must be 0 to {most:,}")

    @property
    def book(self) -> str | None:
        """The book of the rounds that count; None if all rounds do."""
        return None if self.records == self.label_rounds else self.records

    @property
    def summary(self) -> str:
        counted = "" if self.book is None else f" in the book {self.book}"
        parts = [f"who has a record of at least {_rounds(self.least_rounds)}{counted}"]
        if self.least_kappa_bps:
            parts.append(f"kappa {_share(self.least_kappa_bps)}")
        if self.most_outlier_bps < _BPS:
            parts.append(f"at most {_percent(self.most_outlier_bps)} of them as an outlier")
        if self.most_silent_bps < _BPS:
            parts.append(f"at most {_percent(self.most_silent_bps)} of all rounds silent")
        return ", ".join(parts)

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        for each in self.requirements(facts, labeler):
            if each.reason is not None and each.remedy is not None:
                return SeatRefusal(policy, each.reason, each.remedy)
        return None

    def requirements(self, facts: Facts, labeler: str) -> Iterator[RecordRequirement]:
        """All that is asked of a labeler's record, in the order of the contract."""
        record = facts.record(self.records, labeler)
        where = "" if self.book is None else " that count here"
        rounds, least = record.rounds, self.least_rounds
        yield _required(
            "rounds",
            str(rounds),
            f"{least} or more",
            None if rounds >= least else f"{_rounds(rounds)}{where}, needs {least}",
            f"take part in {least - rounds} more",
        )
        kappa, bar = _share(record.kappa), _share(self.least_kappa_bps)
        yield _required(
            "kappa",
            kappa,
            f"{bar} or more",
            None if record.kappa >= self.least_kappa_bps else f"kappa {kappa}, needs {bar}",
            _better(record.kappa, self.least_kappa_bps),
        )
        yield _rarely("outlier", "an outlier", record.outlier, self.most_outlier_bps, rounds, where)
        if self.book is not None:
            record = facts.record(self.label_rounds, labeler)
        silent, most = record.unrevealed, self.most_silent_bps
        yield _rarely("silent", "silent", silent, most, record.rounds, "")


@dataclass(frozen=True, slots=True)
class StewardGate:
    """Of whom a steward attests that they belong to a group."""

    steward: str
    group: str

    @property
    def summary(self) -> str:
        return f"of whom {self.steward} attests: {harmless(self.group)}"

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        ask = f"ask the steward {self.steward} for an attestation of {labeler}"
        try:
            expiry, signature = shown(evidence)
        except EvidenceError as error:
            return SeatRefusal(policy, str(error), ask)
        if expiry <= facts.now:
            return SeatRefusal(policy, f"the attestation expired on {format_time(expiry)}", ask)
        if expiry <= facts.revoked(policy, labeler):
            return SeatRefusal(policy, "the steward has revoked the attestation", ask)
        attestation = Attestation(labeler, self.group, expiry)
        here = Deployed(facts.chain_id, policy)
        if is_signed_by(self.steward, here, attestation, signature):
            return None
        if facts.wallet_signed(self.steward, attestation.digest(here), signature):
            return None
        return SeatRefusal(
            policy, f"the steward has not signed that, for {labeler} and this policy", ask
        )


@dataclass(frozen=True, slots=True)
class TokenGate:
    """Who holds at least so many tokens of an ERC-721."""

    token: str
    least: int

    @property
    def summary(self) -> str:
        return f"who holds {self.least} of the token {self.token}"

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        held = facts.tokens(self.token, labeler)
        if held is None:
            return SeatRefusal(
                policy, f"the token {self.token} does not say who holds it", "tell the requester"
            )
        if held < self.least:
            return SeatRefusal(
                policy,
                f"{labeler} holds {held} of the token {self.token}, needs {self.least}",
                "get it from whoever issues it",
            )
        return None


@dataclass(frozen=True, slots=True)
class ParticipantGate:
    """Who answered in none of some earlier rounds."""

    label_rounds: str
    rounds: tuple[int, ...]

    @property
    def summary(self) -> str:
        if len(self.rounds) == 1:
            return f"who did not answer in {_named(self.rounds)}"
        return f"who answered in none of rounds {_numbers(self.rounds)}"

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        if not facts.took_part(policy, labeler):
            return None
        return SeatRefusal(
            policy,
            f"{labeler} answered in {_named(self.rounds)}, and others are asked now",
            "take another round",
        )


@dataclass(frozen=True, slots=True)
class DrawGate:
    """Who is drawn, of a pool with these terms."""

    terms: PoolTerms

    @property
    def summary(self) -> str:
        return "who is drawn by lot from its pool"

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        if not round_id:
            return SeatRefusal(policy, "a draw is for a round, and none is named", "name the round")
        refusal = facts.draw_refusal(policy, round_id, labeler, evidence)
        if refusal.reason is RefusalReason.ADMITTED:
            return None
        if refusal.reason is RefusalReason.NO_DRAW and not evidence:
            if not facts.is_drawn(policy, round_id):
                return SeatRefusal(
                    policy,
                    f"the seats of round {round_id} are not drawn yet",
                    "look again once its requester has",
                )
            return SeatRefusal(
                policy,
                f"no unit in the pool {policy}",
                f"join it for rounds to come, `plumbline pool join {policy}`",
            )
        reason, remedy = _draw_words(policy, round_id, labeler, refusal, facts.now)
        stands_by = refusal.reason is RefusalReason.STANDING_BY
        return SeatRefusal(policy, reason, remedy, refusal.until if stands_by else None)


@dataclass(frozen=True, slots=True)
class Member:
    """A policy as a part of another one, and the gas that it is asked with."""

    policy: Policy
    gas_limit: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Whom every member admits."""

    members: tuple[Member, ...]

    @property
    def summary(self) -> str:
        return " and ".join(f"({each.policy.gate.summary})" for each in self.members)

    @property
    def gas_needed(self) -> int:
        """The gas with which it must be asked."""
        return _AROUND + sum(_with_call(each.gas_limit) for each in self.members)

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        try:
            parts = words.parts_of(evidence, len(self.members))
        except EvidenceError as error:
            return SeatRefusal(policy, str(error), "make it with `plumbline policy prove`")
        for member, part in zip(self.members, parts, strict=True):
            missing = member.policy.refusal(facts, round_id, labeler, part)
            if missing is not None:
                return missing
        return None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Whom the member admits that the labeler names."""

    members: tuple[Member, ...]

    @property
    def summary(self) -> str:
        return " or ".join(f"({each.policy.gate.summary})" for each in self.members)

    @property
    def gas_needed(self) -> int:
        """The gas with which it must be asked."""
        return _AROUND + max(_with_call(each.gas_limit) for each in self.members)

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        try:
            number, part = words.choice_of(evidence, len(self.members))
        except EvidenceError as error:
            return SeatRefusal(policy, str(error), "make it with `plumbline policy prove`")
        return self.members[number].policy.refusal(facts, round_id, labeler, part)


@dataclass(frozen=True, slots=True)
class OtherGate:
    """A policy that is none of those above: it can only be asked."""

    gas_limit: int = POLICY_GAS

    @property
    def summary(self) -> str:
        return "whom a contract admits that this version of Plumbline does not know"

    def refusal(
        self, policy: str, facts: Facts, round_id: int, labeler: str, evidence: Evidence
    ) -> SeatRefusal | None:
        if facts.admits(policy, round_id, labeler, evidence, self.gas_limit):
            return None
        return SeatRefusal(
            policy,
            f"the policy {policy} does not admit {labeler}",
            "ask the requester whom it admits, and what it wants to be shown",
        )


Composition = AllOf | AnyOf


def require_members(gate: Composition) -> None:
    """Raise GateError for members that a contract would not take."""
    count = len(gate.members)
    if not 2 <= count <= MOST_MEMBERS:
        raise GateError(f"{count} policies: name 2 to {MOST_MEMBERS}")
    for member in gate.members:
        inner = member.policy.gate
        if isinstance(inner, AllOf | AnyOf) and inner.gas_needed > member.gas_limit:
            raise GateError(
                f"{member.policy.address} is asked with {member.gas_limit:,} gas and needs "
                f"{inner.gas_needed:,}: give it more"
            )
    if gate.gas_needed > POLICY_GAS:
        raise GateError(
            f"these policies may need {gate.gas_needed:,} gas, and a round has {POLICY_GAS:,} for "
            "its policy: name fewer, or give them less"
        )


def pools_in(policy: Policy) -> tuple[str, ...]:
    """The addresses of all pools that a policy may ask, each once."""
    asked = [each.address for each in policy.all if isinstance(each.gate, DrawGate)]
    return tuple(dict.fromkeys(asked))


def assemble(
    policy: Policy, facts: Facts, round_id: int, labeler: str, own: Mapping[str, Evidence]
) -> Evidence | SeatRefusal:
    """The evidence with which a policy admits a labeler, or what is missing.

    `own` is what the labeler has to show to single policies, by their address: a proof, an
    attestation. Of `AnyOf` the first member is named that admits; if none does, what is missing
    is what the first one misses.
    """
    gate = policy.gate
    try:
        if isinstance(gate, AllOf):
            parts = []
            for member in gate.members:
                part = assemble(member.policy, facts, round_id, labeler, own)
                if isinstance(part, SeatRefusal):
                    return part
                parts.append(part)
            return words.for_all(parts)
        if isinstance(gate, AnyOf):
            found = [assemble(each.policy, facts, round_id, labeler, own) for each in gate.members]
            for number, part in enumerate(found):
                if not isinstance(part, SeatRefusal):
                    return words.for_any(number, part)
            return found[0]
    except EvidenceError as error:
        return SeatRefusal(policy.address, str(error), "tell the requester")
    evidence = own.get(checksum(policy.address), ())
    return policy.refusal(facts, round_id, labeler, evidence) or evidence


def best_evidence(
    policy: Policy, facts: Facts, round_id: int, labeler: str, own: Mapping[str, Evidence]
) -> Evidence:
    """What a labeler best shows a policy, be it admitted now, later or never; see `assemble`.

    Raises EvidenceError where that is more than a policy takes.
    """
    gate = policy.gate
    if isinstance(gate, AllOf):
        several = gate.members
        return words.for_all(
            [best_evidence(each.policy, facts, round_id, labeler, own) for each in several]
        )
    if isinstance(gate, AnyOf):
        found = assemble(policy, facts, round_id, labeler, own)
        if not isinstance(found, SeatRefusal):
            return found
        # Nobody admits as yet: the first that the labeler has something for.
        shown_to = [
            number
            for number, each in enumerate(gate.members)
            if any(part.address in own for part in each.policy.all)
        ]
        number = shown_to[0] if shown_to else 0
        part = best_evidence(gate.members[number].policy, facts, round_id, labeler, own)
        return words.for_any(number, part)
    return own.get(checksum(policy.address), ())


def _draw_words(
    pool: str, round_id: int, labeler: str, refusal: DrawRefusal, now: int
) -> tuple[str, str]:
    """Why a pool refuses, and what would change that."""
    place = "" if refusal.rank is None else f"position {refusal.rank + 1}"
    again = "leave out --evidence, and it is found in the pool"
    other = "take another round: each draw shuffles anew"
    match refusal.reason:
        case RefusalReason.NOT_COMMITTING:
            return f"round {round_id} takes no commitments now", "take another round"
        case RefusalReason.NO_DRAW:
            return "the evidence names no draw of the pool", again
        case RefusalReason.OTHER_ROUNDS:
            return f"the evidence names a draw that round {round_id} is not in", again
        case RefusalReason.NOT_OWNER:
            return f"the evidence names a unit that is not {labeler}'s", again
        case RefusalReason.TOO_YOUNG:
            return (
                f"joined the pool too late for the draw of round {round_id}",
                "a unit is in draws from the second midnight (UTC) after it joined",
            )
        case RefusalReason.HAD_LEFT:
            return (
                f"had left the pool when round {round_id} was drawn",
                f"join it again for rounds to come, `plumbline pool join {pool}`",
            )
        case RefusalReason.NO_SEED:
            return (
                f"the seed of the draw of round {round_id} is not captured yet",
                f"once its block is there anyone may, `plumbline pool status {pool}`",
            )
        case RefusalReason.NOT_LISTED:
            return f"not listed for round {round_id}, but for another one", other
        case RefusalReason.TOO_FAR_BACK:
            return f"at {place}, behind all who stand by", other
        case RefusalReason.STANDING_BY:
            opens = refusal.until or now
            return (
                f"stands by at {place}",
                f"admitted from {format_time(opens)} on, if seats are left",
            )
    return "the pool refuses, and does not say why", "ask another node"


def _required(
    name: str, has: str, needs: str, reason: str | None, remedy: str
) -> RecordRequirement:
    return RecordRequirement(name, has, needs, reason, None if reason is None else remedy)


def _better(kappa: int, bar: int) -> str:
    """What brings an average of kappa to a bar, bps; both as in {accounts-_release}."""
    for level in _LEVELS:
        rounds, average = 0, kappa
        while average < bar and rounds < _PATIENCE:
            average, rounds = (average * 7 + level) // 8, rounds + 1
        if average >= bar:
            break
    reached = _share(level) + (" or more" if level < _BPS else "")
    return (
        "it is an average, begun at 0, in which the last round weighs an eighth: "
        f"{_rounds(rounds)} with kappa {reached} would do"
    )


def _rounds(count: int) -> str:
    return f"{count} round{'' if count == 1 else 's'}"


def _rarely(
    name: str, what: str, bad: int, most_bps: int, rounds: int, where: str
) -> RecordRequirement:
    """That so large a share of rounds at most went wrong."""
    most, is_met = _percent(most_bps), bad * _BPS <= most_bps * rounds
    reason = f"{what} in {bad} of {rounds} rounds{where}, at most {most} are let through"
    has, remedy = f"{bad} of {rounds}", _enough(bad, most_bps, rounds)
    return _required(name, has, f"{most} at most", None if is_met else reason, remedy)


def _with_call(gas_limit: int) -> int:
    return gas_limit + gas_limit // 63 + 1 + _ASKING


def _enough(bad: int, most_bps: int, rounds: int) -> str:
    """What makes a share small enough."""
    if not most_bps:
        return "take rounds of others"
    more = -(-bad * _BPS // most_bps) - rounds
    return f"{more} more rounds without make the share small enough"


def _share(bps: int) -> str:
    """As kappa is written: 0.5, 0.31."""
    return f"{bps / _BPS:.4f}".rstrip("0").ljust(3, "0")


def _percent(bps: int) -> str:
    return f"{bps / 100:g}%"


def _named(rounds: Sequence[int]) -> str:
    """Rounds in words."""
    several = "round" if len(rounds) == 1 else "one of rounds"
    return f"{several} {_numbers(rounds)}"


def _numbers(rounds: Sequence[int]) -> str:
    first, last = [str(number) for number in rounds[:-1]], str(rounds[-1])
    return f"{', '.join(first)} and {last}" if first else last
