"""Checking a campaign file before there is any money in it, without a chain."""

from pathlib import Path

from plumbline.campaign.rounds import load
from plumbline.files.text import read_object
from plumbline.formats.campaign_file import is_campaign
from plumbline.progress import Progress, no_progress
from plumbline.requester.checking import CheckedFile, check_file
from plumbline.units import ETHER, Unit


def check_any(
    path: Path, unit: Unit = ETHER, no_gold: bool = False, progress: Progress = no_progress
) -> CheckedFile:
    """A round file, or a campaign file with all its rounds, as `requester.checking.check_file`."""
    if not is_campaign(read_object(path)):
        return check_file(path, unit, no_gold, progress)
    campaign = load(path, unit)
    rounds = tuple(each.round_file.rules for each in campaign.first_rounds)
    return CheckedFile.of(campaign.file.asked, rounds, is_campaign=True)
