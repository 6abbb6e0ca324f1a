"""Kinds of questions: what people are asked, and how their answers are given and combined.

    question      what all kinds have in common
    choice        one of two, one of several
    scale         a step of a scale, a number in a range, which of two is better
    ranking       two to six things in order: a task for each pair
    checklist     which labels apply: a task for each label
    registry      all kinds by name, and the question of a round
    keys          which key gives which option
    lots          shuffling that is the same for whoever has the seed

On the chain there are nominal and ordinal rounds only. What people see of a question stands in the
task manifest, so the root of the round pins it too.
"""
