"""Who may take a seat: the admission policies, what they are shown, and why they refuse.

evidence        the words that a policy is shown, put together and taken apart
merkle_list     a list of accounts, its root, and the proof of each
attestation     what a steward signs, and whether it counts
gates           the terms of each policy, and whom it admits: the same rules as the contracts
policies        policies on a chain: creating them, reading their terms, asking them
record_book     entering rounds into a book of records

permutation     the shuffle of a draw, and its inverse
draw            the terms of a draw: who is listed where, and from when on a rank is admitted
seed            the seed of a draw, from the header of a block
records         a pool and its units, as the contract keeps them; `packing` reads its words
seat_draw       a pool on a chain: its views, and the calls to it, built but not sent
events          what happened in a pool; `pool_history` has whose units there are, and who paid
capturing       what the seed of a draw needs now
"""
