"""What happened in a deployment, rebuilt from its events.

    rounds       the history of every round
    movements    every movement of money, as double entry: the one model of it
    ledger       the books of a deployment: all movements summed up by place, and all records
    round_money  the money of rounds: the same movements summed up by what they are for
    remarks      what is odd about rounds, and which cannot be told
    preview      what a round comes to before it is closed
    offer        what a seat of a round promises and puts at risk
    secrecy      when answers and gold answers may be shown
    market       a deployment as of now: the only module here that asks a node

Whether events are legal and true is for `plumbline.audit` to say.
"""
