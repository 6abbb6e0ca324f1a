"""The labels of a whole campaign, item by item, in the order of its file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plumbline.campaign.sources import source_rounds
from plumbline.campaign.standing import Standing
from plumbline.dataset.labeling import AskedTask, collect
from plumbline.formats import spreadsheet
from plumbline.formats.task_pool import PoolItem
from plumbline.questions.question import Item, Question
from plumbline.settlement.consensus import crowd_answer, is_contested, leaders
from plumbline.settlement.labels import Label
from plumbline.settlement.terms import ScoringTerms


@dataclass(frozen=True, slots=True)
class CampaignLabel:
    """What the crowd says about an item.

    item        its name in the file
    label       as JSON: an option, a ranking, a list of labels; None if nobody says anything
    contested   whether the vote on any of its tasks was too close to count for everyone
    votes       for each option, if it is one task; else empty. Of all rounds that asked it, of
                those who are heard, and of each labeler once
    is_gold     whether any of its tasks was a gold task that was opened
    known       the answer that was known, by name, if it is one task
    rounds      those that asked it and are closed
    """

    item: str
    label: object
    contested: bool
    votes: Mapping[str, int]
    is_gold: bool
    known: str | None
    rounds: tuple[int, ...]
    group: str | None
    kept: Mapping[str, object]


def campaign_labels(standing: Standing) -> list[CampaignLabel]:
    """A record for each item whose round is closed, in the order of the file.

    Of all others nothing is said: which of them are gold tasks is secret.
    """
    sources = source_rounds(standing)
    if not sources:
        return []
    collected = collect(sources)
    rules = {source.history.round_id: source.history.rules for source in sources}
    votes = collected.table.votes().astype(int).tolist()
    settled = {
        task.name: _label(number, task, rules[task.places[-1].round_id], votes[number])
        for number, task in enumerate(collected.tasks)
    }
    asked = {task.name: tuple(place.round_id for place in task.places) for task in collected.tasks}
    found = {}
    pool = standing.campaign.file.asked.pool
    items = {item.called: item for item in pool.items}
    for each in collected.items:
        item = items[each.item.name]
        own = [settled[name] for name in each.tasks]
        rounds = asked[each.tasks[0]]
        found[item.name] = _record(collected.question, each.item, item, own, rounds)
    return [found[item.name] for item in pool.items if item.name in found]


def labels_json(records: list[CampaignLabel]) -> str:
    """A list of objects, one for each item."""
    values = [
        {
            "item": record.item,
            "label": record.label,
            "contested": record.contested,
            "votes": dict(record.votes),
            "gold": record.is_gold,
            "known": record.known,
            "rounds": list(record.rounds),
            "group": record.group,
            "kept": dict(record.kept),
        }
        for record in records
    ]
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def labels_csv(records: list[CampaignLabel], options: tuple[str, ...]) -> str:
    """A row for each item, with columns of votes if items are single tasks."""
    voted = options if any(record.votes for record in records) else ()
    kept = list(dict.fromkeys(field for record in records for field in record.kept))
    header = ["item", "label", "standing", "gold", "known", "rounds", "group"]
    rows: list[list[object]] = [
        [*header, *(f"votes {name}" for name in voted), *(f"kept {field}" for field in kept)]
    ]
    for record in records:
        rows.append(
            [
                record.item,
                spreadsheet.cell_of(record.label),
                _standing(record),
                "yes" if record.is_gold else "",
                record.known or "",
                "; ".join(map(str, record.rounds)),
                record.group or "",
                *(record.votes.get(name, 0) for name in voted),
                *(spreadsheet.cell_of(record.kept.get(field)) for field in kept),
            ]
        )
    return spreadsheet.to_csv(rows)


def _label(number: int, task: AskedTask, rules: ScoringTerms, votes: Sequence[int]) -> Label:
    """What all who are heard say about a task, as one round would have it."""
    return Label(
        number,
        crowd_answer(rules, votes),
        tuple(votes),
        leaders(rules, votes),
        is_contested(rules, votes),
        task.gold,
    )


def _record(
    question: Question,
    asked: Item,
    item: PoolItem,
    own: Sequence[Label],
    rounds: tuple[int, ...],
) -> CampaignLabel:
    votes = dict(zip(question.options, own[0].votes, strict=True)) if len(own) == 1 else {}
    known = item.known[0] if len(item.known) == 1 else None
    return CampaignLabel(
        item=item.name,
        label=question.combined(asked, own),
        contested=any(label.contested for label in own),
        votes=votes,
        is_gold=any(label.gold is not None for label in own),
        known=None if known is None else question.options[known],
        rounds=rounds,
        group=item.group,
        kept=item.kept,
    )


def _standing(record: CampaignLabel) -> str:
    if record.label is None:
        return "no votes"
    return "contested" if record.contested else ""
