"""Reports of rounds and of datasets as pages: each is one HTML file that needs nothing else, for
reading and printing.

    facts          all numbers of a round (labelers, tasks, gold), no HTML
    labelers       of these, all of each seat
    amounts        amounts in steps, so that they add up as shown
    agreement      who says the same as whom
    people         labelers over many rounds
    dataset_facts  all numbers of a dataset, no HTML
    plots          pictures as inline SVG
    page           facts and pictures put into templates
    dataset_page   the same for a dataset
    gather         everything that a page of rounds needs, from a node

Money is summed up by `plumbline.history`, findings are those of `plumbline.forensics`.
"""

from plumbline.report.dataset_page import render_dataset
from plumbline.report.facts import ReportError, RoundFacts, facts_of
from plumbline.report.page import render_round, render_rounds

__all__ = [
    "ReportError",
    "RoundFacts",
    "facts_of",
    "render_dataset",
    "render_round",
    "render_rounds",
]
