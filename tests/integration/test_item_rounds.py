"""Rankings and labels from the round file to the labels: on the screen, and from files."""

import csv
import io
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from plumbline.chain.records import Deadlines
from plumbline.formats.asked import Asked, asked_in
from plumbline.formats.manifest_file import load_manifest
from plumbline.protocol.commitment import EMPTY_HASH
from plumbline.settlement.terms import Kind
from tests.integration.forking import Project
from tests.integration.market import WINDOW, Market, terms
from tests.integration.paperwork import write_round
from tests.integration.playbook import Playbook
from tests.terminal import Terminal

REPLIES = ["the best reply", "a fair reply", {"text": "no reply", "by": "nobody"}]
RANKED = [{"id": f"q{n}", "question": f"question {n}?", "items": REPLIES} for n in range(4)]
FLAGS = ["rude", "spam", "off topic"]
FLAGGED = [["rude", "off topic"], [], ["spam"], ["off topic"]]
MESSAGES = [{"id": f"m{n}", "text": f"message {n}"} for n in range(4)]
LABELERS = ("TEST::1", "TEST::2", "TEST::3")


@dataclass
class Round:
    """A round that was opened, and the answer that all give to each of its items."""

    number: str
    tasks: str
    asked: Asked
    answers: list[tuple[int, ...]]

    def typed(self, item: int) -> str:
        """The keys of an answer but for Enter."""
        keys = self.asked.question.hotkeys()
        chosen = self.answers[item]
        if self.asked.question.name == "ranking":
            return "".join(keys[choice][0] for choice in chosen[:-1])
        return "".join(keys[choice][0] for choice in chosen)

    def words(self) -> dict[str, str]:
        """The answers as they are written in a file."""
        pairs = zip(self.asked.items, self.answers, strict=True)
        return {item.name: self.asked.question.words(item, chosen) for item, chosen in pairs}

    def by_task(self, names: tuple[str, ...]) -> dict[str, str]:
        """The same, one task after the other."""
        question = self.asked.question
        given: dict[int, int] = {}
        for item, chosen in zip(self.asked.items, self.answers, strict=True):
            given |= question.answers(item, chosen)
        return {names[task]: question.options[answer] for task, answer in given.items()}


def opened(play: Playbook, number: int, preset: str, **more: object) -> Round:
    """A round of three for it, closed as soon as all have revealed."""
    name = f"{preset}.json"
    write_round(
        play.shell.folder, name, preset=preset, gold=None, gold_window=None, seats=3, **more
    )
    play.good(f"open {preset}", "requester", "open", name, "--yes")
    tasks = f"{preset}.tasks.json"
    asked = asked_in(Kind.NOMINAL, load_manifest(play.shell.folder / tasks))
    if preset == "ranking":
        answers = [tuple(item.choices.index(reply) for reply in REPLIES) for item in asked.items]
    else:
        answers = [tuple(FLAGS.index(flag) for flag in flags) for flags in FLAGGED]
    return Round(str(number), tasks, asked, answers)


def answer_on_the_screen(play: Playbook, held: Round) -> None:
    """Item by item; killed within the second, and gone on with."""
    shell, items = play.shell, held.asked.items
    command = [shell.program("plumbline"), "labeler", "answer", held.number]
    command += ["--tasks", held.tasks, "--account", LABELERS[0]]
    with Terminal(command, shell.folder, shell.environment) as first:
        first.wait_for("Item 1 of 4")
        first.type(held.typed(0))
        time.sleep(0.3)
        first.type("\r")
        first.wait_for("Item 2 of 4")
        first.type("2")
        time.sleep(0.3)
    with Terminal(command, shell.folder, shell.environment) as second:
        second.wait_for("Item 2 of 4")
        for item in range(1, len(items)):
            # That none applies is a second Enter.
            keys = [*held.typed(item), "\r"] if held.typed(item) else ["\r", "\r"]
            for key in keys:
                second.type(key)
                time.sleep(0.2)  # the same key at once would be taken for one that is held down
            second.wait_for("Review" if item == len(items) - 1 else f"Item {item + 2} of 4")
        second.type("c")
        second.wait_for("Sign and send?")
        assert "Commit to 12 answers and 0 skips" in " ".join(second.seen.split())
        second.type("y\n")
        second.wait_for("is seated in round")
        assert second.process.wait(30) == 0


def play_round(play: Playbook, held: Round) -> None:
    """The first labeler answers on the screen, the second in a table, the third task by task."""
    folder, question = play.shell.folder, held.asked.question.name
    answer_on_the_screen(play, held)
    sheet = f"{question}.csv"
    form = ("labeler", "template", held.number, "--tasks", held.tasks, "--output", sheet)
    play.good(f"template {question}", *form)
    if question == "ranking":
        play.run("template again", *form)
    words = held.words()
    with (folder / sheet).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / sheet).open("w", encoding="utf-8", newline="") as file:
        filled = csv.DictWriter(file, rows[0].keys())
        filled.writeheader()
        filled.writerows({**row, "answer": words[row["task"]]} for row in rows)
    names = load_manifest(folder / held.tasks).names
    one_by_one = json.dumps(held.by_task(names))
    (folder / f"{question}.by-task.json").write_text(one_by_one)
    first = held.asked.items[0].name
    (folder / "twice.json").write_text(json.dumps({first: words[first], **held.by_task(names)}))
    seat = ("--tasks", held.tasks, "--yes", "--account")
    if question == "ranking":
        play.run("twice", "labeler", "commit", "twice.json", *seat, LABELERS[1])
    play.good(f"commit {question}", "labeler", "commit", sheet, *seat, LABELERS[1])
    play.good(
        f"by task {question}", "labeler", "commit", f"{question}.by-task.json", *seat, LABELERS[2]
    )
    for labeler in LABELERS:
        play.shell.good("labeler", "reveal", "--account", labeler, "--yes")
    play.good(f"close {question}", "requester", "close", held.number, "--yes")
    made = f"{question}-dataset"
    play.good(made, "requester", "dataset", f"{question}.json", "--to", made, "--json")
    play.good(f"verify {made}", "requester", "verify", made)
    labels = ("requester", "labels", "--tasks", held.tasks)
    play.good(f"{question} as json", *labels, "--json")
    if question == "ranking":
        play.good("ranking as a table", *labels)
    else:
        play.good("labels as csv", *labels, "--format", "csv")
        play.good("labels by task", *labels, "--by-task", "--json")


@pytest.fixture(scope="module")
def played(project: Project) -> Playbook:
    """A round of rankings and one of labels."""
    play = Playbook(project.shell)
    for labeler in LABELERS:
        play.shell.good("labeler", "deposit", "0.04 ether", "--account", labeler, "--yes")
    play_round(play, opened(play, 1, "ranking", tasks=RANKED))
    play_round(play, opened(play, 2, "labels", tasks=MESSAGES, options=FLAGS))
    return play


def test_who_pays_sees_the_first_item_as_labelers_do(played: Playbook) -> None:
    shown = played["open ranking"].err
    assert "Item 1 of 4 as labelers see it, q0, 3 tasks of 12:" in shown
    assert "question 0?" in shown and "the best reply" in shown
    assert "[1] rude   [2] spam   [3] off topic" in played["open labels"].err


def test_all_ways_to_answer_say_the_same(played: Playbook) -> None:
    """All three sheets are one: nothing is contested, and every task has three votes."""
    for question in ("ranking", "labels"):
        for item in played[f"{question} as json"].json:
            assert not item["contested"]
            assert [sorted(task["votes"].values()) for task in item["tasks"]] == [[0, 3]] * 3


def test_labels_of_items_are_what_was_meant(played: Playbook) -> None:
    ranked = played["ranking as json"].json
    assert [item["item"] for item in ranked] == ["q0", "q1", "q2", "q3"]
    assert all(item["label"] == REPLIES for item in ranked)
    assert [item["label"] for item in played["labels as json"].json] == FLAGGED
    rows = list(csv.DictReader(io.StringIO(played["labels as csv"].out)))
    assert [row["label"] for row in rows] == ["rude; off topic", "none", "spam", "off topic"]
    assert "the best reply > a fair reply > " in played["ranking as a table"].said
    assert "4 labels from 12 tasks, 0 contested" in played["ranking as a table"].said


def test_datasets_of_items_have_the_same_labels_and_all_their_tasks(played: Playbook) -> None:
    folder = played.shell.folder
    ranked = rows_of(folder / "ranking-dataset" / "labels.jsonl")
    texts = [each if isinstance(each, str) else json.dumps(each) for each in REPLIES]
    assert [row["id"] for row in ranked] == ["q0", "q1", "q2", "q3"]
    assert all(row["label"] == texts and sorted(row["choices"]) == sorted(texts) for row in ranked)
    assert [row["question"] for row in ranked] == [each["question"] for each in RANKED]
    flagged = rows_of(folder / "labels-dataset" / "labels.jsonl")
    assert [row["label"] for row in flagged] == FLAGGED
    for round_id, rows in ((1, ranked), (2, flagged)):
        assert played[f"{('ranking', 'labels')[round_id - 1]}-dataset"].json["rounds"] == [round_id]
        for row in rows:
            assert [sorted(votes) for votes in row["votes"]] == [[0, 3]] * 3
            assert len(row["answers"]) == 9
        places = [place for row in rows for task in row["tasks"] for place in task["places"]]
        assert places == [{"round": round_id, "task": task} for task in range(12)]


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_tasks_are_there_one_by_one_too(played: Playbook) -> None:
    tasks = played["labels by task"].json
    assert [task["task"] for task in tasks[:3]] == ["m0/rude", "m0/spam", "m0/off topic"]
    assert [task["label"] for task in tasks[:6]] == ["yes", "no", "yes", "no", "no", "no"]


def test_a_template_says_what_to_write_and_is_never_written_over(played: Playbook) -> None:
    assert "4 items of round 1 in ranking.csv: fill in the column `answer`" in (
        played["template ranking"].said
    )
    assert "like rude; spam, or none; empty is a skip" in played["template labels"].said
    assert "ranking.csv is there already" in played["template again"].error


def test_an_item_answered_twice_is_refused_with_its_line(played: Playbook) -> None:
    refused = played["twice"].error
    assert "twice.json, line 1: task 'q0/" in refused and "was answered in line 1" in refused


def test_tasks_that_make_no_question_are_refused_before_the_screen_opens(
    played: Playbook, project: Project
) -> None:
    """A stranger has opened the round, whose tasks lack one of the pairs."""
    folder = played.shell.folder
    manifest = load_manifest(folder / "ranking.tasks.json")
    broken = replace(manifest, tasks=(*manifest.tasks[:-1], manifest.tasks[0]))
    (folder / "broken.json").write_text(json.dumps(broken.to_json()).replace("q0/", "qx/", 1))
    broken = load_manifest(folder / "broken.json")
    market = Market(project.w3, project.deployment)
    rules = terms(tasks=12, seats=3, r_min=3)
    market.send("requester", market.rounds.deposit(rules.price * rules.seats))
    start = market.now() + WINDOW
    ends = Deadlines(start, start + WINDOW, 0)
    market.send("requester", market.rounds.open(rules, ends, broken.root, EMPTY_HASH, uri=""))
    given = ("--tasks", "broken.json", "--account", LABELERS[0])
    for command in (
        ("labeler", "answer", *given),
        ("labeler", "commit", "ranking.csv", *given, "--yes"),
        ("labeler", "template", *given[:2], "--output", "no.csv"),
    ):
        assert "are not all pairs of its things" in played.shell(*command).error
    audit = played.shell("audit", "--tasks", "broken.json")
    assert "tasks of round 3 cannot be answered on a screen" in audit.said
