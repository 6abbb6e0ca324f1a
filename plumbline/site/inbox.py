"""What labelers handed in, on the disk before it is acknowledged.

    commitments/   signed commitments, as `labeler sign` writes them
    openings/      delegated reveals, as `labeler reveal --export` writes them
    withdrawals/   signed withdrawals, as `labeler withdraw --sign` writes them
    tasks/         copies of tasks, each root in a folder of its own

The keeper reads the first two as it reads any folder of the kind. So a site that is killed at any
step knows again all that it has acknowledged when it is started. What is on the chain for good, or
can never be, is removed.
"""

import threading
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

from plumbline.chain.records import Phase
from plumbline.errors import PlumblineError
from plumbline.files.private import StorageError, make_folder, write_over
from plumbline.history.rounds import RoundHistory
from plumbline.labeler import consents, delegated_reveals, withdrawals
from plumbline.labeler.consent_folder import ConsentFolder
from plumbline.labeler.consents import Consent
from plumbline.labeler.delegated_folder import Folder
from plumbline.labeler.delegated_reveals import DelegatedReveal
from plumbline.protocol.typed_data import Deployed
from plumbline.protocol.withdrawal import SignedWithdrawal
from plumbline.site.view import MarketView

_MOST: Final = 20_000  # seats whose signed commitments are kept at a time
_EVIDENCES: Final = 3  # that a commitment is kept with


class Inbox:
    """The folder of a site. For several threads at a time."""

    def __init__(self, folder: Path, deployed: Deployed, genesis: bytes) -> None:
        """Reads what an earlier run has left. Raises StorageError if it cannot be written."""
        self.commitments = folder / "commitments"
        self.openings = folder / "openings"
        self.withdrawals = folder / "withdrawals"
        self.tasks = folder / "tasks"
        for each in (self.commitments, self.openings, self.withdrawals, self.tasks):
            make_folder(each)
        self._deployed = deployed
        self._genesis = genesis
        self._lock = threading.Lock()
        self._seats: dict[tuple[int, str], list[Consent]] = {}
        for consent in ConsentFolder(self.commitments, deployed).contents().consents:
            self._seats.setdefault((consent.round_id, consent.labeler), []).append(consent)
        opened = Folder(self.openings, deployed, genesis).contents().delegated
        self._opened = {(each.round_id, each.labeler): each for each in opened}

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another seat."""
        return len(self._seats) >= _MOST

    def signed_for(self, round_id: int, labeler: str) -> list[Consent]:
        """What a labeler has signed for a round and is kept here: one commitment, perhaps shown
        with several kinds of evidence.
        """
        with self._lock:
            return list(self._seats.get((round_id, labeler), ()))

    def commitments_of(self, labeler: str) -> list[Consent]:
        """What a labeler has signed for each round and is kept here, one for each seat."""
        with self._lock:
            return [several[-1] for (_, who), several in self._seats.items() if who == labeler]

    def oldest(self, count: int) -> list[Consent]:
        """Of so many seats what came first."""
        with self._lock:
            return [several[0] for several in islice(self._seats.values(), count)]

    def has_opening(self, round_id: int, labeler: str) -> bool:
        """Whether the answers of a seat are here to be revealed."""
        with self._lock:
            return (round_id, labeler) in self._opened

    def keep_commitment(self, consent: Consent) -> None:
        """Keep it, in place of whatever else the labeler signed for that seat before.

        Evidence is not signed, so anybody who was handed a commitment can hand it in with other
        evidence: a few of those are kept side by side, the first always. Raises StorageError.
        """
        with self._lock:
            seat = (consent.round_id, consent.labeler)
            if seat not in self._seats and self.is_full:
                raise StorageError("no room is left for signed commitments here")
            several = self._seats.get(seat, [])
            same = [each for each in several if each.commitment == consent.commitment]
            stay = [each for each in same if each != consent][: _EVIDENCES - 1]
            write_over(self._commitment_path(consent), consents.to_json(consent))
            self._remove(each for each in several if each not in stay and each != consent)
            self._seats[seat] = [*stay, consent]

    def drop_commitment(self, consent: Consent) -> None:
        """Remove it, if it is here."""
        with self._lock:
            seat = (consent.round_id, consent.labeler)
            several = self._seats.get(seat, [])
            self._remove(each for each in several if each == consent)
            left = [each for each in several if each != consent]
            if left:
                self._seats[seat] = left
            else:
                self._seats.pop(seat, None)

    def keep_opening(self, delegated: DelegatedReveal) -> None:
        """Keep what reveals a seat. Raises StorageError."""
        with self._lock:
            delegated_reveals.write(self._opening_path(delegated), delegated)
            self._opened[delegated.round_id, delegated.labeler] = delegated

    def keep_withdrawal(self, signed: SignedWithdrawal) -> None:
        """Keep it until it is relayed. Raises StorageError."""
        write_over(self._withdrawal_path(signed), withdrawals.to_json(signed, self._deployed))

    def drop_withdrawal(self, signed: SignedWithdrawal) -> None:
        """It is done, or can never be."""
        self._withdrawal_path(signed).unlink(missing_ok=True)

    def withdrawals_kept(self) -> Iterator[SignedWithdrawal]:
        """Those that an earlier run did not come to."""
        for path in sorted(self.withdrawals.glob("*.json")):
            try:
                yield withdrawals.read(path, self._deployed)
            except PlumblineError:
                continue  # none of ours

    def clean(self, view: MarketView, confirmations: int) -> None:
        """Remove what is on the chain for good, or can never be."""
        with self._lock:
            for seat, several in list(self._seats.items()):
                history = view.rounds.get(seat[0])
                if history is not None and _takes_no_more(view, history, confirmations):
                    self._remove(several)
                    del self._seats[seat]
            for seat, delegated in list(self._opened.items()):
                history = view.rounds.get(delegated.round_id)
                if history is not None and _is_over(view, history, confirmations):
                    self._opening_path(delegated).unlink(missing_ok=True)
                    del self._opened[seat]

    def _remove(self, several: Iterable[Consent]) -> None:
        for consent in several:
            self._commitment_path(consent).unlink(missing_ok=True)

    def _commitment_path(self, consent: Consent) -> Path:
        content = sha256(consents.to_json(consent).encode()).hexdigest()
        name = f"round-{consent.round_id}-{consent.labeler}-{content[:16]}.json"
        return self.commitments / name

    def _opening_path(self, delegated: DelegatedReveal) -> Path:
        return delegated_reveals.file_in(self.openings, delegated)

    def _withdrawal_path(self, signed: SignedWithdrawal) -> Path:
        content = sha256(withdrawals.to_json(signed, self._deployed).encode()).hexdigest()
        return self.withdrawals / f"{signed.withdrawal.owner}-{content[:16]}.json"


def _takes_no_more(view: MarketView, history: RoundHistory, confirmations: int) -> bool:
    """Whether nobody can commit any more, not even after a reorganisation."""
    is_committing = history.phase_at(view.timestamp) is Phase.COMMIT
    return not is_committing and view.secrecy(history, confirmations) is None


def _is_over(view: MarketView, history: RoundHistory, confirmations: int) -> bool:
    """Whether the round is over, and no reorganisation is expected to open it again."""
    ending = history.closed or history.expired
    return ending is not None and ending.block + confirmations <= view.head
