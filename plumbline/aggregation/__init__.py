"""One label for each task from many answers, and how sure it is.

    table            answers as arrays: task, labeler, option
    estimate         what a method says: a label and a distribution for each task
    majority         as on the chain: most votes, or the median of a scale
    weighted         votes weighted by kappa with the others, or by gold answers
    dawid_skene      each labeler has a confusion matrix (Dawid and Skene 1979)
    mace             each labeler knows or guesses (Hovy et al. 2013)
    bradley_terry    strengths of things from which of two was preferred (1952)
    methods          all methods by name
    calibration      distributions as sure as they should be
    choice           which method the gold answers speak for, and their average
    reliability      Krippendorff's alpha, and how much of a crowd agrees

Answers may be sparse. Known answers are used as known, and to weigh labelers. Nothing here moves
money: pay follows from the settlement alone.
"""
