"""The labels of a whole campaign, item by item, in the order of its file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from plumbline.campaign.rounds import PlannedRound
from plumbline.campaign.standing import Standing
from plumbline.formats import spreadsheet
from plumbline.history.rounds import RoundHistory
from plumbline.settlement.labels import labels


@dataclass(frozen=True, slots=True)
class CampaignLabel:
    """What the crowd says about an item.

    item        its name in the file
    label       as JSON: an option, a ranking, a list of labels; None if nobody says anything
    contested   whether the vote on any of its tasks was too close to count for everyone
    votes       for each option, if it is one task; else empty
    is_gold     whether any of its tasks was a gold task
    known       the answer that was known, by name, if it is one task
    round_id    the round that it was in
    """

    item: str
    label: object
    contested: bool
    votes: Mapping[str, int]
    is_gold: bool
    known: str | None
    round_id: int
    group: str | None
    kept: Mapping[str, object]


def campaign_labels(standing: Standing) -> list[CampaignLabel]:
    """A record for each item whose round is closed, in the order of the file.

    Of all others nothing is said: which of them are gold tasks is secret.
    """
    found: dict[str, CampaignLabel] = {}
    for planned in standing.campaign.rounds:
        history = standing.histories.get(planned.number)
        if history is not None and history.closed is not None:
            found |= _round_labels(planned, history)
    items = standing.campaign.file.asked.pool.items
    return [found[item.name] for item in items if item.name in found]


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
            "round": record.round_id,
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
    header = ["item", "label", "standing", "gold", "known", "round", "group"]
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
                record.round_id,
                record.group or "",
                *(record.votes.get(name, 0) for name in voted),
                *(spreadsheet.cell_of(record.kept.get(field)) for field in kept),
            ]
        )
    return spreadsheet.to_csv(rows)


def _round_labels(planned: PlannedRound, history: RoundHistory) -> dict[str, CampaignLabel]:
    settled = labels(history.settlement())
    question = planned.round_file.question
    manifest = planned.round_file.manifest
    members = {each.name: each for each in question.items(manifest.tasks, manifest.names)}
    found = {}
    for item in planned.batch.items:
        member = members[item.called]
        own = [settled[task] for task in member.tasks]
        votes = dict(zip(question.options, own[0].votes, strict=True)) if len(own) == 1 else {}
        known = item.known[0] if len(item.known) == 1 else None
        found[item.name] = CampaignLabel(
            item=item.name,
            label=question.combined(member, own),
            contested=any(label.contested for label in own),
            votes=votes,
            is_gold=any(task in planned.batch.gold for task in member.tasks),
            known=None if known is None else question.options[known],
            round_id=history.round_id,
            group=item.group,
            kept=item.kept,
        )
    return found


def _standing(record: CampaignLabel) -> str:
    if record.label is None:
        return "no votes"
    return "contested" if record.contested else ""
