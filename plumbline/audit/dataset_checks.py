"""Whether a dataset is what its rounds say: the rounds audited, and its folder made again.

An audit of the rounds comes first, since labels are as true as the events they are made of.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plumbline.audit import AuditError, audit_events
from plumbline.audit.event_checks import explained
from plumbline.audit.report import AuditReport
from plumbline.chain.blocks import block_at
from plumbline.chain.events import RoundEvent
from plumbline.chain.feed import Feed
from plumbline.chain.log_cache import LogCache
from plumbline.dataset.file_comparison import FileComparer
from plumbline.dataset.provenance import Provenance
from plumbline.dataset.verifying import VerifiedFolder, left_out, verify_folder
from plumbline.history.market import Market
from plumbline.history.rounds import rebuild
from plumbline.progress import Progress, no_progress


@dataclass(frozen=True, slots=True)
class DatasetAudit:
    """What came out.

    report    on the rounds that the dataset names, those that exist
    left_out  further closed rounds of its requester about the same tasks
    """

    report: AuditReport
    verification: VerifiedFolder
    left_out: tuple[int, ...]

    @property
    def findings(self) -> list[str]:
        """All that is wrong, one line each."""
        return [*map(str, self.report.differences), *map(str, self.verification.findings)]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is."""
        return not self.findings

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        verification = self.verification
        return {
            "is_clean": self.is_clean,
            "findings": [
                {"kind": each.kind.value, "place": each.place, "words": each.words}
                for each in verification.findings
            ],
            "files": {each.path: each.differences for each in verification.files},
            "ignored": list(verification.ignored),
            "items": len(verification.provenance.items),
            "answers": verification.answers,
            "left_out": list(self.left_out),
            "audit": self.report.to_json(),
        }


def check_dataset(
    market: Market,
    folder: Path,
    provenance: Provenance,
    *,
    cache: LogCache | None = None,
    progress: Progress = no_progress,
) -> DatasetAudit:
    """Check a folder, which is of the deployment of `market`, as of the latest block.

    Raises AuditError if that is taken back meanwhile, and what reading events raises.
    """
    w3, deployment = market.node.w3, market.deployment
    pinned = block_at(w3)
    feed = Feed(w3, deployment, cache, progress)
    feed.poll(pinned.block)
    events = [event for event in feed.events if event.block <= pinned.block]
    histories, _ = rebuild(explained(events))
    named = {place.round_id for place in provenance.rounds}
    # What others did in theirs is another matter.
    own_events = [e for e in events if isinstance(e, RoundEvent) and e.round_id in named]
    report = audit_events(
        w3, deployment, own_events, pinned.block, named & histories.keys(), progress=progress
    )
    if report.block_hash != "0x" + pinned.hash.hex():
        raise AuditError(f"the chain was reorganised at block {pinned.block}: try again")
    own = {number: histories[number] for number in sorted(named & histories.keys())}
    with FileComparer() as comparer:
        verification = verify_folder(folder, provenance, own, market.unit, comparer, progress)
    return DatasetAudit(report, verification, left_out(provenance, histories))
