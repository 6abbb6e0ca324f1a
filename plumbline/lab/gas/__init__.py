"""What a round costs: played on a chain, held against a floor, and priced.

cases      the rounds that are played
measure    plays them: what each step used, and what it sent
floor      what a step must cost by the fee schedule, whoever wrote the contract
spent      what a transaction's gas goes on, instruction by instruction
fees       what gas and bytes cost, on Ethereum and on rollups; fastlz is how rollups press bytes
report     all of it per label, as docs/gas.md and terminals show it; pictures of that
snapshot   the figures that must not grow
"""
