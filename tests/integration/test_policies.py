"""Who may take a seat, through the commands: terms in a round file, proofs, attestations."""

import json
from typing import Any

import pytest

from plumbline.chain.events import Committed, Event, RoundOpened, fetch
from tests.integration.forking import Project
from tests.integration.paperwork import write_answers, write_round
from tests.integration.shell import Result
from tests.integration.stages import policy_file

REQUESTER, LISTED, ATTESTED, STRANGER, STEWARD = 0, 3, 4, 5, 7


class Policies:
    """A round whose seats go to a list, or to whom a steward vouches for."""

    def __init__(self, project: Project) -> None:
        self.shell, self.w3 = project.shell, project.w3
        self.project = project
        self.accounts: list[str] = list(project.w3.eth.accounts)
        policy_file(self.shell.folder, self.accounts[STEWARD])
        (self.shell.folder / "people.txt").write_text(f"# known\n{self.accounts[LISTED]}\n")
        terms = json.loads((self.shell.folder / "admission.json").read_text())
        write_round(self.shell.folder, admission=terms)
        write_answers(self.shell.folder)

    def events(self) -> list[Event]:
        return fetch(self.w3, self.project.deployment)

    def run(self, who: int, *arguments: str) -> Result:
        yes = () if arguments[:2] in (("labeler", "rounds"), ("policy", "prove")) else ("--yes",)
        return self.shell(*arguments, "--account", f"TEST::{who}", *yes)

    def good(self, who: int, *arguments: str) -> Any:
        result = self.run(who, *arguments, "--json")
        assert result.code == 0, result
        return result.json

    def commit(self, who: int, *more: str) -> Result:
        tasks = ("--tasks", "round.tasks.json", "1")
        return self.run(who, "labeler", "commit", "answers.csv", *tasks, *more)

    def prove(self, policy: str, who: int, *more: str) -> Result:
        return self.shell("policy", "prove", policy, "--labeler", self.accounts[who], *more)


@pytest.fixture(scope="module")
def policies(project: Project) -> Policies:
    made = Policies(project)
    opened = made.good(REQUESTER, "requester", "open", "round.json")
    assert opened["round"] == 1
    for who in (LISTED, ATTESTED, STRANGER):
        made.good(who, "labeler", "deposit", "0.02 ether")
    return made


def opened_in(policies: Policies) -> list[str]:
    return [each.admission for each in policies.events() if isinstance(each, RoundOpened)]


def test_a_round_is_opened_with_the_policy_that_its_terms_describe(policies: Policies) -> None:
    (address,) = opened_in(policies)
    shown = policies.shell.good("policy", "show", address, "--json").json
    assert shown["kind"] == "AnyOf"
    assert [member["kind"] for member in shown["members"]] == [
        "SignedAdmission",
        "MerkleAllowList",
    ]
    assert "reads German" in shown["admits"]


def test_the_same_terms_make_no_second_policy(policies: Policies) -> None:
    before = policies.w3.eth.get_transaction_count(policies.w3.eth.accounts[REQUESTER])
    made = policies.good(REQUESTER, "policy", "deploy", "admission.json")
    assert made["policy"] == opened_in(policies)[0]
    assert made["transactions"] == []
    assert policies.w3.eth.get_transaction_count(policies.w3.eth.accounts[REQUESTER]) == before


def test_who_is_admitted_takes_a_seat_and_nobody_else(policies: Policies) -> None:
    (address,) = opened_in(policies)
    # Refused before anything is sent or kept, with what would change that.
    refused = policies.commit(STRANGER)
    assert refused.code == 1 and "would not admit" in refused.err
    assert policies.prove(address, STRANGER, "--list", "people.txt").code == 1

    proof = policies.shell.folder / "proof.json"
    words = policies.prove(address, LISTED, "--list", "people.txt")
    assert words.code == 0, words
    proof.write_text(words.out)
    # A proof serves nobody else.
    assert policies.commit(STRANGER, "--evidence", "proof.json").code == 1
    assert policies.commit(LISTED, "--evidence", "proof.json").code == 0

    attestation = policies.shell.folder / "attestation.json"
    member = policies.shell.good("policy", "show", address, "--json").json["members"][0]["policy"]
    said = policies.run(
        STEWARD, "policy", "attest", member, "--labeler", policies.accounts[ATTESTED]
    )
    assert said.code == 0, said
    attestation.write_text(said.out)
    shown = policies.prove(
        address, ATTESTED, "--attestation", "attestation.json", "--output", "attested.json"
    )
    assert shown.code == 0, shown
    other = policies.prove(address, STRANGER, "--attestation", "attestation.json")
    assert other.code == 1 and "is about" in other.err
    assert policies.commit(ATTESTED, "--evidence", "attested.json").code == 0

    seated = [each.labeler for each in policies.events() if isinstance(each, Committed)]
    assert seated == [policies.accounts[LISTED], policies.accounts[ATTESTED]]

    assert (
        policies.run(
            STRANGER, "policy", "revoke", member, "--labeler", policies.accounts[ATTESTED]
        ).code
        == 1
    )
    policies.good(STEWARD, "policy", "revoke", member, "--labeler", policies.accounts[ATTESTED])
    again = policies.prove(address, ATTESTED, "--attestation", "attestation.json")
    assert again.code == 1 and "revoked" in again.err


def test_open_rounds_say_who_may_sit_and_what_it_takes(policies: Policies) -> None:
    (row,) = policies.good(STRANGER, "labeler", "rounds")
    assert (row["round"], row["tasks"], row["kind"]) == (1, 48, "nominal")
    assert (row["price"], row["stake"]) == (str(10**16), str(2 * 10**16))
    assert row["refused"] and row["remedy"] and not row["seated"]
    assert "reads German" in row["admits"]
    seated = policies.good(LISTED, "labeler", "rounds")
    assert [each["seated"] for each in seated] == [True]
    nobody = policies.shell.good("labeler", "rounds", "--json").json
    assert nobody[0]["refused"] is None
    looked = policies.good(STRANGER, "labeler", "rounds", "--fetch")
    assert looked[0]["tasks_missing"] == "not on the chain: ask the requester"


def test_before_opening_one_sees_who_would_be_admitted(policies: Policies) -> None:
    write_round(
        policies.shell.folder, "again.json", admission={"list": "people.txt"}, price="0.02 ether"
    )
    opened = policies.run(REQUESTER, "requester", "open", "again.json")
    assert opened.code == 0, opened
    terms = {"list": "people.txt"}
    write_round(policies.shell.folder, "third.json", admission=terms, price="0.03 ether")
    looked = policies.shell("requester", "open", "third.json", "--account", f"TEST::{REQUESTER}")
    assert "of 2 labelers seen here, 1 would be admitted" in looked.err
    assert "a round has 5 seats" in looked.err
