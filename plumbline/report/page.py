"""The pages: facts and pictures put into templates.

A page is one file without scripts, fonts or anything from elsewhere, and forbids itself any by
its Content-Security-Policy. All text is escaped by the templates; pictures escape their own.
"""

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from operator import add
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from plumbline.audit.report import AuditReport
from plumbline.chain.deployment import Deployment
from plumbline.chain.events import Deposited
from plumbline.chain.records import Account
from plumbline.forensics import Finding
from plumbline.harmless import harmless
from plumbline.history.round_money import sum_of
from plumbline.history.rounds import RoundHistory
from plumbline.protocol.manifest import Manifest, require_root
from plumbline.report import texts
from plumbline.report.amounts import RoundAmounts, ShownMoney, Steps, by_labeler
from plumbline.report.facts import RoundFacts, facts_of, option_names
from plumbline.report.items import items_of
from plumbline.report.labelers import BANDS
from plumbline.report.pairs import closest_pairs
from plumbline.report.people import people_of
from plumbline.report.plots.flow import flow
from plumbline.report.plots.heatmap import heatmap
from plumbline.report.plots.key import key
from plumbline.report.plots.skyline import skyline
from plumbline.report.plots.strip import strip
from plumbline.report.plots.timeline import moments, timeline
from plumbline.report.plots.trend import band_bar, by_round
from plumbline.report.ranges import in_ranges
from plumbline.units import ETHER, Unit

_SAMPLE: Final = 5  # tasks shown in full
_CLOSEST: Final = 8  # contested tasks in sight; the others are folded away


def render_round(
    deployment: Deployment,
    history: RoundHistory,
    report: AuditReport,
    *,
    now: int,
    unit: Unit = ETHER,
    times: Mapping[int, int] | None = None,
    deposits: Sequence[Deposited] = (),
    manifest: Manifest | None = None,
    findings: Sequence[Finding] | None = None,
) -> str:
    """The page of one round.

    `now` is the time of the block that `report` looked at, unix seconds; `times` those of blocks
    by number, without which there is no timeline; `deposits` all since the deployment. Without
    `findings` there is no such section; an empty one says that nothing was found. Raises
    ManifestError if `manifest` is not that of the round.
    """
    if manifest is not None:
        require_root(manifest, history.opened.tasks_root, history.rules.tasks)
    facts = facts_of(history, now, times or {}, deposits)
    amounts = RoundAmounts.of(facts, Steps.fine_enough(unit, history.rules.price))
    options = tuple(harmless(name) for name in option_names(history.rules, manifest))
    return template("round.html").render(
        **_common(deployment, report, unit, now, findings),
        facts=facts,
        amounts=amounts,
        manifest=manifest,
        options=options,
        numbered=all(name.isdigit() for name in options),
        names=manifest.names if manifest else _numbers(history.rules.tasks),
        asked=items_of(facts, options, manifest),
        sample=_SAMPLE,
        closest=_CLOSEST,
        pairs=closest_pairs(facts.agreement, facts.compared),
        moments=moments(facts),
        **_pictures(facts, amounts.money, unit),
    )


def _numbers(tasks: int) -> tuple[str, ...]:
    """Tasks without a manifest, counted as labelers see them."""
    return tuple(str(number) for number in range(1, tasks + 1))


def render_rounds(
    deployment: Deployment,
    rounds: Sequence[RoundHistory],
    report: AuditReport,
    *,
    now: int,
    unit: Unit = ETHER,
    times: Mapping[int, int] | None = None,
    accounts: Mapping[str, Account] | None = None,
    findings: Sequence[Finding] | None = None,
) -> str:
    """The summary page of many rounds; arguments as of `render_round`.

    `accounts` are the books after the last event, for what labelers have and their record.
    """
    all_facts = [facts_of(history, now, times or {}) for history in rounds]
    money = sum_of(facts.money for facts in all_facts)
    steps = Steps.fine_enough(unit, min(history.rules.price for history in rounds))
    amounts = [RoundAmounts.of(facts, steps) for facts in all_facts]
    shown = reduce(add, [each.money for each in amounts])
    bars = {
        facts.history.round_id: band_bar(
            f"bar-{facts.history.round_id}", facts.counts, facts.rules.seats
        )
        for facts in all_facts
    }
    return template("rounds.html").render(
        **_common(deployment, report, unit, now, findings),
        rounds=all_facts,
        named=in_ranges([history.round_id for history in rounds]),
        money=money,
        of_rounds=list(zip(all_facts, amounts, strict=True)),
        people=people_of(all_facts, accounts),
        of_people=by_labeler(all_facts, amounts),
        bars=bars,
        amounts=shown,
        flow=flow(money, shown, unit),
        by_round=by_round(all_facts),
    )


def _pictures(facts: RoundFacts, shown: ShownMoney, unit: Unit) -> dict[str, Markup]:
    """Those there is anything to draw for; the others are empty."""
    scored = any(labeler.score is not None for labeler in facts.labelers)
    voted = any(any(label.votes) for label in facts.labels)
    return {
        "flow": flow(facts.money, shown, unit),
        "strip": strip(facts) if scored else Markup(""),
        "heatmap": heatmap(facts.agreement, facts.compared)
        if len(facts.agreement.order) > 1
        else Markup(""),
        "timeline": timeline(facts),
        "skyline": skyline(facts.labels) if voted else Markup(""),
    }


def _common(
    deployment: Deployment,
    report: AuditReport,
    unit: Unit,
    now: int,
    findings: Sequence[Finding] | None,
) -> dict[str, Any]:
    return {
        "deployment": deployment,
        "report": report,
        "unit": unit,
        "now": now,
        "findings": findings,
        "bands": BANDS,
        "key": key,
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("plumbline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loader = environment.loader
    assert loader is not None
    style, _, _ = loader.get_source(environment, "style.css")
    environment.globals["style"] = Markup(style)  # the project's own
    environment.filters.update(
        harmless=harmless,
        gist=texts.gist,
        utc=texts.utc,
        since=texts.since,
        address=texts.address,
        kappa=texts.kappa,
        share=texts.share,
    )
    return environment


def template(name: str) -> Template:
    """A template of this package, with its filters."""
    return _environment().get_template(name)
