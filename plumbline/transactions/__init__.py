"""Getting calls into blocks, so that nothing is sent twice and nothing is lost.

    outbox         sends a call, and finishes what earlier runs left behind
    journal        what an account has sent, on disk before it goes out
    delivery       brings one transaction into a block, or finds out that it never will be in one
    senders        the steps of that: fees, signing, broadcasting, receipts
    funding        what a deposit or a withdrawal takes
    independent    several calls of which one may fail without stopping the others

What to send is not decided here, and whether a person agrees is asked by `cli`.
"""
