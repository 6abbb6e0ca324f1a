"""What an account has paid for transactions that are in blocks."""

from hexbytes import HexBytes
from web3 import Web3

from plumbline.protocol.addresses import checksum
from plumbline.transactions.senders import to_receipt


def own_fee(w3: Web3, account: str, transaction: bytes) -> int:
    """What `account` paid for a transaction, wei; 0 if somebody else has sent it."""
    receipt = w3.eth.get_transaction_receipt(HexBytes(transaction))
    if checksum(receipt["from"]) != checksum(account):
        return 0
    return to_receipt(receipt).fee
