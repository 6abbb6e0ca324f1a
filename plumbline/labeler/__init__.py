"""What a labeler does, from answers to a revealed seat, and the secrets behind it.

    identity             an account, or a wallet contract that an account signs for
    vault                answers, salts and gold answers on disk (requesters use it too)
    unlocking            the master key, from the wallet or from the vault
    drafts               answers so far, while somebody is answering
    seats                the secret of a seat: created, or restored from the chain
    commit_flow          taking a seat
    consents, relay      signed commitments as files, and relaying them
    status               how a labeler stands in a round
    reveal_flow          revealing, delegating it, restoring
    drawn_seats          what is shown where seats are drawn
    asked_records        the records that gates ask for, and what a labeler's lacks
    membership           units in a pool that seats are drawn from
    withdrawals          signed withdrawals as files, and relaying them
    leaks                reporting somebody's answers, shown too early
    delegated_reveals    the files that let somebody else reveal
    delegated_gold       the files that let somebody else close a round with gold
    delegated_folder     a folder of both, for a keeper

Nothing here asks a person or sends: the steps return calls, which `cli` has sent.
"""
