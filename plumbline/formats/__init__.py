"""Files of people: what requesters and labelers write, and what they are handed.

    round_file            what a requester writes to open a round
    answers               a labeler's answers
    manifest_file         the published tasks, from a file or a URL
    offline_settlement    a whole round in one file, settled without a chain
    plain_data            records as JSON has them

Files that only this program reads and writes are not here: see `labeler` and `transactions`.
"""
