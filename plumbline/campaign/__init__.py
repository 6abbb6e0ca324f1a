"""A job of any size, carried out in many rounds.

    cut         which items go into which round, in which order, and which are gold tasks (pure)
    rounds      a campaign from its file: the rounds as they would be opened
    checking    its file before there is any money in it, or a round file
    state       the state file: what has been done, and that nothing was changed meanwhile
    standing    how it stands on the chain, and what it has cost
    openings    which rounds to open now, within the limits
    opened_rounds   the rounds on the chain that were opened from a file
    closings    which to close now
    extending   which items are asked again, until labels are sure enough
    follow_up_cut   which follow-up rounds they make (pure)
    follow_ups  the file that says what is asked again
    labels      the labels of all items, in one

The campaign file is in `formats`, opening and closing one round in `requester`. Nothing here asks
a person or sends.
"""
