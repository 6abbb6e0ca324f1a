"""The league: strategies that play whole rounds, and what each of them earns and loses.

strategies   how one labeler plays, or several as one; what a requester does with gold tasks
match        one round of a match, settled in Python, with everybody's balance
tournament   many rounds of a match, and their means; from which share on a bloc gains
attacks      leaks and bribes: who pays, and who gains
programme    what is played, section by section, and all that comes of it
panels, pictures   the figures as tables and as pictures
arena        the same rounds on a chain
"""
