"""What to expect of a job before any of it is sent: what it costs, and how good its labels are.

    simulated       the table of simulated rounds, shipped as simulated.csv
    expectations    what to expect of a round: the cell of the table that is nearest from below
    gas             what opening, answering and closing a round takes
    job_plan        a whole job: rounds, escrow, stakes, gas, prices of a label and of an hour
    advice          what the figures of a plan advise
    intervals       how far a figure that was measured may be off

Nothing here knows of a chain or of files of people. The table is made by
`plumbline simulate expectations --write`.
"""
