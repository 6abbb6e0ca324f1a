"""The root pins every task, its place and what is shown with it; nothing has two forms."""

import json

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from plumbline.protocol.manifest import (
    Manifest,
    ManifestError,
    canonical,
    leaf,
    proofs,
    require_root,
    tasks_root,
    verify,
)

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
texts = st.lists(st.text(), min_size=1, max_size=40)


def test_the_canonical_form_is_sorted_tight_and_unescaped() -> None:
    task = {"b": [1, True, None], "a": "caf\u00e9 \u2603", "\u00e9": 'say "x"'}
    expected = '{"a":"caf\u00e9 \u2603","b":[1,true,null],"\u00e9":"say \\"x\\""}'
    assert canonical(task) == expected.encode()


@given(st.dictionaries(st.text(), plain, max_size=5))
def test_the_order_of_keys_does_not_matter(task: dict[str, object]) -> None:
    try:
        expected = canonical(task)
    except ManifestError:
        return
    assert canonical(dict(reversed(task.items()))) == expected


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (0.5, "fraction"),
        (float("nan"), "fraction"),
        (2**53, "too large"),
        ({1: "x"}, "not text"),
        ({"a": {"b": b"x"}}, "is not JSON"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_task(task: object, reason: str) -> None:
    with pytest.raises(ManifestError, match=rf"task 2: .*{reason}"):
        tasks_root(["fine", task])


def test_leaves_and_nodes_are_hashed_as_documented() -> None:
    leaves = [leaf(index, task) for index, task in enumerate(["a", "b", "c"])]
    assert leaves[1] == keccak(keccak((1).to_bytes(32, "big") + b'"b"'))
    pair = keccak(b"".join(sorted(leaves[:2])))
    assert tasks_root(["a", "b", "c"]) == keccak(b"".join(sorted([pair, leaves[2]])))
    assert tasks_root(["a"]) == leaf(0, "a")


@given(texts, st.data())
def test_every_task_can_be_proven_and_no_other(tasks: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tasks) - 1))
    try:
        root = tasks_root(tasks)
    except ManifestError:
        return
    path = proofs(tasks)[index]
    assert len(path) <= 8
    assert verify(root, index, tasks[index], path)
    assert not verify(root, index, tasks[index] + "!", path)
    assert not verify(root, index + 1, tasks[index], path)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=20, unique=True))
def test_swapping_two_tasks_changes_the_root(tasks: list[int]) -> None:
    swapped = [tasks[1], tasks[0], *tasks[2:]]
    assert tasks_root(tasks) != tasks_root(swapped)


def test_there_is_no_root_of_nothing() -> None:
    with pytest.raises(ManifestError, match="no tasks"):
        tasks_root([])


def test_what_is_hashed_with_every_task_is_short() -> None:
    """Else a file of a few megabytes is gigabytes to hash for whoever looks at it."""
    longest = "x" * (2**16 - len('{"instructions":"","options":["a","b"]}'))
    assert Manifest(("a", "b"), ("x",), longest).root
    with pytest.raises(ManifestError, match="more than 65,536 bytes"):
        _ = Manifest(("a", "b"), ("x",), longest + "x").root


def test_the_root_pins_options_and_instructions() -> None:
    manifest = Manifest(("no", "yes"), ("a", "b"), "Is it?")
    for other in (
        Manifest(("yes", "no"), ("a", "b"), "Is it?"),
        Manifest(("no", "yes"), ("a", "b"), "Is it not?"),
        Manifest(("no", "yes"), ("a", "b")),
        Manifest(("no", "yes"), ("a", "c"), "Is it?"),
    ):
        assert other.root != manifest.root
    assert Manifest.from_json(manifest.to_json()) == manifest


@given(st.dictionaries(st.text(), plain, max_size=3))
def test_fields_of_other_versions_are_kept_and_pinned(more: dict[str, object]) -> None:
    base = {"instructions": "Is it?", "options": ["no", "yes"], "tasks": ["a", {"text": "b"}]}
    try:
        value = json.loads(canonical({**more, **base}))
    except ManifestError:
        return
    value.pop("task", None)
    manifest = Manifest.from_json(value)
    assert manifest.to_json() == value
    assert Manifest.from_json(json.loads(canonical(manifest.to_json()))).root == manifest.root
    for field in more.keys() - base.keys() - {"task"}:
        assert Manifest.from_json({**value, field: [value[field]]}).root != manifest.root


def test_tasks_go_by_their_ids_or_by_number_from_one() -> None:
    def names(*tasks: object) -> tuple[str, ...]:
        return Manifest(("a", "b"), tasks).names

    assert names({"id": "x"}, {"id": 7}) == ("x", "7")
    assert names({"text": "x"}, "text") == ("1", "2")


@pytest.mark.parametrize(
    ("tasks", "reason"),
    [
        ([{"id": "x"}, {"id": "x"}], "tasks 1 and 2 have the same id 'x'"),
        ([{"id": 1}, {"id": "1"}], "tasks 1 and 2 have the same id '1'"),
        ([{"id": "x"}, "text"], "task 2 has no id"),
        ([{"id": "x"}, {"text": "y"}], "task 2 has no id"),
        ([{"id": None}, {"text": "y"}], "task 1 has no id"),
        ([{"id": ""}, {"id": "y"}], "task 1 has no id"),
        ([{"id": True}, {"id": "y"}], "task 1 has no id"),
        ([{"id": ["x"]}, {"id": "y"}], "task 1 has no id"),
    ],
)
def test_tasks_of_which_some_have_no_id_of_their_own_are_refused(
    tasks: list[object], reason: str
) -> None:
    with pytest.raises(ManifestError, match=reason):
        Manifest.from_json({"options": ["a", "b"], "tasks": tasks})


def test_another_file_is_told_from_that_of_the_round() -> None:
    manifest = Manifest(("no", "yes"), ("a", "b"))
    require_root(manifest, manifest.root, 2)
    with pytest.raises(ManifestError, match="2 tasks and the round 3"):
        require_root(manifest, manifest.root, 3)
    with pytest.raises(ManifestError, match="not the tasks of the round"):
        require_root(manifest, bytes(32), 2)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"tasks": ["a"]},
        {"options": ["a", 1], "tasks": []},
        {"options": ["a"], "tasks": "a"},
        {"options": ["a"], "tasks": [], "task": "b"},
        {"options": ["a"], "tasks": [], "weights": [0.5]},
        {"options": ["a"], "tasks": [], "weights": {1: "x"}},
        {"options": ["a"], "tasks": [], "instructions": 3},
    ],
)
def test_what_is_no_manifest_is_refused(value: object) -> None:
    with pytest.raises(ManifestError):
        Manifest.from_json(value)
