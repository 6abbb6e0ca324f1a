"""A short round file suffices; what it cannot mean is refused by the name of the key."""

import json
from pathlib import Path
from typing import Any

import pytest

from plumbline.campaign.rounds import load as load_campaign
from plumbline.errors import PlumblineError
from plumbline.files.text import FileError, read_object
from plumbline.formats.round_file import NoGoldError, RoundFile, load, parse
from plumbline.questions.registry import QUESTIONS
from plumbline.settlement.terms import Kind, validate
from plumbline.units import Unit

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
TASKS = [f"task {number}" for number in range(48)]
GOLD = {number + 1: ("no", "yes")[number % 2] for number in range(12)}


def made(**changes: Any) -> RoundFile:
    """A short round file, without gold if there are no gold answers among the changes."""
    values: dict[str, Any] = {
        "preset": "binary",
        "tasks": TASKS,
        "no_gold": ... if "gold" in changes else True,
        "price": "0.01 ether",
        "stake": "0.02 ether",
    }
    values |= changes
    return parse({key: value for key, value in values.items() if value is not ...}, Path())


def test_five_keys_make_a_round() -> None:
    round_file = made()
    rules = round_file.rules
    assert (rules.kind, rules.options, rules.width, rules.tasks) == (Kind.NOMINAL, 2, 1, 48)
    assert (rules.price, rules.stake, rules.seats, rules.r_min) == (10**16, 2 * 10**16, 9, 5)
    assert (rules.bar_bps, rules.refund_bps, rules.gold_count) == (13_500, 10_000, 0)
    assert round_file.escrow == 9 * 10**16
    assert round_file.deadlines(1_000) == (1_000 + 86_400, 1_000 + 2 * 86_400, 0)
    assert round_file.admission is None


@pytest.mark.parametrize(
    ("preset", "options", "kind", "names", "width"),
    [
        ("binary", ..., Kind.NOMINAL, ("no", "yes"), 1),
        ("choice", ["red", "green", "blue"], Kind.NOMINAL, ("red", "green", "blue"), 1),
        ("choice", 3, Kind.NOMINAL, ("0", "1", "2"), 1),
        ("scale", ..., Kind.ORDINAL, ("1", "2", "3", "4", "5"), 3),
        ("scale", 4, Kind.ORDINAL, ("1", "2", "3", "4"), 2),
        ("preference", ..., Kind.ORDINAL, ("A", "tie", "B"), 2),
    ],
)
def test_presets(preset: str, options: Any, kind: Kind, names: tuple[str, ...], width: int) -> None:
    round_file = made(preset=preset, options=options)
    assert round_file.rules.kind is kind
    assert round_file.manifest.options == names
    assert round_file.rules.width == width
    validate(round_file.rules)


def test_terms_override_presets() -> None:
    rules = made(
        gold=GOLD,
        seats=20,
        r_min=10,
        tau_bps=2_500,
        bar_bps=15_000,
        refund_bps=4_000,
        slash_max_bps=8_000,
        gold_pass_bps=3_000,
    ).rules
    assert (rules.seats, rules.r_min, rules.tau_bps) == (20, 10, 2_500)
    assert (rules.bar_bps, rules.refund_bps) == (15_000, 4_000)
    assert (rules.slash_max_bps, rules.gold_pass_bps) == (8_000, 3_000)


def test_gold_goes_by_task_and_by_option_name() -> None:
    backwards = dict(reversed(GOLD.items()))
    assert made(gold=backwards).gold == {number: number % 2 for number in range(12)}
    tasks = [{"id": f"t{number}"} for number in range(48)]
    gold = {f"t{4 * number}": ("no", "yes")[number % 2] for number in range(12)}
    round_file = made(tasks=tasks, gold=gold, gold_window="2h")
    assert round_file.gold == {4 * number: number % 2 for number in range(12)}
    assert round_file.deadlines(0)[2] == 2 * 86_400 + 7_200


def test_gold_answers_make_the_terms_of_a_round_with_gold() -> None:
    rules = made(gold=GOLD).rules
    assert (rules.gold_count, rules.gold_pass_bps, rules.gold_slash_bps) == (12, 2_500, 4_166)
    assert (rules.r_min, rules.bar_bps, rules.refund_bps) == (3, 12_500, 5_000)


def test_a_round_without_gold_says_so() -> None:
    with pytest.raises(NoGoldError) as error:
        made(no_gold=...)
    assert str(error.value) == "no gold answers: add them, or say no_gold"
    with pytest.raises(NoGoldError):
        made(no_gold=False)
    values = {"preset": "binary", "tasks": TASKS, "price": 1, "stake": 10_000}
    assert not parse(values, Path(), no_gold=True).gold
    for said in ({}, {"no_gold": True}):
        with pytest.raises(PlumblineError, match="gold is given and no_gold said"):
            parse({**values, **said, "gold": GOLD}, Path(), no_gold=not said)


def test_who_says_no_gold_in_a_file_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps({"preset": "binary", "tasks": TASKS, "price": 1, "stake": 10_000}))
    with pytest.raises(NoGoldError, match=r"r\.json: no gold answers"):
        load(path)
    assert not load(path, no_gold=True).gold


# ---------------------------------------------------------------- advice


def words(**changes: Any) -> str:
    return "; ".join(made(uri="ipfs://tasks", **changes).advice)


@pytest.mark.parametrize(
    ("seats", "gains", "leads"), [(3, 2, 2), (5, 2, 2), (9, 2, 3), (20, 4, 7), (255, 51, 85)]
)
def test_without_gold_the_advice_says_from_how_many_seats_a_bloc_gains(
    seats: int, gains: int, leads: int
) -> None:
    assert (
        f"without gold {gains} of {seats} seats that share one random sheet gain, "
        f"and {leads} earn more than honest work"
    ) in words(seats=seats)


def test_without_gold_few_seats_and_few_tasks_are_advised_against() -> None:
    assert "take 9 seats or more" in words(seats=8)
    assert "take 9 seats or more" not in words(seats=9)
    assert "often void" in words(tasks=TASKS[:47])
    assert "often void" not in words()


def test_few_rare_and_strict_golds_are_advised_against() -> None:
    tasks = [f"task {number}" for number in range(96)]
    many = {number + 1: ("no", "yes")[number % 2] for number in range(24)}
    assert words(tasks=tasks, gold=many) == ""
    assert words(gold=GOLD).startswith("few gold tasks, 12: with 24 (and 96 tasks)")
    rare = many | dict.fromkeys(range(2, 15, 2), "no")  # 5 of 24 are yes
    assert "few gold tasks are yes: pick them evenly" in words(tasks=tasks, gold=rare)
    assert "hard to pass" in words(tasks=tasks, gold=many, gold_pass_bps=2_501)
    three = {number + 1: number % 3 for number in range(12)}
    assert words(preset="choice", options=3, gold=three) == ""


def test_gold_tasks_are_drawn_evenly_from_more_known_answers() -> None:
    known = {task: "yes" if task < 7 else "no" for task in range(1, 49)}
    round_file = made(gold=known, gold_count=12)
    assert round_file.rules.gold_count == len(round_file.gold) == 12
    assert dict(round_file.gold_shares) == {"no": 6, "yes": 6}
    assert all(known[task + 1] == ("no", "yes")[option] for task, option in round_file.gold.items())
    assert made(gold=GOLD, gold_count=12) == made(gold=GOLD)


def test_a_draw_is_the_same_each_time_and_another_for_other_tasks_or_answers() -> None:
    known = {task: ("no", "yes")[task % 2] for task in range(1, 49)}
    drawn = made(gold=known, gold_count=12).gold
    assert made(gold=dict(reversed(known.items())), gold_count=12).gold == drawn
    assert made(gold=known, gold_count=12, price="0.02 ether", stake="0.04 ether").gold == drawn
    assert made(gold=known, gold_count=12, instructions="Look twice").gold != drawn
    fewer = {task: answer for task, answer in known.items() if task != 47}
    assert made(gold=fewer, gold_count=12).gold != drawn


def test_a_missing_uri_is_remarked_on() -> None:
    assert "no uri: hand the tasks to labelers in another way" in made(gold=GOLD).advice


def test_gold_is_in_no_manifest() -> None:
    with_gold, without = made(gold=GOLD), made()
    assert with_gold.manifest == without.manifest
    assert "gold" not in json.dumps(with_gold.manifest.to_json())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"preset": "binray"}, "preset: 'binray' is no kind of question"),
        ({"prise": 1}, "prise is not a key of a round: do you mean price?"),
        ({"price": ...}, "price is missing"),
        ({"price": "0.01"}, "price is '0.01': add a unit"),
        ({"price": "1 USDC"}, "price is in usdc"),
        ({"price": 0}, "price must be above 0"),
        ({"stake": 3}, "stake is too small to be slashed"),
        ({"tasks": []}, "tasks must be a list"),
        ({"tasks": TASKS[:11]}, "tasks must be 12 to 256, not 11"),
        ({"tasks": TASKS * 6}, "tasks must be 12 to 256, not 288"),
        ({"tasks": [*TASKS, 0.5]}, "task 49: the number 0.5"),
        ({"tasks": "none.csv"}, "none.csv is not there"),
        ({"tasks": "none.txt"}, "must end in .csv"),
        ({"options": ["a"]}, "there must be 2 to 16"),
        ({"options": ["a", "A"]}, "same name twice"),
        ({"options": [True, False]}, "put true, false and null in quotes"),
        ({"preset": "choice"}, "options are missing"),
        ({"preset": "scale", "options": 17}, "there must be 2 to 16"),
        ({"preset": "scale", "width": 17}, "width of an ordinal round must be 2 to 16"),
        ({"preset": "preference", "width": 9}, "width of an ordinal round must be 2 to 8"),
        ({"gold": {99: "yes"}}, "gold has a task '99'"),
        ({"gold": {1: "maybe"}}, "gold of task 1: 'maybe' is not an option"),
        ({"gold": {"1": "yes", 1: "yes"}}, "gold has task 1 twice"),
        ({"gold": {1: "yes"}}, "gold_count must be 12 to 12, not 1"),
        ({"gold": {}}, "gold must be an object {task: answer}, or a field of the tasks"),
        ({"gold": GOLD, "tasks": TASKS[:47]}, "tasks must be 48 or more with 2 options and gold"),
        ({"gold": dict.fromkeys(range(1, 13), "no")}, "gold is too one-sided and would count as"),
        ({"gold": GOLD, "gold_window": "31d"}, "gold answers are opened within 30 days"),
        ({"gold": GOLD, "gold_slash_bps": 999}, "gold_slash_bps must be 1000 to 10000"),
        ({"no_gold": "yes"}, "no_gold is 'yes': must be true or false"),
        ({"gold_count": 12}, "gold_count is 12: gold has 0 answers to draw from"),
        ({"gold": GOLD, "gold_count": 13}, "gold_count is 13: gold has 12 answers to draw from"),
        ({"gold": GOLD, "gold_count": 0}, "gold_count is 0: gold has 12 answers to draw from"),
        ({"gold": GOLD, "gold_count": True}, "gold_count is True: must be an integer"),
        ({"gold": GOLD, "gold_count": "12"}, "gold_count is '12': must be an integer"),
        ({"gold": GOLD, "gold_count": 11}, "gold_count must be 12 to 12, not 11"),
        ({"bar_bps": 9_999}, "bar_bps must be 10000 to 20000"),
        ({"seats": 2}, "seats must be 3 to 255"),
        ({"seats": "many"}, "seats is 'many'"),
        ({"r_min": 10}, "r_min must be 3 to 9"),
        ({"tau_bps": 10_000}, "tau_bps must be 0 to"),
        ({"commit": "soon"}, "commit is 'soon'"),
        ({"reveal": "4m"}, "reveal is 240s: give labelers 5m or more"),
        ({"commit": "364d"}, "less than a year"),
        ({"uri": "x" * 257}, "uri must be at most 256"),
        ({"admission": "0x12"}, "admission: "),
        ({"instructions": 7}, "instructions is 7"),
    ],
)
def test_errors_name_the_key(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(PlumblineError) as error:
        made(**changes)
    assert reason in str(error.value)


def test_amounts_of_a_token_have_its_decimals() -> None:
    token = Unit("USDC", 6, "0x" + "11" * 20)
    values = {"preset": "binary", "tasks": TASKS, "price": "2.5 USDC", "stake": "5 usdc"}
    values |= {"no_gold": True}
    rules = parse(values, Path(), token).rules
    assert (rules.price, rules.stake) == (2_500_000, 5_000_000)
    with pytest.raises(PlumblineError, match="price is in ether"):
        parse({**values, "price": "1 ether"}, Path(), token)


def test_tasks_come_from_files_beside(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text\na,one\nb,two\n", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text('{"id":"a"}\n{"id":"b"}\n\n', encoding="utf-8")
    (tmp_path / "t.json").write_text('["one"]', encoding="utf-8")
    for name, tasks in (
        ("t.csv", ({"id": "a", "text": "one"}, {"id": "b", "text": "two"})),
        ("t.jsonl", ({"id": "a"}, {"id": "b"})),
    ):
        values = {"preset": "binary", "tasks": name, "price": 1, "stake": 10_000, "no_gold": True}
        with pytest.raises(PlumblineError, match=f"not {len(tasks)}"):
            parse(values, tmp_path)
    (tmp_path / "bad.csv").write_text("id,text\na\n", encoding="utf-8")
    with pytest.raises(PlumblineError, match=r"bad\.csv, line 2: 1 cells, and 2 columns"):
        parse({"preset": "binary", "tasks": "bad.csv"}, tmp_path)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "preset: binary\noptions: [no, yes]\ntasks: " + json.dumps(TASKS) + "\n"
        "price: 0.01 ether\nstake: 0.02 ether\ngold: "
        + "".join(f"\n  {task}: {answer}" for task, answer in GOLD.items())
        + "\n",
        encoding="utf-8",
    )
    (tmp_path / "r.json").write_text(
        json.dumps(
            {
                "preset": "binary",
                "options": ["no", "yes"],
                "tasks": TASKS,
                "price": "0.01 ether",
                "stake": "0.02 ether",
                "gold": {str(task): answer for task, answer in GOLD.items()},
            }
        ),
        encoding="utf-8",
    )
    assert load(tmp_path / "r.yaml") == load(tmp_path / "r.json")
    assert load(tmp_path / "r.yaml").gold == {number: number % 2 for number in range(12)}


def test_yaml_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: no\nb: on\nc: 1:30\nd: 2026-01-01\ne: 010\nf: true\ng:\n", encoding="utf-8")
    assert read_object(path) == {
        "a": "no",
        "b": "on",
        "c": "1:30",
        "d": "2026-01-01",
        "e": 10,
        "f": True,
        "g": None,
    }
    path.write_text("a: 1\nb: 2\na: 3\n", encoding="utf-8")
    with pytest.raises(FileError, match="line 3: a comes twice"):
        read_object(path)
    path.write_text("a: 1\nb: 'x\x85y'\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"line 2: the character U\+0085, .*write \\u0085 in doub"):
        read_object(path)
    path.write_text('b: "x\\u0085\\u2028y"\n', encoding="utf-8")
    assert read_object(path) == {"b": "x\x85\u2028y"}
    path.write_text("a: !!timestamp soon\n", encoding="utf-8")
    with pytest.raises(FileError, match="not valid YAML"):
        read_object(path)
    path.write_text("a: !!python/object:os.system {}\n", encoding="utf-8")
    with pytest.raises(FileError, match="not valid YAML"):
        read_object(path)


def test_an_error_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("preset: binary\n", encoding="utf-8")
    with pytest.raises(PlumblineError, match=r"r\.yaml: tasks must be a list"):
        load(path)


CAMPAIGN = EXAMPLES / "tickets.yaml"
ROUNDS = sorted(set(EXAMPLES.glob("*.yaml")) - {CAMPAIGN})


def test_a_round_file_is_no_campaign_and_the_other_way_round() -> None:
    with pytest.raises(PlumblineError, match="batch is not a key of a round"):
        load(CAMPAIGN)
    assert len(load_campaign(CAMPAIGN).rounds) == 3


@pytest.mark.parametrize("path", ROUNDS, ids=lambda path: path.stem)
def test_the_examples_are_rounds(path: Path) -> None:
    assert load(path).rules.tasks >= 12


def test_all_presets_have_an_example_or_need_none() -> None:
    used = {load(path).question.name for path in ROUNDS}
    assert used <= set(QUESTIONS)
    # A choice is like `binary`, and stands written out in reference.yaml.
    assert used == set(QUESTIONS)
