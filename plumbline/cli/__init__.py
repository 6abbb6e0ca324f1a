"""The command line: the only part that prints, asks, or imports ape.

    main              the program `plumbline`, its groups and commands
    lazy              groups that import a command when it is run
    command           options, errors in one line, and outcomes that every command has
    market            the node and the deployment that a command is about
    networks, anvil   the node behind --network, or one that ends with the command
    accounts          accounts that sign
    sending, asking   showing what will be signed, asking for consent, sending
    offers            what a seat promises and puts at risk, in words
    environment       numbers that the environment holds
    verification      what block explorers need to verify sources
    output            tables, JSON and notes
    answering/        the tasks of a round on the screen
    lab/              commands that measure

A command parses, calls the library and prints; what may be done, and when, the library decides.
"""
