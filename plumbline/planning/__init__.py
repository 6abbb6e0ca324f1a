"""What to expect of a job before any of it is sent: what it costs, and how good its labels are.

    expectations    what to expect of a round: the cell of the table that is nearest from below
    table           that table of simulated rounds, shipped as expectations.csv
    simulation      how it is made, in some minutes
    worlds          how tasks and honest labelers are, wherever rounds are simulated
    gas             what opening, answering and closing a round takes
    job_plan        a whole job: rounds, escrow, stakes, gas, prices of a label and of an hour
    advice          what the figures of a plan advise
    intervals       how far a figure that was measured may be off

Nothing here knows of a chain. The table is made by `plumbline simulate expectations --write`.
"""
