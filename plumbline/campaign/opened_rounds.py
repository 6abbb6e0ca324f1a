"""The rounds on the chain that were opened from a file, of one round or of a campaign."""

from pathlib import Path

from plumbline.campaign.rounds import load
from plumbline.chain.records import Phase
from plumbline.files.text import read_object
from plumbline.formats.campaign_file import is_campaign
from plumbline.formats.round_file import load_publication
from plumbline.history.market import Market


def rounds_of(market: Market, path: Path, requester: str) -> list[int]:
    """The rounds of a file that its requester opened and that take commitments now, in order.

    Raises a PlumblineError that names the file.
    """
    if is_campaign(read_object(path)):
        roots = set(load(path, market.unit).by_root)
    else:
        roots = {load_publication(path).manifest.root}
    now = market.node.now
    return [
        history.round_id
        for history in market.histories()
        if history.opened.tasks_root in roots
        and history.requester == requester
        and history.phase_at(now) is Phase.COMMIT
    ]
