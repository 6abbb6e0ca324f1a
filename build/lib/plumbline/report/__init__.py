"""A report of rounds as a page: one HTML file that needs nothing else, for reading and printing.

facts      all numbers of a round (labelers, money, tasks, golds), no HTML
money      where the escrow and the stakes went, to the wei
agreement  who says the same as whom
people     labelers over many rounds
plots      pictures as inline SVG
page       facts and pictures put into templates
gather     everything that a page needs, from a node
"""

from plumbline.report.facts import ReportError, RoundFacts, facts_of
from plumbline.report.findings import Finding
from plumbline.report.page import render_round, render_rounds

__all__ = ["Finding", "ReportError", "RoundFacts", "facts_of", "render_round", "render_rounds"]
