"""What the pools that a policy asks are shown, by itself or as a policy of policies."""

from plumbline.seating import evidence as words
from plumbline.seating.evidence import Evidence
from plumbline.seating.gates import AllOf, AnyOf, Policy
from plumbline.seating.seat_draw import KIND


def shown_to_pools(policy: Policy, evidence: Evidence) -> tuple[tuple[str, Evidence], ...]:
    """The pools that have to admit whoever shows this, and what each is shown.

    Raises EvidenceError for evidence that no policy of policies admits.
    """
    if policy.kind == KIND:
        return ((policy.address, evidence),)
    gate = policy.gate
    if isinstance(gate, AnyOf):
        number, part = words.choice_of(evidence, len(gate.members))
        return shown_to_pools(gate.members[number].policy, part)
    if isinstance(gate, AllOf):
        parts = words.parts_of(evidence, len(gate.members))
        return tuple(
            pair
            for member, part in zip(gate.members, parts, strict=True)
            for pair in shown_to_pools(member.policy, part)
        )
    return ()
