"""Whatever in a dataset's folder does not follow from its rounds is named."""

import csv
import io
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumbline.audit.dataset_checks import DatasetAudit
from plumbline.audit.report import Difference
from plumbline.dataset.exports.card import CardDetails
from plumbline.dataset.exports.folder import formats_for, write_dataset
from plumbline.dataset.file_comparison import FileComparer
from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.labeling import label
from plumbline.dataset.provenance import (
    PROVENANCE,
    DatasetOptions,
    Provenance,
    manifest_path,
    read_provenance,
)
from plumbline.dataset.row_differences import DifferenceKind, row_differences
from plumbline.dataset.row_reading import RowsError, rows_of
from plumbline.dataset.sources import ItemSource, SourceRound
from plumbline.dataset.verifying import OnTrust, VerifiedFolder, left_out, verify_folder
from plumbline.files.checked_folder import SUMS
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest
from plumbline.units import ETHER
from tests.unit.builders import (
    DEPLOYED,
    GENESIS,
    STRANGER,
    Chain,
    StagedRound,
    audited,
    labeler,
    with_gold,
)
from tests.unit.test_exports import ROUNDS as EVERY_KIND

OPTIONS = ("no", "yes")
FIRST = Manifest(OPTIONS, tuple({"id": f"a{n}", "text": f"ham, {n}"} for n in range(48)), "Spam?")
SECOND = Manifest(OPTIONS, tuple({"id": f"b{n}", "text": f"egg, {n}"} for n in range(48)), "Spam?")
PEOPLE = LabelerGroups({labeler(n): "few" if n < 3 else "many" for n in range(8)}, {})
TRAIN, TEST = "data/labels-train.parquet", "data/labels-test.parquet"
ANSWERS = "data/answers-train.parquet"


def rounds_of(*manifests: Manifest) -> list[SourceRound]:
    """Closed rounds about these tasks, on one chain; items are called `item NAME`."""
    chain = Chain()
    sources = []
    for manifest in manifests:
        staged = StagedRound.of(with_gold(8), chain=chain, tasks_root=manifest.root)
        history = staged.commit().reveal().close().history
        items = {
            name: ItemSource(f"item {name}", f"group {number % 9}", {"row": number, "by": "me"})
            for number, name in enumerate(manifest.names)
        }
        sources.append(SourceRound.of(history, manifest, items))
    return sources


def write(folder: Path, sources: list[SourceRound], groups: LabelerGroups = NO_GROUPS) -> None:
    """The folder of their dataset in all forms, as `requester dataset` writes it."""
    dataset = label(sources, None, groups)
    options = DatasetOptions(None, 30, "mit", formats_for(dataset.question))
    provenance = Provenance.of(dataset, sources, DEPLOYED, GENESIS, options, groups)
    write_dataset(
        folder,
        options.split(dataset),
        CardDetails(options.license, DEPLOYED, ETHER),
        provenance,
        [each.manifest for each in sources],
    )


def histories(sources: list[SourceRound]) -> dict[int, RoundHistory]:
    return {each.history.round_id: each.history for each in sources}


COMPARER = FileComparer()
ROUNDS = rounds_of(FIRST, SECOND)


@pytest.fixture(scope="module", autouse=True)
def comparer() -> Iterator[FileComparer]:
    """One process for all tests."""
    with COMPARER:
        yield COMPARER


def verify(folder: Path, rounds: dict[int, RoundHistory]) -> VerifiedFolder:
    return verify_folder(folder, read_provenance(folder), rounds, ETHER, COMPARER)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "dataset"
    write(folder, ROUNDS, PEOPLE)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "dataset"))


def found_in(folder: Path, kind: DifferenceKind, *, sums: bool = False) -> list[str]:
    """What is found, all of that kind but that the list of hashes does not fit any more."""
    findings = [
        each for each in verify(folder, histories(ROUNDS)).findings if sums or each.place != SUMS
    ]
    assert {each.kind for each in findings} == {kind}, findings
    return [str(each) for each in findings]


def parquet_rows(folder: Path, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / path).to_pylist()
    return rows


def put_rows(folder: Path, path: str, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=pq.read_schema(folder / path))
    pq.write_table(table, folder / path)


# ---------------------------------------------------------------- what is as it should be


def test_a_folder_as_it_was_written_follows_from_its_rounds(folder: Path) -> None:
    found = verify(folder, histories(ROUNDS))
    assert found.is_clean and found.findings == ()
    paths = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    apart = {PROVENANCE, SUMS, manifest_path(FIRST.root), manifest_path(SECOND.root)}
    assert {each.path for each in found.files} == paths - apart | {SUMS}
    assert {TRAIN, TEST, ANSWERS, "labels.csv", "labels.jsonl", "README.md"} < paths
    assert found.answers == 2 * 48 * 8
    trust = OnTrust.of(found.provenance)
    assert trust.fields == ("row", "by")
    assert (trust.labelers, trust.labeler_groups) == (8, ("few", "many"))
    assert len(trust.groups) == 9


def test_other_bytes_of_the_same_rows_are_no_difference(folder: Path) -> None:
    table = pq.read_table(folder / TRAIN)
    pq.write_table(table, folder / TRAIN, compression="none", row_group_size=7)
    findings = verify(folder, histories(ROUNDS)).findings
    assert [each.place for each in findings] == [SUMS]
    assert TRAIN in findings[0].words


def test_what_fetching_a_folder_leaves_is_not_looked_at(folder: Path) -> None:
    (folder / ".gitattributes").write_text("*.parquet filter=lfs")
    (folder / ".git").mkdir()
    found = verify(folder, histories(ROUNDS))
    assert found.is_clean and found.ignored == (".git", ".gitattributes")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_datasets_of_every_kind_of_question_are_made_again(kind: str, tmp_path: Path) -> None:
    sources = EVERY_KIND[kind]()
    write(tmp_path / "dataset", sources)
    found = verify(tmp_path / "dataset", histories(sources))
    assert found.findings == ()
    assert len(found.files) > 6


# ---------------------------------------------------------------- rows


def test_a_changed_label_is_named(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    (row,) = (row for row in rows if row["id"] == "item a30")
    assert row["label"] == "no"
    row["label"] = "yes"
    put_rows(folder, TRAIN, rows)
    assert found_in(folder, DifferenceKind.CHANGED) == [
        f'{TRAIN}, row item a30: label must be "no", and is "yes"'
    ]


def test_a_label_that_is_changed_everywhere_is_named_everywhere(folder: Path) -> None:
    for path in (TRAIN, TEST):
        rows = parquet_rows(folder, path)
        for row in rows:
            if row["id"] == "item a30":
                row["label"] = "yes"
        put_rows(folder, path, rows)
    lines = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    for line in lines:
        if line["id"] == "item a30":
            line["label"] = "yes"
    (folder / "labels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    change_cell(folder, "item a30", "label", "yes")
    found = found_in(folder, DifferenceKind.CHANGED)
    assert [line.partition(":")[0] for line in found] == [
        f"{TRAIN}, row item a30",
        "labels.csv, row item a30",
        "labels.jsonl, row item a30",
    ]


def change_cell(folder: Path, item: str, column: str, value: str) -> None:
    path = folder / "labels.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(), newline="")))
    (row,) = (row for row in rows if row[0] == item)
    row[rows[0].index(column)] = value
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("confidence", 0.51),
        ("votes", [0, 8]),
        ("distribution", [0.5, 0.5]),
        ("is_contested", True),
        ("is_gold", True),
        ("method", "dawid-skene"),
        ("text", "ham, 31"),
        ("by", "you"),
        ("row", 31),
        ("group", "group 5"),
        ("split", "test"),
    ],
)
def test_every_column_is_compared(folder: Path, field: str, value: object) -> None:
    rows = parquet_rows(folder, TRAIN)
    (row,) = (row for row in rows if row["id"] == "item a30")
    assert row[field] != value
    row[field] = value
    put_rows(folder, TRAIN, rows)
    (found,) = found_in(folder, DifferenceKind.CHANGED)
    assert found.startswith(f"{TRAIN}, row item a30: {field}")


def test_who_answered_what_is_compared(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    row = next(row for row in rows if row["id"] == "item a30")
    row["answers"][2]["labeler"] = STRANGER
    put_rows(folder, TRAIN, rows)
    answers = parquet_rows(folder, ANSWERS)
    answers[5]["answer"] = "yes" if answers[5]["answer"] == "no" else "no"
    put_rows(folder, ANSWERS, answers)
    first, second = found_in(folder, DifferenceKind.CHANGED)
    assert f'row item a30: answers[2].labeler must be "{labeler(2)}"' in first
    assert second.startswith(f"{ANSWERS}, row {answers[5]['id']}: answer must be")


def test_a_dropped_row_is_named(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    put_rows(folder, TRAIN, [row for row in rows if row["id"] != "item a30"])
    (found,) = found_in(folder, DifferenceKind.MISSING)
    assert found.startswith(f"{TRAIN}, row item a30: is not there")


def test_a_row_of_another_campaign_is_named(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    put_rows(folder, TRAIN, [*rows, {**rows[0], "id": "item z1", "text": "from elsewhere"}])
    (found,) = found_in(folder, DifferenceKind.ADDED)
    assert found.startswith(f"{TRAIN}, row item z1: does not follow from the rounds")


def test_a_row_that_comes_twice_is_named(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    put_rows(folder, TRAIN, [*rows, rows[0]])
    (found,) = found_in(folder, DifferenceKind.ADDED)
    assert found.startswith(f"{TRAIN}, row {rows[0]['id']}: ")


def test_rows_that_were_swapped_between_items_are_named(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    rows[0]["id"], rows[1]["id"] = rows[1]["id"], rows[0]["id"]
    put_rows(folder, TRAIN, rows)
    assert len(found_in(folder, DifferenceKind.CHANGED)) == 2


def test_another_order_is_named(folder: Path) -> None:
    rows = parquet_rows(folder, TRAIN)
    put_rows(folder, TRAIN, [*rows[:5], *rows[5:][::-1]])
    assert found_in(folder, DifferenceKind.MOVED) == [
        f"{TRAIN}, row 6: from here on rows are in another order"
    ]


def test_what_loaders_read_of_columns_is_compared(folder: Path) -> None:
    table = pq.read_table(folder / TRAIN)
    said = table.replace_schema_metadata({"huggingface": '{"info": {"features": {}}}'})
    pq.write_table(said, folder / TRAIN)
    (found,) = found_in(folder, DifferenceKind.ADDED)
    assert found.startswith(f"{TRAIN}, columns")
    pq.write_table(table.drop_columns(["confidence"]), folder / TRAIN)
    (found,) = found_in(folder, DifferenceKind.CHANGED)
    assert "confidence" in found


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("README.md", "license: mit", "license: cc0-1.0"),
        ("README.md", "data/labels-test.parquet", "data/answers-test.parquet"),
        ("labels.csv", '"Spam?"', '"Ham?"'),
        ("labels.jsonl", '"ham, 30"', '"ham, 31"'),
    ],
)
def test_every_file_is_compared(folder: Path, path: str, before: str, after: str) -> None:
    text = (folder / path).read_text()
    if before not in text:
        before, after = "ham, 30", "ham, 31"
    assert before in text
    (folder / path).write_text(text.replace(before, after, 1))
    (found,) = found_in(folder, DifferenceKind.CHANGED)
    assert found.startswith(path)


# ---------------------------------------------------------------- rounds and their tasks


def change_provenance(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    values = json.loads((folder / PROVENANCE).read_text())
    change(values)
    (folder / PROVENANCE).write_text(json.dumps(values))


def test_a_changed_manifest_is_named(folder: Path) -> None:
    path = folder / manifest_path(FIRST.root)
    path.write_text(path.read_text().replace("ham, 30", "ham, 31"))
    (found,) = found_in(folder, DifferenceKind.CHANGED)
    assert found.startswith(manifest_path(FIRST.root)) and "they were changed" in found


def test_a_missing_manifest_is_named(folder: Path) -> None:
    (folder / manifest_path(SECOND.root)).unlink()
    (found,) = found_in(folder, DifferenceKind.MISSING)
    assert found.startswith(manifest_path(SECOND.root))


def test_a_wrong_round_is_named(folder: Path) -> None:
    change_provenance(folder, lambda v: v["rounds"][0].update(round=7))
    assert found_in(folder, DifferenceKind.ROUND) == [
        "round 7: there is no such round that can be told"
    ]
    roots = (each.root for each in (SECOND, FIRST))
    change_provenance(
        folder,
        lambda v: [each.update(round=n + 1) for n, each in enumerate(v["rounds"][::-1])],
    )
    del roots
    first, second = found_in(folder, DifferenceKind.ROUND)
    assert "round 2: is about other tasks" in first and "round 1: is about" in second


def test_a_round_of_somebody_else_is_named(folder: Path) -> None:
    change_provenance(folder, lambda v: v.update(requester=STRANGER))
    first, _ = found_in(folder, DifferenceKind.ROUND)
    assert f"and not by {STRANGER}" in first


def test_a_round_that_was_left_out_is_missed_in_its_rows(folder: Path) -> None:
    """Its rows stay, and nothing is there that they follow from."""

    def leave_out(values: dict[str, Any]) -> None:
        del values["rounds"][1]
        values["items"] = [each for each in values["items"] if each["called"].startswith("a")]

    change_provenance(folder, leave_out)
    findings = verify(folder, histories(ROUNDS)).findings
    added = [each for each in findings if each.kind is DifferenceKind.ADDED]
    assert any(each.place == f"{TRAIN}, row item b30" for each in added)
    assert any(each.place == manifest_path(SECOND.root) for each in added)


def test_a_round_that_is_not_closed_has_no_rows(folder: Path) -> None:
    rounds = histories(ROUNDS)
    rounds[2] = replace(rounds[2], closed=None)
    (found,) = verify(folder, rounds).findings
    assert str(found) == "round 2: is not closed: it has no labels"


def test_items_that_are_in_no_round_or_lack_are_named(folder: Path) -> None:
    change_provenance(
        folder,
        lambda v: v["items"].append({"called": "z", "name": "Z", "group": None, "kept": {}}),
    )
    assert found_in(folder, DifferenceKind.ADDED) == [
        f"{PROVENANCE}: item Z (z to labelers) is in none of the rounds"
    ]
    change_provenance(folder, lambda v: [v["items"].pop(), v["items"].pop(0)])
    (found,) = found_in(folder, DifferenceKind.MISSING)
    assert "an item a0" in found


def test_labelers_who_never_answered_are_named(folder: Path) -> None:
    change_provenance(folder, lambda v: v["labelers"]["groups"].update({STRANGER: "few"}))
    (found,) = found_in(folder, DifferenceKind.ADDED)
    assert STRANGER in found


def test_what_was_kept_must_be_the_same_in_all_files(folder: Path) -> None:
    change_provenance(folder, lambda v: v["items"][30]["kept"].update(by="you"))
    card, *found = found_in(folder, DifferenceKind.CHANGED)
    assert card.startswith("README.md")  # it has a hash of the rows
    assert {line.partition(",")[0] for line in found} >= {
        *(TRAIN, "labels.csv", "labels.jsonl", "argilla/records.json")
    }
    assert all('by must be "you", and is "me"' in line for line in found)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v["options"].update(method="majority"),
        lambda v: v["options"].update(test_percent=60),
        lambda v: v["options"].update(formats=["csv"]),
        lambda v: v["labelers"].update(weights={"few": 9, "many": 1}),
    ],
)
def test_labels_must_follow_from_what_was_asked_for(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    change_provenance(folder, change)
    assert len(verify(folder, histories(ROUNDS)).findings) > 3


def test_items_of_too_many_fields_make_no_table(folder: Path) -> None:
    many = {f"field {number}": number for number in range(2_000)}
    change_provenance(folder, lambda v: v["items"][0].update(kept=many))
    (found,) = found_in(folder, DifferenceKind.ROUND)
    assert "more than 1,000 different fields" in found


def test_further_rounds_about_the_same_tasks_are_told() -> None:
    provenance = Provenance.of(
        label(ROUNDS), ROUNDS, DEPLOYED, GENESIS, DatasetOptions(), NO_GROUPS
    )
    there = histories(ROUNDS)
    assert left_out(provenance, there) == ()
    again = replace(there[1], opened=replace(there[1].opened, round_id=3))
    running = replace(again, closed=None)
    other = replace(again, opened=replace(again.opened, requester=STRANGER))
    assert left_out(provenance, {**there, 3: again, 4: running, 5: other}) == (3,)


@pytest.mark.parametrize("formats", [["cassette"], ["csv", "cassette"]])
def test_a_format_that_is_not_known_is_named(folder: Path, formats: list[str]) -> None:
    change_provenance(folder, lambda v: v["options"].update(formats=formats))
    (found,) = found_in(folder, DifferenceKind.ROUND)
    assert "cassette" in found


def test_what_makes_no_dataset_is_named(folder: Path) -> None:
    change_provenance(folder, lambda v: v["options"].update(desirable=["perhaps"]))
    (found,) = found_in(folder, DifferenceKind.ROUND)
    assert "perhaps" in found


def test_a_changed_answer_on_the_chain_changes_rows(folder: Path) -> None:
    """What is compared with the folder are the events, and not what it says of itself."""
    rounds = rounds_of(FIRST, SECOND)
    crowd = with_gold(8)
    rows = [list(row) for row in crowd.answers if row is not None]
    rows[0][30] = 1 - (rows[0][30] or 0)
    chain = Chain()
    StagedRound.of(
        replace(crowd, answers=rows), chain=chain, tasks_root=FIRST.root
    ).commit().reveal().close()
    rounds[0] = SourceRound.of(chain.history(1), FIRST, rounds[0].items)
    findings = verify(folder, histories(rounds)).findings
    assert f"{TRAIN}, row item a30" in {each.place for each in findings}


def test_what_an_audit_finds_in_the_rounds_counts(folder: Path) -> None:
    verification = verify(folder, histories(ROUNDS))
    assert DatasetAudit(audited(), verification, ()).is_clean
    difference = Difference(1, None, "paid", "7", "8")
    found = DatasetAudit(audited(difference), verification, ())
    assert found.findings == ["round 1: paid: expected 7, found 8"]
    assert found.to_json()["is_clean"] is False


# ---------------------------------------------------------------- files


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / TRAIN).unlink()
    assert found_in(folder, DifferenceKind.MISSING) == [f"{TRAIN}: is not there"]


def test_unknown_files_and_folders_are_named(folder: Path) -> None:
    (folder / "data" / "more.parquet").write_bytes(b"")
    (folder / "extra").mkdir()
    (folder / "extra" / "one").write_bytes(b"")
    (folder / "rounds" / f"{'0' * 64}.json").write_bytes(b"")
    assert found_in(folder, DifferenceKind.ADDED) == [
        "extra: does not follow from the rounds",
        "data/more.parquet: does not follow from the rounds",
        f"rounds/{'0' * 64}.json: does not follow from the rounds",
    ]


def test_unknown_files_are_not_all_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plumbline.dataset.verifying._MOST_NAMES", 3)
    for number in range(9):
        (folder / f"{number}").write_bytes(b"")
    assert len(found_in(folder, DifferenceKind.ADDED)) == 4


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / TRAIN).rename(tmp_path / "elsewhere.parquet")
    (folder / TRAIN).symlink_to(tmp_path / "elsewhere.parquet")
    (found,) = found_in(folder, DifferenceKind.UNREADABLE)
    assert found == f"{TRAIN}: {TRAIN} is a link: it is not followed"
    (folder / "data").rename(tmp_path / "data")
    (folder / "data").symlink_to(tmp_path / "data")
    assert all("data is a link" in line for line in found_in(folder, DifferenceKind.UNREADABLE))
    (folder / "rounds").rename(tmp_path / "rounds")
    (folder / "rounds").symlink_to(tmp_path / "rounds")
    assert all("rounds is a link" in line for line in found_in(folder, DifferenceKind.UNREADABLE))


def test_a_file_without_end_is_neither_read_nor_hashed(folder: Path) -> None:
    with (folder / TRAIN).open("wb") as file:
        file.truncate(2**40)  # takes no room
    (found,) = found_in(folder, DifferenceKind.UNREADABLE, sums=True)
    assert "is not a file of about" in found


def test_nobody_waits_for_a_pipe(folder: Path) -> None:
    (folder / TRAIN).unlink()
    os.mkfifo(folder / TRAIN)
    (found,) = found_in(folder, DifferenceKind.UNREADABLE)
    assert "is not a file of about" in found


def test_a_list_of_other_hashes_is_named(folder: Path) -> None:
    sums = folder / SUMS
    sums.write_text(sums.read_text().replace(sums.read_text()[:8], "00000000"))
    assert "does not have the hash of" in found_in(folder, DifferenceKind.CHANGED, sums=True)[0]
    sums.unlink()
    assert found_in(folder, DifferenceKind.MISSING, sums=True) == [
        f"{SUMS}: is not there, or lists nothing"
    ]


# ---------------------------------------------------------------- hostile files


def as_parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", store_schema=False)
    return file.getvalue()


def small_table() -> bytes:
    return as_parquet(pa.table({"id": ["a"]}))


def bomb() -> bytes:
    """Few bytes of Parquet that stand for very many."""
    text = pa.array(["a" * 2**24])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 256, pa.int32()), text)
    content = as_parquet(pa.table({"id": column}))
    assert len(content) < 2**14
    return content


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "noise": lambda: bytes(range(256)) * 10,
    "a head alone": lambda: b"PAR1" + bytes(100) + b"PAR1",
    "a huge file": lambda: bytes(5 * 2**20),
    "rows without end": lambda: b"{}\n" * 40_000,
    "deep": lambda: b"[" * 9_999,
    "no text": lambda: b"\xff\xfe\n",
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("path", [TRAIN, "labels.csv", "labels.jsonl"])
def test_what_cannot_be_read_is_named(folder: Path, path: str, what: str) -> None:
    (folder / path).write_bytes(HOSTILE[what]())
    findings = verify(folder, histories(ROUNDS)).findings
    assert {each.place.partition(",")[0] for each in findings} <= {path, SUMS}
    assert any(each.place.startswith(path) for each in findings)


def test_a_bomb_of_parquet_ends_alone() -> None:
    with FileComparer(memory=2**28) as comparer:
        (found,) = comparer.differences("x.parquet", small_table(), bomb())
        assert found.kind is DifferenceKind.UNREADABLE and "more memory" in found.words
        assert len(comparer.differences("x.jsonl", b'{"a": 1}\n', b'{"a": 2}\n')) == 1


def test_a_process_that_dies_is_a_finding_and_the_next_file_has_another() -> None:
    def differ(comparer: FileComparer) -> DifferenceKind:
        (found,) = comparer.differences("x.jsonl", b'{"a": 1}\n', b'{"a": 2}\n')
        return found.kind

    before = set(multiprocessing.active_children())
    with FileComparer() as comparer:
        assert differ(comparer) is DifferenceKind.CHANGED
        (own,) = set(multiprocessing.active_children()) - before
        own.kill()
        own.join()
        assert differ(comparer) is DifferenceKind.UNREADABLE
        assert differ(comparer) is DifferenceKind.CHANGED


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", b"a,a\n1,2\n", "a column comes twice"),
        ("x.csv", b'"a', "line 1: unexpected end"),
        ("x.csv", b"a,b\n1\n", "row 2: 1 cells, not 2"),
        ("x.csv", b'a,b\n"1,2\n', "unexpected end"),
        ("x.jsonl", b'{"a": 1}\n{"a": 1, "a": 2}\n', "line 2: a comes twice"),
        ("x.json", b'{"a": NaN}', "NaN is not a number"),
        ("x.md", b"\xff", "not text in UTF-8"),
    ],
)
def test_what_has_two_meanings_is_refused(name: str, content: bytes, words: str) -> None:
    with pytest.raises(RowsError, match=words):
        list(rows_of(name, content))


def test_a_list_of_one_is_not_that_one() -> None:
    (found,) = COMPARER.differences("x.json", b'[{"a": 1}]', b'{"a": 1}')
    assert 'must be "a list", and is "one value"' in str(found)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("expected", "found", "agrees"),
    [
        (0.123456, 0.123457, True),
        (0.123456, 0.12346, False),
        (1.0, 1, True),
        (1.0, True, False),
        (1, 1.0, False),
        (0.5, float("nan"), False),
        (0.5, "0.5", False),
        (True, 1, False),
        ([0.1, 0.2], [0.1, 0.2000001], True),
        ([0.1, 0.2], [0.1], False),
        ({"a": 0.1}, {"a": 0.1, "b": None}, False),
        ("x", "y", False),
    ],
)
def test_numbers_that_were_computed_agree_to_six_digits(
    expected: object, found: object, agrees: bool
) -> None:
    rows = ([{"id": "1", "v": expected}], [{"id": "1", "v": found}])
    assert (not list(row_differences("f", *rows))) is agrees


@pytest.mark.parametrize(
    ("expected", "found", "agrees"),
    [
        ("0.123456", "0.123457", True),
        ("0.123456", "0.12346", False),
        ("[0.1, 0.2]", "[0.1, 0.200001]", True),
        ("[0.1, 0.2]", "[0.1, 0.3]", False),
        ("12", "13", False),
        ("yes", "no", False),
    ],
)
def test_so_they_do_in_cells(expected: str, found: str, agrees: bool) -> None:
    rows = ([{"id": "1", "v": expected}], [{"id": "1", "v": found}])
    assert (not list(row_differences("f.csv", *rows, has_cells=True))) is agrees
