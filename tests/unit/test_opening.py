"""One round that cannot be revealed does not keep a labeler silent in the others."""

from types import SimpleNamespace
from typing import Any

import pytest
from click.exceptions import Exit

from plumbline.chain.call import Call, Receipt
from plumbline.chain.preconditions import CallError
from plumbline.transactions.senders import NotLanded, Refused
from scripts import _opening
from scripts._opening import Seat

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
WHO: Any = SimpleNamespace(address=ADDRESS, account=None, name="me", confirm=lambda *args: None)


def seat(number: int) -> Seat:
    one: Any = SimpleNamespace(round_id=number)
    secret: Any = SimpleNamespace(sheet=(0, 0, 0, 0, 0), salt=bytes(32))
    return Seat(one, secret, "to be revealed")


def reveal_all(monkeypatch: pytest.MonkeyPatch, sent: list[str], **fates: Exception) -> Any:
    """Three rounds; `round_1` and so on is what goes wrong in one of them."""

    def built(number: int, openings: object) -> Call:
        fate = fates.get(f"round_{number}")
        if isinstance(fate, CallError):
            raise fate
        return Call(ADDRESS, b"", 0, f"round_{number}")

    def send(chain: object, account: object, call: Call) -> Receipt:
        sent.append(call.description)
        if call.description in fates:
            raise fates[call.description]
        return Receipt("0x" + "11" * 32, 5, 60_000, 7)

    monkeypatch.setattr(_opening, "send", send)
    here: Any = SimpleNamespace(chain=None, rounds=SimpleNamespace(reveal=built))
    return _opening._send_reveals(here, WHO, [seat(1), seat(2), seat(3)], True)


@pytest.mark.parametrize("fate", [Refused("nothing was sent: no"), CallError("do not fit")])
def test_the_others_are_revealed_and_the_failure_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fate: Exception
) -> None:
    done = reveal_all(monkeypatch, [], round_2=fate)
    assert list(done.receipts) == [1, 3]
    assert done.failures == {2: str(fate)}
    assert done.json["failures"] == [{"round": 2, "why": str(fate)}]
    with pytest.raises(Exit):
        done.require_all()
    told = capsys.readouterr().err
    assert f"round 2: {fate}" in told and "revealed in 2 of 3 rounds" in told


def test_nothing_is_sent_behind_what_is_in_no_block(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    with pytest.raises(NotLanded):
        reveal_all(monkeypatch, sent, round_1=NotLanded("in no block", "0x"))
    assert sent == ["round_1"]


def test_if_all_went_well_there_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    reveal_all(monkeypatch, sent).require_all()
    assert sent == ["round_1", "round_2", "round_3"]
