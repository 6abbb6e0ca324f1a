"""What a round costs: played on a chain, held against a floor, and priced.

cases      the rounds that are played
steps      the steps of a round, and what was measured of one
players    who plays them: keys and answers
play       plays them: what each step used, and what it sent
floor      what a step must cost by the fee schedule, whoever wrote the contract
spent      what a transaction's gas goes on, instruction by instruction
posted     how long a transaction is, and how short rollups press it
fees       what gas and bytes cost, on Ethereum and on rollups
life       the steps of a round added up: gas, bytes and money per label
job        a million answers, beside what peers would take
snapshot   the figures that must not grow
tables     all of it as text, for terminals and for docs/gas.md
plots      the pictures of docs/gas.md
"""
