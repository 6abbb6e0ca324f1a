"""What measures: how strategies fare, what rounds cost, how long a million answers take, the demo.

crowds, worlds             who answers what: with habits or read from real answers; by strategy
play                       a round on a local chain, step by step, and its time
intervals, page, plots     figures with their error, tables and pages, pictures
league, gas, job           docs/incentives.md, docs/gas.md, docs/scale.md
bench, forensics_rates     the rest of docs/scale.md, and docs/forensics.md
demo                       a whole story for newcomers

Nothing but the command line imports this package.
"""
