"""Who may take a seat: the admission policies, what they are shown, and why they refuse.

evidence        the words that a policy is shown, put together and taken apart
merkle_list     a list of accounts, its root, and the proof of each
attestation     what a steward signs, and whether it counts
gates           the terms of each policy, and whom it admits: the same rules as the contracts
policies        policies on a chain: creating them, reading their terms, asking them
record_book     entering rounds into a book of records
"""
