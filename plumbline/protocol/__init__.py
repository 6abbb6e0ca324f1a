"""Whatever is hashed, signed or encrypted, byte for byte as the contract has it.

    commitment      commitments, gold roots, the roll, and a labeler's consent (EIP-712)
    typed_data      messages for wallets, bound to one contract on one chain
    manifest        the tasks of a round and their Merkle root
    media           content that a task names by its hash
    master_key      all secrets of a labeler, from one signature
    sealing         answers as ciphertext, for the event of a commitment
    outcomes        a labeler's outcome in one word
    addresses       addresses with their checksum
    limits          sizes and times that the contract enforces

Nothing here asks a node or touches a file.
"""
