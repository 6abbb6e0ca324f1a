"""Sending calls that do not depend on each other."""

from collections.abc import Mapping
from typing import TypeVar

from plumbline.chain.call import Call, Receipt, Sender
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError
from plumbline.transactions.senders import NotLanded

K = TypeVar("K")


def send_each(calls: Mapping[K, Call], send: Sender) -> tuple[dict[K, Receipt], dict[K, str]]:
    """Send one after the other: receipts and failures, by the same keys.

    One that fails does not stop the others. Raises what would stop them as well: NotLanded for one
    that is in no block yet, StorageError where the journal cannot be written.
    """
    receipts: dict[K, Receipt] = {}
    failures: dict[K, str] = {}
    for key, call in calls.items():
        try:
            receipts[key] = send(call)
        except (NotLanded, StorageError):
            raise
        except PlumblineError as error:
            failures[key] = str(error)
    return receipts, failures
