"""A Label Studio server that imports what it is given, and exports it again.

    python -m tests.consumers.label_studio.program GIVEN RETURNED

GIVEN has folders with `label_config.xml` and files of tasks beside it, `*.json`; RETURNED is a
file. The server has a database of its own (SQLite) in a folder that is thrown away.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

_START: Final = 600  # seconds: its migrations take most of a minute, if nothing else runs
_CONFIG: Final = """
<View>
  <Text name="text" value="$text"/>
  <Choices name="kind" toName="text"><Choice value="ham"/><Choice value="spam"/></Choices>
</View>
"""


def main(given: Path, returned: Path) -> None:
    """Runs all of it."""
    with server() as studio:
        found = {
            "files": {
                str(tasks.relative_to(given)): of_file(studio, config, tasks)
                for config in sorted(given.rglob("label_config.xml"))
                for tasks in sorted(config.parent.glob("*.json"))
            },
            "silence": of_silence(studio),
        }
    returned.write_text(json.dumps(found))


class Studio:
    """The API of a server, as a user with a token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Token {token}"

    def project(self, config: str) -> int:
        """A new project's number. Raises HTTPError with the server's words."""
        answer = self.session.post(
            f"{self.url}/api/projects", json={"title": "Plumbline", "label_config": config}
        )
        _require(answer)
        return int(answer.json()["id"])

    def imported(self, project: int, tasks: object) -> requests.Response:
        """The server's answer to an import."""
        return self.session.post(f"{self.url}/api/projects/{project}/import", json=tasks)

    def predictions(self, project: int) -> list[dict[str, Any]]:
        """All predictions of a project: its export has their numbers alone."""
        answer = self.session.get(f"{self.url}/api/predictions", params={"project": project})
        _require(answer)
        found: list[dict[str, Any]] = answer.json()
        return found

    def exported(self, project: int, kind: str = "JSON") -> str:
        """All tasks of a project, annotated or not."""
        answer = self.session.get(
            f"{self.url}/api/projects/{project}/export",
            params={"exportType": kind, "download_all_tasks": "true"},
        )
        _require(answer)
        return answer.text


def _require(answer: requests.Response) -> None:
    if not answer.ok:
        raise RuntimeError(
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:500]}"
        )


@contextmanager
def server() -> Iterator[Studio]:
    """A server that answers, until it is left."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        token = secrets.token_hex(20)
        log = Path(folder, "log")
        command = [
            *(str(Path(sys.executable).parent / "label-studio"), "start", "--no-browser"),
            *("--port", str(port), "--internal-host", "127.0.0.1"),
            *("--username", "requester@example.com", "--password", secrets.token_hex(12)),
            *("--user-token", token),
        ]
        settings = {
            "LABEL_STUDIO_BASE_DATA_DIR": folder,
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "DJANGO_DB": "sqlite",
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
        }
        with log.open("wb") as written:
            process = subprocess.Popen(
                command, env={**os.environ, **settings}, stdout=written, stderr=written
            )
            try:
                studio = Studio(f"http://127.0.0.1:{port}", token)
                _wait(studio, process, log)
                yield studio
            finally:
                process.terminate()
                process.wait(30)


def _wait(studio: Studio, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if studio.session.get(f"{studio.url}/api/version", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"Label Studio does not start:\n{log.read_text()[-2_000:]}")


def of_file(studio: Studio, config: Path, tasks: Path) -> dict[str, Any]:
    """What the server says to a file, and what it exports then."""
    project = studio.project(config.read_text(encoding="utf-8"))
    answer = studio.imported(project, json.loads(tasks.read_text(encoding="utf-8")))
    if not answer.ok:
        return {"status": answer.status_code, "error": answer.text[:500]}
    return {
        "status": answer.status_code,
        "counted": {
            key: answer.json().get(key)
            for key in ("task_count", "annotation_count", "prediction_count")
        },
        "exported": json.loads(studio.exported(project)),
        "predictions": [
            {key: each[key] for key in ("task", "result", "score", "model_version")}
            for each in studio.predictions(project)
        ],
    }


def of_silence(studio: Studio) -> dict[str, Any]:
    """What is taken without a word."""

    def result(choice: str, **more: object) -> dict[str, Any]:
        value = {"choices": [choice]}
        named = {"from_name": "kind", "to_name": "text", "type": "choices", "value": value}
        return {"result": [{**named, **more}]}

    def tried(*tasks: Mapping[str, Any]) -> tuple[int, Sequence[Mapping[str, Any]]]:
        project = studio.project(_CONFIG)
        status = studio.imported(project, tasks).status_code
        return status, json.loads(studio.exported(project)) if status < 400 else []

    hi: dict[str, Any] = {"data": {"text": "hi"}}
    unknown, exported = tried({**hi, "annotations": [result("eggs")]})
    guessed, _ = tried({**hi, "predictions": [result("eggs")]})
    elsewhere, _ = tried({**hi, "annotations": [result("ham", from_name="nothing")]})
    extra, kept = tried({"data": {"text": "hi", "weight": 3, "plumbline": {"a": [1]}}})
    missing, _ = tried({"data": {"other": "hi"}})
    truth = {**result("ham"), "ground_truth": True}
    skipped = {**result("ham"), "was_cancelled": True}
    project = studio.project(_CONFIG)
    both = [{**hi, "annotations": [truth], "predictions": [{**result("ham"), "score": 0.5}]}]
    studio.imported(project, both)
    studio.imported(project, [{**hi, "annotations": [skipped]}])
    studio.imported(project, both)
    whole = json.loads(studio.exported(project))
    again = studio.imported(studio.project(_CONFIG), whole)
    bare = [{**task, "predictions": []} for task in whole]
    without = studio.imported(studio.project(_CONFIG), bare)
    users, authored = tried({**hi, "annotations": [{**result("ham"), "completed_by": 999}]})
    scored = studio.project(_CONFIG)
    score = studio.imported(scored, [{**hi, "predictions": [{**result("ham"), "score": 7.5}]}])
    return {
        "unknown choice": [unknown, _values(exported)],
        "unknown choice, predicted": guessed,
        "unknown control": elsewhere,
        "more fields": [extra, kept[0]["data"] if kept else None],
        "missing field": missing,
        "same task twice": len(whole),
        "own export": [again.status_code, again.text],
        "own export without predictions": without.status_code,
        "CSV": studio.exported(project, "CSV"),
        "JSON_MIN": json.loads(studio.exported(project, "JSON_MIN")),
        "unknown annotator": [
            users,
            [a["completed_by"] for t in authored for a in t["annotations"]],
        ],
        "score": [score.status_code, [each["score"] for each in studio.predictions(scored)]],
    }


def _values(exported: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [
        result["value"]
        for task in exported
        for annotation in task["annotations"]
        for result in annotation["result"]
    ]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
