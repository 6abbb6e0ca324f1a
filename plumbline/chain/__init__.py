"""The contract on its chain, through a node: views, calls, events and deployments.

    contract            LabelRounds: its views, and calls built but not sent
    preconditions       what is refused before anything is sent
    records, call       what views return, and a call with its receipt
    events, logs        events as records, and how their logs are read
    feed, log_cache     events as they come, with reorganisations; logs kept on disk
    node, node_errors   the node, the time there, and how nodes fail
    transport           asking a node over HTTP, with patience and a deadline
    blocks, wallets     single blocks; wallet contracts (EIP-1271)
    deployment          the manifest, compared with the chain
    discovery, builds   finding a deployment, and recognising its code
    creation            creating the contracts
    asset               ether or the ERC-20 of a deployment
    abi, decoding       calls and values of an ABI, strictly
    reverts             why a call failed

Nothing here signs or sends: see `transactions`. What events add up to is in `history`.
"""
