"""Where files are on disk: everything of one user and one chain is in one folder.

    <root>/<chain id>-<genesis hash>/<contract>/        secrets, see `labeler.vault`
    <root>/<chain id>-<genesis hash>/journal/<account>/ see `transactions.journal`
    <root>/cache/                                       logs of all chains, see `chain.log_cache`

The genesis hash tells development chains apart, which all have the same number and, each time
they are started, the same contract at the same address.
"""


def chain_folder(chain_id: int, genesis: bytes) -> str:
    """The name of the folder for one chain; `genesis` is the hash of its block 0."""
    return f"{chain_id}-{genesis.hex()[:8]}"
