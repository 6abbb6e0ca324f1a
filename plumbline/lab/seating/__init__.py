"""Who gets the seats of a round, drawn by lot or taken by whoever comes first, and what follows.

pools       pools of bonds, campaigns drawn from them, and who sits in each round
outcomes    what rounds with so many seats of a bloc come to, from the league
sections    what is played, the tables and the goals
pictures    the pictures of docs/seating.md
"""
