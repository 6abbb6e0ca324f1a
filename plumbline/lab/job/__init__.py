"""A job of many rounds on a real chain, and what it takes.

plan    how large it is, who sits where, what they answer, and what they sign
work    the job itself: open, stake, sign, relay, keep, audit
"""
