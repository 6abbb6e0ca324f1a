"""Closed rounds as a dataset: for each item the best label that can be had from all answers.

    sources      the closed rounds of a job, and what its requester calls their items
    records      what a dataset holds: items, their tasks, who answered what, how sure it is
    labeling     from rounds to records (pure)
    groups       what groups of labelers say, each by itself, and weighted
    held_out     what gold tasks would have been labeled, had they been none
    provenance   what a dataset's folder says of where its rows come from
    comparing    strengths of things that were compared: rankings, and which of two is better
    training     what labels teach a model: better and worse replies, good and bad ones; of texts
                 or `conversations`
    split        items to train and to test on
    exports      what it is written as
    verifying    a folder held against its rounds, file by file (`file_comparison`) and row by row
    firmness     how likely the labels of one round are right, as the chain has them

Everything follows from events, from the tasks that a round pins, and from the names that the
requester gave to items: who has these can repeat it. Nothing here asks a person or sends.
"""
