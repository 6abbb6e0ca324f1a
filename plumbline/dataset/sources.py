"""The closed rounds of a job, and what its requester calls their items."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plumbline.errors import PlumblineError
from plumbline.formats.asked import Asked, asked_in
from plumbline.formats.round_file import Questionnaire
from plumbline.formats.task_pool import PoolItem
from plumbline.history.market import Market
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest, require_root
from plumbline.questions.question import QuestionError


class SourceError(PlumblineError):
    """Rounds of which no dataset can be made."""


@dataclass(frozen=True, slots=True)
class ItemSource:
    """What a requester's file says of an item: its name there, its group, and kept fields."""

    name: str
    group: str | None = None
    kept: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, item: PoolItem) -> "ItemSource":
        """From the file of tasks."""
        return cls(item.name, item.group, item.kept)


@dataclass(frozen=True, slots=True)
class SourceRound:
    """A closed round with its tasks.

    history    all that happened in it
    manifest   its tasks
    asked      its question, and the items that its tasks make
    items      what its requester says of them, by what labelers see them called
    """

    history: RoundHistory
    manifest: Manifest
    asked: Asked
    items: Mapping[str, ItemSource]

    @classmethod
    def of(
        cls, history: RoundHistory, manifest: Manifest, items: Mapping[str, ItemSource]
    ) -> "SourceRound":
        """Raises SourceError if the round is not closed or its tasks make no items, ManifestError
        if these are not its tasks.
        """
        if history.closed is None:
            raise SourceError(
                f"round {history.round_id} is not closed: `plumbline requester close "
                f"{history.round_id}`"
            )
        require_root(manifest, history.opened.tasks_root, history.rules.tasks)
        try:
            asked = asked_in(history.rules.kind, manifest)
        except QuestionError as error:
            raise SourceError(f"round {history.round_id}: {error}") from None
        unknown = [item.name for item in asked.items if item.name not in items]
        if unknown:
            raise SourceError(
                f"round {history.round_id} has an item {unknown[0]} that is not in the file of "
                "tasks: use the file that it was opened with"
            )
        return cls(history, manifest, asked, items)


def round_source(market: Market, asked: Questionnaire, number: int | None = None) -> SourceRound:
    """The round that was opened from a round file; `number` if several ask the same tasks.

    Raises RoundChoiceError if there is none, HistoryError, and as `SourceRound.of`.
    """
    manifest = asked.manifest
    history = market.history(market.require_round(number, manifest.root))
    items = {item.called: ItemSource.of(item) for item in asked.pool.items}
    return SourceRound.of(history, manifest, items)
