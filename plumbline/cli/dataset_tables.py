"""How a dataset looks in a terminal."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table

from plumbline.campaign.sources import JobSources
from plumbline.cli.output import advise, count, pairs, plain, table
from plumbline.dataset.records import Dataset, LabeledItem, Reliability
from plumbline.formats.item_text import answer_text
from plumbline.formats.task_text import excerpt

_MOST: Final = 20  # labels: a whole job is no table to look at
_LONGEST: Final = 60  # characters of a label


def say_missing(sources: JobSources, labeled: int) -> None:
    """What has no label yet, and why."""
    missing = len(sources.names) - labeled
    if not missing:
        return
    reasons = []
    if sources.running:
        numbers = ", ".join(map(str, sources.running[:_MOST]))
        more = f" and {len(sources.running) - _MOST} more" if len(sources.running) > _MOST else ""
        reasons.append(f"rounds that are not closed ({numbers}{more})")
    if sources.unopened:
        reasons.append(f"{count(sources.unopened, 'round')} that are not opened")
    advise(f"{count(missing, 'item')} have no label yet: they are in {' and '.join(reasons)}")


def labels_summary(dataset: Dataset, caption: str | None = None) -> Table:
    """How many items have which label, and how sure that is."""
    numbers: dict[str, list[LabeledItem]] = {}
    for item in dataset.items:
        name = answer_text(dataset.question, item.label, lambda choice: excerpt(choice, _LONGEST))
        numbers.setdefault(name or "(no label)", []).append(item)
    shown = table(
        "Labels", "=label", ">items", ">confidence", ">contested", ">gold", caption=caption
    )
    most = sorted(numbers.items(), key=lambda pair: -len(pair[1]))
    for name, own in most[:_MOST]:
        shown.add_row(plain(name[:_LONGEST]), *_figures(own))
    if len(most) > _MOST:
        rest = [item for _, own in most[_MOST:] for item in own]
        shown.add_row(f".. and {len(most) - _MOST} more", *_figures(rest))
    if len(most) > 1:
        shown.add_section()
        shown.add_row("all", *_figures(dataset.items))
    return shown


def method_table(dataset: Dataset) -> Table:
    """The method, and why that one."""
    how = dataset.how
    shown = pairs(None)
    shown.add_row("method", how.method)
    shown.add_row("why", how.reason)
    if how.weights:
        words = ", ".join(f"{plain(name)} {weight}" for name, weight in how.weights.items())
        shown.add_row("groups weigh", words)
    return shown


def reliability_table(dataset: Dataset) -> Table:
    """Of all answers, and of those of each group."""
    shown = table(
        "Reliability",
        "=of",
        ">alpha",
        ">tasks",
        ">answers",
        ">contested",
        ">gold tasks",
        ">majority right",
        caption="Krippendorff's alpha of the answers that are heard: 1 is agreement, 0 is chance",
    )
    _add(shown, "all", dataset.reliability)
    for name, found in dataset.by_group.items():
        _add(shown, f"items, {plain(name)}", found)
    for name, found in dataset.by_labelers.items():
        _add(shown, f"labelers, {plain(name)}", found)
    return shown


def reliability_json(found: Reliability) -> dict[str, object]:
    """For programs."""
    return {
        "alpha": found.alpha,
        "tasks": found.tasks,
        "answers": found.answers,
        "contested": found.contested,
        "gold_tasks": found.gold_tasks,
        "accuracy": found.accuracy,
    }


def _figures(items: Sequence[LabeledItem]) -> tuple[str, str, str, str]:
    sure = [item.confidence for item in items if item.confidence is not None]
    return (
        f"{len(items):,}",
        f"{sum(sure) / len(sure):.2f}" if sure else "-",
        f"{sum(item.is_contested for item in items):,}",
        f"{sum(item.is_gold for item in items):,}",
    )


def _add(shown: Table, name: str, found: Reliability) -> None:
    shown.add_row(
        name,
        "-" if found.alpha is None else f"{found.alpha:.3f}",
        f"{found.tasks:,}",
        f"{found.answers:,}",
        f"{found.contested:,}",
        f"{found.gold_tasks:,}",
        "-" if found.accuracy is None else f"{found.accuracy:.0%}",
    )
