"""The league: strategies that play whole rounds, and what each of them earns and loses.

world          tasks, and how well labelers see them
strategies     how one labeler plays
blocs          how several play as one
requesters     what a requester does with golds
play           one round of a match, settled by the fast twin, with everybody's balance
tournament     many rounds of a match, and their means
breakeven      from which share on a bloc gains
bribes         what a briber pays, and what those gain who take it
programme      what is played, section by section
results        the figures of all sections
arena          the same rounds on a chain
tables, plots  how they look
document       the page that shows them
"""
