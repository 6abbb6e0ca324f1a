"""A campaign through its commands: planned, opened, left to a keeper, gone on with from nothing."""

import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumbline.chain.deployment import Deployment, path_of
from plumbline.chain.node import Node
from plumbline.formats.manifest_file import load_manifest
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from tests.integration.campaigning import People
from tests.integration.dying import DyingNode
from tests.integration.forking import ForkShell, Project, Zygote
from tests.integration.paperwork import MESSAGES, write_campaign
from tests.integration.shell import Result, pass_time, vault_of
from tests.unit.pages import Page
from tests.waiting import wait_until


@dataclass
class Played:
    """What each command of the campaign came to, and what lay on the disk after the opening."""

    results: dict[str, Result]
    on_disk: dict[str, bytes]
    deployment: Deployment
    gold: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.results[name].json


def every_file(*folders: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def write_people(path: Path, people: People) -> None:
    groups = [(account.address, f"team {at % 2}") for at, account in enumerate(people.accounts)]
    path.write_text("labeler,group\n" + "".join(f"{who},{name}\n" for who, name in groups))


@pytest.fixture(scope="module")
def played(project: Project) -> Iterator[Played]:
    shell, w3 = project.shell, project.w3
    write_campaign(shell.folder)
    results: dict[str, Result] = {}
    people = People(w3, project.deployment, shell.folder / "published", MESSAGES, 4, skill=0.8)
    delegated = shell.folder / "delegated"
    delegated.mkdir()

    def run(name: str, *arguments: str, who: int = 0) -> Result:
        account = ("--account", f"TEST::{who}") if arguments[1] != "plan" else ()
        results[name] = shell(*arguments[:2], "job.json", *arguments[2:], *account, "--json")
        assert results[name].code == 0, (name, results[name])
        return results[name]

    def keep() -> None:
        """The requester sleeps: another account does all that is due, with what it was handed."""
        shutil.move(shell.vault, shell.folder / "away")
        keeper = ("keeper", "--once", "--delegated", "delegated", "--account", "TEST::9", "--yes")
        results["keeper"] = shell(*keeper, "--json")
        assert results["keeper"].code == 0, results["keeper"]
        shutil.rmtree(shell.vault)
        shutil.move(shell.folder / "away", shell.vault)

    run("plan", "campaign", "plan")
    run("open", "campaign", "open", "--yes")
    on_disk = every_file(shell.vault, shell.folder / "published")
    on_disk["state"] = (shell.folder / "job.state.json").read_bytes()
    vault = vault_of(shell, w3)
    first, second = people.market.histories()
    people.answer(first, (0, 1, 2), delegated)
    people.answer(second, (0, 1, 3), delegated)
    run("delegate", "campaign", "delegate", "--to", "delegated")
    run("answered", "campaign", "status")
    keep()
    run("kept", "campaign", "status")
    run("resume", "campaign", "resume", "--yes")
    people.answer(people.market.histories()[2], (0, 1, 2), delegated)
    results["early"] = shell("campaign", "labels", "job.json", "--json")
    early = ("requester", "dataset", "job.json", "--to", "dataset", "--report", "early.html")
    results["early dataset"] = shell(*early)
    # All that a requester has is gone but the file and the wallet.
    assert vault.folder.exists()
    shutil.rmtree(shell.vault)
    shutil.rmtree(shell.folder / "published")
    (shell.folder / "job.state.json").unlink()
    for path in delegated.glob("*gold*"):
        path.unlink()
    results["reveals"] = shell(
        *("keeper", "--once", "--delegated", "delegated", "--account", "TEST::9", "--yes")
    )
    run("overload", "campaign", "status")
    run("close", "campaign", "close", "--yes")
    run("again", "campaign", "resume", "--yes")
    results["labels"] = shell("campaign", "labels", "job.json", "--format", "csv")
    write_people(shell.folder / "people.csv", people)
    dataset = ("requester", "dataset", "job.json", "--to", "dataset", "--people", "people.csv")
    results["dataset"] = shell(*dataset, "--license", "cc-by-4.0")
    page = ("--report", "labels.html")
    results["same dataset"] = shell(*dataset, *page, "--license", "cc-by-4.0", "--json")
    run("withdraw", "campaign", "withdraw", "--yes")
    results["audit"] = shell("audit", "rounds", "--json")
    yield Played(results, on_disk, project.deployment)


def test_what_is_planned_is_what_is_opened(played: Played) -> None:
    planned, opened = played["plan"], played["open"]
    parts = [(each["part"], each["tasks_root"]) for each in planned["parts"]]
    assert parts == [(each["part"], each["tasks_root"]) for each in opened["rounds"]]
    assert (planned["items"], planned["rounds"], planned["gold_tasks"]) == (150, 3, 36)
    assert planned["escrow"] == str(18 * 10**15)
    assert opened["in_escrow"] == str(12 * 10**15)
    assert [each["round"] for each in opened["rounds"]] == [1, 2, None]


def test_one_deposit_pays_for_what_is_opened(played: Played) -> None:
    assert len(played["open"]["transactions"]) == 3
    assert "Deposit 0.012 ETH" in played.results["open"].err


def test_gold_is_in_nothing_that_is_kept_published_or_printed(played: Played) -> None:
    """Neither which tasks are gold tasks, nor their answers, nor the salt."""
    published = [json.loads(held) for path, held in played.on_disk.items() if "/published/" in path]
    assert len(published) == 2
    for manifest in published:
        assert {tuple(task) for task in manifest["tasks"]} == {("id", "text")}
        assert b"answer" not in json.dumps(manifest).encode()
    state = json.loads(played.on_disk["state"])
    assert "gold" not in json.dumps(state).replace("golden", "")
    gold = [json.loads(held) for path, held in played.on_disk.items() if "/gold/" in path]
    assert len(gold) == 2
    for kept in gold:
        assert not {"answers", "salt", "sheet"} & set(kept)
    printed = [played.results[name] for name in ("plan", "open", "answered", "resume")]
    for result in printed:
        said = json.dumps(result.json)
        assert "answers" not in said and "salt" not in said
        assert "answer is" not in result.err


def test_a_keeper_alone_closes_what_was_delegated(played: Played) -> None:
    done = [(each["round"], each["action"]) for each in played["keeper"]["done"]]
    assert done == [(1, "conclude"), (2, "conclude")]
    assert played["delegate"]["delegated"].keys() == {"1", "2"}
    kept = played["kept"]
    assert [each.get("mode") for each in kept["rounds"]] == ["peer", "peer", None]
    assert kept["crowd_kappa_ppm"] > 500_000
    # What the keeper sent is not the requester's to pay.
    assert kept["fees"] == played["answered"]["fees"]


def test_going_on_opens_the_rest(played: Played) -> None:
    resumed = played["resume"]
    assert [each["round"] for each in resumed["rounds"]] == [1, 2, 3]
    assert resumed["over"] == 2
    labels = played["early"]
    assert {rounds_of(each["tasks"]) for each in labels} == {(1,), (2,)}
    assert len(labels) == 100


def test_a_load_is_watched(played: Played) -> None:
    assert played["answered"]["overloaded"] == {}
    assert sorted(played["overload"]["overloaded"].values()) == [3, 3]


def test_an_empty_machine_closes_with_gold(played: Played) -> None:
    closed = played["close"]
    assert [each["mode"] for each in closed["rounds"]] == ["peer", "peer", "peer"]
    assert closed["is_done"]
    assert "the gold deadline is over" not in played.results["close"].err
    rounds = json.loads(played.results["audit"].out)["rounds"]
    assert rounds[2]["mode"] == "peer"
    assert played["again"]["is_done"]


def test_the_labels_are_one_file_in_the_order_of_the_tasks(played: Played) -> None:
    rows = list(csv.DictReader(io.StringIO(played.results["labels"].out)))
    assert [row["id"] for row in rows] == [f"m{number}" for number in range(len(MESSAGES))]
    right = [row["label"] == answer for row, answer in zip(rows, MESSAGES.values(), strict=True)]
    assert sum(right) > 135
    gold = [row for row in rows if row["is_gold"] == "true"]
    assert len(gold) == 36
    assert all(row["gold"] == row["label"] and row["confidence"] == "1.0" for row in gold)
    assert [row["origin"] for row in rows][:2] == ["file 0", "file 1"]
    assert {rounds_of(json.loads(row["tasks"])) for row in rows} == {(1,), (2,), (3,)}


def rounds_of(tasks: list[dict[str, Any]]) -> tuple[int, ...]:
    return tuple(place["round"] for task in tasks for place in task["places"])


# ------------------------------------------------------------------ the dataset


@pytest.fixture(scope="module")
def folder(project: Project, played: Played) -> Path:
    assert played.results["dataset"].code == 0, played.results["dataset"]
    return project.shell.folder / "dataset"


def parquet_rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """Of both splits."""
    return [
        row
        for split in ("train", "test")
        for row in pq.read_table(folder / "data" / f"{table}-{split}.parquet").to_pylist()
    ]


def test_every_answer_of_the_chain_is_in_the_dataset_and_no_other(
    project: Project, folder: Path
) -> None:
    market = Market(Node(project.w3, project.deployment.chain_id, True), project.deployment)
    ids = {text: f"m{number}" for number, text in enumerate(MESSAGES)}
    expected: Counter[tuple[object, ...]] = Counter()
    for round_id in (1, 2, 3):
        history = market.history(round_id)
        manifest = load_manifest(folder / "rounds" / f"{history.opened.tasks_root.hex()}.json")
        bands = {each.labeler: each.band.label for each in history.closed.outcomes}  # type: ignore[union-attr]
        for reveal, row in zip(history.reveals, history.answers(), strict=True):
            for task, option in enumerate(row):
                where = (ids[manifest.tasks[task]["text"]], round_id, task)  # type: ignore[index, call-overload]
                said = (reveal.labeler, manifest.options[option], bands[reveal.labeler])  # type: ignore[index]
                expected[(*where, *said)] += 1
    columns = ("id", "round", "task", "labeler", "answer", "band")
    found = Counter(tuple(row[name] for name in columns) for row in parquet_rows(folder, "answers"))
    assert found == expected
    assert found.total() == 450


def test_a_label_follows_from_the_answers_that_are_heard(folder: Path) -> None:
    rows = parquet_rows(folder, "labels")
    assert sorted(row["id"] for row in rows) == sorted(f"m{n}" for n in range(len(MESSAGES)))
    for row in rows:
        heard = Counter(each["answer"] for each in row["answers"] if each["is_heard"])
        assert row["votes"] == [heard["no"], heard["yes"]]
        assert len(row["answers"]) == 3
        assert sum(row["distribution"]) == pytest.approx(1, abs=1e-5)
        assert row["confidence"] == max(row["distribution"])
        assert row["label"] == ("no", "yes")[row["distribution"].index(row["confidence"])]
        assert (
            row["text"] == f"message {row['id'][1:]}" and row["origin"] == f"file {row['id'][1:]}"
        )
        if row["is_gold"]:
            assert row["label"] == row["gold"] == MESSAGES[row["text"]]
        by_group = [sum(votes) for votes in zip(*(e["votes"] for e in row["groups"]), strict=True)]
        assert by_group == row["votes"]
    assert sum(row["label"] == MESSAGES[row["text"]] for row in rows) > 135


def test_all_forms_of_the_labels_say_the_same(folder: Path) -> None:
    lines = (folder / "labels.jsonl").read_text().splitlines()
    by_json = [json.loads(line) for line in lines]
    assert [row["id"] for row in by_json] == [f"m{number}" for number in range(len(MESSAGES))]
    by_id = {row["id"]: row for row in parquet_rows(folder, "labels")}
    assert by_json == [by_id[row["id"]] for row in by_json]
    with (folder / "labels.csv").open(newline="") as file:
        by_csv = list(csv.DictReader(file))
    for row, cells in zip(by_json, by_csv, strict=True):
        assert (cells["id"], cells["label"]) == (row["id"], row["label"])
        assert [float(cells[f"distribution {name}"]) for name in ("no", "yes")] == (
            row["distribution"]
        )
        assert [int(cells[f"votes {name}"]) for name in ("no", "yes")] == row["votes"]
        assert json.loads(cells["answers"]) == row["answers"]


def test_items_are_split_by_their_names_alone(folder: Path) -> None:
    for split in ("train", "test"):
        rows = pq.read_table(folder / "data" / f"labels-{split}.parquet").to_pylist()
        names = {row["id"] for row in rows}
        answers = pq.read_table(folder / "data" / f"answers-{split}.parquet").to_pylist()
        assert {row["split"] for row in rows} == {split}
        assert {row["id"] for row in answers} == names
        assert 0 < len(names) < 140


def test_a_dataset_is_made_again_in_its_place(played: Played, folder: Path) -> None:
    """Of two rounds first, then of all; the same one has the same bytes."""
    early = played.results["early dataset"]
    assert early.code == 0
    assert "50 items have no label yet: they are in rounds that are not closed (3)" in early.said
    assert "the card names no license" in early.err
    again = played["same dataset"]
    files = {path for path in folder.rglob("*") if path.is_file()}
    assert again["files"] == {str(p.relative_to(folder)): p.stat().st_size for p in files}
    assert (again["items"], again["labeled"], again["rounds"]) == (150, 150, [1, 2, 3])
    assert not list(folder.parent.glob(".dataset.*"))


def test_the_command_says_how_labels_were_made_and_how_far_to_rely_on_them(played: Played) -> None:
    said = played.results["dataset"].said
    for words in (
        "method average",
        "36 gold answers that were held out",
        "labelers, team 0",
        "labelers, team 1",
        "Krippendorff's alpha",
    ):
        assert words in said


def test_labels_go_to_trainers_and_labeling_programs(played: Played, folder: Path) -> None:
    """Messages are no replies, so trainers learn nothing from them, and that is said."""
    said = played.results["dataset"].err
    assert "no rows for training: no fields are called prompt and completion" in said
    tasks = json.loads((folder / "label_studio" / "tasks.json").read_text())
    records = json.loads((folder / "argilla" / "records.json").read_text())
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        labels = {row["id"]: row["label"] for row in csv.DictReader(file)}
    assert len(tasks) == len(records) == len(labels) == 150
    for task, record in zip(tasks, records, strict=True):
        (result,) = task["predictions"][0]["result"]
        assert result["value"] == {"choices": [labels[task["data"]["id"]]]}
        assert record["suggestions"]["label"]["value"] == labels[record["id"]]


def test_what_is_desirable_is_an_answer_and_for_trainers(project: Project, played: Played) -> None:
    del played
    command = ("requester", "dataset", "job.json", "--to", "other", "--desirable")
    refused = project.shell(*command, "spam", "--format", "csv").error
    assert "--desirable is for the rows of --format trl" in refused
    assert "'maybe' is no option of the question" in project.shell(*command, "maybe").error
    assert not (project.shell.folder / "other").exists()


def test_what_somebody_else_wrote_is_not_replaced(
    played: Played, folder: Path, project: Project
) -> None:
    refused = project.shell("requester", "dataset", "job.json", "--to", "delegated").error
    assert "was not written with it" in refused
    card = folder / "README.md"
    whole = card.read_text()
    card.write_text(whole + "Thanks to all.\n")
    refused = project.shell("requester", "dataset", "job.json", "--to", "dataset").error
    assert "README.md in it was not written with it, or was changed" in refused
    card.write_text(whole)


def test_the_page_tells_people_what_the_labels_are_worth(
    played: Played, folder: Path, project: Project
) -> None:
    """Of two rounds first, then of all, with groups of labelers; beside the folder or alone."""
    early, whole = (
        Page((folder.parent / name).read_text()) for name in ("early.html", "labels.html")
    )
    assert early.faults == [] == whole.faults
    assert "100 of 100 items have a label" in early.text
    assert "50 more items are in rounds that are not closed" in early.text
    assert "150 of 150 items have a label" in whole.text and "team 1" in whole.text
    assert "36 gold answers that were held out" in whole.text
    assert played["same dataset"]["page"] == "labels.html"
    command = ("requester", "dataset", "job.json")
    alone = project.shell(*command, "--report", "alone.html")
    assert alone.code == 0 and "alone.html" in alone.said
    assert "150 of 150" in (folder.parent / "alone.html").read_text()
    assert "say where to: --to FOLDER" in project.shell(*command).error
    inside = project.shell(*command, "--to", "dataset", "--report", "dataset/page.html").error
    assert "put the page beside it" in inside
    itself = project.shell(*command, "--report", "./job.json").error
    assert "would replace what it is made from" in itself


# ------------------------------------------------------------------ the dataset, by a stranger


@pytest.fixture(scope="module")
def stranger(
    folder: Path, anvil: str, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory
) -> ForkShell:
    """Somebody who was given the folder, and has nothing else."""
    shell = ForkShell(tmp_path_factory.mktemp("stranger"), anvil, zygote, links=())
    shutil.copytree(folder, shell.folder / "given")
    return shell


def changed(stranger: ForkShell, name: str) -> Path:
    """Another copy of the folder, to be changed."""
    return Path(shutil.copytree(stranger.folder / "given", stranger.folder / name))


def change_rows(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    rows = pq.read_table(path).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(path)), path)


def test_a_stranger_makes_the_dataset_again_from_the_chain(stranger: ForkShell) -> None:
    result = stranger("requester", "verify", "given")
    assert result.code == 0, result
    for words in (
        "A dataset of 3 rounds of",
        "150, those that the rounds pin",
        "150 items, by average",
        "450",
        "Every row follows from the rounds",
        "on the word of the requester",
        "kept fields origin",
        "team 0, team 1 (4 labelers)",
    ):
        assert words in result.said
    report = stranger("requester", "verify", "given", "--json").json
    assert report["is_clean"] and report["findings"] == [] and report["answers"] == 450
    assert report["files"]["data/labels-train.parquet"] == 0
    assert report["audit"]["is_clean"] and len(report["audit"]["rounds"]) == 3
    assert not (stranger.folder / "secrets" / "gold").exists()


def test_a_stranger_sees_each_row_that_was_changed(stranger: ForkShell) -> None:
    table = changed(stranger, "changed") / "data" / "labels-train.parquet"
    names: dict[str, str] = {}

    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["label"] = {"no": "yes", "yes": "no"}[rows[0]["label"]]
        rows.append({**rows[2], "id": "elsewhere \x1b[2J"})
        names.update(changed=rows[0]["id"], dropped=rows.pop(1)["id"])

    change_rows(table, change)
    result = stranger("requester", "verify", "changed")
    assert "4 differences, see above" in result.error
    where = "data/labels-train.parquet, row"
    assert f"{where} {names['changed']}: label must be" in result.err
    assert f"{where} {names['dropped']}: is not there" in result.err
    assert f"{where} elsewhere <U+001B>[2J: does not follow from the rounds" in result.err
    assert "SHA256SUMS: does not have the hash of data/labels-train.parquet" in result.err
    report = stranger("requester", "verify", "changed", "--json")
    assert report.code == 1
    assert [each["kind"] for each in report.json["findings"]] == [
        *("changed", "missing", "added", "changed")
    ]


def test_a_stranger_sees_whose_rounds_they_are(stranger: ForkShell) -> None:
    folder = changed(stranger, "wrong")
    provenance = folder / "provenance.json"
    values = json.loads(provenance.read_text())
    rounds = values["rounds"]
    rounds[0]["round"], rounds[1]["round"] = rounds[1]["round"], rounds[0]["round"]
    provenance.write_text(json.dumps(values))
    result = stranger("requester", "verify", "wrong")
    assert "2 differences" in result.error
    assert "round 2: is about other tasks" in result.err
    values["requester"] = "0x" + "11" * 20
    provenance.write_text(json.dumps(values))
    assert "and not by 0x1111" in stranger("requester", "verify", "wrong").err
    values["genesis"] = "0x" + "11" * 32
    provenance.write_text(json.dumps(values))
    assert "name a node of that chain" in stranger("requester", "verify", "wrong").error
    provenance.write_text("{}")
    assert "get the folder again" in stranger("requester", "verify", "wrong").error


def test_a_stranger_is_told_the_first_differences_and_how_many_more(stranger: ForkShell) -> None:
    folder = changed(stranger, "many")
    change_rows(folder / "data" / "answers-train.parquet", lambda rows: rows.clear())
    result = stranger("requester", "verify", "many")
    assert len(result.err.strip().splitlines()) == 22
    assert "more differences: --all names them" in result.err
    assert len(stranger("requester", "verify", "many", "--all").err.splitlines()) > 300


def test_a_contract_that_is_not_plumbline_proves_nothing(
    stranger: ForkShell, played: Played, project: Project
) -> None:
    provenance = changed(stranger, "fake") / "provenance.json"
    text = provenance.read_text()
    provenance.write_text(text.replace(played.deployment.address, played.deployment.judge))
    assert "is not LabelRounds of this version" in stranger("requester", "verify", "fake").error
    known = str(project.shell.folder / path_of(played.deployment.chain_id))
    named = stranger("requester", "verify", "fake", "--deployment", known)
    assert "and --deployment names" in named.error


def test_what_came_back_is_paid_out_and_the_books_agree(played: Played) -> None:
    assert played["withdraw"]["free"] == "0"
    spent = played["again"]
    came_back = int(spent["refunded"])
    # Some of it went into the escrow of the last round again.
    assert 0 < int(played["withdraw"]["amount"]) < came_back
    assert int(spent["paid"]) + int(spent["to_sink"]) + came_back == 18 * 10**15
    assert json.loads(played.results["audit"].out)["differences"] == []


# ------------------------------------------------------------------ what is refused


@pytest.fixture(scope="module")
def shell(project: Project, played: Played) -> ForkShell:
    return project.shell


def test_tasks_that_were_changed_after_an_opening_are_refused(shell: ForkShell) -> None:
    path = write_campaign(shell.folder, "job.json", batch=75)
    refused = shell("campaign", "resume", "job.json", "--yes").error
    assert "were changed after 3 of 3 rounds had been opened: put them back" in refused
    write_campaign(shell.folder, path.name)
    assert shell("campaign", "status", "job.json", "--json").json["is_done"]


def test_a_state_that_the_chain_does_not_bear_out_is_refused(shell: ForkShell) -> None:
    path = shell.folder / "job.state.json"
    whole = path.read_text()
    path.write_text(whole.replace('"round": 3', '"round": 4'))
    refused = shell("campaign", "status", "job.json").error
    assert "part 3 of the campaign is round 4, and this node knows no such round" in refused
    path.write_text(whole[:100])
    assert "or remove it: it is made anew" in shell("campaign", "status", "job.json").error
    path.write_text(whole)


def test_no_more_is_spent_than_the_file_says(shell: ForkShell, project: Project) -> None:
    write_campaign(
        shell.folder, "poor.json", spend="0.008 ether", gold=None, no_gold=True, open_at_once=9
    )
    opened = shell("campaign", "open", "poor.json", "--yes", "--json")
    assert (opened.code, opened.json["opened"]) == (0, 1)
    assert "spend is 0.008 ETH" in opened.err
    assert shell("campaign", "open", "poor.json", "--yes", "--json").json["opened"] == 1
    write_campaign(shell.folder, "poorer.json", spend="0.006 ether", seed="another")
    refused = shell("campaign", "open", "poorer.json", "--yes").error
    assert refused.startswith("nothing was opened: one more could bring what is spent to 0.00")
    assert "0 of 3 rounds" in shell("campaign", "status", "poorer.json").out
    pass_time(project.w3, 4 * 3_600)
    closed = shell("campaign", "close", "poor.json", "--yes", "--json").json
    assert closed["rounds"][0]["mode"] == "void"


# ------------------------------------------------------------------ left to itself


def test_left_to_itself_it_opens_and_closes_until_all_is_done(
    shell: ForkShell, project: Project, anvil: str
) -> None:
    """With nobody at the keyboard and a node that goes away; labelers come and reveal."""
    write_campaign(shell.folder, "alone.json", seed="alone", batch=75, open_at_once=1)
    before = project.w3.eth.block_number
    people = People(project.w3, project.deployment, shell.folder / "published", MESSAGES, 4)
    seats = shell.folder / "alone"
    seats.mkdir()
    node = DyingNode(anvil)
    running = shell.start(
        *("campaign", "resume", "alone.json", "--wait", "--interval", "0.2", "--yes", "--json"),
        PLUMBLINE_NODE=node.url,
    )

    def opened(number: int) -> list[RoundHistory]:
        new = [each for each in people.market.histories() if each.opened.block > before]
        return new if len(new) >= number else []

    for number in (1, 2):
        wait_until(lambda number=number: bool(opened(number)), why=running.kill)
        people.answer(opened(number)[-1], (0, 1, 2), seats)
        node.die_at("eth_")
        wait_until(node.is_dead, why=lambda: "it asks nothing")
        keeper = ("keeper", "--once", "--delegated", "alone", "--steps", "reveal")
        shell.good(*keeper, "--account", "TEST::9", "--yes")
        assert node.revive()
    result = running.result()
    node.stop()
    assert result.code == 0, result
    assert "the connection failed" in result.err
    assert result.json["is_done"]
    assert [each["mode"] for each in result.json["rounds"]] == ["peer", "peer"]
