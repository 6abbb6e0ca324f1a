"""What measures: how strategies fare, what rounds cost, how long a million answers take, the demo.

crowds                     who answers what: with habits, or read from real answers
play                       a round on a local chain, step by step, and its time
page, plots                tables and pages, pictures
league, gas, expectations  docs/incentives.md, docs/gas.md, docs/expectations.md
job, computing, meter      docs/scale.md: on a chain, without one, and what both are timed with
forensics_rates            docs/forensics.md
demo                       a whole story for newcomers

Nothing but the command line imports this package.
"""
