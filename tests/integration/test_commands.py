"""The command lines, as processes on a real Anvil, through a whole round."""

import csv
import io
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from pathlib import Path

import pytest
from web3 import Web3

from plumbline.chain.deployment import load
from plumbline.protocol.addresses import short_address
from plumbline.protocol.commitment import new_salt
from plumbline.settlement import settle
from plumbline.settlement.terms import Kind, usual_terms
from tests.build import ROOT
from tests.integration.forking import ForkShell, Zygote
from tests.integration.paperwork import GOLD, STAKE, TASKS, TRUTH, write_answers, write_round
from tests.integration.playbook import Playbook
from tests.integration.rpc import rpc
from tests.integration.shell import Result, import_account, pass_time, vault_of
from tests.sampling import ALL
from tests.vectors import VECTORS, needs_vectors

LABELERS = ("alice", "TEST::2", "TEST::3", "TEST::4", "TEST::5")
SILENT = "TEST::5"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, anvil: str, zygote: Zygote) -> ForkShell:
    return ForkShell(tmp_path_factory.mktemp("project"), anvil, zygote)


@pytest.fixture(scope="module")
def snapshot(w3: Web3) -> Iterator[None]:
    """Other modules find the chain, and its clock, as they left it."""
    before = rpc(w3, "evm_snapshot")
    yield
    rpc(w3, "evm_revert", before)


@dataclass(kw_only=True)
class Played(Playbook):
    """All that happened in a round."""

    w3: Web3


@pytest.fixture(scope="module")
def played(shell: ForkShell, w3: Web3, snapshot: None) -> Played:
    """One round from deployment to audit, with mistakes and second runs on the way."""
    play = Played(shell, w3=w3)
    run = play.run
    folder = shell.folder
    import_account(shell, w3, "alice")
    answers = write_answers(folder)

    def commit(name: str, labeler: str, *more: str, file: Path = answers) -> Result:
        tasks = ("--tasks", str(folder / "round.tasks.json"), "1")
        return run(
            name, "labeler", "commit", str(file), "--account", labeler, "--yes", *tasks, *more
        )

    run("before deployment", "requester", "status")
    run("deploy", "deploy", "--yes", "--json")
    run("deploy again", "deploy", "--yes")
    run("deploy check", "deploy", "check")
    run("bad file", "requester", "open", str(write_round(folder, "bad.json", prise=1)), "--yes")
    run("no terminal", "requester", "open", str(write_round(folder)))
    plain = _without_gold(folder)
    run("open without gold", "requester", "open", str(plain), "--yes")
    run("open without gold, knowingly", "requester", "open", str(plain), "--no-gold")
    run("open", "requester", "open", str(folder / "round.json"), "--yes", "--json")
    run("preview of nothing", "rewards", "preview")
    run("open again", "requester", "open", str(folder / "round.json"), "--yes")
    commit("too poor", "alice")
    for labeler in LABELERS:
        shell.good("labeler", "deposit", "0.02 ether", "--account", labeler, "--yes")
    commit("bad answers", "alice", file=write_answers(folder, "bad.csv", _8="perhaps"))
    (folder / "other.tasks.json").write_text(
        json.dumps({"options": ["no", "yes"], "tasks": [*TASKS[:-1], "another"]}), encoding="utf-8"
    )
    commit("wrong tasks", "alice", "--tasks", str(folder / "other.tasks.json"))
    _crash_before_sending(play, "TEST::2")
    commit("other answers after crash", "TEST::2", file=write_answers(folder, "b.csv", _8="yes"))
    commit("commit after crash", "TEST::2", "--json")
    run("round", "requester", "status", "1", "--json")
    run("round table", "requester", "status", "1")
    commit("commit", "alice", "--json")
    commit("commit again", "alice", "--json")
    commit("commit others again", "alice", file=write_answers(folder, "b.csv", _8="yes"))
    run("reveal too early", "labeler", "reveal", "1", "--account", "alice", "--yes")
    for labeler in LABELERS[2:]:
        assert commit(f"commit {labeler}", labeler).code == 0
    commit("too late", "TEST::6")
    for labeler in LABELERS:
        if labeler != SILENT:
            run(f"reveal {labeler}", "labeler", "reveal", "--account", labeler, "--yes")
    run("reveal again", "labeler", "reveal", "1", "--account", "alice", "--yes")
    run("status", "labeler", "status", "--account", SILENT, "--json")
    run("status table", "labeler", "status", "--account", SILENT)
    run("preview", "rewards", "preview", "1", "--gold", "--json")
    run("preview table", "rewards", "preview", "1", "--gold")
    run("labels too early", "requester", "labels", "1")
    run("close too early", "requester", "close", "1", "--yes")
    pass_time(w3, 7_300)  # over the reveals, before the gold deadline
    run("close by another", "requester", "close", "1", "--yes", "--vault", str(folder / "none"))
    run("close", "requester", "close", "--yes", "--json")
    run("close again", "requester", "close", "1", "--yes", "--json")
    run("reveal too late", "labeler", "reveal", "1", "--account", SILENT, "--yes")
    run("labels", "requester", "labels", "1", "--json")
    run("labels csv", "requester", "labels", "--format", "csv")
    run("rounds", "requester", "status", "--json")
    run("rounds table", "requester", "status")
    run("withdraw", "requester", "withdraw", "--yes", "--json")
    run("withdraw again", "requester", "withdraw", "--yes")
    run("labeler withdraw", "labeler", "withdraw", "--account", "alice", "--yes", "--json")
    run("audit", "audit", "--json")
    run("audit table", "audit", "1")
    return play


def _without_gold(folder: Path) -> Path:
    """A round file that says nothing of gold."""
    values = json.loads(write_round(folder, "plain.json").read_text())
    path = folder / "plain.json"
    kept = {key: values[key] for key in values if key not in ("gold", "no_gold", "gold_window")}
    path.write_text(json.dumps(kept))
    return path


def _crash_before_sending(play: Played, labeler: str) -> None:
    """As a command leaves things that ends right after the secret is on disk."""
    address = play.w3.eth.accounts[int(labeler.removeprefix("TEST::"))]
    answers: list[int | None] = [int(answer == "yes") for answer in TRUTH]
    vault_of(play.shell, play.w3).keep_answers(1, address, answers, 2, new_salt())


# -------------------------------------------------------------------------- deploy


def test_without_a_deployment_it_is_said_how_to_get_one(played: Played) -> None:
    assert "no deployment is known on chain 31337" in played["before deployment"].error
    assert "plumbline deploy" in played["before deployment"].error


def test_deploy_writes_a_manifest_and_never_over_one(played: Played) -> None:
    done = played["deploy"].json
    manifest = load(played.shell.folder / done["manifest"])
    assert manifest.address == done["address"]
    assert manifest.evm_version == "cancun"
    assert set(manifest.arguments) == {"asset", "sink", "judge"}
    assert "exists" in played["deploy again"].error


def test_deploy_check_agrees(played: Played) -> None:
    assert played["deploy check"].code == 0
    assert "agrees with chain 31337" in played["deploy check"].out


# ----------------------------------------------------------------------- requester


def test_a_bad_round_file_is_refused_by_its_key(played: Played) -> None:
    assert "prise is not a key of a round: do you mean price?" in played["bad file"].error


def test_without_a_terminal_nothing_is_sent_unless_told_so(played: Played) -> None:
    assert "without a terminal add --yes" in played["no terminal"].error
    assert "will sign" in played["no terminal"].err


def test_open_says_what_is_signed_and_publishes_the_tasks(played: Played) -> None:
    opened = played["open"].json
    assert opened["round"] == 1
    assert opened["escrow"] == str(5 * 10**16)
    assert "Deposit 0.05 ETH" in played["open"].err
    tasks = json.loads((played.shell.folder / "round.tasks.json").read_text())
    question = {"kind": "binary"}
    assert tasks == {"question": question, "options": ["no", "yes"], "tasks": TASKS}


def test_a_round_without_gold_has_to_be_meant(played: Played) -> None:
    refused = played["open without gold"].error
    assert "no gold answers: add them, or say no_gold there, or --no-gold here" in refused
    meant = played["open without gold, knowingly"]
    assert (
        "without gold 2 of 5 seats that share one random sheet gain, and 2 earn more" in meant.said
    )
    assert "nothing was sent" in meant.error


def test_open_says_how_evenly_gold_tasks_are_drawn_and_what_never_comes_back(
    played: Played,
) -> None:
    said = played["open"].said
    assert "12 of the 48 tasks are gold tasks (6 no, 6 yes)" in said
    assert "Of each seat that reveals, 0.005 ETH at the least do not come back" in said
    assert "few gold tasks, 12: with 24" in said


def test_the_same_file_opens_another_round_only_if_told_so(played: Played) -> None:
    assert "opened round 1 from this file already: add --again" in played["open again"].error


def test_secrets_are_private(played: Played) -> None:
    paths = list(played.shell.vault.rglob("*"))
    names = [path.parent.name for path in paths if path.suffix == ".json"]
    assert names.count("round-1") == len(LABELERS)
    assert names.count("gold") == 1
    for path in paths:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


# ------------------------------------------------------------------------- labeler


def test_a_labeler_who_is_too_poor_learns_what_is_missing(played: Played) -> None:
    assert "0.02 ETH are missing" in played["too poor"].error


def test_answers_that_do_not_fit_are_refused_with_their_line(played: Played) -> None:
    assert "bad.csv, line 9: 'perhaps' is not an option" in played["bad answers"].error


def test_other_tasks_than_those_of_the_round_are_refused(played: Played) -> None:
    assert "not the tasks of the round" in played["wrong tasks"].error


def test_after_a_crash_the_secret_kept_is_the_one_committed(played: Played) -> None:
    assert "other answers for round 1 are kept" in played["other answers after crash"].error
    assert played["commit after crash"].code == 0
    secret = vault_of(played.shell, played.w3).answers(1, played.w3.eth.accounts[2])
    assert secret is not None
    assert played["commit after crash"].json["commitment"] == "0x" + secret.digest.hex()


def test_a_labeler_sees_what_a_seat_offers_before_signing(played: Played) -> None:
    said = played["commit"].said
    requester = played.w3.eth.accounts[0]
    for words in (
        "Gold tasks: 12 of 48, whose answers are opened before ",
        ": only who reaches kappa 0.25 on them is counted and paid, -0.42 or less fails.",
        "A seat can lose 0.01 ETH if the answers are not revealed by ",
        "; 0.005 ETH to 0.01 ETH as an outlier, who fails the gold tasks, or ",
        "Pay is up to 0.01 ETH: 0.005 ETH of the 0.01 ETH of each revealed seat, at the least, ",
        f"The requester {requester}: 1 round opened, 0 of them void or expired.",
    ):
        assert words in said, words


def test_what_is_signed_tells_amounts_in_ether_and_not_in_wei(played: Played) -> None:
    for name in ("open", "commit", "withdraw", "labeler withdraw"):
        lines = [line for line in played[name].err.splitlines() if line.startswith("  - ")]
        assert any(re.search(r"\d ETH\b", line) for line in lines), name
        assert [line for line in lines if re.search(r"\bwei\b|\b\d{9,}\b", line)] == []


def test_the_status_of_a_round_shows_the_same(played: Played) -> None:
    one, said = played["round"].json[0], played["round table"].said
    assert one["record"] == {"opened": 1, "void": 0}
    assert (one["gold"], one["terms"]["gold_count"]) == ("sealed", 12)
    half, quarter = str(STAKE // 2), str(STAKE // 4)
    assert one["seat"] == {
        "silent": half,
        "outlier": [quarter, half],
        "never_refunded": str(5 * 10**15),
    }
    assert one["deadlines"]["gold"] == one["deadlines"]["reveal"] + 3_600
    for words in ("1 round opened, 0 of them void", "12 of 48, whose answers", "a seat can lose"):
        assert words in said, words
    assert played["rounds"].json[0]["gold"] == "credible"


def test_a_second_commit_sends_nothing(played: Played) -> None:
    first, second = played["commit"].json, played["commit again"].json
    assert (first["already"], second["already"]) == (False, True)
    assert first["commitment"] == second["commitment"]
    assert first["transaction"] == second["transaction"]


def test_other_answers_after_a_commitment_are_told_from_those_committed(played: Played) -> None:
    error = played["commit others again"].error
    assert error.startswith("these are not the answers committed to: alice committed in round 1")
    assert "with other answers to 1 of 48 tasks" in error


def test_nobody_is_let_to_give_answers_away(played: Played) -> None:
    assert "gives the answers away" in played["reveal too early"].error


def test_a_commit_after_the_phase_is_refused(played: Played) -> None:
    assert "commit phase of round 1 is over, all 5 seats are taken" in played["too late"].error


def test_reveal_says_what_is_revealed_already(played: Played) -> None:
    for labeler in LABELERS:
        if labeler != SILENT:
            assert played[f"reveal {labeler}"].code == 0
    assert played["reveal again"].code == 0
    assert "revealed already, in block" in played["reveal again"].out
    assert "slashed as silent" in played["reveal too late"].error


def test_status_shows_what_is_to_be_done(played: Played) -> None:
    status = played["status"].json
    assert (status["free"], status["locked"]) == ("0", str(STAKE))
    (seat,) = status["rounds"]
    assert seat["open"] and seat["kept"]
    assert "to be revealed" in seat["state"]
    assert "to be revealed" in " ".join(played["status table"].out.split())


# --------------------------------------------------------------------------- close


def test_close_waits_for_who_may_still_reveal(played: Played) -> None:
    assert "1 of 5 labelers of round 1 have not revealed" in played["close too early"].error
    assert "is not closed" in played["labels too early"].error


def test_only_who_has_the_golds_can_open_them(played: Played) -> None:
    assert "the gold answers for round 1 are not in" in played["close by another"].error


def test_close_opens_the_gold_pays_and_slashes_the_silent(played: Played) -> None:
    closed = played["close"].json
    assert closed["mode"] == "peer"
    assert closed["paid"] == str(4 * 10**16)
    assert closed["refund"] == str(10**16)
    assert closed["gone"] == 1
    assert len(closed["transactions"]) == 2
    assert played["close again"].code == 0
    assert "transactions" not in played["close again"].json


def test_the_preview_was_right(played: Played) -> None:
    preview = played["preview"].json
    closed = played["close"].json
    assert (preview["mode"], preview["paid"], preview["refund"]) == (
        closed["mode"],
        closed["paid"],
        closed["refund"],
    )
    assert [one["band"] for one in preview["labelers"]].count("near") == 4


def test_a_preview_is_a_table_for_people(played: Played) -> None:
    table = played["preview table"].out
    silent = played.w3.eth.accounts[int(SILENT.removeprefix("TEST::"))]
    assert re.search(rf"{short_address(silent)} +unrevealed .* has not revealed yet", table)
    assert len(re.findall("near .* agrees: full pay", table)) == 4
    assert "paid 0.04 ETH" in table
    nothing = played["preview of nothing"]
    assert (nothing.code, "null" in nothing.out) == (0, False)
    assert "judged by nobody: void" in nothing.out


def test_labels_are_what_the_crowd_said(played: Played) -> None:
    labels = played["labels"].json
    assert [label["label"] for label in labels] == [
        "option 2" if answer == "yes" else "option 1" for answer in TRUTH
    ]
    assert not any(label["contested"] for label in labels)
    gold = {label["task"] for label in labels if label["gold"] is not None}
    assert gold == {f"task {number}" for number in GOLD}
    rows = list(csv.DictReader(io.StringIO(played["labels csv"].out)))
    assert [row["label"] for row in rows] == [label["label"] for label in labels]


def test_rounds_are_listed(played: Played) -> None:
    (one,) = played["rounds"].json
    assert (one["round"], one["phase"], one["mode"], one["escrow"]) == (1, "closed", "peer", "0")
    assert all(len(line) <= 100 for line in played["rounds table"].out.splitlines())


def test_money_comes_out_once(played: Played) -> None:
    assert played["withdraw"].json["amount"] == str(10**16)
    assert "nothing to withdraw" in played["withdraw again"].error
    assert played["labeler withdraw"].json["amount"] == str(STAKE + 10**16)


def test_the_audit_agrees(played: Played) -> None:
    report = played["audit"].json
    assert played["audit"].code == 0
    assert report["is_clean"] and report["differences"] == []
    assert report["totals"]["held"] == report["totals"]["books"]
    assert "Agrees to the wei" in played["audit table"].out


# ------------------------------------------------------------------------- rewards


@needs_vectors
def test_split_settles_all_vectors_without_a_node(shell: ForkShell) -> None:
    rounds = [
        {key: value for key, value in vector.items() if key != "expect"} for vector in VECTORS
    ]
    path = shell.folder / "vectors.json"
    path.write_text(json.dumps(rounds))
    result = shell("rewards", "split", str(path), APE_FOUNDRY_HOST="http://127.0.0.1:9")
    assert result.json == [vector["expect"] for vector in VECTORS]


def test_split_prints_one_settlement_for_one_round(shell: ForkShell) -> None:
    rules = usual_terms(Kind.NOMINAL, 2, 1, 12, price=100, stake=100, seats=3, gold_count=0)
    terms = rules.to_vector()
    answers = [[0, 1] * 6, [0, 1] * 6, None]
    path = shell.folder / "one.json"
    path.write_text(json.dumps({"terms": terms, "answers": answers}))
    expected = settle(rules, answers, {}).to_vector()
    assert shell.good("rewards", "split", str(path)).json == expected
    path.write_text(json.dumps([{"terms": terms, "answers": answers}, {"terms": terms}]))
    assert "one.json, round 1: answers are missing" in shell("rewards", "split", str(path)).error


# --------------------------------------------------------------------- other errors


def test_a_node_that_is_away_is_said_to_be(shell: ForkShell) -> None:
    result = shell("audit", APE_FOUNDRY_HOST="http://127.0.0.1:9")
    assert "nothing answers at http://127.0.0.1:9 (APE_FOUNDRY_HOST)" in result.error


def test_all_commands_are_listed_and_explained(shell: ForkShell) -> None:
    listed = shell.good("--help").out
    for command in ("deploy", "requester", "labeler", "rewards", "audit", "demo"):
        assert re.search(rf"^  {command}  +[A-Z]", listed, re.MULTILINE), command
    explained = " ".join(shell.good("labeler", "commit", "--help").out.split())
    for word in ("[ROUND]", "--tasks", "--account", "--yes", "--json", "on disk before"):
        assert word in explained


# ---------------------------------------------------------------------------- demo


def _story(shown: str) -> list[str]:
    """What a demo tells, without gas, which depends on salts, who is drawn first, and time."""
    changes = r"(\d+ tx)? +[0-9,]+ gas.*|Others sign .*|\d+ transactions in \d+ seconds"
    # How wide that is moves what stands before it.
    return [re.sub(changes, "", line).rstrip() for line in shown.splitlines()]


def test_the_demo_is_repeatable_and_agrees_to_the_wei(shell: ForkShell, snapshot: None) -> None:
    first, again = (shell.good("demo", "--seed", "3") for _ in range(2))
    # The second deployment has another address.
    kept = [[x for x in _story(run.out) if "0x" not in x] for run in (first, again)]
    assert kept[0] == kept[1]
    assert first.out.count("Judged by peers") == 3
    assert len(re.findall(r"^ \d\d  +[a-z]", first.out, re.MULTILINE)) == 3 * 24
    assert "Agrees to the wei: 25 accounts, 3 rounds" in first.out
    assert "3 draws checked: all follow from who joined and from the seeds" in first.out
    drawn = re.findall(r"(\d+) labelers are drawn, (\d+) stand by", first.out)
    assert [int(now) + int(later) for now, later in drawn] == [24] * 3
    assert all(0 < int(now) < 24 for now, _ in drawn)
    assert first.out.count("joins with 10 bonds: too late, no seat") == 1
    amounts = re.search(r"^ sum +([\d.]+) +([\d.]+) +([\d.]+) +(\S+)", first.out, re.MULTILINE)
    assert amounts
    paid_in, taken_out, still_in = map(Decimal, amounts.groups()[:3])
    assert abs(paid_in - taken_out - still_in) <= Decimal("0.0001")  # as they are rounded
    assert amounts[4] == "0.0000"
    # The last two lines are sentences, which terminals wrap.
    assert [line for line in again.out.splitlines()[:-2] if len(line) > 100] == []
    tables = [
        rows.splitlines() for rows in re.findall(r"(?m)^ *who +habit.*\n(?:.+\n)+", again.out)
    ]
    assert len(tables) == 3
    for _heads, _rule, *rows in tables:
        seats = list(takewhile(str.strip, rows))
        assert [row for row in seats if not re.match(r" \d\d ", row)] == [], "a reason is wrapped"
        assert len(seats) == 24
    _the_hint_can_be_run(shell, again.out.splitlines()[-1])


def _the_hint_can_be_run(shell: ForkShell, hint: str) -> None:
    """As it stands, in a shell that knows no more than that of whoever ran `make demo`; played in
    `make test-all`, else with --help.
    """
    assert "README.md" in hint
    (command,) = re.findall(r"`([^`]+)`", hint)
    command, said = (command, "Agrees to the wei") if ALL else (f"{command} --help", "--seed")
    done = shell.run("sh", "-c", command, PATH=f"{ROOT / 'node_modules/.bin'}:/usr/bin:/bin")
    assert done.code == 0, done.err
    assert said in done.out


def test_the_demo_takes_real_answers(shell: ForkShell, snapshot: None) -> None:
    folder = shell.folder / "real"
    folder.mkdir()
    (folder / "meta.json").write_text(
        json.dumps({"kind": "binary", "options": ["no", "yes"], "name": "mine"})
    )
    wrong = {3: range(12), 4: range(48)}
    other = {"yes": "no", "no": "yes"}
    rows = [
        f"w{worker},{task},{other[truth] if task in wrong.get(worker, ()) else truth}"
        for worker in range(5)
        for task, truth in enumerate(TRUTH)
    ]
    (folder / "answers.csv").write_text("worker,task,answer\n" + "\n".join(rows) + "\n")
    truth = [f"{task},{answer}" for task, answer in enumerate(TRUTH)]
    (folder / "truth.csv").write_text("task,truth\n" + "\n".join(truth) + "\n")
    shown = shell.good("demo", "--answers", str(folder)).out
    rows = re.findall(r"^ w\d +100% +(\d+%) .*?(near|far|outlier)", shown, re.MULTILINE)
    assert [right for right, _ in rows] == ["100%", "100%", "100%", "75%", "0%"]
    assert rows[-1][1] == "outlier"


def test_the_demo_plays_a_sparse_crowd_unit_by_unit(shell: ForkShell, snapshot: None) -> None:
    """Two units of 24 tasks, with four people each, of whom one is in both and skips a quarter."""
    folder = shell.folder / "sparse"
    folder.mkdir()
    meta = {"kind": "categorical", "options": ["no", "yes", "unsure"], "name": "mine"}
    (folder / "meta.json").write_text(json.dumps(meta))
    people = {"w0": range(48), **{f"w{n}": range(24) for n in (1, 2, 3)}}
    people |= {f"w{n}": range(24, 48) for n in (4, 5, 6)}
    rows = [
        f"{who},{task},{'unsure' if who == 'w0' and task % 4 == 0 else TRUTH[task]}"
        for task in range(48)
        for who, own in people.items()
        if task in own
    ]
    (folder / "answers.csv").write_text("worker,task,answer\n" + "\n".join(rows) + "\n")
    shown = shell.good("demo", "--answers", str(folder), "--skip", "unsure").out
    seats = re.findall(r"^ (w\d) +(\d+%) ", shown, re.MULTILINE)
    first = [("w0", "75%"), ("w1", "100%"), ("w2", "100%"), ("w3", "100%")]
    second = [("w0", "75%"), ("w4", "100%"), ("w5", "100%"), ("w6", "100%")]
    assert seats == first + second
    assert "7 labelers deposit" in shown
    # Lots are drawn among those who answered, and whoever they fall to, all four have a seat.
    assert shown.count("4 of them join a pool") == 2
    assert shown.count("1 draw checked") == 2
    assert "Agrees to the wei: 8 accounts, 2 rounds" in shown
