"""What a requester does: opening a round, closing it, and the labels.

    checking   a round file as it would be opened, and what it would cost
    opening    the call that opens a round, and the gold answers kept before
    drawing    the seats of rounds that are opened, by lot
    probation     rounds in which newcomers earn a record, beside the usual ones
    book_rounds   the rounds that a book of records counts
    pool_shares   who could get how much of a round that is drawn
    gold       the gold answers of a round, from wallet and file, or from the vault
    delegating gold answers for a keeper
    closing    when a round may be closed, with which gold answers, and slashing the silent
    labels     the labels of a closed round, with names

The round file is in `formats`, the vault in `labeler`. Nothing here asks a person or sends.
"""
