"""Plumbline: a marketplace for labels with skin in the game, on Ethereum.

The packages, from the ground up; each imports only from those before it:

    errors, units, progress     what everybody needs
    files                       private, whole and text files, and where they lie
    settlement                  who is paid and who is slashed: the rule, on plain lists
    protocol                    what is hashed, signed or encrypted
    formats                     files of people: tasks, answers, rounds
    chain                       the contract on a node: calls, events, deployments
    transactions                sending so that nothing is lost and nothing sent twice
    history                     rounds and money, rebuilt from events
    labeler, requester, keeper  what each of them does
    audit, forensics, tables    what can be found out afterwards
    report                      pages about rounds, for people
    lab                         what measures all this
    cli                         the commands
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
