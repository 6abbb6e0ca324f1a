"""What measures: how strategies fare, what rounds cost, how long a million answers take, the demo.

crowds, worlds             who answers what: with habits or read from real answers; by strategy
play                       a round on a local chain, step by step, and its time
intervals, page, plots     figures with their error, tables and pages, pictures
league, gas                docs/incentives.md, docs/gas.md
job, computing, meter      docs/scale.md: on a chain, without one, and what both are timed with
forensics_rates            docs/forensics.md
demo                       a whole story for newcomers

Nothing but the command line imports this package.
"""
