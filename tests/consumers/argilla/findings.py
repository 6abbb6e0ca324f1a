"""Does Argilla's SDK read what we wrote?"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.consumers.findings import Finding, silent

Json = Mapping[str, Any]


def findings(given: Path, returned: Json) -> Iterator[Finding]:
    """What it would send to a server for each folder, held against the folder."""
    settings = sorted(given.rglob(".argilla/settings.json"))
    folders = {str(path.parents[2].relative_to(given)): path.parents[1] for path in settings}
    yield Finding(
        "every folder is one that `Dataset.from_disk` takes",
        bool(folders) and set(folders) == set(returned["folders"]),
        f"{len(folders)} folders",
    )
    for name, folder in folders.items():
        if name in returned["folders"]:
            yield from _of_folder(name, folder, returned["folders"][name])
    yield from _silence(returned["silence"])


def _of_folder(name: str, folder: Path, there: Json) -> Iterator[Finding]:
    records = json.loads((folder / "records.json").read_text(encoding="utf-8"))
    settings = json.loads((folder / ".argilla/settings.json").read_text(encoding="utf-8"))
    sent = there["sent"]
    yield Finding(
        "fields, question and metadata are sent to the server as they are in the settings",
        all(
            [_settings(each) for each in settings[ours]]
            == [_settings(each) for each in sent[theirs]]
            for ours, theirs in (
                ("fields", "fields"),
                ("questions", "questions"),
                ("metadata", "metadata-properties"),
            )
        ),
        ", ".join(each["settings"]["type"] for each in sent["questions"]),
        name,
    )
    yield Finding(
        "records are sent with fields, metadata, suggestion, score and agent unchanged",
        list(map(_record, records)) == list(map(_sent, sent["records"])),
        f"{len(sent['records'])} records",
        name,
    )
    yield Finding(
        "`Record.from_dict` reads records, and `to_dict` gives them back", records == there["read"],
        on=name,
    )  # fmt: skip
    flat = there["flat"]
    yield Finding(
        "`records.log` takes id, fields and metadata of flat records, and warns that it ignores "
        "suggestions and responses",
        _only_fields(flat) and any("will be ignored" in said for said in flat["warnings"]),
        on=name,
    )


def _settings(given: Json) -> tuple[object, ...]:
    """What a server is told of a field, a question or a property."""
    plain = {key: value for key, value in given["settings"].items() if value is not None}
    return given["name"], given["title"], given.get("required"), _sorted(plain)


def _sorted(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _record(record: Json) -> tuple[object, ...]:
    suggestions = {
        name: (each["value"], each["score"], each["agent"])
        for name, each in record["suggestions"].items()
    }
    return record["id"], record["fields"], record["metadata"], suggestions


def _sent(record: Json) -> tuple[object, ...]:
    suggestions = {
        each["question_name"]: (_value(each["value"]), each["score"], each["agent"])
        for each in record["suggestions"]
    }
    return record["external_id"], record["fields"], record["metadata"], suggestions


def _value(sent: object) -> object:
    """A ranking is sent as objects, each with its value."""
    if isinstance(sent, list) and all(isinstance(each, dict) for each in sent):
        return [each["value"] for each in sent]
    return sent


def _only_fields(flat: Json) -> bool:
    return all(
        record["fields"] and not record["suggestions"] and not record["responses"]
        for record in flat["sent"]
    )


def _silence(there: Json) -> Iterator[Finding]:
    (taken,) = there["unknown option"]["sent"]
    yield silent(
        "the SDK sends suggestions and responses that are no option, and scores above 1",
        not there["unknown option"]["warnings"]
        and taken["suggestions"][0]["value"] == "eggs"
        and taken["suggestions"][0]["score"] == 7.5,
        "eggs, of ham and spam, with 7.5",
    )
    (record,) = there["more metadata"]["sent"]
    yield silent(
        "metadata that the settings do not name are sent",
        record["metadata"] == {"weight": 3} and not there["more metadata"]["warnings"],
    )
    yield silent(
        "two records of one id are sent as two",
        len(there["same record twice"]["sent"]) == 2 and not there["same record twice"]["warnings"],
    )
    (response,) = there["status"]["kind"]
    yield silent(
        "`Record.to_dict` leaves out the status of responses: a draft looks submitted",
        "status" not in response,
        ", ".join(response),
    )
    (warning,) = there["more keys"]["warnings"]
    yield Finding("a key that the settings do not name is ignored with a warning", True, warning)
    for says, key in (
        ("a suggestion to a question that is not there is refused", "unknown question"),
        ("a record without its field is refused", "missing field"),
    ):
        error = there[key].get("error", "")
        yield Finding(says, bool(error), error.partition(":")[0])
