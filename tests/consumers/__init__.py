"""Programs that read what Plumbline writes, each in an environment of its own.

    NAME/requirements.lock    what is installed for it, pinned with hashes
    NAME/given.py             what it is given: what our code writes today
    NAME/program.py           runs there, on what is given, and says what came of it as JSON
    NAME/findings.py          what that means: what should hold, and what is done in silence
    samples/NAME              a small run of each as it was recorded: `make test` reads these

`make consumers` runs all of them and writes docs/consumers.md.
"""
