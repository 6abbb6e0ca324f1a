"""What measures: how strategies fare, what rounds cost, how long a million answers take, the demo.

crowds, worlds, recorded   who answers what: with habits, by strategy, or read from real answers
play                       a round on a chain, step by step
intervals, page, plots     figures with their error, tables and pages, pictures
league, gas, job           docs/incentives.md, docs/gas.md, docs/scale.md
bench, forensics_rates     the rest of docs/scale.md, and docs/forensics.md
demo                       a whole story for newcomers

Nothing but the command line imports this package.
"""
