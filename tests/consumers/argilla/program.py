"""What Argilla's SDK makes of exported folders, and what it would send to its server.

    python -m tests.consumers.argilla.program GIVEN RETURNED

GIVEN has exported folders; RETURNED is a file. The server needs Elasticsearch, which cannot be had
as a package: `Standin` takes its place, answers as its API does, and keeps what it is sent.
"""

import json
import logging
import sys
import uuid
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import argilla
import httpx

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC).isoformat()


def main(given: Path, returned: Path) -> None:
    """Runs all of it."""
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    folders = sorted(path.parent.parent for path in given.rglob(".argilla/settings.json"))
    found = {
        "folders": {str(folder.parent.relative_to(given)): of_folder(folder) for folder in folders},
        "silence": of_silence(),
    }
    returned.write_text(json.dumps(found, ensure_ascii=False, default=str))


class Standin:
    """The part of a server's API that is used here: it agrees to everything.

    sent   by the last part of the path that it was sent to
    """

    def __init__(self) -> None:
        self.sent: dict[str, list[Any]] = {}
        self._made: dict[str, list[dict[str, Any]]] = {
            "workspaces": [_named({"name": "default"})],
            "users": [_named({"username": "requester", "first_name": "R", "role": "owner"})],
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.removeprefix("/api/v1/").split("/")
        if request.method == "GET":
            return httpx.Response(200, json=self._got(parts))
        body = json.loads(request.content) if request.content else {}
        kind = parts[-1]
        if kind == "bulk":
            self.sent.setdefault("records", []).extend(body["items"])
            items = [_named(item) for item in body["items"]]
            return httpx.Response(200, json={"items": items, "updated_item_ids": []})
        if kind == "publish":
            return httpx.Response(200, json=self._made["datasets"][-1])
        if request.method == "PATCH":
            return httpx.Response(200, json={**self._got(parts), **body})
        self.sent.setdefault(kind, []).append(body)
        made = _named(body)
        self._made.setdefault(kind, []).append(made)
        return httpx.Response(200, json=made)

    def _got(self, parts: Sequence[str]) -> dict[str, Any]:
        if parts == ["me"]:
            return self._made["users"][0]
        if parts[-1] in {"workspaces", "datasets", "fields", "questions", "metadata-properties"}:
            return {"items": self._made.get(parts[-1], [])}
        named = {each["id"]: each for made in self._made.values() for each in made}
        return named.get(parts[-1], {"items": []})


_NUMBERS: Final = count(1)


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        **{"id": str(uuid.UUID(int=next(_NUMBERS))), "inserted_at": _NOW, "updated_at": _NOW},
        **{"name": "plumbline", "status": "ready", "last_activity_at": _NOW},
    }
    return {**own, **{key: value for key, value in body.items() if value is not None}}


def client(standin: Standin) -> argilla.Argilla:
    """The SDK, with the stand-in for a server."""
    return argilla.Argilla("http://argilla", "key", mounts={"all://": httpx.MockTransport(standin)})


def of_folder(folder: Path) -> dict[str, Any]:
    """What the SDK sends for a folder, what it reads of records, and what of flat ones."""
    standin = Standin()
    argilla.Dataset.from_disk(str(folder), workspace="default", client=client(standin))
    kept = json.loads((folder / "records.json").read_text(encoding="utf-8"))
    flat = json.loads((folder / "records_flat.json").read_text(encoding="utf-8"))
    return {
        "sent": standin.sent,
        "read": [argilla.Record.from_dict(record).to_dict() for record in kept],
        "flat": logged(argilla.Settings.from_json(folder / ".argilla/settings.json"), flat[:1]),
    }


def logged(settings: argilla.Settings, records: Sequence[Any]) -> dict[str, Any]:
    """What the SDK sends of records, and what it warns of; or its error."""
    standin = Standin()
    dataset = argilla.Dataset(
        name="d", workspace="default", settings=settings, client=client(standin)
    )
    dataset.create()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            dataset.records.log(list(records))
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"[:300]}
    said = [str(each.message)[:300] for each in caught if each.category is UserWarning]
    return {"sent": standin.sent["records"], "warnings": said}


def of_silence() -> dict[str, Any]:
    """What the SDK takes, and what it says to it."""

    def sent(*records: Any) -> dict[str, Any]:
        settings = argilla.Settings(
            fields=[argilla.TextField(name="text")],
            questions=[
                argilla.LabelQuestion(name="kind", labels=["ham", "spam"]),
                argilla.RatingQuestion(name="stars", values=[1, 2, 3]),
            ],
        )
        return logged(settings, records)

    def record(**more: Any) -> argilla.Record:
        return argilla.Record(fields={"text": "hi"}, **more)

    user = str(uuid.UUID(int=1))
    suggested = argilla.Suggestion("kind", "eggs", score=7.5, agent="x")
    answered = argilla.Response("kind", "eggs", user_id=user, status="draft")
    return {
        "unknown option": sent(record(suggestions=[suggested], responses=[answered])),
        "unknown question": sent(record(suggestions=[argilla.Suggestion("nothing", 1)])),
        "more keys": sent({"text": "hi", "weight": 3}),
        "more metadata": sent(record(metadata={"weight": 3})),
        "missing field": sent({"other": "hi"}),
        "same record twice": sent(record(id="a"), record(id="a")),
        "status": record(responses=[answered]).to_dict()["responses"],
    }


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
