"""The league: strategies that play whole rounds, and what each of them earns and loses.

players   how a labeler plays, or several as one, and what a requester does with gold answers
match     many rounds of a match, settled in Python, and what they come to
sections  what is played, and the tables and goals that come of it
pictures  some of it as pictures
arena     the same rounds on a chain
"""
