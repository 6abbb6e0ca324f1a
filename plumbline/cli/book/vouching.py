"""Whom a book vouches for, in words."""

from web3 import Web3

from plumbline.harmless import harmless
from plumbline.seating.client import SeatingError
from plumbline.seating.gates import pools_in
from plumbline.seating.policies import read_policy


def vouched_words(w3: Web3, address: str) -> str:
    """What rounds an address that is vouched for makes count."""
    try:
        policy = read_policy(w3, address)
    except SeatingError:
        return "rounds that this requester opens"
    if not policy.kind:
        return "rounds that this contract opens, or is the policy of"
    whom = harmless(policy.gate.summary)
    words = f"rounds whose policy this is, whoever opens them; it admits {whom}"
    if pools_in(policy):
        return words
    return f"{words}. Its seats are not drawn, so puppets can earn a record among themselves"
