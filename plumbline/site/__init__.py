"""The server of the labeling page: feed, relay, keeper and page in one process.

    view       what the keeper saw when it last looked at the chain
    records    rounds, seats and outcomes as JSON
    tasks      published tasks by content, and the copies of tasks that requesters keep elsewhere
    lookups    what takes long or is a stranger's, looked up aside
    inbox      what labelers handed in, on the disk before it is acknowledged
    errands    what the account sends besides the keeper's work: withdrawals, and stakes of a faucet
    service    the decision for each request
    limits     how often a client may ask
    guard      what every request must be, and what every answer says to browsers
    app        paths and methods
    server     connections: how many, how slow

It needs no trust of labelers with their money: whatever it says that could cost a stake the page
asks a node of the labeler's own. What it can do is be late, or say nothing. Which commitments are
relayed, when answers are shown and what a keeper does is decided in `labeler`, `history` and
`keeper`.
"""
