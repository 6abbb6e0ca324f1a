"""The page of a dataset: what its labels are worth, and which of them to read."""

from typing import Final

from markupsafe import Markup

from plumbline.aggregation.choice import ADVISED, AVERAGE
from plumbline.chain.deployment import Deployment
from plumbline.dataset.groups import NO_GROUPS, LabelerGroups
from plumbline.dataset.records import Dataset
from plumbline.harmless import harmless
from plumbline.planning.intervals import Share
from plumbline.report.amounts import Steps
from plumbline.report.dataset_facts import DatasetFacts, dataset_facts
from plumbline.report.labelers import BANDS
from plumbline.report.page import template
from plumbline.report.pairs import closest_pairs
from plumbline.report.plots.calibration import calibration
from plumbline.report.plots.confidence import confidence
from plumbline.report.plots.heatmap import heatmap
from plumbline.report.plots.key import key
from plumbline.report.ranges import in_ranges
from plumbline.units import ETHER, Unit

_IN_SIGHT: Final = 5  # items to read; the others are folded away
_LABELERS: Final = 60  # rows of a table that is not folded away


def render_dataset(
    deployment: Deployment,
    dataset: Dataset,
    *,
    name: str,
    unit: Unit = ETHER,
    groups: LabelerGroups = NO_GROUPS,
    missing: int = 0,
) -> str:
    """The page of a dataset whose rounds are of that deployment.

    `name` is what its requester calls it; `groups` are those it was made with; so many items of
    the same job are `missing`, as their rounds are not closed.
    """
    facts = dataset_facts(dataset, groups)
    prices = [each.price for each in facts.rounds if each.price is not None]
    return template("dataset.html").render(
        deployment=deployment,
        dataset=dataset,
        facts=facts,
        name=name,
        missing=missing,
        unit=unit,
        steps=Steps.fine_enough(unit, min(prices, default=1)),
        named=in_ranges([each.round_id for each in dataset.rounds]),
        choices=_choices(dataset),
        numbered=all(str(choice).isdigit() for choice in dataset.question.choices),
        methods=_methods(dataset),
        is_average=dataset.how.method == AVERAGE,
        advised=ADVISED,
        bands=BANDS,
        key=key,
        in_sight=_IN_SIGHT,
        few_labelers=_LABELERS,
        pairs=closest_pairs(facts.agreement, facts.compared),
        **_pictures(facts),
    )


def _choices(dataset: Dataset) -> tuple[str, ...]:
    """What answers are made of; nothing where each item has its own."""
    if dataset.question.has_own_choices:
        return ()
    return tuple(harmless(choice) for choice in dataset.question.choices)


def _methods(dataset: Dataset) -> list[tuple[str, Share | None, float]]:
    """Each method, how it did on gold tasks that were held out, and its share in the average."""
    return [
        (name, Share(score.right, score.held_out) if score.held_out else None, score.weight)
        for name, score in dataset.how.scores.items()
    ]


def _pictures(facts: DatasetFacts) -> dict[str, Markup]:
    """Those there is anything to draw for; the others are empty."""
    nothing = Markup("")
    return {
        "confidence": confidence(facts.confidences) if facts.confidences else nothing,
        "calibration": calibration(facts.levels) if facts.levels else nothing,
        "heatmap": heatmap(facts.agreement, facts.compared) if len(facts.compared) > 1 else nothing,
    }
