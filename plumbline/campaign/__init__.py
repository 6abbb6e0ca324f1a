"""A job of any size, carried out in many rounds.

    cut       which items go into which round, in which order, and which are gold tasks (pure)
    rounds    a campaign from its file: the rounds as they would be opened

The campaign file is in `formats`. Nothing here asks a person or sends.
"""
